"""Entries without titles: where the journal stands, who is named in which order, and what follows from it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dl_lit.core.model import Name, Reference, Work, WorkType
from dl_lit.matching.decide import Accepted, Ambiguous, decide
from dl_lit.matching.untitled import is_no_title, people_in_order, printed_host

PEOPLE = tuple(Name(family=family, given="A.") for family in ("Lee", "Moss", "Ruiz", "Hansen"))
WORK = Work(
    title="Spring tides and the sorting of gravel",
    type=WorkType.ARTICLE_JOURNAL,
    authors=PEOPLE,
    year=2017,
    container_title="Journal of Cleaner Tides",
    volume="8",
    pages="101-119",
)
ENTRY = Reference(
    position=1,
    raw="A. Lee, A. Moss, A. Ruiz, and A. Hansen, J. Clean. Tides 8, 101 (2017).",
    authors=PEOPLE,
    year=2017,
    container_title="J. Clean. Tides",
    volume="8",
    pages="101",
)


@pytest.mark.parametrize(
    ("raw", "container", "host"),
    [
        (ENTRY.raw, "Journal of Cleaner Tides", "j clean tides"),
        ("A. Lee, G3 40, 186 (2012).", "G3", "g3"),
        ("A. Lee in Shores (Hrsg.: O. Berg), 1999, S. 3.", "Shores", "shores"),
        ("A. Lee, Ocean Phys. 6, 105 (1980).", "Ocean Physics, Volume 6, Number 1, March 1980", "ocean phys"),
        ("Lee, A. Shores of the north. Ocean Phys. 6, 105.", "Shores", None),
        (ENTRY.raw, None, None),
    ],
)
def test_the_journal_is_found_in_the_text(raw: str, container: str | None, host: str | None) -> None:
    """In full or abbreviated, before a number, behind "in" or before the editors; not inside a title."""
    assert printed_host(raw, container) == host


@pytest.mark.parametrize("title", ["Clean", "J. Clean. Tides 8", "and A. Hansen", "et al., J. Clean. Tides 8, 101"])
def test_what_holds_journal_and_people_alone_is_no_title(title: str) -> None:
    """Half of the journal's name, or the last of the people."""
    assert is_no_title(replace(ENTRY, title=title), WORK, "j clean tides")


@pytest.mark.parametrize("title", ["Clean gravel", "Hansen on tides and gravel", "The dunes"])
def test_what_holds_more_may_be_a_title(title: str) -> None:
    """One word that is neither place nor person is enough."""
    assert not is_no_title(replace(ENTRY, title=title), WORK, "j clean tides")


def test_people_count_in_their_order() -> None:
    """Lists may be cut where that is said, lack the last, and hold a misprint; else they are other people's."""
    assert people_in_order(ENTRY, WORK) == len(PEOPLE)
    assert people_in_order(replace(ENTRY, authors=PEOPLE[:-1]), WORK) == len(PEOPLE) - 1
    assert people_in_order(replace(ENTRY, authors=PEOPLE[::-1]), WORK) == 0
    assert people_in_order(replace(ENTRY, authors=PEOPLE[:1]), WORK) == 0
    assert people_in_order(replace(ENTRY, authors=PEOPLE[:2], raw="Lee, A., Moss, A., et al., 2017"), WORK) == 2


def test_three_people_journal_and_year_name_a_work_whose_page_is_not_known() -> None:
    """One or two people may have two papers a year in one journal; three in one order hardly."""
    bare = replace(WORK, volume=None, pages=None)
    assert isinstance(decide(ENTRY, [bare]), Accepted)
    for few in (PEOPLE[:1], PEOPLE[:2]):
        assert isinstance(decide(replace(ENTRY, authors=few), [replace(bare, authors=few)]), Ambiguous)


def test_two_papers_of_the_same_people_are_ambiguous() -> None:
    """Where both are known and neither has a page, a person must choose."""
    bare = replace(WORK, volume=None, pages=None)
    assert isinstance(decide(ENTRY, [bare, replace(bare, title="Neap tides and mud", doi="10.5555/mud")]), Ambiguous)


@pytest.mark.parametrize("title", ["Reply to “Spring tides”", "Spring tides: Erratum", "Spring tides. Part 2"])
def test_what_has_siblings_needs_its_page(title: str) -> None:
    """A reply or a part is by the same people in the same journal."""
    assert not isinstance(decide(ENTRY, [replace(WORK, title=title, volume=None, pages=None)]), Accepted)


@pytest.mark.parametrize(
    "entry",
    [
        replace(ENTRY, year=2071, raw=ENTRY.raw.replace("2017", "2071")),
        replace(ENTRY, volume="3", raw=ENTRY.raw.replace(" 8,", " 3,")),
        replace(ENTRY, pages="161-119", raw=ENTRY.raw.replace("101", "161–119")),
        replace(ENTRY, authors=(Name(family="Leee"), *PEOPLE[1:]), raw=ENTRY.raw.replace("Lee", "Leee")),
    ],
)
def test_one_misprint_in_the_place_is_forgiven_where_the_people_agree(entry: Reference) -> None:
    """Year, volume, first page or name: all the rest is one."""
    assert isinstance(decide(entry, [WORK]), Accepted)


def test_another_page_is_another_paper() -> None:
    """Of the same people in the same volume."""
    other = replace(ENTRY, pages="230-241", raw=ENTRY.raw.replace("101", "230–241"))
    assert not isinstance(decide(other, [WORK]), Accepted)
