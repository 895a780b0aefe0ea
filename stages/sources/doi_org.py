"""doi.org: records of DOIs that neither Crossref nor DataCite registered, through content negotiation.

mEDRA, JaLC, KISTI, CNKI, Airiti, the European Union's Publications Office and others describe their DOIs in CSL-JSON to
whoever asks the resolver for it; those that do not send a web page, and count as having no record.
Read 2026-11-23: https://citation.doi.org/docs.html (formats), https://citeproc-js.readthedocs.io/en/latest/csl-json/markup.html
(fields).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from dl_lit.core.errors import RequestRefused, ServiceError
from dl_lit.core.identifiers import arxiv_id_of_doi, normalise_doi, normalise_isbn
from dl_lit.core.model import Alias, Name, Work, WorkType
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.reasons import Reason
from dl_lit.matching.normalise import plain_text
from stages.answers import NOT_FOUND, LookUp, decode, path_quote, text_of
from stages.sources.names import person

SERVICE = "doi"
AGENCIES = frozenset({"mEDRA", "JaLC", "KISTI", "ISTIC", "CNKI", "Airiti", "EIDR", "OP", "HAN", "BSI", "CAICT", "HLDI"})
"""The registration agencies whose DOIs are worth asking for here: all but Crossref and DataCite, as doiRA spells them.

https://www.doi.org/the-community/existing-registration-agencies/ (read 2026-11-23).
"""

_CSL = {"Accept": "application/vnd.citationstyles.csl+json"}
_TYPES = {
    "article-magazine": WorkType.ARTICLE_JOURNAL,
    "article-newspaper": WorkType.ARTICLE_JOURNAL,
    "review": WorkType.ARTICLE_JOURNAL,
    "entry-encyclopedia": WorkType.CHAPTER,
    "entry-dictionary": WorkType.CHAPTER,
    "entry": WorkType.CHAPTER,
    "journal-article": WorkType.ARTICLE_JOURNAL,
    "book-chapter": WorkType.CHAPTER,
    "proceedings-article": WorkType.PAPER_CONFERENCE,
    "dissertation": WorkType.THESIS,
    "monograph": WorkType.BOOK,
    "collection": WorkType.BOOK,
}

_Number = str | int | float | None
_Texts = str | list[str | None] | None


class _Person(msgspec.Struct):
    family: str | None = None
    given: str | None = None
    literal: str | None = None
    name: str | None = None


class _Date(msgspec.Struct, rename={"date_parts": "date-parts"}):
    date_parts: list[list[_Number]] | None = None
    raw: str | None = None
    literal: str | None = None


class _Item(msgspec.Struct, rename={
    "doi": "DOI", "isbn": "ISBN", "url": "URL", "container_title": "container-title",
    "original_title": "original-title",
}):  # fmt: skip
    title: _Texts = None
    type: str | None = None
    doi: str | None = None
    isbn: _Texts = None
    url: str | None = None
    author: list[_Person] | None = None
    editor: list[_Person] | None = None
    issued: _Date | None = None
    container_title: _Texts = None
    original_title: _Texts = None
    publisher: str | None = None
    volume: _Number = None
    issue: _Number = None
    page: _Number = None
    abstract: str | None = None
    language: str | None = None


def parse(body: bytes) -> Work | None:
    """Read one record in CSL-JSON; `None` when it has no title. Raises `ServiceError`, also for other JSON."""
    item = decode(body, _Item, SERVICE)
    title = plain_text(_first(item.title) or "")
    if not title:
        if item.type is None and item.doi is None:
            raise ServiceError(SERVICE, Reason.BAD_ANSWER, "JSON, but no CSL-JSON")
        return None
    doi = normalise_doi(item.doi)
    return Work(
        title=title,
        type=_type(item.type),
        authors=_people(item.author),
        editors=_people(item.editor),
        year=_year(item.issued),
        container_title=_first(item.container_title),
        publisher=item.publisher,
        volume=text_of(item.volume),
        issue=text_of(item.issue),
        pages=text_of(item.page),
        doi=doi,
        arxiv_id=arxiv_id_of_doi(doi),
        isbn=next((isbn for text in _each(item.isbn) if (isbn := normalise_isbn(text))), None),
        url=item.url,
        abstract=plain_text(item.abstract) if item.abstract else None,
        language=item.language,
        aliases=tuple(
            Alias(title=other) for text in _each(item.original_title) if (other := plain_text(text)) != title
        ),
        metadata_source=SERVICE,
    )


def by_dois(calls: ServiceCalls, dois: Sequence[str]) -> LookUp:
    """Look DOIs up, one by one. One agency's failure is not another's: only limits and outages end the asking."""
    works: dict[str, Work] = {}
    unanswered: dict[str, ServiceError] = {}
    waiting = list(dict.fromkeys(dois))
    while waiting:
        doi = waiting.pop(0)
        try:
            work = _record(calls, doi)
        except RequestRefused:
            continue  # its agency describes nothing in this form
        except ServiceError as error:
            unanswered[doi] = error
            if error.reason is not Reason.BAD_ANSWER:
                return LookUp(works, {**unanswered, **dict.fromkeys(waiting, error)})
            continue
        if work:
            works[doi] = work
    return LookUp(works, unanswered)


def _record(calls: ServiceCalls, doi: str) -> Work | None:
    """One record; it may go by another DOI where this one is an alias."""
    answer = calls.get(SERVICE, f"/{path_quote(doi)}", headers=_CSL)
    work = None if answer.status == NOT_FOUND else parse(answer.body)
    return work if work is None or work.doi else replace(work, doi=doi)


def _type(name: str | None) -> WorkType:
    try:
        return WorkType(name or "")
    except ValueError:
        return _TYPES.get(name or "", WorkType.DOCUMENT)


def _each(texts: _Texts) -> list[str]:
    listed: Sequence[str | None] = [texts] if isinstance(texts, str) else texts or []
    return [" ".join(text.split()) for text in listed if text and text.strip()]


def _first(texts: _Texts) -> str | None:
    return next(iter(_each(texts)), None)


def _people(people: Sequence[_Person] | None) -> tuple[Name, ...]:
    named = []
    for one in people or []:
        whole = " ".join((one.literal or one.name or one.given or "").split())
        if one.family:
            named.append(Name(family=one.family, given=one.given))
        elif whole:
            named.append(person(whole) if one.name or "," in whole else Name(literal=whole))
    return tuple(named)


def _year(date: _Date | None) -> int | None:
    if date is None:
        return None
    parts = date.date_parts[0] if date.date_parts else []
    text = text_of(parts[0]) if parts else None
    text = (text or date.raw or date.literal or "").strip()[:4]
    return int(text) if text.isdigit() and len(text) == 4 else None
