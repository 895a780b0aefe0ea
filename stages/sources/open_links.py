"""Files that registration agencies name beside a work's description: locations only where the licence is an open one.

Most links that publishers deposit are for those who have an agreement with them; a Creative Commons licence says that
everybody may. Read 2026-11-23: https://www.crossref.org/documentation/schema-library/markup-guide-metadata-segments/
license-information/ and .../full-text-urls/, https://datacite-metadata-schema.readthedocs.io/en/4.6/properties/rights/.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

import msgspec

from dl_lit.core.model import HostType, Location, Version

_OPEN = re.compile(r"creativecommons\.org/(?:licenses|publicdomain)/|^cc(?:-|0)", re.IGNORECASE)
_NEEDS_KEY = re.compile(r"https?://api\.(?:elsevier|wiley|springernature)\.com/", re.IGNORECASE)
_PURPOSES = frozenset({"text-mining", "syndication", "unspecified"})  # "similarity-checking" is for one service
_VERSIONS = {"vor": Version.PUBLISHED, "am": Version.ACCEPTED}


class Since(msgspec.Struct, rename={"date_parts": "date-parts"}):
    """From when a licence holds."""

    date_parts: list[list[int | None]] | None = None


class Licence(msgspec.Struct, rename={"url": "URL", "version": "content-version"}):
    """A licence as Crossref prints it."""

    url: str | None = None
    start: Since | None = None
    version: str | None = None  # "vor", "am", "tdm", "unspecified"


class Link(
    msgspec.Struct,
    rename={"url": "URL", "kind": "content-type", "version": "content-version", "purpose": "intended-application"},
):
    """A full text's address as Crossref prints it."""

    url: str | None = None
    kind: str | None = None
    version: str | None = None
    purpose: str | None = None


def of_crossref(licences: Sequence[Licence], links: Sequence[Link], found_by: str) -> tuple[Location, ...]:
    """The PDFs under an open licence, with the day from which it holds where it is yet to come."""
    return tuple(_of_crossref(licences, links, found_by))


def of_datacite(content_url: Any, rights: Iterable[Any], found_by: str) -> tuple[Location, ...]:
    """The PDFs of a repository that states an open licence; `content_url` is an address or a list of them."""
    licence = next((text for text in rights if isinstance(text, str) and _OPEN.search(text)), None)
    urls = content_url if isinstance(content_url, list) else [content_url]
    return tuple(
        Location(url=url, host_type=HostType.REPOSITORY, licence=licence, found_by=found_by)
        for url in urls
        if licence and isinstance(url, str) and url.lower().partition("?")[0].endswith(".pdf")
    )


def _of_crossref(licences: Sequence[Licence], links: Sequence[Link], found_by: str) -> Iterator[Location]:
    for link in links:
        if not link.url or link.kind != "application/pdf" or link.purpose not in _PURPOSES:
            continue
        fitting = [one for one in licences if _fits(one, link)]
        if fitting and not _NEEDS_KEY.match(link.url):
            yield Location(
                url=link.url,
                host_type=HostType.PUBLISHER,
                version=_VERSIONS.get(link.version or ""),
                licence=fitting[0].url,
                found_by=found_by,
                open_from=min((day for one in fitting if (day := _day(one))), default=None),
            )


def _fits(licence: Licence, link: Link) -> bool:
    """Whether it is an open licence of the very version that the link leads to."""
    is_open = _OPEN.search(licence.url or "") is not None
    return is_open and (licence.version in {None, "unspecified", "tdm"} or licence.version == link.version)


def _day(licence: Licence) -> date | None:
    parts = licence.start.date_parts[0] if licence.start and licence.start.date_parts else []
    known = [part for part in parts if part]
    try:
        return date(*[*known, 1, 1][:3]) if known else None
    except ValueError:
        return None
