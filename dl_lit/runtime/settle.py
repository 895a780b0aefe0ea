"""From a stage's answer to what is written down: back-off filled in, patience at an end, wrong facts caught. Pure."""

from __future__ import annotations

import random
import traceback
from dataclasses import replace

from dl_lit.core.errors import DatabaseFull, DatabaseUnusable
from dl_lit.core.items import FACTS_OF
from dl_lit.core.job import Claim, Done, Outcome, Reject, Retry, Snooze
from dl_lit.core.reasons import Reason, ReasonClass
from dl_lit.core.shortage import SHORTAGE_S, shortage_of
from dl_lit.core.values import dataclass

_LONGEST_S = 7 * 86_400.0
"""Nothing is put off for longer than a week: no service's budget takes longer to come back."""

_BUDGET_S = 3_600.0
"""When a budget is asked for again of which nobody said when it comes back."""

_OUTAGE_S = 7_200.0
"""Before its last attempt an item of which a service failed waits for so long at least, and for twice as long at most.

The attempts before follow within seconds: an outage of an hour would use up all of them, and end what a healthy service
resolves.
"""

_OF_SERVICES = frozenset({Reason.SERVICE_DOWN, Reason.BAD_ANSWER})


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how soon something is tried again."""

    max_attempts: int = 5
    base_s: float = 1.0
    factor: float = 2.0
    cap_s: float = 300.0

    def backoff_s(self, attempt: int, chance: random.Random) -> float:
        """Full jitter: anything up to base x factor^(attempt-1), but not more than the cap.

        Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ (read 2026-11-22).
        """
        return chance.uniform(0.0, min(self.cap_s, self.base_s * self.factor ** (attempt - 1)))

    def outlasts_s(self, attempt: int, reason: Reason, chance: random.Random) -> float:
        """What the pause after an attempt is at least: the one before the last outlasts most outages of a service."""
        if reason not in _OF_SERVICES or attempt != self.max_attempts - 1:
            return 0.0
        return chance.uniform(_OUTAGE_S, 2 * _OUTAGE_S)


def settle(claim: Claim, outcome: Outcome, patience: Patience, chance: random.Random) -> Outcome:
    """The outcome as it is recorded: only what may pass is retried, and a used-up budget costs no attempt."""
    match outcome:
        case Retry(reason, detail, after) if reason.category is ReasonClass.BUDGET:
            return settle(claim, Snooze(reason, _BUDGET_S if after is None else after, detail), patience, chance)
        case Retry(reason, detail) if not reason.is_transient:
            return Reject(reason, detail, trail=outcome.trail)
        case Retry(reason, detail, _) if claim.attempt >= patience.max_attempts:
            given_up = f"given up after {claim.attempt} attempts{': ' + detail if detail else ''}"
            return Reject(reason, given_up, trail=outcome.trail)
        case Retry(reason, _, after) if (least_s := patience.outlasts_s(claim.attempt, reason, chance)) > (
            after or 0.0
        ):
            return replace(outcome, after=least_s)
        case Retry(after=None):
            return replace(outcome, after=patience.backoff_s(claim.attempt, chance))
        case Retry(after=float() as after) | Snooze(after=after) if not 0.0 <= after <= _LONGEST_S:
            # The past, never, or no number at all: within bounds, so that it is neither spun on nor lost.
            return replace(outcome, after=0.0 if after < 0.0 else _LONGEST_S)
        case Done(facts) if not isinstance(facts, FACTS_OF[claim.stage]):
            wrong = Retry(Reason.INTERNAL_ERROR, f"{claim.stage.value} found {type(facts).__name__}")
            return settle(claim, wrong, patience, chance)
        case _:
            return outcome


def surprise(error: BaseException) -> Retry | Snooze:
    """An exception nobody named, as an outcome that keeps the end of its traceback.

    Where the machine lacks something, or the database cannot be read at present, the item is put off instead.
    """
    if (lacking := shortage_of(error)) is not None:
        return Snooze(Reason.WRITE_ERROR, SHORTAGE_S, lacking)
    if isinstance(error, DatabaseFull | DatabaseUnusable):
        return Snooze(Reason.WRITE_ERROR, SHORTAGE_S, str(error))
    lines = traceback.format_exception(error)
    return Retry(Reason.INTERNAL_ERROR, "".join(lines)[-2000:])
