"""Europe PMC: the life sciences, their preprints included, and the lists of what they cite.

Read 2026-11-23: https://europepmc.org/RestfulWebService (search, `searchPOST`, references, errors inside a 200),
https://europepmc.org/searchsyntax (fields, quoting).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlencode

import msgspec

from dl_lit.core.errors import RequestRefused, ServiceError
from dl_lit.core.identifiers import normalise_doi, normalise_pmcid, normalise_pmid
from dl_lit.core.model import (
    CitedList,
    CitingWork,
    Listed,
    Name,
    Notice,
    Reference,
    Relation,
    RelationKind,
    Work,
    WorkType,
)
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.reasons import Reason
from dl_lit.matching.normalise import plain_text
from stages.answers import LookUp, decode, decode_each, list_body, look_up, text_of
from stages.sources.cited.singly import cited_list
from stages.sources.medline import NOTICE_OF, NOTICES
from stages.sources.names import LANGUAGES, initialled, person
from stages.sources.together import SearchedMany, search_together

SERVICE = "europepmc"
BATCH = 100  # of what one query joins by OR
FORM_BYTES = 12_000  # of a POSTed query: 12.9 thousand characters have been answered
SEARCH_ROWS = 10
SEARCH_BATCH = 25  # entries that are searched for in one request
LIST_ROWS = 1_000
MAX_PAGES = 5  # of a list of references

_FORM = "application/x-www-form-urlencoded"
_SOURCES = {"MED": 0, "PMC": 1, "PPR": 3}  # of several records with one DOI, PubMed's is the fullest
_NOT_IN_PHRASES = re.compile(r"[^\w'’-]+|_")
_TYPES = {
    "preprint": WorkType.ARTICLE,
    "book": WorkType.BOOK,
    "book chapter": WorkType.CHAPTER,
    "book-chapter": WorkType.CHAPTER,
    "thesis": WorkType.THESIS,
    "journal article": WorkType.ARTICLE_JOURNAL,
    "research-article": WorkType.ARTICLE_JOURNAL,
    "review": WorkType.ARTICLE_JOURNAL,
    "letter": WorkType.ARTICLE_JOURNAL,
}
_NOT_HERE = frozenset(
    {WorkType.BOOK, WorkType.THESIS, WorkType.REPORT, WorkType.DATASET, WorkType.SOFTWARE, WorkType.WEBPAGE}
)
_PREPRINT_LINKS = frozenset({"preprint of", "preprint in"})


class _Author(msgspec.Struct, rename="camel"):
    full_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    collective_name: str | None = None


class _Authors(msgspec.Struct):
    author: list[_Author] | None = None


class _Journal(msgspec.Struct):
    title: str | None = None


class _JournalInfo(msgspec.Struct):
    volume: str | int | float | None = None
    issue: str | int | float | None = None
    journal: _Journal | None = None


class _Book(msgspec.Struct, rename={"isbn": "isbn13"}):
    title: str | None = None
    publisher: str | None = None
    isbn: str | None = None


class _Types(msgspec.Struct, rename="camel"):
    pub_type: list[str] | str | None = None


class _Link(msgspec.Struct):
    id: str | None = None
    source: str | None = None
    type: str | None = None


class _Links(msgspec.Struct, rename="camel"):
    comment_correction: list[_Link] | None = None


class _Result(msgspec.Struct, rename={
    "authors": "authorList", "author_string": "authorString", "journal_info": "journalInfo", "pub_year": "pubYear",
    "page_info": "pageInfo", "book": "bookOrReportDetails", "types": "pubTypeList", "links": "commentCorrectionList",
    "abstract": "abstractText",
}):  # fmt: skip
    id: str | None = None
    source: str | None = None
    title: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    doi: str | None = None
    authors: _Authors | None = None
    author_string: str | None = None
    journal_info: _JournalInfo | None = None
    pub_year: int | None = None
    page_info: str | int | float | None = None
    book: _Book | None = None
    types: _Types | None = None
    links: _Links | None = None
    abstract: str | None = None
    language: str | None = None


class _Results(msgspec.Struct):
    result: list[msgspec.Raw] | None = None


class _Answer(msgspec.Struct, rename={"results": "resultList", "error": "errMsg", "hits": "hitCount"}):
    results: _Results | None = None
    hits: int | None = None
    error: str | None = None


class _Cited(msgspec.Struct, rename={
    "author_string": "authorString", "journal": "journalAbbreviation", "pub_year": "pubYear", "page_info": "pageInfo",
    "order": "citedOrder", "publication": "publicationTitle", "raw": "unstructuredInformation",
}):  # fmt: skip
    id: str | None = None
    source: str | None = None
    title: str | None = None
    author_string: str | None = None
    journal: str | None = None
    publication: str | None = None
    pub_year: int | None = None
    volume: str | int | float | None = None
    page_info: str | int | float | None = None
    doi: str | None = None
    order: int | None = None
    raw: str | None = None


class _CitedList(msgspec.Struct):
    reference: list[msgspec.Raw] | None = None


class _References(msgspec.Struct, rename={"references": "referenceList", "error": "errMsg", "hits": "hitCount"}):
    references: _CitedList | None = None
    hits: int | None = None
    error: str | None = None


def parse(body: bytes) -> list[Work]:
    """Read the works of a search, untitled ones left out. Raises `ServiceError`, also for an error inside a 200."""
    return [work for _, work in _works(_results(body)[0])]


def parse_references(body: bytes) -> tuple[list[Listed], int]:
    """Read one page of a list of references, and how many there are in all. Raises `ServiceError`."""
    answer = decode(body, _References, SERVICE)
    if answer.references is None and answer.hits != 0:
        raise ServiceError(SERVICE, Reason.BAD_ANSWER, answer.error or "neither references nor an error")
    listed = (answer.references.reference if answer.references else None) or []
    return [_listed(one) for one in decode_each(listed, _Cited, SERVICE)], answer.hits or len(listed)


def by_dois(calls: ServiceCalls, dois: Sequence[str]) -> LookUp:
    """Look DOIs up, 100 to a request."""

    def ask(batch: Sequence[str]) -> Mapping[str, Work]:
        query = " OR ".join(f'DOI:"{doi}"' for doi in batch)
        return {work.doi: work for work in _asked(calls, query, len(batch)) if work.doi in set(batch)}

    return look_up([doi for doi in dois if not set(doi) & set('"\\')], BATCH, FORM_BYTES, ask, service=SERVICE)


def by_pmids(calls: ServiceCalls, pmids: Sequence[str]) -> LookUp:
    """Look PubMed identifiers up, 100 to a request."""

    def ask(batch: Sequence[str]) -> Mapping[str, Work]:
        query = f"({' OR '.join(f'EXT_ID:{pmid}' for pmid in batch)}) AND SRC:MED"
        return {work.pmid: work for work in _asked(calls, query, len(batch)) if work.pmid in set(batch)}

    return look_up([pmid for pmid in pmids if pmid.isdigit()], BATCH, FORM_BYTES, ask, service=SERVICE)


def by_pmcids(calls: ServiceCalls, pmcids: Sequence[str]) -> LookUp:
    """Look PubMed Central identifiers up, 100 to a request."""

    def ask(batch: Sequence[str]) -> Mapping[str, Work]:
        query = " OR ".join(f"PMCID:{pmcid}" for pmcid in batch)
        return {work.pmcid: work for work in _asked(calls, query, len(batch)) if work.pmcid in set(batch)}

    return look_up(pmcids, BATCH, FORM_BYTES, ask, service=SERVICE)


def search(calls: ServiceCalls, reference: Reference) -> list[Work] | None:
    """Search articles by title and first author; `None` for entries of other kinds. Raises `ServiceError`."""
    query = search_text(reference)
    if not query:
        return None
    params = [("query", query), ("format", "json"), ("resultType", "core"), ("pageSize", str(SEARCH_ROWS))]
    return parse(list_body(calls.get(SERVICE, "/search", params), SERVICE))


def search_many(calls: ServiceCalls, references: Sequence[Reference]) -> SearchedMany:
    """Search for many entries at once, 25 to a request."""

    def ask(query: str, rows: int) -> tuple[list[Work], int]:
        form = urlencode([("query", query), ("format", "json"), ("resultType", "core"), ("pageSize", str(rows))])
        answer = calls.post(SERVICE, "/searchPOST", form.encode(), content_type=_FORM)
        results, total = _results(list_body(answer, SERVICE))
        works = [work for _, work in _works(results)]
        return works, len(works) + total - len(results)

    return search_together(SERVICE, references, search_text, ask, size=SEARCH_BATCH, query_bytes=FORM_BYTES)


def search_text(reference: Reference) -> str:
    """`TITLE:"..." AND AUTH:"..."`, without quotes and other syntax inside; empty for books and where no title is."""
    title = _phrase(reference.title or "")
    if not title or reference.type in _NOT_HERE:
        return ""
    people = [*reference.authors[:1], *reference.editors[:1]]
    author = _phrase(people[0].sort_key) if people else ""
    return f'TITLE:"{title}" AND AUTH:"{author}"' if author else f'TITLE:"{title}"'


def cited_by(calls: ServiceCalls, citing: CitingWork) -> CitedList | None:
    """The works that one work cites; `None` if Europe PMC does not know it. Raises `ServiceError`."""
    return cited_list(calls, SERVICE, citing, lambda doi: _cited(calls, doi))


def _cited(calls: ServiceCalls, doi: str) -> CitedList | None:
    params = [("query", f'DOI:"{doi}"'), ("format", "json"), ("resultType", "lite"), ("pageSize", "25")]
    results, _ = _results(list_body(calls.get(SERVICE, "/search", params), SERVICE))
    ours = [one for one in results if normalise_doi(one.doi) == doi and one.id and one.source]
    if not ours:
        return None
    entries: list[Listed] = []
    for page in range(1, MAX_PAGES + 1):
        params = [("format", "json"), ("page", str(page)), ("pageSize", str(LIST_ROWS))]
        path = f"/{ours[0].source}/{ours[0].id}/references"
        listed, total = parse_references(list_body(calls.get(SERVICE, path, params), SERVICE))
        entries += listed
        if not listed or len(entries) >= total:
            break
    return CitedList(source=SERVICE, entries=tuple(entries))


def _asked(calls: ServiceCalls, query: str, wanted: int) -> list[Work]:
    """Post a query for `wanted` identifiers; one may have several records: the best of them comes last."""
    rows = max(25, 3 * wanted)
    form = urlencode([("query", query), ("format", "json"), ("resultType", "core"), ("pageSize", str(rows))])
    answer = calls.post(SERVICE, "/searchPOST", form.encode(), content_type=_FORM)
    results, total = _results(list_body(answer, SERVICE))
    if total > len(results) and wanted > 1:
        raise RequestRefused(SERVICE, answer.status, f"{total} records for {wanted} identifiers do not fit one page")
    return [work for source, work in sorted(_works(results), key=lambda pair: -_SOURCES.get(pair[0], 2))]


def _results(body: bytes) -> tuple[list[_Result], int]:
    """The results the better way round, and how many there are in all."""
    answer = decode(body, _Answer, SERVICE)
    if answer.results is None:
        raise ServiceError(SERVICE, Reason.BAD_ANSWER, answer.error or "neither results nor an error")
    results = decode_each(answer.results.result or [], _Result, SERVICE)
    return sorted(results, key=lambda one: _SOURCES.get(one.source or "", 2)), answer.hits or len(results)


def _works(results: Sequence[_Result]) -> list[tuple[str, Work]]:
    """The works with the source of each; records of one answer that speak of each other are linked by their DOIs."""
    dois = {(one.source, one.id): normalise_doi(one.doi) for one in results}
    works = []
    for one in results:
        work = _work(one)
        if work:
            links = (one.links.comment_correction if one.links else None) or []
            works.append((one.source or "", _linked(work, links, dois)))
    return works


def _linked(work: Work, links: Sequence[_Link], dois: Mapping[tuple[str | None, str | None], str | None]) -> Work:
    relations, notices, notice_of = [], [], []
    for link in links:
        kind, doi = (link.type or "").strip().lower(), dois.get((link.source, link.id))
        if kind in _PREPRINT_LINKS and doi and doi != work.doi:
            relations.append(Relation(kind=RelationKind.VERSION, doi=doi, source=SERVICE))
        elif kind in NOTICES:
            notices.append(Notice(kind=NOTICES[kind], doi=doi, source=SERVICE))
        elif kind in NOTICE_OF:
            notice_of.append(Notice(kind=NOTICE_OF[kind], doi=doi, source=SERVICE))
    return replace(work, relations=tuple(relations), notices=tuple(notices), notice_of=tuple(notice_of))


def _work(one: _Result) -> Work | None:
    title = plain_text(one.title or "").removesuffix(".")
    if title.startswith("[") and title.endswith("]"):  # PubMed's way of marking a translated title
        title = title[1:-1].removesuffix(".")
    if not title:
        return None
    info = one.journal_info or _JournalInfo()
    kinds = {kind.lower() for kind in _each(one.types.pub_type if one.types else None)}
    return Work(
        title=title,
        type=_type(one, kinds),
        authors=_people(one),
        year=one.pub_year,
        container_title=(info.journal.title if info.journal else None) or (one.book.title if one.book else None),
        publisher=one.book.publisher if one.book else None,
        volume=text_of(info.volume),
        issue=text_of(info.issue),
        pages=text_of(one.page_info),
        doi=normalise_doi(one.doi),
        pmid=normalise_pmid(one.pmid),
        pmcid=normalise_pmcid(one.pmcid),
        abstract=plain_text(one.abstract) if one.abstract else None,
        language=LANGUAGES.get(one.language or ""),
        is_retracted="retracted publication" in kinds,
        metadata_source=SERVICE,
    )


def _type(one: _Result, kinds: set[str]) -> WorkType:
    if one.source == "PPR":
        return WorkType.ARTICLE
    for name, kind in _TYPES.items():
        if name in kinds:
            return kind
    return WorkType.ARTICLE_JOURNAL if one.journal_info else WorkType.DOCUMENT


def _people(one: _Result) -> tuple[Name, ...]:
    listed = (one.authors.author if one.authors else None) or []
    if not listed:
        names = (one.author_string or "").removesuffix(".").split(", ")
        return tuple(initialled(name) for name in names if name.strip())
    people = []
    for author in listed:
        if author.last_name:
            people.append(Name(family=author.last_name, given=author.first_name))
        elif author.collective_name:
            people.append(Name(literal=author.collective_name))
        elif author.full_name:
            people.append(person(author.full_name))
    return tuple(people)


def _listed(one: _Cited) -> Listed:
    pages = text_of(one.page_info) or ""
    first = (one.author_string or "").removesuffix(".").split(",")[0].strip()
    return Listed(
        source=SERVICE,
        position=one.order if one.order and one.order > 0 else None,
        raw=plain_text(one.raw) if one.raw else None,
        doi=normalise_doi(one.doi),
        pmid=normalise_pmid(one.id) if one.source == "MED" else None,
        title=plain_text(one.title).removesuffix(".") if one.title else None,
        author=initialled(first).sort_key or None if first else None,
        year=one.pub_year,
        container_title=one.journal or one.publication,
        volume=text_of(one.volume),
        first_page=pages.partition("-")[0].strip() or None,
    )


def _phrase(text: str) -> str:
    return " ".join(_NOT_IN_PHRASES.sub(" ", plain_text(text)).split())


def _each(value: Sequence[str] | str | None) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])
