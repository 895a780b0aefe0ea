"""Crossref: what publishers registered, and a search that takes a whole reference string.

Read 2026-11-22: https://www.crossref.org/documentation/retrieve-metadata/rest-api/ (filters, `select`, queries) and
https://www.crossref.org/documentation/retrieve-metadata/rest-api/access-and-authentication/ (lists: 3 a second).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from dl_lit.core.errors import RequestRefused
from dl_lit.core.identifiers import arxiv_id_of_doi, normalise_doi, normalise_isbn
from dl_lit.core.model import Alias, Name, Notice, NoticeKind, Reference, Work, WorkType
from dl_lit.core.ports import Params, ServiceCalls
from dl_lit.matching.normalise import plain_text, text_key
from stages.answers import NOT_FOUND, OK, LookUp, decode, decode_each, list_body, look_up, path_quote, text_of
from stages.sources.open_links import Licence, Link, of_crossref
from stages.sources.relations import relations

SERVICE = "crossref"
LANE = "list"  # lists, filters and queries have the stricter limit
BATCH = 40
URL_BYTES = 3_400  # of the filter's values, encoded
SEARCH_ROWS = 5
SEARCH_CHARACTERS = 350

SELECT = (
    "DOI,type,title,subtitle,author,editor,issued,published-print,published-online,container-title,publisher,volume,"
    "issue,page,article-number,ISBN,abstract,update-to,relation,original-title,license,link"
)
"""What is asked for in lists. `updated-by` cannot be selected: a list with it is refused (HTTP 400), and every refused
request takes a permit too; what notices say of a work comes with single records, and from `notices_about`."""
SELECT_NOTICES = "DOI,update-to"
NOTICES_ROWS = 1_000  # the most that a list can have; hardly any work has more than a few

_TYPES = {
    "journal-article": WorkType.ARTICLE_JOURNAL,
    "book": WorkType.BOOK,
    "monograph": WorkType.BOOK,
    "edited-book": WorkType.BOOK,
    "reference-book": WorkType.BOOK,
    "proceedings": WorkType.BOOK,
    "book-set": WorkType.BOOK,
    "book-chapter": WorkType.CHAPTER,
    "book-section": WorkType.CHAPTER,
    "book-part": WorkType.CHAPTER,
    "reference-entry": WorkType.CHAPTER,
    "proceedings-article": WorkType.PAPER_CONFERENCE,
    "dissertation": WorkType.THESIS,
    "report": WorkType.REPORT,
    "report-component": WorkType.REPORT,
    "posted-content": WorkType.ARTICLE,
    "dataset": WorkType.DATASET,
    "database": WorkType.DATASET,
}
# https://www.crossref.org/documentation/principles-practices/best-practices/versioning/ and
# https://www.crossref.org/documentation/retrieve-metadata/retraction-watch/ (read 2026-11-23). New versions and new
# editions are of the same standing and no notices.
_KINDS = {
    "retraction": NoticeKind.RETRACTION,
    "partial_retraction": NoticeKind.PARTIAL_RETRACTION,
    "withdrawal": NoticeKind.WITHDRAWAL,
    "removal": NoticeKind.REMOVAL,
    "expression_of_concern": NoticeKind.CONCERN,
    "correction": NoticeKind.CORRECTION,
    "corrigendum": NoticeKind.CORRECTION,
    "erratum": NoticeKind.CORRECTION,
    "addendum": NoticeKind.CORRECTION,
    "clarification": NoticeKind.CORRECTION,
}
_REINSTATEMENT = "reinstatement"
_QUERY_NOISE = re.compile(
    r"https?://\S+|\bdoi:?\s*\S+|10\.\d{4,9}/\S+|^\s*(?:\[[^\]]{1,12}\]|\(?\d{1,3}[.)])\s*|\bpp?\.", re.IGNORECASE
)


class _Person(msgspec.Struct):
    given: str | None = None
    family: str | None = None
    name: str | None = None


class _Date(msgspec.Struct, rename={"date_parts": "date-parts"}):
    date_parts: list[list[int | None]] | None = None


class _Update(msgspec.Struct, rename={"doi": "DOI"}):
    doi: str | None = None
    type: str | None = None
    source: str | None = None  # "publisher" or "retraction-watch"
    updated: _Date | None = None


class _Work(msgspec.Struct, rename={
    "doi": "DOI", "isbn": "ISBN", "url": "URL", "container_title": "container-title", "updated_by": "updated-by",
    "update_to": "update-to", "original_title": "original-title",
    "published_print": "published-print", "published_online": "published-online", "article_number": "article-number",
}):  # fmt: skip
    doi: str | None = None
    type: str | None = None
    title: list[str] | None = None
    subtitle: list[str] | None = None
    author: list[_Person] | None = None
    editor: list[_Person] | None = None
    issued: _Date | None = None
    published_print: _Date | None = None
    published_online: _Date | None = None
    container_title: list[str] | None = None
    publisher: str | None = None
    volume: str | int | float | None = None
    issue: str | int | float | None = None
    page: str | int | float | None = None
    article_number: str | int | float | None = None
    isbn: list[str] | None = None
    url: str | None = None
    abstract: str | None = None
    language: str | None = None
    updated_by: list[_Update] | None = None
    update_to: list[_Update] | None = None
    relation: Any = None  # by name of the relation: a list of `{"id-type", "id", "asserted-by"}`
    original_title: list[str] | None = None
    license: list[Licence] | None = None
    link: list[Link] | None = None


class _Items(msgspec.Struct, rename={"total_results": "total-results"}):
    items: list[msgspec.Raw]
    total_results: int | None = None


class _List(msgspec.Struct):
    message: _Items


class _Single(msgspec.Struct):
    message: _Work


def parse(body: bytes) -> list[Work]:
    """Read the works of a list, the best hit first; those without a title are left out. Raises `ServiceError`."""
    items = decode(body, _List, SERVICE).message.items
    return [work for item in decode_each(items, _Work, SERVICE) if (work := _work(item))]


def parse_record(body: bytes) -> Work | None:
    """Read one record; `None` when it has no title. Raises `ServiceError`."""
    return _work(decode(body, _Single, SERVICE).message)


def parse_item(body: bytes) -> Work | None:
    """Read one record as lists and dumps hold it, without envelope; `None` without a title. Raises `ServiceError`."""
    return _work(decode(body, _Work, SERVICE))


def by_dois(calls: ServiceCalls, dois: Sequence[str]) -> LookUp:
    """Look DOIs up, 40 to a list; those with commas would break the filter and go one by one."""
    plain = [doi for doi in dois if "," not in doi]

    def ask(batch: Sequence[str]) -> Mapping[str, Work]:
        params = [("filter", ",".join(f"doi:{doi}" for doi in batch)), ("rows", str(len(batch)))]
        return {work.doi: work for work in _list(calls, params) if work.doi in set(batch)}

    def ask_one(batch: Sequence[str]) -> Mapping[str, Work]:
        answer = calls.get(SERVICE, f"/works/{path_quote(batch[0])}")
        work = None if answer.status == NOT_FOUND else parse_record(answer.body)
        return {batch[0]: work} if work else {}

    found = look_up(plain, BATCH, URL_BYTES, ask, service=SERVICE)
    alone = look_up([doi for doi in dois if "," in doi], 1, URL_BYTES, ask_one)
    return LookUp({**found.works, **alone.works}, {**found.unanswered, **alone.unanswered})


def notices_about(calls: ServiceCalls, dois: Sequence[str]) -> dict[str, tuple[Notice, ...]]:
    """What notices say of the works with these DOIs, which hold no commas; those without notices included.

    One list for all of them, that of the works that update them: one filter given several times means any of them.
    Raises `ServiceError`.
    """
    found: dict[str, list[Notice]] = {doi: [] for doi in dois}
    filters = ",".join(f"updates:{doi}" for doi in dois)
    params = [("filter", filters), ("rows", str(NOTICES_ROWS)), ("select", SELECT_NOTICES)]
    answer = calls.get(SERVICE, "/works", params, lane=LANE, is_kept_by_identifier=True)
    listed = decode(list_body(answer, SERVICE), _List, SERVICE).message
    if (listed.total_results or 0) > len(listed.items):
        raise RequestRefused(SERVICE, OK, "more notices than one list can have")
    for item in decode_each(listed.items, _Work, SERVICE):
        own = normalise_doi(item.doi)
        for notice in _notices(item.update_to, own):
            if notice.doi in found:
                found[notice.doi].append(replace(notice, doi=own))
    return {doi: tuple(notices) for doi, notices in found.items()}


def notices_of_record(calls: ServiceCalls, doi: str) -> tuple[Notice, ...]:
    """What the work's own record says of notices about it; empty where Crossref has none. Raises `ServiceError`."""
    answer = calls.get(SERVICE, f"/works/{path_quote(doi)}")
    work = None if answer.status == NOT_FOUND else parse_record(answer.body)
    return work.notices if work else ()


