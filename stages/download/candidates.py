"""Files that came and may be the work: which is taken at once, and which only if no better one is to be had. Pure."""

from __future__ import annotations

from collections.abc import Callable

from dl_lit.core.model import Version
from dl_lit.core.ports import Fetched
from dl_lit.core.proof import Proof, Verdict
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass
from stages.download.failures import Failure
from stages.download.leads import Lead

MAX_DOUBTFUL = 4
"""So many files that a person would have to look at are fetched for one work in one attempt, and no more."""

RankOf = Callable[[Version | None], int]
"""How much a version is wanted: the smaller the better."""

_TYPESET = frozenset({"arxiv", "pmc", "europepmc"})
"""Locators whose files are made from the authors' sources or from XML: text, never a scan."""

_TOLD = {
    Verdict.VERIFIED: "it is the work",
    Verdict.UNVERIFIED: "nothing on its first pages can be compared",
    Verdict.NEEDS_REVIEW: "a person has to look at it",
}
_RANK = {Verdict.VERIFIED: 0, Verdict.UNVERIFIED: 1, Verdict.NEEDS_REVIEW: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A file in the library's folder for unfinished ones, with its judgement."""

    lead: Lead
    fetched: Fetched
    page_count: int
    proof: Proof

    @property
    def is_doubtful(self) -> bool:
        """Whether a person would have to look at it."""
        return self.proof.verdict is Verdict.NEEDS_REVIEW

    @property
    def version(self) -> Version | None:
        """What the file says it is, else what its location says."""
        return self.proof.version or self.lead.location.version

    @property
    def reason(self) -> Reason:
        """The word for it while better ones are looked for."""
        if self.is_doubtful:
            return Reason.NEEDS_REVIEW
        return Reason.OK_UNVERIFIED if self.proof.verdict is Verdict.UNVERIFIED else Reason.OK_PREPRINT

    def failure(self, reason: Reason | None = None) -> Failure:
        """The same as the ending of its address; `reason` where it is not the word for it while others are tried."""
        return Failure.of_file(self.lead, self.fetched, reason or self.reason, "; ".join(self.proof.evidence))

    @property
    def taken(self) -> str:
        """Why it was taken, in one line."""
        told = "; ".join(self.proof.evidence)
        why = f"{_TOLD[self.proof.verdict]} ({told})" if told else _TOLD[self.proof.verdict]
        version = self.version or "version unknown"
        return f"took {self.lead.location.url}: {self.page_count} pages, {version}; {why}"


def better(one: Candidate | None, other: Candidate, rank_of: RankOf) -> Candidate:
    """The one to be kept of two: the surer judgement, then the wanted version, then the score, then the first."""
    if one is None:
        return other
    return min(one, other, key=lambda each: (_RANK[each.proof.verdict], rank_of(each.version), -each.proof.score))


def could_better(lead: Lead, kept: Candidate, rank_of: RankOf) -> bool:
    """Whether the file behind `lead` is worth fetching though `kept` could be had.

    Instead of a doubtful file, anything. Instead of a scan, only what is known to be text: most works of which one
    copy is a scan are old, and their other copies are the same scan. Instead of a file that says it is a preprint
    where its location promised more, what promises more than the file is. Anything else was the best by order.
    """
    match kept.proof.verdict:
        case Verdict.NEEDS_REVIEW:
            return True
        case Verdict.UNVERIFIED:
            return lead.location.found_by in _TYPESET
        case _:
            promised, version = kept.lead.location.version, lead.location.version
            is_less = kept.proof.version is not None and rank_of(kept.proof.version) > rank_of(promised)
            return is_less and version is not None and rank_of(version) < rank_of(kept.version)
