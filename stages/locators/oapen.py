"""The OAPEN Library: peer-reviewed open books and chapters, with their files.

Read 2026-11-23: https://www.oapen.org/librarians/15635975-metadata and https://library.oapen.org/rest (DSpace 6: the
query is in effect free text, so the identifiers of every hit are checked).
"""

from __future__ import annotations

from dl_lit.core.model import HostType, Location, Version, Work
from dl_lit.core.ports import ServiceCalls
from stages.answers import list_body
from stages.locators import dspace
from stages.locators.same_work import Told, is_same_work
from stages.locators.settings import LocatorSettings

SERVICE = "oapen"


def parse(body: bytes, site_url: str) -> list[tuple[Told, tuple[Location, ...]]]:
    """Read a search: what each record says it is, and its files. Raises `ServiceError`."""
    return [(record.told, _locations(record, site_url)) for record in dspace.records(body, SERVICE)]


def locate(calls: ServiceCalls, work: Work, settings: LocatorSettings) -> tuple[Location, ...]:
    """Search by DOI, then by ISBN, else by title; only records that are the work count. Raises `ServiceError`."""
    for query in dspace.queries(work):
        params = [("query", query), ("expand", "metadata,bitstreams"), ("limit", str(dspace.LIMIT))]
        hits = parse(list_body(calls.get(SERVICE, "/rest/search", params), SERVICE), settings.oapen_url)
        found = [place for told, places in hits if is_same_work(work, told) for place in places]
        if found:
            return tuple(dict.fromkeys(found))
    return ()


def is_worth_asking(work: Work, known: tuple[Location, ...]) -> bool:
    """For books, and for chapters with a DOI of their own."""
    del known
    return dspace.is_askable(work)


def _locations(record: dspace.Record, site_url: str) -> tuple[Location, ...]:
    return tuple(
        Location(
            url=f"{site_url}{path}",
            host_type=HostType.REPOSITORY,
            version=Version.PUBLISHED,
            licence=record.licence,
            found_by=SERVICE,
        )
        for path in record.files()
    )
