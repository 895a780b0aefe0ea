"""Whether a fetched file is the work it was fetched for. Pure."""

from __future__ import annotations

from dl_lit.core.model import Location, Work
from dl_lit.core.ports import PdfFacts
from dl_lit.core.proof import Proof, Verdict
from dl_lit.core.reasons import Reason
from dl_lit.matching.shown import shows

__all__ = ["prove"]


def prove(work: Work, facts: PdfFacts, location: Location) -> Proof:
    """The judgement of the file that `facts` describe, fetched from `location` as `work`."""
    del location
    if shows(facts.first_text, work):
        return Proof(verdict=Verdict.VERIFIED, score=1.0, evidence=("title or DOI on the first pages",))
    if facts.is_scan or not facts.first_text.strip():
        return Proof(verdict=Verdict.UNVERIFIED, score=0.0, reason=Reason.NO_TEXT_LAYER)
    return Proof(verdict=Verdict.NEEDS_REVIEW, score=0.0, evidence=("the first pages do not name the work",))
