"""OpenAlex: metadata, identifiers, retraction flag and open-access locations of works of all kinds.

Read 2026-11-22: https://developers.openalex.org/api-reference/works (fields, filters),
https://developers.openalex.org/guides/authentication (credits: a record 0, a list 1, a search 10).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from dl_lit.core.errors import ServiceError
from dl_lit.core.identifiers import (
    normalise_arxiv_id,
    normalise_doi,
    normalise_openalex_id,
    normalise_pmcid,
    normalise_pmid,
)
from dl_lit.core.model import HostType, Location, Name, Notice, NoticeKind, Reference, Version, Work, WorkType
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.reasons import Reason
from stages.answers import NOT_FOUND, LookUp, decode, decode_each, list_body, look_up, path_quote, text_of
from stages.sources.names import person

SERVICE = "openalex"
BATCH = 50  # values of one filter: 100 are allowed, but long DOIs make long addresses
SINGLY = 10  # identifiers that are looked up by the free record route, one by one, rather than by a list
URL_BYTES = 3_400  # of the filter's values, encoded; the request line should stay below some 4 KB
PER_PAGE = 100
SEARCH_CREDITS = 10
LIST_CREDITS = 1
SEARCH_CHARACTERS = 300
SEARCH_ROWS = 10

SELECT = (
    "id,doi,title,publication_year,language,type,ids,authorships,biblio,primary_location,locations,best_oa_location,"
    "open_access,is_retracted,abstract_inverted_index"
)

_TYPES = {
    "article": WorkType.ARTICLE_JOURNAL,
    "review": WorkType.ARTICLE_JOURNAL,
    "letter": WorkType.ARTICLE_JOURNAL,
    "editorial": WorkType.ARTICLE_JOURNAL,
    "data-paper": WorkType.ARTICLE_JOURNAL,
    "software-paper": WorkType.ARTICLE_JOURNAL,
    "conference-paper": WorkType.PAPER_CONFERENCE,
    "preprint": WorkType.ARTICLE,
    "book": WorkType.BOOK,
    "reference-entry": WorkType.CHAPTER,
    "book-chapter": WorkType.CHAPTER,
    "dissertation": WorkType.THESIS,
    "report": WorkType.REPORT,
    "dataset": WorkType.DATASET,
    "software": WorkType.SOFTWARE,
}
_NOT_SEARCHABLE = re.compile(r"[^\w ]+|_")
_PMC_PAGE = re.compile(
    r"ncbi\.nlm\.nih\.gov/(?:pmc/)?articles/(?:PMC)?(\d+)|europepmc\.org/articles?/pmc(\d+)", re.IGNORECASE
)


class _Host(msgspec.Struct):
    display_name: str | None = None
    type: str | None = None
    host_organization_name: str | None = None


class _Place(msgspec.Struct):
    is_oa: bool | None = None
    landing_page_url: str | None = None
    pdf_url: str | None = None
    source: _Host | None = None
    license: str | None = None
    version: str | None = None


class _Author(msgspec.Struct):
    display_name: str | None = None


class _Authorship(msgspec.Struct):
    author: _Author | None = None
    raw_author_name: str | None = None


class _Biblio(msgspec.Struct):
    volume: str | int | float | None = None
    issue: str | int | float | None = None
    first_page: str | int | float | None = None
    last_page: str | int | float | None = None


class _Ids(msgspec.Struct):
    pmid: str | None = None
    pmcid: str | None = None


class _OpenAccess(msgspec.Struct):
    oa_url: str | None = None


class _Work(msgspec.Struct):
    id: str | None = None
    doi: str | None = None
    title: str | None = None
    display_name: str | None = None
    publication_year: int | None = None
    language: str | None = None
    type: str | None = None
    ids: _Ids | None = None
    authorships: list[_Authorship] | None = None
    biblio: _Biblio | None = None
    primary_location: _Place | None = None
    best_oa_location: _Place | None = None
    locations: list[_Place] | None = None
    open_access: _OpenAccess | None = None
    is_retracted: bool | None = None
    abstract_inverted_index: dict[str, list[int]] | None = None


class _Meta(msgspec.Struct):
    timed_out: bool | None = None


class _List(msgspec.Struct):
    results: list[msgspec.Raw]
    meta: _Meta | None = None


def parse(body: bytes) -> list[Work]:
    """Read the works of a list; those without a title are left out. Raises `ServiceError`."""
    answer = decode(body, _List, SERVICE)
    if answer.meta and answer.meta.timed_out:
        raise ServiceError(SERVICE, Reason.BAD_ANSWER, "the cluster gave up after 5 s: the list is partial")
    return [work for record in decode_each(answer.results, _Work, SERVICE) if (work := _work(record))]


def parse_record(body: bytes) -> Work | None:
    """Read one record; `None` when it has no title. Raises `ServiceError`."""
    record = decode(body, _Work, SERVICE)
    if record.id is None and record.doi is None and record.title is None:
        raise ServiceError(SERVICE, Reason.BAD_ANSWER, "a record without any identifier")
    return _work(record)


def by_dois(calls: ServiceCalls, dois: Sequence[str]) -> LookUp:
    """Look DOIs up, 50 to a list of one credit; those that would break a filter go by the free record route."""
    plain = [doi for doi in dois if not set(doi) & set(",|!")]

    def ask(batch: Sequence[str]) -> Mapping[str, Work]:
        return {work.doi: work for work in _filtered(calls, "doi", batch) if work.doi in set(batch)}

    def ask_one(batch: Sequence[str]) -> Mapping[str, Work]:
        work = record_of_doi(calls, batch[0])
        return {batch[0]: work} if work else {}

    found = look_up(plain, BATCH, URL_BYTES, ask, service=SERVICE)
    alone = look_up([doi for doi in dois if doi not in set(plain)], 1, URL_BYTES, ask_one)
    return LookUp({**found.works, **alone.works}, {**found.unanswered, **alone.unanswered})


def by_openalex_ids(calls: ServiceCalls, ids: Sequence[str]) -> LookUp:
    """Look records up by OpenAlex's own identifiers: few for nothing one by one, many 50 to a list of one credit.

    What a list leaves out may have been made one with another record: the record route leads to that one.
    """

    def ask(batch: Sequence[str]) -> Mapping[str, Work]:
        wanted = set(batch)
        return {work.openalex_id: work for work in _filtered(calls, "openalex", batch) if work.openalex_id in wanted}

    def ask_one(batch: Sequence[str]) -> Mapping[str, Work]:
        answer = calls.get(SERVICE, f"/works/{batch[0]}", [("select", SELECT)])
        work = None if answer.status == NOT_FOUND else parse_record(answer.body)
        return {batch[0]: work} if work else {}

    is_listed = len(ids) > SINGLY and calls.credits_left(SERVICE) >= LIST_CREDITS
    listed = look_up(ids, BATCH, URL_BYTES, ask, service=SERVICE) if is_listed else LookUp()
    rest = [one for one in ids if one not in listed.works and one not in listed.unanswered]
    singly = look_up(rest, 1, URL_BYTES, ask_one)
    return LookUp({**listed.works, **singly.works}, {**listed.unanswered, **singly.unanswered})


def by_pmids(calls: ServiceCalls, pmids: Sequence[str]) -> LookUp:
    """Look PubMed identifiers up, 50 to a list of one credit."""

    def ask(batch: Sequence[str]) -> Mapping[str, Work]:
        return {work.pmid: work for work in _filtered(calls, "ids.pmid", batch) if work.pmid in set(batch)}

    return look_up(pmids, BATCH, URL_BYTES, ask, service=SERVICE)


def by_pmcids(calls: ServiceCalls, pmcids: Sequence[str]) -> LookUp:
    """Look PubMed Central identifiers up, 50 to a list of one credit."""

    def ask(batch: Sequence[str]) -> Mapping[str, Work]:
        return {work.pmcid: work for work in _filtered(calls, "ids.pmcid", batch) if work.pmcid in set(batch)}

    return look_up(pmcids, BATCH, URL_BYTES, ask, service=SERVICE)


def record_of_doi(calls: ServiceCalls, doi: str) -> Work | None:
    """Fetch one record by its DOI, without credits; `None` if OpenAlex has none."""
    answer = calls.get(SERVICE, f"/works/doi:{path_quote(doi)}", [("select", SELECT)])
    return None if answer.status == NOT_FOUND else parse_record(answer.body)


def search(calls: ServiceCalls, reference: Reference) -> list[Work] | None:
    """Search by title (10 credits); `None` where there is no title to search for. Raises `ServiceError`."""
    query = search_text(reference.title or "")
    if not query:
        return None
    params = [("search.title", query), ("per_page", str(SEARCH_ROWS)), ("select", SELECT)]
    return parse(list_body(calls.get(SERVICE, "/works", params, credits=SEARCH_CREDITS), SERVICE))


def search_text(title: str) -> str:
    """`title` in lower case, letters, digits and spaces only: punctuation, wildcards and operators are refused."""
    words = _NOT_SEARCHABLE.sub(" ", title.lower()).split()
    text = ""
    for word in words:
        if len(text) + len(word) + 1 > SEARCH_CHARACTERS:
            break
        text = f"{text} {word}".strip()
    return text


def _filtered(calls: ServiceCalls, name: str, values: Sequence[str]) -> list[Work]:
    params = [("filter", f"{name}:{'|'.join(values)}"), ("per_page", str(PER_PAGE)), ("select", SELECT)]
    return parse(list_body(calls.get(SERVICE, "/works", params, credits=LIST_CREDITS), SERVICE))


def _work(record: _Work) -> Work | None:
    title = record.title or record.display_name
    if not title or not title.strip():
        return None
    places = record.locations or []
    host = record.primary_location.source if record.primary_location else None
    biblio = record.biblio or _Biblio()
    kind = _TYPES.get(record.type or "", WorkType.DOCUMENT)
    addresses = [url for place in places for url in (place.landing_page_url, place.pdf_url) if url]
    ids = record.ids or _Ids()
    return Work(
        title=" ".join(title.split()),
        type=kind,
        authors=tuple(_people(record.authorships or [])),
        year=record.publication_year,
        container_title=host.display_name if host and host.type != "repository" else None,
        publisher=host.host_organization_name if host else None,
        volume=text_of(biblio.volume),
        issue=text_of(biblio.issue),
        pages=_pages(biblio),
        doi=normalise_doi(record.doi),
        openalex_id=normalise_openalex_id(record.id),
        arxiv_id=next((found for url in addresses if "arxiv.org/" in url and (found := normalise_arxiv_id(url))), None),
        pmid=normalise_pmid(ids.pmid),
        pmcid=_pmcid(ids.pmcid, addresses),
        url=record.primary_location.landing_page_url if record.primary_location else None,
        abstract=_abstract(record.abstract_inverted_index),
        language=record.language,
        # OpenAlex's flag has been wrong: it is a hint until whoever registered the work confirms it.
        notices=(Notice(kind=NoticeKind.RETRACTION, source=SERVICE),) if record.is_retracted else (),
        metadata_source=SERVICE,
        locations=_locations(record),
    )


def _people(authorships: Sequence[_Authorship]) -> list[Name]:
    names = [(one.author.display_name if one.author else None) or one.raw_author_name for one in authorships]
    return [person(name) for name in names if name and name.strip()]


def _pages(biblio: _Biblio) -> str | None:
    first, last = text_of(biblio.first_page), text_of(biblio.last_page)
    return f"{first}-{last}" if first and last and last != first else first


def _pmcid(stated: str | None, addresses: Sequence[str]) -> str | None:
    for text in [stated, *addresses]:
        if text and (match := _PMC_PAGE.search(text)):
            return f"PMC{match.group(1) or match.group(2)}"
    return normalise_pmcid(stated)


def _abstract(index: Mapping[str, Sequence[int]] | None) -> str | None:
    if not index:
        return None
    words = sorted((at, word) for word, places in index.items() for at in places)
    return " ".join(word for _, word in words)


def _locations(record: _Work) -> tuple[Location, ...]:
    """List every open-access address: PDFs and landing pages, each once."""
    each = (record.best_oa_location, *(record.locations or []), record.primary_location)
    places = [place for place in each if place and place.is_oa]
    found: dict[str, Location] = {}
    for place in places:
        for url, is_pdf in ((place.pdf_url, True), (place.landing_page_url, False)):
            if url and url not in found:
                found[url] = Location(
                    url=url,
                    is_pdf=is_pdf,
                    host_type=_host_type(place),
                    version=_version(place.version),
                    licence=place.license,
                    found_by=SERVICE,
                )
    oa_url = record.open_access.oa_url if record.open_access else None
    if oa_url and oa_url not in found:
        is_pdf = oa_url.lower().partition("?")[0].endswith(".pdf")
        found[oa_url] = Location(url=oa_url, is_pdf=is_pdf, found_by=SERVICE)
    return tuple(found.values())


def _host_type(place: _Place) -> HostType | None:
    kind = place.source.type if place.source else None
    if kind is None:
        return None
    return HostType.REPOSITORY if kind == "repository" else HostType.PUBLISHER


def _version(text: str | None) -> Version | None:
    try:
        return Version(text) if text else None
    except ValueError:
        return None
