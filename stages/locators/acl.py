"""The ACL Anthology as a locator: the file's address follows from the paper's identifier, so nothing is asked.

Read 2026-11-23: https://aclanthology.org/info/ids/ (identifiers), https://aclanthology.org/faq/ (files, licences).
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from dl_lit.core.model import HostType, Location, Version, Work
from dl_lit.core.ports import ServiceCalls
from stages.locators.addresses import host_of
from stages.locators.settings import LocatorSettings
from stages.sources import acl
from stages.sources.acl import acl_id

SERVICE = acl.SERVICE

_HOSTS = ("aclanthology.org", "aclanthology.info", "aclweb.org")
_PREFIX = "10.18653/v1/"  # as which `acl_id` takes an identifier that stands in an address
_NAME = re.compile(r"/(?:anthology/)?(?:[A-Z]/[A-Z]\d\d/|papers/[A-Z]/[A-Z]\d\d/)?([\w.-]+?)(?:v\d)?(?:\.pdf|\.bib)?/?")


def parse(address: str) -> str | None:
    """Read the Anthology's identifier out of an address of its own; `None` for others."""
    host = host_of(address)
    if not any(host == one or host.endswith(f".{one}") for one in _HOSTS):
        return None
    path = _NAME.fullmatch(urlsplit(address).path)
    return acl_id(_PREFIX + path.group(1)) if path else None


def locate(calls: ServiceCalls, work: Work, settings: LocatorSettings) -> tuple[Location, ...]:
    """Give the address of the Anthology's own file; nothing for works that it does not hold."""
    del calls
    identifier = _identifier(work)
    if identifier is None:
        return ()
    return (
        Location(
            url=f"{settings.acl_url}/{identifier}.pdf",
            host_type=HostType.REPOSITORY,
            version=Version.PUBLISHED,
            found_by=SERVICE,
        ),
    )


def is_worth_asking(work: Work, known: tuple[Location, ...]) -> bool:
    """Always, for works of the Anthology: it costs nothing."""
    del known
    return _identifier(work) is not None


def _identifier(work: Work) -> str | None:
    if work.doi and (identifier := acl_id(work.doi)):
        return identifier
    addresses = (work.url, *(place.url for place in work.locations))
    return next((found for url in addresses if url and (found := parse(url))), None)
