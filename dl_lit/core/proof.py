"""Whether a fetched file is the work it was fetched for: the verdict, its score, and what it rests on."""

from __future__ import annotations

from enum import StrEnum

from dl_lit.core.model import Version
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass


class Verdict(StrEnum):
    """What becomes of the file."""

    VERIFIED = "verified"  # its first pages name the work: into the library
    UNVERIFIED = "unverified"  # nothing can be read on them (a scan): into the library, and said so
    NEEDS_REVIEW = "needs-review"  # doubtful: kept apart in the library's quarantine until a person decides
    REFUSED = "refused"  # another work, a supplement, a preview: thrown away, the next location is tried


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The judgement of one file."""

    verdict: Verdict
    score: float  # 0 to 1: how surely the file is the work; 0 where nothing can be read
    evidence: tuple[str, ...] = ()  # for people, the weightiest first: "DOI on page 2", "title 0.98 on page 1"
    reason: Reason | None = None  # of a refusal: wrong-work, supplement-only, preview-only, no-text-layer, ...
    version: Version | None = None  # which version the file says it is; None where it says nothing
