"""The Directory of Open Access Books: where publishers and repositories keep them; it has no files of its own.

Read 2026-11-23: https://www.doabooks.org/en/resources/metadata-harvesting-and-content-dissemination (DSpace 6, like
OAPEN).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from dl_lit.core.model import HostType, Location, Version, Work
from dl_lit.core.ports import ServiceCalls
from stages.answers import list_body, path_quote
from stages.locators import dspace
from stages.locators.same_work import Told, is_same_work
from stages.locators.settings import LocatorSettings

SERVICE = "doab"
_LINKS = ("dc.identifier", "oapen.identifier", "dc.identifier.uri", "oapen.relation.uri", "dc.relation.uri")
_OWN = "doabooks.org"
# OAPEN's pages stand behind a challenge that its REST interface does not have: its files come by the locator `oapen`.
_LEFT_TO_OTHERS = frozenset({"library.oapen.org", "www.oapen.org", "oapen.org", "hdl.handle.net"})
_RESOLVERS = frozenset({"doi.org", "dx.doi.org", "www.doi.org"})
_MOST = 6  # addresses of one book


def parse(body: bytes, resolver_url: str) -> list[tuple[Told, tuple[Location, ...]]]:
    """Read a search: what each record says it is, and the addresses it names. Raises `ServiceError`.

    `resolver_url` is where DOIs lead on from.
    """
    return [(record.told, _locations(record, resolver_url)) for record in dspace.records(body, SERVICE)]


def locate(calls: ServiceCalls, work: Work, settings: LocatorSettings) -> tuple[Location, ...]:
    """Search by DOI, then by ISBN, else by title; only records that are the work count. Raises `ServiceError`."""
    for query in dspace.queries(work):
        params = [("query", query), ("expand", "metadata"), ("limit", str(dspace.LIMIT))]
        hits = parse(list_body(calls.get(SERVICE, "/rest/search", params), SERVICE), settings.doi_url)
        found = [place for told, places in hits if is_same_work(work, told) for place in places]
        if found:
            return tuple(dict.fromkeys(found))
    return ()


def is_worth_asking(work: Work, known: tuple[Location, ...]) -> bool:
    """For books and chapters of which OAPEN, whose files DOAB lists too, named none."""
    return dspace.is_askable(work) and not any(one.found_by == "oapen" for one in known)


def _locations(record: dspace.Record, resolver_url: str) -> tuple[Location, ...]:
    """Files before pages; the resolver last, which leads to the publisher's page of a book that is open there."""
    links = [link for link in record.values(*_LINKS) if link.startswith(("https://", "http://")) and _is_meant(link)]
    resolved = [f"{resolver_url}/{path_quote(doi)}" for doi in sorted(record.told.dois)]
    each = dict.fromkeys([*sorted(links, key=lambda link: not _is_file(link)), *resolved])
    return tuple(
        Location(
            url=link,
            is_pdf=_is_file(link),
            host_type=HostType.PUBLISHER if link in resolved else None,
            version=Version.PUBLISHED,
            licence=record.licence,
            found_by=SERVICE,
        )
        for link in list(each)[:_MOST]
    )


def _is_meant(link: str) -> bool:
    host = (urlsplit(link).hostname or "").lower()
    return bool(host) and not (host.endswith(_OWN) or host in _LEFT_TO_OTHERS or host in _RESOLVERS)


def _is_file(link: str) -> bool:
    return urlsplit(link).path.lower().endswith(".pdf")
