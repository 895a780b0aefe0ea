"""Semantic Scholar's Graph API, with a key only: identifiers in large batches, title match, and lists of references.

Read 2026-11-23: https://api.semanticscholar.org/api-docs/graph (batch of 500, match, references),
https://www.semanticscholar.org/product/api (one request a second over all endpoints).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import msgspec

from dl_lit.core.errors import RequestRefused, ServiceError
from dl_lit.core.identifiers import (
    arxiv_id_of_doi,
    doi_of_arxiv_id,
    normalise_arxiv_id,
    normalise_doi,
    normalise_pmcid,
    normalise_pmid,
)
from dl_lit.core.model import CitedList, CitingWork, HostType, Listed, Location, Name, Reference, Work, WorkType
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.reasons import Reason
from dl_lit.matching.normalise import plain_text
from stages.answers import NOT_FOUND, LookUp, decode, decode_each, list_body, look_up, path_quote, text_of
from stages.sources.cited.singly import cited_list
from stages.sources.names import person

SERVICE = "semantic_scholar"
BATCH = 500
BODY_BYTES = 200_000
FIELDS = (
    "title,externalIds,authors,year,venue,publicationVenue,journal,publicationTypes,abstract,isOpenAccess,openAccessPdf"
)
CITED_FIELDS = "title,externalIds,authors,year,venue,journal"
PAGE = 1_000
MAX_PAGES = 9  # of references: offset and limit together stay below 10,000
QUERY_CHARACTERS = 300

_JSON = "application/json"
_ALL_UNKNOWN = "no valid paper ids"  # HTTP 400: halving the batch would ask for each by itself
_TYPES = {
    "JournalArticle": WorkType.ARTICLE_JOURNAL,
    "Review": WorkType.ARTICLE_JOURNAL,
    "LettersAndComments": WorkType.ARTICLE_JOURNAL,
    "Editorial": WorkType.ARTICLE_JOURNAL,
    "Conference": WorkType.PAPER_CONFERENCE,
    "Book": WorkType.BOOK,
    "BookSection": WorkType.CHAPTER,
    "Dataset": WorkType.DATASET,
}


class _Ids(msgspec.Struct, rename={"doi": "DOI", "arxiv": "ArXiv", "pmid": "PubMed", "pmcid": "PubMedCentral"}):
    doi: str | None = None
    arxiv: str | None = None
    pmid: str | int | None = None
    pmcid: str | int | None = None


class _Author(msgspec.Struct):
    name: str | None = None


class _Journal(msgspec.Struct):
    name: str | None = None
    volume: str | int | float | None = None
    pages: str | int | float | None = None


class _Venue(msgspec.Struct):
    name: str | None = None
    type: str | None = None


class _Pdf(msgspec.Struct):
    url: str | None = None
    status: str | None = None
    license: str | None = None
    disclaimer: str | None = None


class _Paper(msgspec.Struct, rename="camel"):
    paper_id: str | None = None
    title: str | None = None
    external_ids: _Ids | None = None
    authors: list[_Author] | None = None
    year: int | None = None
    venue: str | None = None
    publication_venue: _Venue | None = None
    journal: _Journal | None = None
    publication_types: list[str] | None = None
    abstract: str | None = None
    is_open_access: bool | None = None
    open_access_pdf: _Pdf | None = None


class _Matches(msgspec.Struct):
    data: list[msgspec.Raw]


class _Cited(msgspec.Struct, rename="camel"):
    cited_paper: _Paper | None = None


class _CitingInfo(msgspec.Struct, rename="camel"):
    open_access_pdf: _Pdf | None = None


class _References(msgspec.Struct, rename={"info": "citingPaperInfo"}):
    data: list[msgspec.Raw] | None
    next: int | None = None
    info: _CitingInfo | None = None


def parse(body: bytes) -> list[Work]:
    """Read the hits of a title match; those without a title are left out. Raises `ServiceError`."""
    papers = decode_each(decode(body, _Matches, SERVICE).data, _Paper, SERVICE)
    return [work for paper in papers if (work := _work(paper))]


def parse_open_copy(body: bytes) -> tuple[Location, ...]:
    """Read the open copy that one record names. Raises `ServiceError`."""
    return _locations(decode(body, _Paper, SERVICE).open_access_pdf)


def parse_batch(body: bytes, wanted: int) -> list[Work | None]:
    """Read a batch of `wanted` identifiers, in their order: `None` for those it lacks. Raises `ServiceError`.

    Also when it is longer or shorter: then nothing says which answer belongs to which identifier.
    """
    papers = decode(body, list[_Paper | None], SERVICE)
    if len(papers) != wanted:
        raise ServiceError(SERVICE, Reason.BAD_ANSWER, f"{len(papers)} answers for {wanted} identifiers")
    return [_work(paper) if paper else None for paper in papers]


def parse_references(body: bytes) -> tuple[list[Listed], int | None, bool]:
    """Read a page of references: the entries, where the next page begins, and whether the list is held back.

    Raises `ServiceError`.
    """
    answer = decode(body, _References, SERVICE)
    disclaimer = answer.info.open_access_pdf.disclaimer if answer.info and answer.info.open_access_pdf else None
    is_held_back = answer.data is None or "'references'" in (disclaimer or "")
    cited = decode_each(answer.data or [], _Cited, SERVICE)
    entries = [_listed(one.cited_paper) for one in cited if one.cited_paper and one.cited_paper.title]
    return entries, answer.next, is_held_back and not entries


def by_dois(calls: ServiceCalls, dois: Sequence[str]) -> LookUp:
    """Look DOIs up, 500 to a request; those of arXiv go by their arXiv identifiers."""
    return _batches(calls, {_id_of_doi(doi): doi for doi in dois})


def by_arxiv_ids(calls: ServiceCalls, arxiv_ids: Sequence[str]) -> LookUp:
    """Look arXiv identifiers up, 500 to a request."""
    return _batches(calls, {f"ARXIV:{one}": one for one in arxiv_ids})


def by_pmids(calls: ServiceCalls, pmids: Sequence[str]) -> LookUp:
    """Look PubMed identifiers up, 500 to a request."""
    return _batches(calls, {f"PMID:{one}": one for one in pmids})


def search(calls: ServiceCalls, reference: Reference) -> list[Work] | None:
    """The paper whose title is nearest, if any; `None` where no title was read. Raises `ServiceError`."""
    query = search_text(reference.title or "")
    if not query:
        return None
    answer = calls.get(SERVICE, "/paper/search/match", [("query", query), ("fields", FIELDS)])
    if answer.status == NOT_FOUND:
        return []
    return parse(answer.body)


def search_text(title: str) -> str:
    """`title` without markup, hyphens made spaces (hyphenated words find nothing), cut at a word."""
    words = plain_text(title).replace("-", " ").split()
    text = ""
    for word in words:
        if len(text) + len(word) + 1 > QUERY_CHARACTERS:
            break
        text = f"{text} {word}".strip()
    return text if any(character.isalnum() for character in text) else ""


def cited_by(calls: ServiceCalls, citing: CitingWork) -> CitedList | None:
    """The works that one work cites; `None` if Semantic Scholar does not know it. Raises `ServiceError`."""
    return cited_list(calls, SERVICE, citing, lambda doi: _cited(calls, doi))


def _cited(calls: ServiceCalls, doi: str) -> CitedList | None:
    entries: list[Listed] = []
    offset: int | None = 0
    for _ in range(MAX_PAGES):
        params = [("fields", CITED_FIELDS), ("offset", str(offset)), ("limit", str(PAGE))]
        answer = calls.get(SERVICE, f"/paper/{path_quote(_id_of_doi(doi))}/references", params)
        if answer.status == NOT_FOUND:
            return None
        listed, following, is_held_back = parse_references(answer.body)
        if is_held_back:
            return CitedList(source=SERVICE, is_held_back=True)
        entries += listed
        if following is None or following <= (offset or 0):
            break
        offset = following
    return CitedList(source=SERVICE, entries=tuple(entries))


def _batches(calls: ServiceCalls, by_id: Mapping[str, str]) -> LookUp:
    """Post identifiers in Semantic Scholar's form; the answers stand in their order."""

    def ask(batch: Sequence[str]) -> Mapping[str, Work]:
        body = json.dumps({"ids": list(batch)}).encode()
        try:
            answer = calls.post(SERVICE, "/paper/batch", body, content_type=_JSON, params=[("fields", FIELDS)])
        except RequestRefused as refused:
            if _ALL_UNKNOWN in str(refused).lower():
                return {}
            raise
        works = parse_batch(list_body(answer, SERVICE), len(batch))
        return {one: work for one, work in zip(batch, works, strict=True) if work}

    found = look_up(list(by_id), BATCH, BODY_BYTES, ask, service=SERVICE)
    return LookUp(
        {by_id[one]: work for one, work in found.works.items()},
        {by_id[one]: error for one, error in found.unanswered.items()},
    )