def search(calls: ServiceCalls, reference: Reference) -> list[Work] | None:
    """Search by title, first author and year, or by the text where no title was read; `None` where there is neither.

    Raises `ServiceError`.
    """
    query = search_text(reference)
    if not query:
        return None
    return _list(calls, [("query.bibliographic", query), ("rows", str(SEARCH_ROWS))])


def search_text(reference: Reference) -> str:
    """What to search for: title, first surname and year; else the text without label, addresses and "pp."."""
    if reference.title:
        people = [*reference.authors[:1], *reference.editors[:1]]
        parts = [plain_text(reference.title), people[0].sort_key if people else "", str(reference.year or "")]
        text = " ".join(part for part in parts if part)
    else:
        text = _QUERY_NOISE.sub(" ", plain_text(reference.raw))
    text = " ".join(text.split())
    if not text_key(text):
        return ""
    return text if len(text) <= SEARCH_CHARACTERS else text[:SEARCH_CHARACTERS].rpartition(" ")[0]


def _list(calls: ServiceCalls, params: Params) -> list[Work]:
    """Ask for selected fields; where the service refuses those, for whole records."""
    try:
        answer = calls.get(SERVICE, "/works", [*params, ("select", SELECT)], lane=LANE)
    except RequestRefused:
        answer = calls.get(SERVICE, "/works", params, lane=LANE)
    return parse(list_body(answer, SERVICE))


