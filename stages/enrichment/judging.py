"""A judge's word on what matching leaves open: asked for, checked, and taken only where nothing speaks against it.

The judge sees the candidates that have no veto, and names one or abstains. Its choice counts where the record, weighed
anew against all that is printed, has no veto and no other identifier than the printed one, and where its score passes a
floor. What a person has decided is not asked about again. Whatever the judge says is kept with the evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dl_lit.core.items import MatchedAs, Resolved
from dl_lit.core.job import Reject, Snooze
from dl_lit.core.language import MOST_JUDGED, Choice, ModelError, Trouble
from dl_lit.core.model import Reference, Work
from dl_lit.core.reasons import Reason
from dl_lit.core.trail import Asked, Reply
from dl_lit.core.values import dataclass
from dl_lit.matching.decide import Ambiguous, Scored
from dl_lit.matching.evidence import weigh
from stages.enrichment.by_search import Searched
from stages.enrichment.desk import Desk
from stages.enrichment.entries import Entry, shortened
from stages.enrichment.trails import as_evidence

JUDGED = "judge"
"""What `Resolved.matched_by` says of an entry that a judge has decided."""

SERVICE = "language-model"
FLOOR = 0.2
"""The least score of a record that is taken on a judge's word.

Measured on 6,000 printed entries, worn as in `scripts/bench matching` (seed 7), 114 of them ambiguous: of 61 right
candidates 55 lie above it, and of 58 entries whose work has no record a judge that always chooses gets 16 past it. At
0.1 these are 58 and 24, at 0.3 47 and 11.
"""

LATER_S = 60.0  # until an entry is taken up again of which the judge could not be asked (seconds)

PATIENCE_S = 300.0
"""How long a judge that answers nobody keeps entries waiting (seconds); then people decide, until it is heard again."""

_LATER = {
    Trouble.RATE_LIMITED: Reason.RATE_LIMITED,
    Trouble.OVERLOADED: Reason.SERVICE_DOWN,
    Trouble.DOWN: Reason.SERVICE_DOWN,
    Trouble.TIMEOUT: Reason.SERVICE_DOWN,
}
"""Troubles that are no word about the entry. A day's budget is none of them: no entry waits until midnight."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a judge said, and what came of it."""

    choice: Choice
    chosen: Scored | None  # None: it abstained
    objection: str = ""  # why its choice does not count; empty where it does

    @property
    def is_taken(self) -> bool:
        """Whether the chosen record is the entry's work."""
        return self.chosen is not None and not self.objection

    def told(self, candidates: Sequence[Scored]) -> str:
        """In a few words: who said what, and what came of it."""
        name = self.choice.model or "a model"
        if self.chosen is None:
            return f"judge {name} abstains: {self.choice.why}".rstrip(": ")
        number = next((n for n, one in enumerate(candidates, 1) if one is self.chosen), 0)
        verdict = f", not taken: {self.objection}" if self.objection else ""
        return f"judge {name} says {number}{verdict}; {self.choice.why}".rstrip("; ")

    def evidence(self, candidates: Sequence[Scored]) -> dict[str, Any]:
        """As JSON, for the evidence: `choice` counts the stored candidates from 1, None where it abstained."""
        number = next((n for n, one in enumerate(candidates, 1) if one is self.chosen), None)
        return {
            "judge": {
                "choice": number,
                "why": self.choice.why,
                "model": self.choice.model,
                "is_remembered": self.choice.is_remembered,
                "is_taken": self.is_taken,
                "objection": self.objection,
            }
        }


def after_judgement(desk: Desk, entry: Entry, found: Searched, answer: Reject) -> Reject | Snooze | None:
    """What becomes of an entry that is ambiguous, which `answer` says; None: it is recognised now.

    Without a judge, and where it gives no answer for a while, `answer` stands.
    """
    decision = found.decision
    candidates = decision.candidates if isinstance(decision, Ambiguous) else ()
    shown = [one for one in candidates if not one.evidence.veto][:MOST_JUDGED]
    if desk.judge is None or not shown or found.matched_as is not MatchedAs.WORK:
        return answer
    if desk.decisions is not None and desk.decisions.has_rejected(entry.id):
        return _with(entry, answer, "not judged: a person has decided that it is none of its candidates", None)
    try:
        choice = desk.judge.choose(entry.reference, [one.work for one in shown])
    except ModelError as error:
        if (later := _later(desk, error)) is not None:
            return later
        is_asked = error.trouble not in {Trouble.OFFLINE, Trouble.BUDGET_GONE}
        entry.note(_asked(Reply.FAILED if is_asked else Reply.NOT_ASKED, error.trouble.value))
        return _with(entry, answer, f"no word of the judge: {error.trouble.value}", None)
    if not choice.is_remembered:
        desk.outages.heard(SERVICE)
    chosen = shown[choice.candidate] if choice.candidate is not None and choice.candidate < len(shown) else None
    judgement = Judgement(choice, chosen, _objection(entry, chosen) if chosen else "")
    told = judgement.told(candidates)
    reply = Reply.FOUND if chosen else Reply.ABSENT
    entry.note(replace(_asked(reply, told), is_remembered=choice.is_remembered))
    if chosen is None or not judgement.is_taken:
        return _with(entry, answer, told, judgement.evidence(candidates))
    entry.resolved = Resolved(work=chosen.work, matched_by=JUDGED, score=chosen.score)
    entry.why = told
    ordered = (chosen, *(one for one in candidates if one is not chosen))
    entry.candidates = (*map(as_evidence, ordered), judgement.evidence(ordered))
    return None


def _later(desk: Desk, error: ModelError) -> Snooze | None:
    """When to ask a judge again that gave no answer; None where nobody waits for it."""
    if error.trouble is Trouble.STOPPING:
        return Snooze(Reason.RATE_LIMITED, LATER_S, "the judge was not asked: the program is ending")
    reason = _LATER.get(error.trouble)
    if reason is None:
        return None
    now = desk.clock.monotonic()
    desk.outages.failed(SERVICE, now)
    left_s = PATIENCE_S - desk.outages.lasts_s(SERVICE, now)
    after_s = LATER_S if error.after is None else error.after
    return Snooze(reason, after_s, f"the judge is asked again: {error.trouble.value}") if after_s <= left_s else None


def _objection(entry: Entry, chosen: Scored) -> str:
    """What speaks against the chosen record; empty where nothing does."""
    veto = chosen.evidence.veto or weigh(entry.reference, chosen.work).veto
    if veto:
        return f"vetoed, {veto}"
    other = _other_identifier(entry.reference, chosen.work)
    if other or entry.contradicts(chosen.work):
        return f"it has another {other or 'identifier'} than the one printed"
    if chosen.score < FLOOR:
        return f"its score of {chosen.score:.2f} is below {FLOOR:.2f}"
    return ""


def _other_identifier(reference: Reference, work: Work) -> str:
    """The kind of identifier of which the record has another than the entry prints."""
    both = (("PMID", reference.pmid, work.pmid), ("ISBN", reference.isbn, work.isbn))
    return next((kind for kind, mine, yours in both if mine and yours and mine != yours), "")


def _asked(reply: Reply, detail: str) -> Asked:
    return Asked(service=SERVICE, how="judge", reply=reply, requests=1.0, detail=shortened(detail))


def _with(entry: Entry, answer: Reject, told: str, evidence: dict[str, Any] | None) -> Reject:
    """The rejection with what became of the judge's part."""
    detail = f"{answer.detail}; {told}"
    shown = [*(answer.evidence or ()), *([evidence] if evidence else ())]
    return replace(answer, detail=detail, evidence=shown, trail=entry.trail(detail, shown))
