"""Which pages are cover sheets, and which only look like one."""

from __future__ import annotations

import pytest

from dl_lit.pdf.covers import cover_of

SHEETS = {
    "Early mills\nAuthor(s): A. Smith\nStable URL: https://www.jstor.org/stable/4711\nAccessed: 1-1-2026": "jstor",
    "HAL Id: hal-01234567\nhttps://hal.science/hal-01234567\nSubmitted on 4 May 2016": "hal",
    "See discussions, stats, and author profiles for this publication at: https://rg.invalid": "researchgate",
    "To cite this article: A. Smith\nFull Terms & Conditions of access and use can be found at": "taylor-francis",
    "Citation for published version: Smith, A. (2016).\nDocument version\nTake down policy": "repository",
    "This version is available at https://eprints.invalid/4711/\nCopyright and reuse": "repository",
    "Smith, A.\nDeposited in our archive\nPublication version: postprint\nTo cite this version: x": "repository",
    "Make Your Publications Visible.\nStandard-Nutzungsbedingungen": "econstor",
}


@pytest.mark.parametrize(("text", "kind"), SHEETS.items())
def test_the_sheets_of_services_are_known_by_their_wording(text: str, kind: str) -> None:
    assert cover_of(text, len(text.split())) == kind


@pytest.mark.parametrize(
    "text",
    [
        "Early mills\nA. Smith\nAbstract\nMills were early.\nCitation: Smith A (2016) Early mills. J Mills 4: 1.",
        "Software • Review • Repository • Archive\nSubmitted: 4 May 2016\nAuthors of papers retain copyright",
        "Early mills\nThis article was downloaded from mills.invalid\n1 Introduction\nMills were early.",
        "",
    ],
)
def test_the_first_page_of_a_paper_is_none(text: str) -> None:
    assert cover_of(text, len(text.split())) is None


def test_a_page_full_of_text_is_none_whatever_is_stamped_on_it() -> None:
    assert cover_of("Stable URL: https://www.jstor.org/stable/4711", 900) is None
