"""OpenCitations: which DOIs a work cites (identifiers only, no order), and what is known of works by their DOIs.

Read 2026-11-23: https://api.opencitations.net/index/v2 (references), https://api.opencitations.net/meta/v1 (metadata),
180 requests a minute each.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from dl_lit.core.identifiers import (
    arxiv_id_of_doi,
    normalise_doi,
    normalise_isbn,
    normalise_openalex_id,
    normalise_pmid,
)
from dl_lit.core.model import CitedList, CitingWork, Listed, Name, Work, WorkType
from dl_lit.core.ports import ServiceCalls
from dl_lit.matching.normalise import plain_text
from stages.answers import LookUp, decode, decode_each, list_body, look_up, path_quote
from stages.sources.cited.singly import cited_list
from stages.sources.names import person

SERVICE = "opencitations"
BATCH = 14  # identifiers to a request of Meta: fifteen and more were answered with HTTP 500
URL_BYTES = 2_600

_IN_BRACKETS = re.compile(r"\s*\[[^\[\]]*\]")
_YEAR = re.compile(r"(1[4-9]\d\d|20\d\d)")
_TYPES = {
    "journal article": WorkType.ARTICLE_JOURNAL,
    "book": WorkType.BOOK,
    "edited book": WorkType.BOOK,
    "monograph": WorkType.BOOK,
    "reference book": WorkType.BOOK,
    "proceedings": WorkType.BOOK,
    "book chapter": WorkType.CHAPTER,
    "book part": WorkType.CHAPTER,
    "book section": WorkType.CHAPTER,
    "reference entry": WorkType.CHAPTER,
    "proceedings article": WorkType.PAPER_CONFERENCE,
    "dissertation": WorkType.THESIS,
    "report": WorkType.REPORT,
    "dataset": WorkType.DATASET,
    "web content": WorkType.ARTICLE,
    "posted content": WorkType.ARTICLE,
}


class _Citation(msgspec.Struct):
    cited: str


class _Record(msgspec.Struct):
    id: str
    title: str | None = None
    author: str | None = None
    editor: str | None = None
    pub_date: str | None = None
    venue: str | None = None
    volume: str | None = None
    issue: str | None = None
    page: str | None = None
    type: str | None = None
    publisher: str | None = None


def parse(body: bytes) -> list[Work]:
    """Read the works of an answer of Meta, untitled ones left out. Raises `ServiceError`."""
    records = decode_each(decode(body, list[msgspec.Raw], SERVICE), _Record, SERVICE)
    return [work for one in records if (work := _work(one))]


def parse_references(body: bytes) -> list[Listed]:
    """Read what a work cites: identifiers only, each work once. Raises `ServiceError`."""
    citations = decode_each(decode(body, list[msgspec.Raw], SERVICE), _Citation, SERVICE)
    return [listed for ids in dict.fromkeys(one.cited for one in citations) if (listed := _listed(ids))]


def by_dois(calls: ServiceCalls, dois: Sequence[str]) -> LookUp:
    """Look DOIs up, 14 to a request."""

    def ask(batch: Sequence[str]) -> Mapping[str, Work]:
        path = "/meta/v1/metadata/" + "__".join(f"doi:{path_quote(doi)}" for doi in batch)
        works = parse(list_body(calls.get(SERVICE, path), SERVICE))
        return {work.doi: work for work in works if work.doi in set(batch)}

    return look_up(dois, BATCH, URL_BYTES, ask, service=SERVICE)


def cited_by(calls: ServiceCalls, citing: CitingWork) -> CitedList | None:
    """The identifiers of the works that one work cites; `None` where OpenCitations has none. Raises `ServiceError`."""

    def ask(doi: str) -> CitedList | None:
        body = list_body(calls.get(SERVICE, f"/index/v2/references/doi:{path_quote(doi)}"), SERVICE)
        entries = parse_references(body)
        return CitedList(source=SERVICE, entries=tuple(entries)) if entries else None  # [] is said of unknown works too

    return cited_list(calls, SERVICE, citing, ask)


def _ids(text: str) -> dict[str, str]:
    """The identifiers of "omid:br/1 doi:10.1/x pmid:1", the first of each kind."""
    found: dict[str, str] = {}
    for one in text.split():
        kind, _, value = one.partition(":")
        found.setdefault(kind.lower(), value)
    return found


def _listed(text: str) -> Listed | None:
    ids = _ids(text)
    doi, pmid = normalise_doi(ids.get("doi")), normalise_pmid(ids.get("pmid"))
    openalex_id = normalise_openalex_id(ids.get("openalex"))
    if not doi and not pmid and not openalex_id:
        return None
    return Listed(source=SERVICE, doi=doi, pmid=pmid, openalex_id=openalex_id, arxiv_id=arxiv_id_of_doi(doi))


def _work(one: _Record) -> Work | None:
    title = plain_text(one.title or "")
    if not title:
        return None
    ids = _ids(one.id)
    doi, year = normalise_doi(ids.get("doi")), _YEAR.match(one.pub_date or "")
    return Work(
        title=title,
        type=_TYPES.get((one.type or "").lower(), WorkType.DOCUMENT),
        authors=_people(one.author),
        editors=_people(one.editor),
        year=int(year[1]) if year else None,
        container_title=_bare(one.venue),
        publisher=_bare(one.publisher),
        volume=one.volume or None,
        issue=one.issue or None,
        pages=_pages(one.page),
        doi=doi,
        openalex_id=normalise_openalex_id(ids.get("openalex")),
        arxiv_id=arxiv_id_of_doi(doi),
        pmid=normalise_pmid(ids.get("pmid")),
        isbn=normalise_isbn(ids.get("isbn")),
        metadata_source=SERVICE,
    )


def _people(text: str | None) -> tuple[Name, ...]:
    """Read "Lee, Marit [orcid:... omid:...]; Öst, T. [omid:...]"."""
    names = (_bare(name) for name in (text or "").split("; "))
    return tuple(person(name) for name in names if name and name.strip(" ,"))


def _bare(text: str | None) -> str | None:
    """`text` without the identifiers in square brackets behind it; `None` if nothing is left."""
    return plain_text(_IN_BRACKETS.sub("", text or "")) or None


def _pages(text: str | None) -> str | None:
    first, _, last = (text or "").partition("-")
    return f"{first}-{last}" if last and last != first else first or None
