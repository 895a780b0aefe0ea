"""How long the replica's services take to answer."""

from __future__ import annotations

from collections.abc import Mapping

from dl_lit.core.values import dataclass
from dl_lit.replica.records import hash64


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds before the first byte: the same for one URL always, evenly spread over URLs between the two."""

    low_s: float
    high_s: float

    def of(self, seed: int, url: str) -> float:
        """The latency of `url`, in seconds."""
        if self.high_s <= self.low_s:
            return self.low_s
        return self.low_s + (self.high_s - self.low_s) * (hash64(f"{seed}|latency|{url}") / 2**64)


Profile = Mapping[str, Latency]

NONE: dict[str, Latency] = {}

# Orders of magnitude of the public services and of repositories' and publishers' servers; the latter are the slow ones.
REALISTIC: dict[str, Latency] = {
    "openalex": Latency(0.10, 0.35),
    "openalex/batch": Latency(0.25, 0.80),
    "openalex/search": Latency(0.40, 1.50),
    "crossref": Latency(0.15, 0.60),
    "crossref/batch": Latency(0.50, 1.50),
    "crossref/search": Latency(0.80, 2.50),
    "datacite": Latency(0.20, 0.70),
    "unpaywall": Latency(0.15, 0.45),
    "arxiv": Latency(0.40, 1.50),
    "arxiv/pdf": Latency(0.30, 1.20),
    "europepmc": Latency(0.25, 0.90),
    "pmc": Latency(0.10, 0.40),
    "doi": Latency(0.08, 0.25),
    "semantic_scholar": Latency(0.20, 0.80),
    "pubmed": Latency(0.25, 0.90),
    "opencitations": Latency(0.40, 2.00),
    "inspire": Latency(0.20, 0.90),
    "open_library": Latency(0.30, 1.50),
    "hal": Latency(0.15, 0.80),
    "acl": Latency(0.05, 0.30),
    "chat": Latency(0.05, 0.20),
    "chat/section": Latency(4.00, 15.00),
    "chat/entry": Latency(0.80, 4.00),
    "chat/judge": Latency(0.50, 2.00),
    "gemini": Latency(0.10, 0.50),
    "gemini/upload": Latency(0.50, 2.00),
    "gemini/section": Latency(4.00, 15.00),
    "gemini/entry": Latency(0.80, 4.00),
    "gemini/judge": Latency(0.50, 2.00),
    "anthropic": Latency(0.10, 0.50),
    "anthropic/upload": Latency(0.50, 2.00),
    "anthropic/section": Latency(4.00, 15.00),
    "anthropic/entry": Latency(0.80, 4.00),
    "anthropic/judge": Latency(0.50, 2.00),
    "publisher": Latency(0.30, 1.50),
    "publisher/pdf": Latency(0.50, 3.00),
    "repository": Latency(0.40, 2.00),
    "repository/pdf": Latency(0.80, 4.00),
}

PROFILES: dict[str, Profile] = {"none": NONE, "realistic": REALISTIC}


def latency_s(profile: Profile, seed: int, group: str, kind: str, url: str) -> float:
    """Seconds for one request, unscaled: by `group/kind`, else by group, else by `*`, else 0."""
    found = profile.get(f"{group}/{kind}") or profile.get(group) or profile.get("*")
    return found.of(seed, url) if found else 0.0
