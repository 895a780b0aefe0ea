"""In which order locations are tried. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from dl_lit.core.model import HostType, Location, Version

MAX_LOCATIONS = 30  # more addresses of one work than anybody will try

_HOSTS = {HostType.REPOSITORY: 0, None: 1, HostType.PUBLISHER: 2}
_VERSIONS = {Version.PUBLISHED: 0, Version.ACCEPTED: 1, None: 2, Version.SUBMITTED: 3}


def rank(locations: Iterable[Location]) -> tuple[Location, ...]:
    """Order `locations`: PDFs before landing pages, then repositories before publishers, then the version.

    A repository answers programs where a publisher often does not. Each address stays once, as it was described best;
    addresses that are not HTTP are left out.
    """
    best: dict[str, Location] = {}
    for place in sorted(locations, key=_key):
        if urlsplit(place.url).scheme in {"http", "https"}:
            best.setdefault(_same_address(place.url), place)
    return tuple(best.values())[:MAX_LOCATIONS]


def _key(place: Location) -> tuple[int, int, int]:
    return (not place.is_pdf, _HOSTS[place.host_type], _VERSIONS[place.version])


def _same_address(url: str) -> str:
    """One form for addresses that differ in scheme, case of the host, or a closing slash."""
    parts = urlsplit(url)
    return f"{parts.netloc.lower()}{parts.path.rstrip('/')}?{parts.query}"
