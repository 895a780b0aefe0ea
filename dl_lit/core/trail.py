"""What was asked and tried for one item in one attempt: kept beside the attempt, so that it can be told afterwards."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from dl_lit.core.values import dataclass

Hops = tuple[tuple[str, int], ...]
"""Addresses asked one after the other, each with the HTTP status of its answer; 0 where none came."""

_REDIRECTS = range(300, 400)


def visits(hops: Hops) -> tuple[Hops, ...]:
    """The hops cut after every answer that did not redirect: a part for each address that was asked for of our own."""
    parts: list[Hops] = []
    begun: Hops = ()
    for hop in hops:
        begun += (hop,)
        if hop[1] not in _REDIRECTS:
            parts.append(begun)
            begun = ()
    return (*parts, begun) if begun else tuple(parts)


class Reply(StrEnum):
    """What a service's answer came to for one item."""

    FOUND = "found"  # a record, or candidates
    ABSENT = "absent"  # positively nothing
    REFUSED = "refused"  # it will not take this request
    FAILED = "failed"  # no answer that establishes anything
    NOT_ASKED = "not-asked"  # switched off, offline, out of budget


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One service, asked in one way about one item, alone or together with others."""

    service: str  # "known" for our own database, "local" for the imported metadata
    how: str  # "doi", "arxiv", "pmid", "isbn", "citing-list", "coordinates", "search", "notices", ...
    reply: Reply
    requests: float = 0.0  # this item's share of the requests made; 0 where the answer was remembered
    credits: float = 0.0  # likewise
    is_remembered: bool = False  # answered from the cache
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One location of a work, tried once."""

    url: str
    found_by: str  # the locator or source that named it
    hops: Hops = ()  # redirects and landing pages in order
    technique: str | None = None  # how the PDF's link was found on the landing page
    reason: str = ""  # how it ended, a word of `core.reasons`
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """All of it, in order of time. `candidates` is JSON-able: records compared, with scores, agreements and vetoes."""

    asked: tuple[Asked, ...] = ()
    tried: tuple[Tried, ...] = ()
    candidates: tuple[Any, ...] = ()
    decision: str = ""  # one line: why it was decided as it was