def _id_of_doi(doi: str) -> str:
    arxiv_id = arxiv_id_of_doi(doi)
    return f"ARXIV:{arxiv_id}" if arxiv_id else f"DOI:{doi}"


def _work(one: _Paper) -> Work | None:
    title = plain_text(one.title or "")
    if not title:
        return None
    ids, journal = one.external_ids or _Ids(), one.journal or _Journal()
    arxiv_id = normalise_arxiv_id(ids.arxiv)
    doi = normalise_doi(ids.doi) or (doi_of_arxiv_id(arxiv_id) if arxiv_id else None)
    return Work(
        title=title,
        type=_type(one),
        authors=_people(one.authors),
        year=one.year,
        container_title=_container(one),
        volume=text_of(journal.volume),
        pages="-".join((text_of(journal.pages) or "").replace("-", " ").split()) or None,
        doi=doi,
        arxiv_id=arxiv_id,
        pmid=normalise_pmid(ids.pmid),
        pmcid=normalise_pmcid(f"PMC{ids.pmcid}") if ids.pmcid else None,
        url=f"https://www.semanticscholar.org/paper/{one.paper_id}" if one.paper_id else None,
        abstract=plain_text(one.abstract) if one.abstract else None,
        metadata_source=SERVICE,
        locations=_locations(one.open_access_pdf),
    )


