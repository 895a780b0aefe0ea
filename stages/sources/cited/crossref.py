"""Crossref's `reference[]`: what the publisher deposited, in printed order, often with the printed text.

Read 2026-11-23: https://www.crossref.org/documentation/schema-library/markup-guide-metadata-segments/references/ and
https://www.crossref.org/documentation/retrieve-metadata/rest-api/ (filters, `select`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TypeVar

import msgspec

from dl_lit.core.errors import RequestRefused, ServiceError
from dl_lit.core.identifiers import (
    arxiv_id_of_doi,
    find_arxiv_ids,
    find_dois,
    find_pmids,
    normalise_doi,
    normalise_isbn,
)
from dl_lit.core.model import CitedList, CitingWork, Listed
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.reasons import Reason
from dl_lit.matching.normalise import plain_text
from stages.answers import NOT_FOUND, decode, decode_each, in_batches, list_body, path_quote, text_of
from stages.sources.cited import CitedLookUp, Cost, Fetched, cited_lists
from stages.sources.crossref import LANE, SERVICE, URL_BYTES

BATCH = 20  # citing works to one list: a whole bibliography comes with each
SELECT = "DOI,reference"

T = TypeVar("T")

_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
_NUMBER_AT_END = re.compile(r"(\d+)$")
_ET_AL = re.compile(r",?\s*(?:et\s+al\.?|and others|&.*)\s*$", re.IGNORECASE)
_INITIALS = re.compile(r"(?:[A-Z]\.?[\s-]*){1,4}")


class _Reference(msgspec.Struct, rename={
    "doi": "DOI", "isbn": "ISBN", "article_title": "article-title", "volume_title": "volume-title",
    "journal_title": "journal-title", "series_title": "series-title", "first_page": "first-page",
}):  # fmt: skip
    key: str | None = None
    doi: str | None = None
    unstructured: str | None = None
    article_title: str | None = None
    author: str | None = None
    year: str | int | float | None = None
    journal_title: str | None = None
    volume_title: str | None = None
    series_title: str | None = None
    volume: str | int | float | None = None
    first_page: str | int | float | None = None
    isbn: str | None = None


class _Citing(msgspec.Struct, rename={"doi": "DOI"}):
    doi: str | None = None
    reference: list[_Reference] | None = None


class _Single(msgspec.Struct):
    message: _Citing


class _Items(msgspec.Struct):
    items: list[msgspec.Raw]


class _List(msgspec.Struct):
    message: _Items


def parse_lists(body: bytes) -> dict[str, CitedList]:
    """Read the reference lists of a list of works, by DOI. Raises `ServiceError`."""
    items = decode_each(decode(body, _List, SERVICE).message.items, _Citing, SERVICE)
    return {_doi(item): _cited_list(item) for item in items}


def parse_record(body: bytes) -> CitedList:
    """Read the reference list of one work. Raises `ServiceError`."""
    citing = decode(body, _Single, SERVICE).message
    _doi(citing)
    return _cited_list(citing)


def _doi(citing: _Citing) -> str:
    """The DOI; a record without it is none, and establishes nothing about what anybody cites."""
    doi = normalise_doi(citing.doi)
    if doi is None:
        raise ServiceError(SERVICE, Reason.BAD_ANSWER, "a record without DOI")
    return doi


def cited_by(calls: ServiceCalls, citing: CitingWork) -> CitedList | None:
    """The works that one work cites; `None` if Crossref does not know it. Raises `ServiceError`."""
    found = cited_by_many(calls, [citing])
    if citing.source_id in found.unanswered and citing.source_id not in found.lists:
        raise found.unanswered[citing.source_id]
    return found.lists.get(citing.source_id)


def cited_by_many(calls: ServiceCalls, citing: Sequence[CitingWork]) -> CitedLookUp:
    """The works that several works cite: one record, or 20 to a list where there are more."""
    return cited_lists(calls, SERVICE, citing, lambda dois: _fetch(calls, dois))


def _fetch(calls: ServiceCalls, dois: Sequence[str]) -> Fetched:
    here = [doi for doi in dois if not arxiv_id_of_doi(doi)]  # those are DataCite's: Crossref cannot have them
    together = [doi for doi in here if "," not in doi]
    together = together if len(together) > 1 else []
    requests = 0

    def ask(batch: Sequence[str]) -> Mapping[str, CitedList]:
        nonlocal requests
        requests += 1
        params = [("filter", ",".join(f"doi:{doi}" for doi in batch)), ("rows", str(len(batch)))]
        try:
            answer = calls.get(SERVICE, "/works", [*params, ("select", SELECT)], lane=LANE, is_kept_by_identifier=True)
        except RequestRefused:  # perhaps of the selection
            requests += 1
            answer = calls.get(SERVICE, "/works", params, lane=LANE, is_kept_by_identifier=True)
        return {doi: one for doi, one in parse_lists(list_body(answer, SERVICE)).items() if doi in set(batch)}

    def ask_one(batch: Sequence[str]) -> Mapping[str, CitedList]:
        nonlocal requests
        requests += 1
        answer = calls.get(SERVICE, f"/works/{path_quote(batch[0])}", is_kept_by_identifier=True)
        return {} if answer.status == NOT_FOUND else {batch[0]: parse_record(answer.body)}

    lists, unanswered = in_batches(together, BATCH, URL_BYTES, ask, service=SERVICE)
    alone, unanswered_alone = in_batches([doi for doi in here if doi not in set(together)], 1, URL_BYTES, ask_one)
    return Fetched({**lists, **alone}, {**unanswered, **unanswered_alone}, Cost(requests))


def _cited_list(citing: _Citing) -> CitedList:
    references = citing.reference or []
    places = _places([one.key or "" for one in references])
    return CitedList(
        source=SERVICE, entries=tuple(_listed(one, place) for one, place in zip(references, places, strict=True))
    )


def _places(keys: Sequence[str]) -> list[int]:
    """The printed numbers, where all keys end in ascending ones ("ref7", with gaps); else the order of the list."""
    numbers = [int(match[1]) for key in keys if (match := _NUMBER_AT_END.search(key)) and len(match[1]) < 5]
    ascending = len(numbers) == len(keys) and all(one < other for one, other in pairwise(numbers))
    if not ascending or not numbers or numbers[-1] > 2 * len(keys) + 10:
        return list(range(1, len(keys) + 1))
    return [number + 1 for number in numbers] if numbers[0] == 0 else numbers


def _listed(one: _Reference, position: int) -> Listed:
    raw = plain_text(one.unstructured) if one.unstructured else None
    title = one.article_title or one.volume_title
    container = one.journal_title or (one.volume_title if one.article_title else None) or one.series_title
    doi = normalise_doi(one.doi) or (_only(find_dois(raw)) if raw else None)
    year = _YEAR.search(str(one.year or ""))
    return Listed(
        source=SERVICE,
        position=position,
        raw=raw or None,
        doi=doi,
        pmid=_only(find_pmids(raw)) if raw else None,
        arxiv_id=arxiv_id_of_doi(doi) or (_only(find_arxiv_ids(raw)) if raw else None),
        title=plain_text(title) or None if title else None,
        author=_family(one.author),
        year=int(year[1]) if year else None,
        container_title=plain_text(container) or None if container else None,
        volume=text_of(one.volume),
        first_page=text_of(one.first_page),
        isbn=normalise_isbn(one.isbn.rsplit("/", 1)[-1]) if one.isbn else None,
    )


def _only(found: Sequence[T]) -> T | None:
    return found[0] if len(found) == 1 else None


def _family(author: str | None) -> str | None:
    """The family name of "J. R. Smith", "Smith J" or "Smith, J."; names without initials and bodies' names whole."""
    text = _ET_AL.sub("", plain_text(author)) if author else ""
    if not text:
        return None
    before, comma, _ = text.partition(",")
    if comma:
        return before.strip() or None
    words = text.split()
    families = [word for word in words if not _INITIALS.fullmatch(word)]
    # Without initials nothing tells "Conway Alexander", family name first, from "Alexander Conway": both stay.
    return " ".join(families or words)
