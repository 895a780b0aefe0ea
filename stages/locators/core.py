"""CORE: copies that it has harvested from repositories, with a key of the user's own.

Read 2026-11-23: https://api.core.ac.uk/docs/v3 (search for works; `/outputs/{id}/download` with the key). The addresses
it names are often stale, so what it holds itself comes first.
"""

from __future__ import annotations

import msgspec

from dl_lit.core.model import HostType, Location, Work
from dl_lit.core.ports import ServiceCalls
from stages.answers import decode, decode_each, list_body, text_of
from stages.locators.same_work import Told, dois_in, is_same_work, year_in
from stages.locators.settings import LocatorSettings

SERVICE = "core"
ROWS = 5
_MOST_OUTPUTS = 2
_LONGEST = 200  # characters of a title that is searched for


class _Person(msgspec.Struct):
    name: str | None = None


class _Hit(msgspec.Struct, rename="camel"):
    id: str | int | None = None
    doi: str | None = None
    title: str | None = None
    authors: list[_Person] | None = None
    year_published: str | int | None = None
    download_url: str | None = None
    outputs: list[str] | None = None


class _Answer(msgspec.Struct):
    results: list[msgspec.Raw]


def parse(body: bytes, service_url: str) -> list[tuple[Told, tuple[Location, ...]]]:
    """Read a search: what each work says it is, and its copies. Raises `ServiceError`."""
    hits = decode_each(decode(body, _Answer, SERVICE).results, _Hit, SERVICE)
    return [(_told(hit), _locations(hit, service_url)) for hit in hits]


def locate(calls: ServiceCalls, work: Work, settings: LocatorSettings) -> tuple[Location, ...]:
    """Search by DOI, else by title. Raises `ServiceError`."""
    query = f'doi:"{_plain(work.doi)}"' if work.doi else f'title:"{_plain(work.title)[:_LONGEST]}"'
    params = [("q", query), ("limit", str(ROWS))]
    hits = parse(list_body(calls.get(SERVICE, "/search/works/", params), SERVICE), settings.core_url)
    return tuple(dict.fromkeys(place for told, places in hits if is_same_work(work, told) for place in places))


def is_worth_asking(work: Work, known: tuple[Location, ...]) -> bool:
    """With a DOI, or with all that proves a title: an author and a year."""
    del known
    return bool(work.doi) or bool(work.title and work.year and (work.authors or work.editors))


def _told(hit: _Hit) -> Told:
    return Told(
        title=hit.title,
        people=tuple(person.name for person in hit.authors or [] if person.name),
        year=year_in(hit.year_published),
        dois=dois_in([hit.doi]),
    )


def _locations(hit: _Hit, service_url: str) -> tuple[Location, ...]:
    """What CORE holds, then the address it got it from."""
    held = [number for output in hit.outputs or [] if (number := output.rstrip("/").rpartition("/")[2]).isdigit()]
    urls = [f"{service_url}/outputs/{number}/download" for number in held[:_MOST_OUTPUTS]]
    own = text_of(hit.id) or ""
    if not urls and own.isdigit() and hit.download_url:
        urls.append(f"{service_url}/works/{own}/download")
    if hit.download_url and hit.download_url.startswith(("https://", "http://")):
        urls.append(hit.download_url)
    return tuple(Location(url=url, host_type=HostType.REPOSITORY, found_by=SERVICE) for url in urls)


def _plain(text: str | None) -> str:
    return " ".join((text or "").replace('"', " ").replace("\\", " ").split())
