"""Whether a fetched file is the work it was fetched for: `prove`. Pure.

What is compared, what the thresholds are and how often the judgement errs: docs/proof.md.
"""

from __future__ import annotations

from dl_lit.core.model import Location, Work
from dl_lit.core.ports import PdfFacts
from dl_lit.core.proof import Proof

__all__ = ["prove"]


def prove(work: Work, facts: PdfFacts, location: Location) -> Proof:
    """The judgement of the file that `facts` describe, fetched from `location` as `work`.

    The file has to prove itself: who named the location, and where it lies, count for nothing. Never raises.
    """
    from dl_lit.matching.proof.judging import judged  # noqa: PLC0415 - a start does without: its patterns take a while

    del location
    return judged(work, facts)
