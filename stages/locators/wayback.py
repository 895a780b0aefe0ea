"""Captures of PDFs in the Internet Archive's Wayback Machine: of addresses that are dead now.

Read 2026-11-23: https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server (the index of captures, which
unlike https://archive.org/wayback/available says what was captured, so that web pages are left out) and
https://archive.org/developers/ (`id_` after the time gives the bytes as they were captured).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from dl_lit.core.model import HostType, Location, Work, WorkType
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.values import dataclass
from stages.answers import decode, list_body
from stages.locators.settings import LocatorSettings

SERVICE = "wayback"
CITED = "reference"  # who names the file that was cited by its address
_MOST_ADDRESSES = 3  # of one work that are asked for
_MOST_CAPTURES = 2  # of one address: the newest
_FIELDS = "timestamp,original,mimetype,statuscode"
_TIME = re.compile(r"\d{14}")
_OWN_HOSTS = ("archive.org", "web.archive.org")
# Services that keep what they serve: their files do not vanish, and what they refuse is refused.
_LASTING = frozenset({"arxiv", "pmc", "europepmc", "core", "openalex_content", "oapen", "internet_archive", SERVICE})
_ON_THE_WEB = frozenset({WorkType.WEBPAGE, WorkType.REPORT, WorkType.DOCUMENT, WorkType.ARTICLE, WorkType.THESIS})


@dataclass(frozen=True, slots=True)
class Capture:
    """One capture of a PDF."""

    time: str  # YYYYMMDDhhmmss
    url: str  # that was captured


def parse(body: bytes) -> list[Capture]:
    """Read an answer of the index: the captures of PDFs, the newest first. Raises `ServiceError`."""
    rows = decode(body or b"[]", list[list[str]], SERVICE)
    if not rows:
        return []
    places = {name: place for place, name in enumerate(rows[0])}
    captures = []
    for row in rows[1:]:
        told = {name: row[place] for name, place in places.items() if place < len(row)}
        is_pdf = "pdf" in told.get("mimetype", "") and told.get("statuscode") in {"200", "-"}
        if is_pdf and _TIME.fullmatch(told.get("timestamp", "")) and told.get("original"):
            captures.append(Capture(told["timestamp"], told["original"]))
    return sorted(captures, key=lambda one: one.time, reverse=True)


def locate(calls: ServiceCalls, work: Work, settings: LocatorSettings) -> tuple[Location, ...]:
    """Ask for captures of the address that the work itself has. Raises `ServiceError`."""
    return copies(calls, work, (), settings)


def copies(
    calls: ServiceCalls, work: Work, known: tuple[Location, ...], settings: LocatorSettings
) -> tuple[Location, ...]:
    """Ask for captures of the addresses `known`, which were tried in vain, and of the file the work was cited by.

    That file itself comes first, as nobody else names it. Raises `ServiceError`.
    """
    found = [one for one in _cited(work) if one not in known]
    for place in _addresses(work, known):
        params = [
            ("url", place.url),
            ("output", "json"),
            ("fl", _FIELDS),
            ("filter", "statuscode:200"),
            ("filter", "mimetype:application/pdf"),
            ("collapse", "digest"),
            ("limit", f"-{_MOST_CAPTURES}"),
        ]
        captures = parse(list_body(calls.get(SERVICE, "/cdx/search/cdx", params), SERVICE))
        found += [_location(settings.wayback_url, capture, place) for capture in captures[:_MOST_CAPTURES]]
    return tuple(found)


def is_worth_asking(work: Work, known: tuple[Location, ...]) -> bool:
    """Where an address may have held a PDF that is gone: of those `known`, tried in vain, or of a file on the web."""
    return bool(_addresses(work, known))


def _addresses(work: Work, known: Iterable[Location]) -> list[Location]:
    """The addresses to ask for: files in repositories and on the web, which were open when they were captured.

    Publishers' are left out: what they sell now may have been open for a month.
    """
    places = [one for one in known if _may_have_vanished(one)] + _cited(work)
    first = {_plain(one.url): one for one in reversed(places)}
    return list(first.values())[::-1][:_MOST_ADDRESSES]


def _may_have_vanished(place: Location) -> bool:
    is_others = place.host_type is not HostType.PUBLISHER and place.found_by not in _LASTING
    return place.is_pdf and is_others and _is_foreign(place.url)


def _cited(work: Work) -> list[Location]:
    """The file on the web that was cited; the address of a page says nothing of a PDF."""
    is_file = work.type in _ON_THE_WEB and work.url is not None and _is_foreign(work.url)
    if not is_file or not urlsplit(work.url or "").path.lower().endswith(".pdf"):
        return []
    return [Location(url=work.url or "", found_by=CITED)]


def _location(service_url: str, capture: Capture, place: Location) -> Location:
    return Location(
        url=f"{service_url}/web/{capture.time}id_/{capture.url}",
        version=place.version,
        licence=place.licence,
        found_by=SERVICE,
    )


def _is_foreign(url: str) -> bool:
    """Whether it is a web address that is no capture itself, nor a DOI's, which names a page and no file."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = (parts.hostname or "").lower()
    return parts.scheme in {"http", "https"} and bool(host) and host not in _OWN_HOSTS and not host.endswith("doi.org")


def _plain(url: str) -> str:
    return url.partition("://")[2].rstrip("/").lower()
