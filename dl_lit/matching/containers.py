"""The book a chapter stands in: what a chapter's entry leads to where nobody has a record of the chapter. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dl_lit.core.items import MatchedAs
from dl_lit.core.model import Reference, Work, WorkType
from dl_lit.core.values import dataclass
from dl_lit.matching.compare import Agreement, container_agreement, same_person
from dl_lit.matching.decide import Accepted, Decision, NoMatch, Vetoed, decide
from dl_lit.matching.normalise import title_key

BOOK_TITLE_MIN = 12  # characters of the normalised title of a book that names it
BOOK_ALONE_MIN = 25  # likewise where neither editors nor publisher can be compared

_BOOKS = frozenset({WorkType.BOOK, WorkType.DOCUMENT, WorkType.REPORT})
_PARTS = frozenset({WorkType.CHAPTER, WorkType.DOCUMENT, WorkType.BOOK})


@dataclass(frozen=True, slots=True)
class Recognised:
    """What was decided, and what of the entry an accepted record is."""

    decision: Decision
    matched_as: MatchedAs


def recognise(reference: Reference, candidates: Sequence[Work]) -> Recognised:
    """Choose among `candidates` the entry itself or, where none of them can be it, the book that it is a chapter of.

    Only for the last word on an entry: while services are left to be asked, one of them may have the chapter.
    """
    decision = decide(reference, candidates)
    if isinstance(decision, (NoMatch, Vetoed)):
        book = decide_container(reference, candidates)
        if not isinstance(book, NoMatch):
            return Recognised(book, MatchedAs.CONTAINER)
    return Recognised(decision, MatchedAs.WORK)


def decide_container(reference: Reference, candidates: Sequence[Work]) -> Decision:
    """Choose among `candidates` the book that contains what is printed, or abstain.

    `NoMatch` for entries that name no book of their own; journals and proceedings are no such books: there one record
    in hand says nothing about the paper that is sought.
    """
    book = printed_book(reference)
    if book is None:
        return NoMatch()
    books = [work for work in candidates if _may_be(book, work)]
    decision = decide(book, books)
    if isinstance(decision, Accepted) and not _is_borne_out(book, decision):
        return NoMatch()
    return decision


def printed_book(reference: Reference) -> Reference | None:
    """The containing book as an entry of its own; `None` where no book is named.

    Its editors are its people; where none are printed the chapter's authors stand in, who may have written all of it.
    """
    title = reference.container_title
    if reference.type not in _PARTS or not title or not reference.title or len(title_key(title)) < BOOK_TITLE_MIN:
        return None
    return replace(
        reference,
        raw=_from_host(reference.raw, title),
        type=WorkType.BOOK,
        title=title,
        container_title=None,
        authors=() if reference.editors else reference.authors,
        pages=None,
        issue=None,
        doi=None,
        arxiv_id=None,
        pmid=None,
    )


def _from_host(raw: str, title: str) -> str:
    """The printed text without the chapter's own title, so that it cannot be taken for the book's."""
    at = raw.find(title)
    return raw[at:] if at > 0 else raw


def _may_be(book: Reference, work: Work) -> bool:
    return work.type in _BOOKS and container_agreement(book.title, work.title) is not Agreement.CONFLICT


def _is_borne_out(book: Reference, accepted: Accepted) -> bool:
    """Whether more than the title and the year speaks for the book: an editor, the publisher, or a telling title."""
    work = accepted.work
    people = (*work.authors, *work.editors)
    printed = (*book.editors, *book.authors)
    if any(same_person(mine, yours) for mine in printed for yours in people):
        return True
    if container_agreement(book.publisher, work.publisher).is_positive:
        return True
    is_contradicted = bool(book.editors and people)
    return not is_contradicted and len(title_key(work.title)) >= BOOK_ALONE_MIN
