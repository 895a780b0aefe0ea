"""Cover sheets told from first pages that only bear a banner, and from short works."""

from __future__ import annotations

import pytest

from dl_lit.pdf.covers import cover_of

SHEET = "Tidal mixing\nAda Lovelace\nThis item was deposited in the archive.\nTo cite this version: Lovelace (1987)"
BANNER = "This is the author's version of a work accepted for publication.\nTidal mixing\nAda Lovelace"


@pytest.mark.parametrize(
    ("text", "cover"),
    [
        (SHEET, "repository"),
        (f"{SHEET}\nAbstract\nWe report.", "repository"),  # those that reprint it
        (f"{SHEET}\n1 Introduction\nWe report.", None),
        (BANNER, "repository"),
        (f"{BANNER}\nAbstract\nWe report.", None),  # the work begins on the page
        (f"{BANNER}\nIntroduction\nWe report.", None),
        ("Your use of the JSTOR archive indicates your acceptance", "jstor"),
        ("Tidal mixing\nAbstract\nWe report.", None),
    ],
)
def test_a_sheet_is_told_from_a_page_under_a_banner(text: str, cover: str | None) -> None:
    assert cover_of(text, 120) == cover


@pytest.mark.parametrize(
    ("text", "cover"),
    [(SHEET, "repository"), (f"{SHEET}\nAbstract\nWe report.", None), (BANNER, None), ("Stable URL: jstor.org", None)],
)
def test_a_page_without_others_is_a_sheet_only_where_it_can_be_nothing_else(text: str, cover: str | None) -> None:
    assert cover_of(text, 120, is_alone=True) == cover


def test_a_page_full_of_text_is_no_sheet() -> None:
    assert cover_of(SHEET, 800) is None
