"""Whether the record a service found is the work that was asked for: identifiers decide, words only together. Pure.

A search that was asked for an identifier may answer with whatever has some words in common (OAPEN's does), so nothing
that a record names is believed before this.
"""

from __future__ import annotations

from collections.abc import Iterable

from dl_lit.core.identifiers import normalise_doi, normalise_isbn
from dl_lit.core.model import Name, Work, WorkType
from dl_lit.core.values import dataclass
from dl_lit.matching.compare import (
    CONTAINED,
    YEAR_TOLERANCE,
    same_surname,
    surnames,
    title_similarity,
    without_subtitle,
)
from dl_lit.matching.normalise import surname_key

PARTS = frozenset({WorkType.CHAPTER, WorkType.PAPER_CONFERENCE, WorkType.ARTICLE_JOURNAL})
"""Kinds whose ISBN, if they have one, is that of the book they stand in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a service's record says of itself."""

    title: str | None = None
    people: tuple[str, ...] = ()  # authors and editors as printed: "Jane Doe", "Doe, Jane"
    year: int | None = None
    dois: frozenset[str] = frozenset()  # normalised
    isbns: frozenset[str] = frozenset()  # likewise


def is_same_work(work: Work, told: Told) -> bool:
    """Whether the record is `work`: by DOI or a book's ISBN; without them by title, a first person and year together.

    A DOI of the record's own that is another one speaks against it, unless the ISBN speaks for it: editions of a book
    have a DOI each at some publishers.
    """
    if work.doi in told.dois:
        return True
    if work.isbn in told.isbns and work.type not in PARTS:
        return True
    if work.doi and told.dois:
        return False
    return _is_described_alike(work, told)


def dois_in(values: Iterable[object]) -> frozenset[str]:
    """The DOIs among what a record has in a field for them."""
    return frozenset(doi for value in values if isinstance(value, str) and (doi := normalise_doi(value)))


def isbns_in(values: Iterable[object]) -> frozenset[str]:
    """The ISBNs among what a record has in a field for them; several in one value are separated by "||" or ";"."""
    parts = (part for value in values if isinstance(value, str) for part in value.replace("||", ";").split(";"))
    return frozenset(isbn for part in parts if (isbn := normalise_isbn(part)))


def year_in(text: object) -> int | None:
    """The year that a date begins with: "2019", "2019-03-01", 2019."""
    digits = str(text or "").strip()[:4]
    return int(digits) if len(digits) == 4 and digits.isascii() and digits.isdigit() else None


def _is_described_alike(work: Work, told: Told) -> bool:
    title = told.title or ""
    if max(title_similarity(work.title, title), without_subtitle(work.title, title)) < CONTAINED:
        return False
    if work.year is None or told.year is None or abs(work.year - told.year) > YEAR_TOLERANCE:
        return False
    theirs = [key for person in told.people if (key := surname_key(_surname(person)))]
    return any(same_surname(mine, yours) for mine in _first_people(work) for yours in theirs)


def _first_people(work: Work) -> list[str]:
    return surnames([*work.authors[:1], *work.editors[:1]])


def _surname(printed: str) -> str:
    """The family name of "Doe, Jane" or "Jane Doe"; of a body its whole name is hardly ever compared."""
    family, comma, _ = printed.partition(",")
    words = printed.split()
    return Name(family=family if comma else words[-1] if words else "").sort_key
