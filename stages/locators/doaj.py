"""DOAJ: articles of journals that are open as a whole, with their licence; usually a landing page.

Read 2026-11-23: https://doaj.org/api/docs (two requests a second; no key).
"""

from __future__ import annotations

from urllib.parse import quote, urlsplit

import msgspec

from dl_lit.core.model import HostType, Location, Version, Work, WorkType
from dl_lit.core.ports import ServiceCalls
from stages.answers import decode, decode_each, list_body
from stages.locators.same_work import Told, dois_in, is_same_work, year_in
from stages.locators.settings import LocatorSettings

SERVICE = "doaj"
ROWS = 5
_NO_ARTICLES = frozenset(
    {WorkType.BOOK, WorkType.CHAPTER, WorkType.THESIS, WorkType.REPORT, WorkType.DATASET, WorkType.SOFTWARE}
)


class _Identifier(msgspec.Struct):
    id: str | None = None
    type: str | None = None


class _Link(msgspec.Struct):
    type: str | None = None
    url: str | None = None
    content_type: str | None = None


class _Licence(msgspec.Struct):
    type: str | None = None
    title: str | None = None


class _Journal(msgspec.Struct):
    license: list[_Licence] | None = None


class _Person(msgspec.Struct):
    name: str | None = None


class _Bibliography(msgspec.Struct):
    title: str | None = None
    year: str | int | None = None
    author: list[_Person] | None = None
    identifier: list[_Identifier] | None = None
    link: list[_Link] | None = None
    license: list[_Licence] | None = None
    journal: _Journal | None = None


class _Article(msgspec.Struct):
    bibjson: _Bibliography


class _Answer(msgspec.Struct):
    results: list[msgspec.Raw]


def parse(body: bytes) -> list[tuple[Told, tuple[Location, ...]]]:
    """Read a search: what each article says it is, and where it is. Raises `ServiceError`."""
    articles = decode_each(decode(body, _Answer, SERVICE).results, _Article, SERVICE)
    return [(_told(one.bibjson), _locations(one.bibjson)) for one in articles]


def locate(calls: ServiceCalls, work: Work, settings: LocatorSettings) -> tuple[Location, ...]:
    """Search by DOI. Raises `ServiceError`."""
    del settings
    path = f"/api/search/articles/{quote(f'doi:{work.doi}', safe=':')}"
    hits = parse(list_body(calls.get(SERVICE, path, [("pageSize", str(ROWS))]), SERVICE))
    return tuple(dict.fromkeys(place for told, places in hits if is_same_work(work, told) for place in places))


def is_worth_asking(work: Work, known: tuple[Location, ...]) -> bool:
    """For articles with a DOI."""
    del known
    return bool(work.doi) and work.type not in _NO_ARTICLES


def _told(article: _Bibliography) -> Told:
    return Told(
        title=article.title,
        people=tuple(person.name for person in article.author or [] if person.name),
        year=year_in(article.year),
        dois=dois_in(one.id for one in article.identifier or [] if (one.type or "").lower() == "doi"),
    )


def _locations(article: _Bibliography) -> tuple[Location, ...]:
    stated = [*(article.license or []), *((article.journal.license if article.journal else None) or [])]
    licence = next((one.type or one.title for one in stated if one.type or one.title), None)
    return tuple(
        Location(
            url=link.url.strip(),
            is_pdf=_is_pdf(link),
            host_type=HostType.PUBLISHER,
            version=Version.PUBLISHED,
            licence=licence.lower().replace(" ", "-") if licence else None,
            found_by=SERVICE,
        )
        for link in article.link or []
        if link.url and link.url.strip() and (link.type or "").lower() == "fulltext"
    )


def _is_pdf(link: _Link) -> bool:
    says_so = "pdf" in (link.content_type or "").lower()
    try:
        return says_so or urlsplit((link.url or "").strip()).path.lower().endswith(".pdf")
    except ValueError:
        return says_so
