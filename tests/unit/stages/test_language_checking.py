"""Of what stands in print only what looks like an entry is added, each once, and in a time that grows as they do."""

from __future__ import annotations

import time
from typing import Any

import pytest

from dl_lit.core.language import PageText
from dl_lit.core.model import Name, Reference
from stages.language.checking import Checked, Heard, checked
from stages.language.likeness import Likeness, likeness
from stages.language.verbatim import Print
from tests.fakes.effort import within
from tests.fakes.language import quoted

ENTRY = "A. Lindqvist, Sorting of gravel by spring tides, J. Coast. Stud. 41, 113-129 (2009)."
OTHER = "M. Oyelaran, How rivers carry their stones to the sea, Riv. Lett. 7, 12-19 (2011)."
PROSE = "The quick brown fox jumps over the lazy dog and sleeps there for the whole of the day"
DATED = (
    "As Lindqvist has shown in 2009 the gravel of northern shores is sorted by the tides, which nobody before him had "
    "believed, and which we have borne out by many measurements of our own on three islands"
)
UNDATED = "B. Sand, A long walk along the shore, Shore Studies, forthcoming."


def said(verbatim: str, page: int = 1, **fields: Any) -> dict[str, Any]:
    return quoted(page, verbatim, **fields)


LINDQVIST = said(ENTRY, title="Sorting of gravel by spring tides", authors=[("Lindqvist", "A.")], year=2009,
                 container_title="J. Coast. Stud.", volume="41", pages="113-129")  # fmt: skip
FOX = said(PROSE, title="brown fox jumps over", authors=[("The", "quick")])
SHOWN = said(DATED, title="gravel of northern shores", authors=[("Lindqvist", None)], year=2009)
WALK = said(UNDATED, title="A long walk along the shore", authors=[("Sand", "B.")])


def read(*answers: dict[str, Any], text: str, heading: str | None = "References", begins_on: int | None = 1) -> Checked:
    return checked([Heard(one, heading, begins_on) for one in answers], Print([PageText(1, text)]))


def kinds(found: Checked) -> list[str]:
    return [
        "strange" if one.raw in found.strange else "doubtful" if one.raw in found.doubtful else "sure"
        for one in found.references
    ]


TEXT = f"{DATED}\n{PROSE}\nReferences\n{ENTRY}\n{UNDATED}"


@pytest.mark.parametrize("heading", [None, "References", "Literature"])
def test_a_sentence_is_no_entry_whatever_is_told_of_it(heading: str | None) -> None:
    for text in (TEXT, f"References\n{PROSE}\n{ENTRY}"):
        found = read(FOX, LINDQVIST, text=text, heading=heading)
        assert kinds(found) == ["strange", "sure"]
        assert [found.may_be_added(one) for one in found.references] == [False, True]


@pytest.mark.parametrize(("heading", "kind"), [(None, "doubtful"), ("References", "strange")])
def test_a_sentence_with_a_person_and_a_year_is_doubtful_and_none_where_the_list_begins_behind_it(
    heading: str | None, kind: str
) -> None:
    found = read(SHOWN, text=TEXT, heading=heading)
    assert kinds(found) == [kind]
    assert found.references[0].confidence == 0.3


@pytest.mark.parametrize(("heading", "kind"), [(None, "strange"), ("References", "doubtful")])
def test_an_entry_without_a_year_needs_a_list_around_it(heading: str | None, kind: str) -> None:
    assert kinds(read(WALK, text=TEXT, heading=heading)) == [kind]


@pytest.mark.parametrize(
    "text",
    [
        f"{ENTRY}\nReferences\n{OTHER}\nReferences",  # which of them?
        f"{ENTRY}\nA line that ends with References\n{OTHER}",  # no heading
    ],
)
def test_a_list_whose_beginning_is_not_sure_begins_nowhere(text: str) -> None:
    assert kinds(read(LINDQVIST, text=text)) == ["sure"]


def test_what_stands_before_one_of_two_lists_may_be_of_the_other() -> None:
    heard = [Heard(LINDQVIST, "References", 1), Heard(WALK, "Sources", None)]
    text = f"{ENTRY}\nReferences\n{UNDATED}"
    assert kinds(checked(heard, Print([PageText(1, text)]))) == ["sure", "strange"]


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"year": 2009}, Likeness.SURE),
        ({"doi": "10.5555/x"}, Likeness.SURE),
        ({"year": 2009, "authors": ()}, Likeness.SURE),
        ({"year": 2009, "title": None}, Likeness.DOUBTFUL),
        ({"year": 2009, "title": None, "authors": ()}, Likeness.NONE),
        ({"label": "[1]"}, Likeness.DOUBTFUL),
        ({"container_title": "J. Coast. Stud.", "pages": "113-129"}, Likeness.DOUBTFUL),
        ({}, Likeness.NONE),
    ],
)
def test_an_entry_has_a_year_or_a_place_and_a_person_or_a_title(changes: dict[str, Any], kind: Likeness) -> None:
    told = {"title": "Sorting of gravel by spring tides", "authors": (Name(family="Lindqvist", given="A."),)}
    assert likeness(Reference(position=1, raw=ENTRY, **{**told, **changes})) is kind


def scan(*answers: dict[str, Any], pages: int = 3) -> Checked:
    return checked(
        [Heard(one) for one in answers], Print([PageText(n, "", is_image=True) for n in range(1, pages + 1)])
    )


@pytest.mark.parametrize("wear", ["{}", "{} ", "[{}]", "{}x", "Q{}"])
def test_what_is_read_twice_on_scanned_pages_is_kept_once(wear: str) -> None:
    found = scan(LINDQVIST, {**LINDQVIST, "verbatim": wear.format(ENTRY), "page": 2})
    assert [one.raw for one in found.references] == [ENTRY]


def test_thousands_of_entries_of_a_scan_are_no_long_work_and_no_page_holds_them() -> None:
    words = ("gravel", "dunes", "rivers", "kelp", "cusps", "tides", "shores", "storms", "stones", "lapwings")
    texts = [
        f"Sand: On {words[n % 10]} and {words[n // 10 % 10]} of {words[n // 100 % 10]}, {n}" for n in range(10_000)
    ]
    alike = [f"{PROSE} {words[n % 10]} {words[n // 10 % 10]} {words[n // 100 % 10]}" * 9 for n in range(300)]
    begun = time.process_time()
    found = scan(*(said(text, page=n % 4 + 1, title=text[9:]) for n, text in enumerate((*alike, *texts))), pages=4)
    assert time.process_time() - begun < within(2.0)
    assert 1_000 < len(found.references) <= 4 * 400
    assert found.beyond >= 1_400


def test_of_a_document_so_many_entries_are_looked_at_and_no_more() -> None:
    found = scan(*[said("too short")] * 10_007)
    assert (found.invented, found.beyond) == (10_000, 7)


def test_thousands_of_overlapping_quotations_are_no_long_work() -> None:
    text = " ".join(f"word{n} Lindqvist 2009" for n in range(650))
    spans = [(n, n + length) for n in range(0, 1_800, 9) for length in (9, 30, 60, 90, 120)]
    words = text.split()
    begun = time.process_time()
    found = read(*(said(" ".join(words[a:b]), title=words[a], year=2009) for a, b in spans), text=text)
    assert time.process_time() - begun < within(2.0)
    assert found.references
    assert found.beyond
