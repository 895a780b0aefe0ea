"""When works that have come to an end are looked at again: written down with the end itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from db.codec import encode
from dl_lit.core.reasons import Reason, ReasonClass
from dl_lit.core.retry_rules import RetryRule, next_look, next_notices, rule_of
from dl_lit.core.values import dataclass

_BEFORE = "SELECT work_id, done, reason FROM rechecks WHERE work_id IN (SELECT value FROM json_each(?))"
_PLAN = """
INSERT INTO rechecks (work_id, due_at, done, reason, resolver, notices_due)
SELECT CAST(j.value ->> 0 AS INTEGER), CAST(j.value ->> 1 AS REAL), CAST(j.value ->> 2 AS INTEGER), j.value ->> 3,
    CAST(j.value ->> 4 AS INTEGER), CAST(j.value ->> 5 AS REAL)
FROM json_each(?) AS j WHERE true
ON CONFLICT (work_id) DO UPDATE SET due_at = excluded.due_at, done = excluded.done, reason = excluded.reason,
    resolver = excluded.resolver, notices_due = coalesce(rechecks.notices_due, excluded.notices_due)
"""


@dataclass(frozen=True, slots=True)
class End:
    """How a work ended."""

    work_id: int
    reason: Reason
    open_from: date | None = None  # the day an embargo ends
    is_noticed: bool = False  # whether it is looked up for retractions from now on


def plan(cursor: Any, ends: Sequence[End], *, now: float, resolver: int) -> None:
    """Write down when each work is looked at again, by the rule of its reason and how often that was done already.

    `resolver` is the version of the landing-page finder at work. The count goes on from failure to failure; it begins
    anew where a work comes into the library. What never comes back has no row unless it had one.
    """
    if not ends:
        return
    before = {row[0]: (row[1], row[2]) for row in cursor.execute(_BEFORE, (encode([one.work_id for one in ends]),))}
    rows = [row for one in ends if (row := _row(one, before.get(one.work_id), now, resolver)) is not None]
    if rows:
        cursor.execute(_PLAN, (encode(rows),))


def _row(end: End, before: tuple[int, str] | None, now: float, resolver: int) -> tuple[object, ...] | None:
    done = before[0] if before and _is_success(Reason(before[1])) == _is_success(end.reason) else 0
    due = next_look(end.reason, end.work_id, done=done, now=now, open_from=end.open_from)
    found_with = resolver if rule_of(end.reason) is RetryRule.NEW_FINDER else None
    notices = next_notices(end.work_id, now=now) if end.is_noticed else None
    if before is None and due is None and found_with is None and notices is None:
        return None
    return end.work_id, due, done, end.reason.value, found_with, notices


def _is_success(reason: Reason) -> bool:
    return reason.category is ReasonClass.SUCCESS
