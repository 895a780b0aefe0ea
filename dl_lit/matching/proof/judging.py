"""The judgement of a file: readable ones by what they say, the others by what is told of them. Pure."""

from __future__ import annotations

from typing import Final

from dl_lit.core.model import Work
from dl_lit.core.ports import PdfFacts
from dl_lit.core.proof import Proof, Verdict
from dl_lit.core.reasons import Reason
from dl_lit.matching.proof.case import case_of, is_named_on_cover, titles_of
from dl_lit.matching.proof.deciding import decided
from dl_lit.matching.proof.finds import weigh
from dl_lit.matching.proof.front import Front, front_of
from dl_lit.matching.proof.named import named_in

FEW_WORDS: Final = 15  # on all the first pages: fewer, and there is nothing to judge by
_BARE_COVER_WORDS: Final = 350


def judged(work: Work, facts: PdfFacts) -> Proof:
    """The judgement of the file that `facts` describe as `work`."""
    if facts.is_blank:
        return Proof(
            verdict=Verdict.REFUSED, score=0.0, reason=Reason.NO_TEXT_LAYER, evidence=("its first pages are blank",)
        )
    front = front_of(facts)
    if front.covers and not front.leaves:
        return _bare_cover(front)
    if facts.is_scan or facts.is_garbled or front.words < FEW_WORDS:
        return _unreadable(work, facts, front)
    case = case_of(work, facts, front)
    weigh(case)
    return decided(case)


def _bare_cover(front: Front) -> Proof:
    words = sum(page.words for page in front.covers)
    verdict = Verdict.REFUSED if words < _BARE_COVER_WORDS else Verdict.NEEDS_REVIEW
    told = ("a cover sheet and nothing behind it",)
    return Proof(verdict=verdict, score=0.0, evidence=told, reason=Reason.PREVIEW_ONLY)


def _unreadable(work: Work, facts: PdfFacts, front: Front) -> Proof:
    """A scan: it may be anything; what its cover sheet and its metadata say is told, and believed where it says no."""
    what = "garbled text" if facts.is_garbled else "no text to read"
    named = named_in(front, facts, work)
    cover = is_named_on_cover(front, work, titles_of(work))
    covered = f"the cover sheet ({front.covers[0].cover})" if front.covers else ""
    if cover is False:
        against = (f"{covered} names another work", what)
        return Proof(verdict=Verdict.REFUSED, score=0.0, evidence=against, reason=Reason.WRONG_WORK)
    stated = "DOI in the metadata" if named.is_stated else None
    if named.stated_other is not None and work.doi is not None:
        against = (f"the metadata have another DOI, {named.stated_other}", what)
        return Proof(verdict=Verdict.NEEDS_REVIEW, score=0.0, evidence=against, reason=Reason.NO_TEXT_LAYER)
    told = tuple(text for text in (f"{covered} names the work" if cover else None, stated, what) if text)
    score = 0.5 if cover or stated else 0.0
    return Proof(verdict=Verdict.UNVERIFIED, score=score, evidence=told, reason=Reason.NO_TEXT_LAYER)
