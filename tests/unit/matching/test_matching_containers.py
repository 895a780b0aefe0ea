"""A chapter nobody has a record of leads to its book, and to nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dl_lit.core.items import MatchedAs
from dl_lit.core.model import Name, Reference, Work, WorkType
from dl_lit.matching.containers import decide_container, printed_book, recognise
from dl_lit.matching.decide import Accepted, NoMatch

RUIZ = Name(family="Ruiz", given="Elena")
BOOK = Work(
    title="A handbook of northern European shores",
    type=WorkType.BOOK,
    editors=(RUIZ,),
    year=1999,
    publisher="Fjord Press",
    doi="10.5555/shores",
)
CHAPTER = Reference(
    position=1,
    raw="Berg, O. (1999). Stones and the sea. In E. Ruiz (Ed.), A handbook of northern European shores "
    "(pp. 12-30). Oslo: Fjord Press.",
    type=WorkType.CHAPTER,
    authors=(Name(family="Berg", given="O."),),
    editors=(Name(family="Ruiz", given="E."),),
    title="Stones and the sea",
    container_title="A handbook of northern European shores",
    publisher="Fjord Press",
    year=1999,
    pages="12-30",
)
ITSELF = Work(
    title="Stones and the sea",
    type=WorkType.CHAPTER,
    authors=(Name(family="Berg", given="Olav"),),
    year=1999,
    container_title=BOOK.title,
    pages="12-30",
    doi="10.5555/shores.2",
)


def test_the_book_is_found_and_said_to_be_the_book() -> None:
    """Editor, title and year agree."""
    decision = decide_container(CHAPTER, [BOOK])
    assert isinstance(decision, Accepted)
    assert decision.work is BOOK
    assert recognise(CHAPTER, [BOOK]).matched_as is MatchedAs.CONTAINER


def test_the_chapter_comes_first() -> None:
    """Where both are known the entry is the chapter."""
    found = recognise(CHAPTER, [BOOK, ITSELF])
    assert isinstance(found.decision, Accepted)
    assert found.decision.work is ITSELF
    assert found.matched_as is MatchedAs.WORK


@pytest.mark.parametrize(
    "other",
    [
        replace(BOOK, title="A handbook of southern European deserts"),
        replace(BOOK, year=2011),
        replace(BOOK, editors=(Name(family="Hansen"),)),
        replace(BOOK, type=WorkType.CHAPTER),
        replace(BOOK, title=f"Review of {BOOK.title}"),
        replace(BOOK, title=f"{BOOK.title}, volume 2"),
    ],
)
def test_other_books_are_not_it(other: Work) -> None:
    """Another title, year, editor, kind, a review of it or another volume: none is the book."""
    assert not isinstance(decide_container(CHAPTER, [other]), Accepted)


@pytest.mark.parametrize(
    "reference",
    [
        replace(CHAPTER, type=WorkType.ARTICLE_JOURNAL),
        replace(CHAPTER, type=WorkType.PAPER_CONFERENCE),
        replace(CHAPTER, container_title=None),
        replace(CHAPTER, title=None),
        replace(CHAPTER, container_title="Shores"),
    ],
)
def test_only_what_stands_in_a_named_book_leads_to_one(reference: Reference) -> None:
    """Articles, papers of proceedings and entries without a book's name lead nowhere."""
    assert printed_book(reference) is None
    assert decide_container(reference, [BOOK]) == NoMatch()


def test_a_chapter_without_editors_may_be_by_the_author_of_the_book() -> None:
    """Where no editor is printed the chapter's author may be who signs the book."""
    own = replace(BOOK, editors=(), authors=(Name(family="Berg", given="Olav"),))
    printed = replace(CHAPTER, editors=())
    assert isinstance(decide_container(printed, [own]), Accepted)