def _container(one: _Paper) -> str | None:
    named = (one.journal.name if one.journal else None, one.publication_venue.name if one.publication_venue else None)
    return next((name for name in (*named, one.venue) if name and "arxiv" not in name.lower()), None)


def _type(one: _Paper) -> WorkType:
    kinds = [_TYPES[kind] for kind in one.publication_types or [] if kind in _TYPES]
    is_conference = WorkType.PAPER_CONFERENCE in kinds
    if one.publication_venue and one.publication_venue.type == "conference":
        is_conference = True
    if is_conference:
        return WorkType.PAPER_CONFERENCE
    if _container(one) is None and one.external_ids and one.external_ids.arxiv:
        return WorkType.ARTICLE
    return kinds[0] if kinds else WorkType.DOCUMENT


def _people(authors: Sequence[_Author] | None) -> tuple[Name, ...]:
    return tuple(person(one.name) for one in authors or [] if one.name and one.name.strip())


def _locations(pdf: _Pdf | None) -> tuple[Location, ...]:
    """The open copy it names: `url` may be empty, and need not be a file."""
    url = (pdf.url or "").strip() if pdf else ""
    if not pdf or not url.startswith(("https://", "http://")):
        return ()
    host = HostType.REPOSITORY if (pdf.status or "").upper() == "GREEN" else None
    is_pdf = "doi.org/" not in url
    return (Location(url=url, is_pdf=is_pdf, host_type=host, licence=pdf.license, found_by=SERVICE),)


def _listed(one: _Paper) -> Listed:
    ids, journal = one.external_ids or _Ids(), one.journal or _Journal()
    people = _people(one.authors)
    return Listed(
        source=SERVICE,
        doi=normalise_doi(ids.doi),
        pmid=normalise_pmid(ids.pmid),
        arxiv_id=normalise_arxiv_id(ids.arxiv),
        title=plain_text(one.title or ""),
        author=people[0].sort_key if people else None,
        year=one.year,
        container_title=_container(one),
        volume=text_of(journal.volume),
        first_page=(text_of(journal.pages) or "").partition("-")[0].strip() or None,
    )
