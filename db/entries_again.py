"""Entries that were given up for what may have passed: on their day they are looked for anew. Any process may do this.

How often that was done already is told by their attempts: each time that they were given up is one that ended so.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine

from db.codec import encode, stamp
from db.retrying import Wanted, put_back
from dl_lit.core.clock import Clock
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from dl_lit.core.retry_rules import DAY_S, SCHEDULES, RetryRule, rule_of

_RULE = RetryRule.BACK_OFF
_REASONS = encode([reason.value for reason in Reason if rule_of(reason) is _RULE])
_DUE = """
SELECT f.entry_id FROM failed_enrichments AS f
WHERE f.needs_review = 0 AND f.processing_timestamp <= ?1
  AND f.reason IN (SELECT CAST(value AS TEXT) FROM json_each(?2))
  AND (SELECT count(*) FROM attempts AS a
       WHERE a.stage = ?3 AND a.item_id = f.entry_id AND a.outcome = 'reject') <= ?4
ORDER BY f.processing_timestamp, f.entry_id LIMIT ?5
"""


def entries_due(connection: Connection, *, now: float, limit: int) -> list[int]:
    """The entries whose day has come at the epoch's second `now`, those given up first before others."""
    schedule = SCHEDULES[_RULE]
    before = stamp(now - schedule.days * DAY_S)
    values = (before, _REASONS, StageName.ENRICHMENT.value, schedule.times, limit)
    return [int(row) for row in connection.exec_driver_sql(_DUE, values).scalars()]


def put_back_due(engine: Engine, clock: Clock, *, limit: int) -> tuple[int, ...]:
    """Let the entries whose day has come, at most `limit`, be looked for anew; those that were put back."""
    with engine.connect() as connection:
        due = entries_due(connection, now=clock.time(), limit=limit)
    if due:
        put_back(engine, Wanted(entries=due), clock, is_by_hand=False)
    return tuple(due)
