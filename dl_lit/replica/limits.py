"""What the services let in: windows and concurrency, kept as the real ones keep them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dl_lit.core.services import Lane, Window
from dl_lit.replica.wire import Refusal

# A loaded machine delivers evenly spaced requests in clumps; a bucket this much larger forgives that and nothing more.
_JITTER_S = 0.03


def _lane(permits: int, seconds: float, concurrency: int) -> Lane:
    return Lane((Window(permits, seconds),), concurrency)


# The services' own limits, by lane. Sources, read 2026-11-22:
# OpenAlex: github.com/ourresearch/openalex-api-proxy src/rateLimiter.ts (10/s per address, 30/s per free key)
# Crossref: response headers and https://www.crossref.org/documentation/retrieve-metadata/rest-api/access-and-authentication/
# DataCite: https://support.datacite.org/docs/rate-limit; Unpaywall: https://unpaywall.org/products/api
# arXiv: https://info.arxiv.org/help/api/tou.html; Semantic Scholar: https://www.semanticscholar.org/product/api
# GROBID: its configuration's `concurrency`, 503 while all engines work, https://grobid.readthedocs.io/en/latest/Configuration/
# PubMed: https://www.ncbi.nlm.nih.gov/books/NBK25497/; OpenCitations: https://api.opencitations.net/index/v2
# INSPIRE: https://github.com/inspirehep/rest-api-doc; Open Library: https://openlibrary.org/developers/api
# Zenodo: https://developers.zenodo.org/#rate-limiting (guests); OSF: https://developer.osf.io/ (without an account)
# DOAJ: https://doaj.org/api/docs; CORE: https://api.core.ac.uk/docs/v3
# Language models: a paying customer's tiers, by recorded headers (OpenAI), https://openrouter.ai/docs/api/reference/limits
# (free models), https://ai.google.dev/gemini-api/docs/rate-limits, https://docs.claude.com/en/api/rate-limits and
# https://docs.claude.com/en/docs/build-with-claude/files; how many at once none of them says.
# Europe PMC, HAL, figshare, the ACL Anthology, bioRxiv, OAPEN, DOAB, the Internet Archive and doi.org publish none: the
# figures are what a client should never need.
REAL_LIMITS: dict[str, Lane] = {
    "openalex/anonymous": _lane(10, 1.0, 32),
    "openalex/keyed": _lane(30, 1.0, 64),
    "crossref/single/polite": _lane(10, 1.0, 3),
    "crossref/array/polite": _lane(3, 1.0, 3),
    "crossref/single/public": _lane(5, 1.0, 1),
    "crossref/array/public": _lane(1, 1.0, 1),
    "datacite/identified": _lane(1_000, 300.0, 16),
    "datacite/anonymous": _lane(500, 300.0, 16),
    "unpaywall": Lane((Window(20, 1.0), Window(100_000, 86_400.0)), 16),
    "arxiv": _lane(1, 3.0, 1),
    "europepmc": _lane(10, 1.0, 10),
    "semantic_scholar/keyed": _lane(1, 1.0, 4),
    "semantic_scholar/anonymous": _lane(1, 3.0, 1),
    "grobid": Lane((), 10),
    "pubmed/anonymous": _lane(3, 1.0, 8),
    "pubmed/keyed": _lane(10, 1.0, 16),
    "opencitations": _lane(180, 60.0, 8),
    "inspire": _lane(15, 5.0, 8),
    "open_library/identified": _lane(3, 1.0, 8),
    "open_library/anonymous": _lane(1, 1.0, 8),
    "hal": _lane(5, 1.0, 4),
    "acl": _lane(5, 1.0, 4),
    "oapen": _lane(5, 1.0, 4),
    "doab": _lane(5, 1.0, 4),
    "internet_archive": _lane(5, 1.0, 4),
    "scholar_archive": _lane(5, 1.0, 4),
    "wayback": _lane(5, 1.0, 4),
    "doaj": _lane(2, 1.0, 5),
    "core": _lane(25, 60.0, 4),
    "doi": _lane(10, 1.0, 8),
    "zenodo/search": _lane(30, 60.0, 4),
    "zenodo/other": Lane((Window(60, 60.0), Window(2_000, 3_600.0)), 4),
    "biorxiv": _lane(5, 1.0, 4),
    "osf": _lane(100, 3_600.0, 4),
    "figshare": _lane(5, 1.0, 4),
    "chat": _lane(10_000, 60.0, 100),
    "chat-2": _lane(10_000, 60.0, 100),
    "chat-3": _lane(10_000, 60.0, 100),
    "chat/free": _lane(20, 60.0, 4),
    "gemini": _lane(1_000, 60.0, 100),
    "gemini/files": _lane(3_000, 60.0, 50),
    "anthropic": _lane(1_000, 60.0, 100),
    "anthropic/files": _lane(100, 60.0, 50),
}


@dataclass(slots=True)
class _Bucket:
    """A window as a bucket that fills at its rate; whoever keeps to the rate is never refused."""

    capacity: float
    per_s: float
    level: float
    filled_at: float

    def wait_s(self, now: float) -> float:
        """Seconds until one permit is there; 0 where it is."""
        self.level = min(self.capacity, self.level + (now - self.filled_at) * self.per_s)
        self.filled_at = now
        return 0.0 if self.level >= 1.0 else (1.0 - self.level) / self.per_s

    def take(self) -> None:
        self.level -= 1.0


class Limiter:
    """Lets requests in, lane by lane; lanes without limits let everything in."""

    def __init__(self, lanes: Mapping[str, Lane], time_scale: float) -> None:
        """`time_scale` shortens every window: at 10, one second's permits come in a tenth."""
        self._lanes = dict(lanes)
        self._time_scale = time_scale
        self._buckets: dict[str, list[_Bucket]] = {}
        self._in_flight: dict[str, int] = {}

    def admit(self, lane: str | None, now: float) -> Refusal | None:
        """Let a request in (None; `leave` must follow) or say why not. `now` is monotonic, in seconds."""
        limits = self._lanes.get(lane) if lane else None
        if lane is None or limits is None:
            return None
        place = _place(lane)
        if self._in_flight.get(place, 0) >= limits.concurrency:
            return Refusal("concurrency", 1.0 / self._time_scale)
        buckets = self._buckets.get(lane)
        if buckets is None:
            buckets = self._buckets[lane] = [self._bucket(window, now) for window in limits.windows]
        wait_s = max((bucket.wait_s(now) for bucket in buckets), default=0.0)
        if wait_s > 0.0:
            return Refusal("rate", wait_s)
        for bucket in buckets:
            bucket.take()
        self._in_flight[place] = self._in_flight.get(place, 0) + 1
        return None

    def leave(self, lane: str | None) -> None:
        """A request that was let in is answered."""
        if lane is not None and lane in self._lanes:
            self._in_flight[_place(lane)] -= 1

    def _bucket(self, window: Window, now: float) -> _Bucket:
        per_s = window.permits / window.seconds * self._time_scale
        capacity = window.permits + per_s * _JITTER_S
        return _Bucket(capacity, per_s, capacity, now)


def _place(lane: str) -> str:
    """Where the concurrency of a lane counts: Crossref counts single and list requests of one client together."""
    parts = lane.split("/")
    return f"{parts[0]}/{parts[-1]}" if len(parts) == 3 else lane
