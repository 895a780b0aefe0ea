"""When something is looked at again, by the reason it ended with. Pure.

The engine's own retries (growing pauses, a service's reset) come first; what is here says what happens after an end:
which works come back by themselves, when, and how often. `docs/reasons.md` shows the rule of every reason; a test keeps
the two in step.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any

from dl_lit.core.reasons import Reason, ReasonClass
from dl_lit.core.values import dataclass

DAY_S = 86_400.0


class RetryRule(StrEnum):
    """Whether and when what ended so is looked at again."""

    NEVER = "never"  # until a person acts
    BACK_OFF = "back-off"  # growing pauses; once given up every 7 days, 4 times
    AT_RESET = "at-reset"  # when the service's budget comes back; costs no try
    ON_DATE = "on-date"  # the day the embargo ends, else every 90 days, 4 times
    EVERY_90_DAYS = "every-90-days"  # 4 times
    ONCE_AFTER_30_DAYS = "once-after-30-days"
    NEW_FINDER = "new-finder"  # when dl_lit finds PDFs on landing pages better than it did
    NEXT_LOCATION = "next-location"  # at once, and never the same address again
    PAUSE = "pause"  # the stage pauses until it is mended; costs no try
    UPGRADE = "upgrade"  # a better version is looked for every 90 days, 8 times


@dataclass(frozen=True, slots=True)
class Schedule:
    """How often a finished work is looked at again."""

    days: float  # between two looks
    times: int  # at most


SCHEDULES: Mapping[RetryRule, Schedule] = {
    RetryRule.BACK_OFF: Schedule(7, 4),
    RetryRule.ON_DATE: Schedule(90, 4),
    RetryRule.EVERY_90_DAYS: Schedule(90, 4),
    RetryRule.ONCE_AFTER_30_DAYS: Schedule(30, 1),
    RetryRule.UPGRADE: Schedule(90, 8),
}
"""Of the rules that have one; the others never come back by the clock alone."""

NOTICES_DAYS = 30.0
"""How often the works in the library are looked up for retractions."""

DATED_TIMES = 12
"""So often at most a work is looked at on the day that its embargo is said to end: some days move again and again."""

_BY_CLASS: Mapping[ReasonClass, RetryRule] = {
    ReasonClass.SUCCESS: RetryRule.NEVER,
    ReasonClass.INPUT: RetryRule.NEVER,
    ReasonClass.NOTHING: RetryRule.NEVER,
    ReasonClass.REVIEW: RetryRule.NEVER,
    ReasonClass.PAGE: RetryRule.NEW_FINDER,
    ReasonClass.WALL: RetryRule.NEVER,
    ReasonClass.CONTENT: RetryRule.NEXT_LOCATION,
    ReasonClass.TRANSIENT: RetryRule.BACK_OFF,
    ReasonClass.BUDGET: RetryRule.AT_RESET,
    ReasonClass.PERMANENT: RetryRule.NEVER,
    ReasonClass.OURS: RetryRule.PAUSE,
}
_BY_REASON: Mapping[Reason, RetryRule] = {
    Reason.OK_ACCEPTED_VERSION: RetryRule.UPGRADE,
    Reason.OK_PREPRINT: RetryRule.UPGRADE,
    Reason.OK_UNVERIFIED: RetryRule.UPGRADE,
    Reason.NO_OA_LOCATION: RetryRule.EVERY_90_DAYS,
    Reason.NO_IDENTIFIER: RetryRule.EVERY_90_DAYS,
    Reason.EMBARGOED: RetryRule.ON_DATE,
    Reason.HTTP_404: RetryRule.ONCE_AFTER_30_DAYS,
    Reason.POISON: RetryRule.NEVER,
    Reason.INTERNAL_ERROR: RetryRule.BACK_OFF,
}
_JITTER = 0.05  # of the interval: what ended together does not come back all at once
_EMBARGO_JITTER_S = 6 * 3_600.0
_OPEN_FROM = "open_from"


def rule_of(reason: Reason) -> RetryRule:
    """The rule that goes with a reason."""
    return _BY_REASON.get(reason, _BY_CLASS[reason.category])


def next_look(reason: Reason, work_id: int, *, done: int, now: float, open_from: date | None = None) -> float | None:
    """When (epoch seconds) a work that ended with `reason` at `now` is looked at again; None where no day is set.

    `done` is how often that has happened already, `open_from` the day its embargo ends. Works that ended at one moment
    are spread over some hours or days.
    """
    rule = rule_of(reason)
    if rule is RetryRule.ON_DATE and open_from is not None and done < DATED_TIMES:
        opens = datetime.combine(open_from, time(), UTC).timestamp()
        if opens > now:
            return opens + _spread(work_id) * _EMBARGO_JITTER_S
    schedule = SCHEDULES.get(rule)
    if schedule is None or done >= schedule.times:
        return None
    interval = schedule.days * DAY_S
    return now + interval * (1 + _JITTER * _spread(work_id))


def next_notices(work_id: int, *, now: float) -> float:
    """When (epoch seconds) a work is looked up for retractions next."""
    return now + NOTICES_DAYS * DAY_S * (1 + _JITTER * _spread(work_id))


def open_from_of(evidence: Any) -> date | None:
    """The day an embargo ends, as a rejection's evidence says: the earliest `open_from` in it; None where it has none.

    Evidence is a mapping or a list of mappings; the day is a `date` or ISO 8601.
    """
    found = [day for one in _mappings(evidence) if (day := _day(one.get(_OPEN_FROM))) is not None]
    return min(found, default=None)


def _mappings(evidence: Any) -> Iterable[Mapping[str, Any]]:
    if isinstance(evidence, Mapping):
        return (evidence,)
    if isinstance(evidence, (list, tuple)):
        return (one for one in evidence if isinstance(one, Mapping))
    return ()


def _day(value: Any) -> date | None:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def _spread(work_id: int) -> float:
    """From 0 up to 1, the same for the same work always (Knuth's multiplicative hash)."""
    return (work_id * 2_654_435_761 % 2**32) / 2**32
