"""Entries of lists of cited works: made whole from records and from each other. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from dl_lit.core.identifiers import arxiv_id_of_doi
from dl_lit.core.model import Listed, Name, Reference, Work, WorkType
from dl_lit.matching.compare import same_surname, title_similarity
from dl_lit.matching.normalise import first_page, number_key, surname_key, title_key
from dl_lit.matching.vetoes import numbers_conflict

SAME_TITLE = 0.9  # titles of two entries of one citing work that are this alike are one title
YEAR_TOLERANCE = 1

T = TypeVar("T")


def is_bare(listed: Listed) -> bool:
    """Whether nothing can be compared but an identifier: its record must be looked up before it can be aligned."""
    is_told = listed.title or listed.raw or listed.work
    return not (is_told or (listed.author and listed.year and (listed.volume or listed.first_page)))


def with_record(listed: Listed, work: Work) -> Listed:
    """The entry with the record that its identifier leads to; what the entry says itself stays."""
    return combined(listed, as_listed(listed.source, work))


def as_listed(source: str, work: Work) -> Listed:
    """A whole record as an entry of the list that `source` has."""
    people = [*work.authors[:1], *work.editors[:1]]
    return Listed(
        source=source,
        doi=work.doi,
        openalex_id=work.openalex_id,
        pmid=work.pmid,
        arxiv_id=work.arxiv_id,
        title=work.title,
        author=people[0].sort_key or None if people else None,
        year=work.year,
        container_title=work.container_title,
        volume=work.volume,
        first_page=first_page(work.pages),
        isbn=work.isbn,
        work=work,
    )


def combined(one: Listed, other: Listed) -> Listed:
    """Two entries for one work as one: all identifiers, place, text; the fields of `one` before those of `other`."""
    sources = [*one.source.split("+"), *other.source.split("+")]
    return replace(
        one,
        source="+".join(dict.fromkeys(sources)),
        position=_first(one.position, other.position),
        raw=_first(one.raw, other.raw),
        doi=_first(one.doi, other.doi),
        openalex_id=_first(one.openalex_id, other.openalex_id),
        pmid=_first(one.pmid, other.pmid),
        arxiv_id=_first(one.arxiv_id, other.arxiv_id),
        title=_first(one.title, other.title),
        author=_first(one.author, other.author),
        year=_first(one.year, other.year),
        container_title=_first(one.container_title, other.container_title),
        volume=_first(one.volume, other.volume),
        first_page=_first(one.first_page, other.first_page),
        isbn=_first(one.isbn, other.isbn),
        work=_first(one.work, other.work),
    )


def is_same_entry(one: Listed, other: Listed) -> bool:
    """Whether two entries of lists of one citing work are one work, by identifier, title, or place of publication."""
    if share_identifier(one, other):
        return True
    if identifiers_conflict(one, other) or (one.source == other.source and one.position != other.position):
        return False  # one list names a work once
    if one.year is not None and other.year is not None and abs(one.year - other.year) > YEAR_TOLERANCE:
        return False
    if one.author and other.author and not same_surname(surname_key(one.author), surname_key(other.author)):
        return False
    places = [
        (number_key(one.volume), number_key(other.volume)),
        (first_page(one.first_page), first_page(other.first_page)),
    ]
    if any(a and b and a != b for a, b in places):
        return False
    if one.title and other.title:
        is_part = numbers_conflict(title_key(one.title), title_key(other.title))
        return title_similarity(one.title, other.title) >= SAME_TITLE and not is_part
    return bool(one.author and other.author and one.year and other.year) and all(a and b for a, b in places)


def share_identifier(one: Listed | Reference, other: Listed) -> bool:
    """Whether the two have a DOI, an arXiv identifier or a PubMed identifier in common."""
    return bool(
        (one.doi and one.doi == other.doi)
        or (arxiv_of(one) and arxiv_of(one) == arxiv_of(other))
        or (one.pmid and one.pmid == other.pmid)
        or (isinstance(one, Listed) and one.openalex_id and one.openalex_id == other.openalex_id)
    )


def identifiers_conflict(one: Listed | Reference, other: Listed) -> bool:
    """Whether the two have different DOIs, neither of which is a preprint server's."""
    if not one.doi or not other.doi or one.doi == other.doi:
        return False
    return not (arxiv_id_of_doi(one.doi) or arxiv_id_of_doi(other.doi))


def arxiv_of(one: Listed | Reference) -> str | None:
    """The arXiv identifier, stated or in arXiv's own DOI."""
    return one.arxiv_id or arxiv_id_of_doi(one.doi)


def as_reference(listed: Listed, position: int) -> Reference:
    """The entry as if it were printed at `position`, so that it can be aligned with another list."""
    text = [listed.author, f"({listed.year})" if listed.year else None, listed.title, listed.container_title]
    parts = [part for part in (*text, listed.volume, listed.first_page) if part]
    return Reference(
        position=position,
        raw=listed.raw or ". ".join(parts),
        type=WorkType.DOCUMENT,
        authors=(Name(family=listed.author),) if listed.author else (),
        title=listed.title,
        container_title=listed.container_title,
        year=listed.year,
        volume=listed.volume,
        pages=listed.first_page,
        doi=listed.doi,
        arxiv_id=listed.arxiv_id,
        pmid=listed.pmid,
        isbn=listed.isbn,
    )


def _first(one: T | None, other: T | None) -> T | None:
    return other if one is None else one
