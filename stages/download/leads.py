"""What is to be tried: addresses of files, given by locations or by the pages these led to. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from dl_lit.core.model import Location
from dl_lit.core.ports import Page, PdfLink
from dl_lit.core.trail import Hops
from dl_lit.core.values import dataclass

MAX_PAGES = 2
"""A page, and one more that it leads to (an interstitial, a viewer); what leads to a third leads nowhere."""

MAX_LINKS = 3
"""Of a location's first page; of the next one only the best, so that a location costs seven requests at most."""

_SIGNED = re.compile(
    r"[?&](?:[\w.-]*(?:signature|token|expires|expiry|hmac|credential|key-pair-id)|sig|sign|hash|ticket|policy|exp|st|e)=",
    re.IGNORECASE,
)
"""As object stores and publishers name it: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html,
https://learn.microsoft.com/en-us/rest/api/storageservices/create-service-sas (read 2026-11-23)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """One address to be asked for a work's file, and how we came to it."""

    location: Location
    url: str
    technique: str | None = None  # by which the last page named it
    pages: tuple[str, ...] = ()  # final addresses of the pages on the way
    hops: Hops = ()  # likewise, all that was asked

    @property
    def found_on(self) -> str | None:
        """The address that the visit began with; None where it begins here."""
        return self.location.url if self.pages else None

    @property
    def is_signed(self) -> bool:
        """Whether a page named it with a signature that runs out: the page may name another one by now."""
        return bool(self.pages) and _SIGNED.search(self.url) is not None

    @property
    def host(self) -> str:
        """Name and port as written; two spellings of one host only cost one more question."""
        return host_of(self.url)


def leads_of(locations: Iterable[Location]) -> list[Lead]:
    """One lead for each location, in their order."""
    return [Lead(location=location, url=location.url) for location in locations]


def leads_on(lead: Lead, page: Page, links: Iterable[PdfLink]) -> list[Lead]:
    """What the page that `lead` led to gives: its best links, without addresses already passed on this way."""
    passed = {lead.location.url, lead.url, page.url, *lead.pages}
    new = [link for link in links if link.url not in passed]
    return [
        Lead(
            location=lead.location,
            url=link.url,
            technique=link.technique,
            pages=(*lead.pages, page.url),
            hops=lead.hops + page.hops,
        )
        for link in new[: 1 if lead.pages else MAX_LINKS]
    ]


def host_of(url: str) -> str:
    """Name and port of an address as written; the address itself where it is none."""
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return url