def _work(item: _Work) -> Work | None:
    title = _title(item)
    if not title:
        return None
    doi = normalise_doi(item.doi)
    notices = _notices(item.updated_by, doi)
    return Work(
        title=title,
        type=_TYPES.get(item.type or "", WorkType.DOCUMENT),
        authors=_people(item.author),
        editors=_people(item.editor),
        year=_year(item),
        container_title=_first(item.container_title),
        publisher=item.publisher,
        volume=text_of(item.volume),
        issue=text_of(item.issue),
        pages=text_of(item.page) or text_of(item.article_number),
        doi=doi,
        arxiv_id=arxiv_id_of_doi(doi),
        isbn=next((isbn for text in item.isbn or [] if (isbn := normalise_isbn(text.rsplit("/", 1)[-1]))), None),
        url=item.url,
        abstract=plain_text(item.abstract) if item.abstract else None,
        language=item.language,
        is_retracted=any(notice.kind.is_withdrawing for notice in notices),
        notices=notices,
        notice_of=_notices(item.update_to, doi),
        relations=relations(_related(item.relation), doi, SERVICE),
        aliases=_aliases(item, title),
        metadata_source=SERVICE,
        locations=of_crossref(item.license or [], item.link or [], SERVICE),
    )


def _related(relation: Any) -> Iterator[tuple[str, str, str]]:
    for name, others in relation.items() if isinstance(relation, dict) else ():
        for other in others if isinstance(others, list) else ():
            if isinstance(other, dict) and isinstance(other.get("id"), str):
                yield name, str(other.get("id-type")), other["id"]


def _aliases(item: _Work, title: str) -> tuple[Alias, ...]:
    """The titles in the original language, where they are others."""
    originals = [plain_text(text) for text in item.original_title or []]
    return tuple(Alias(title=text) for text in dict.fromkeys(originals) if text and text_key(text) != text_key(title))


def _notices(updates: Sequence[_Update] | None, own: str | None) -> tuple[Notice, ...]:
    """The notices among `updates`, each once; a work that updates itself has a new version, and no notice.

    A work that was reinstated is not retracted: retractions before that are left out.
    """
    others = [one for one in updates or [] if normalise_doi(one.doi) != own]
    reinstated = max((_day(one.updated) or "9999" for one in others if _type(one) == _REINSTATEMENT), default="")
    found: dict[tuple[NoticeKind, str | None], Notice] = {}
    for one in others:
        kind, day = _KINDS.get(_type(one)), _day(one.updated)
        if kind is None or (kind.is_withdrawing and (day or "") < reinstated):
            continue
        doi = normalise_doi(one.doi)
        if (kind, doi) not in found:  # the publisher and Retraction Watch often say the same
            found[kind, doi] = Notice(kind=kind, doi=doi, date=day, source=one.source or SERVICE)
    return tuple(found.values())


def _type(update: _Update) -> str:
    return (update.type or "").strip().lower().replace("-", "_").replace(" ", "_")


def _day(date: _Date | None) -> str | None:
    """The date as exact as it is known: "2013", "2013-11", "2013-11-28"."""
    parts = date.date_parts[0] if date and date.date_parts else []
    known = [part for part in parts if part]
    return "-".join([f"{known[0]:04}", *(f"{part:02}" for part in known[1:3])]) if known else None


def _title(item: _Work) -> str:
    title = plain_text(_first(item.title) or "")
    subtitle = plain_text(_first(item.subtitle) or "")
    if not title or not subtitle or text_key(subtitle) in text_key(title):
        return title
    return f"{title}{'' if title[-1] in ':?!' else ':'} {subtitle}"


def _first(texts: Sequence[str] | None) -> str | None:
    return next((" ".join(text.split()) for text in texts or [] if text.strip()), None)


def _people(people: Sequence[_Person] | None) -> tuple[Name, ...]:
    named = (Name(family=one.family, given=one.given, literal=None if one.family else one.name) for one in people or [])
    return tuple(name for name in named if name.sort_key)


def _year(item: _Work) -> int | None:
    for date in (item.issued, item.published_print, item.published_online):
        parts = date.date_parts if date else None
        if parts and parts[0] and parts[0][0]:
            return parts[0][0]
    return None
