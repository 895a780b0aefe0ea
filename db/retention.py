"""Forgetting the story of old attempts, a handful of rows at a time, so that nobody who writes waits for long.

What was counted stays counted: attempts that go leave their numbers in `past_attempts`. The last attempt of every item
stays for ever, since it says how the item came to be where it is.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile
from typing import Any

from sqlalchemy import Engine

from db.codec import stamp
from db.reading.history import BUCKETS_S

TOGETHER = 1_000
"""Attempts looked at in one transaction."""

_OLDEST = """
SELECT a.id, a.stage, a.outcome, a.reason, a.seconds,
       a.id < (SELECT max(b.id) FROM attempts AS b WHERE b.stage = a.stage AND b.item_id = a.item_id), a.started_at
FROM attempts AS a WHERE a.id > ? ORDER BY a.id LIMIT ?
"""
_ADD = """
INSERT INTO past_attempts (stage, outcome, reason, bucket, number, seconds) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (stage, outcome, reason, bucket) DO UPDATE SET
    number = number + excluded.number, seconds = seconds + excluded.seconds
"""


def forget_attempts(
    engine: Engine, before: float, *, should_stop: Callable[[], bool] = lambda: False, together: int = TOGETHER
) -> int:
    """Forget attempts that began before the epoch's second `before`, but the last of each item; how many went.

    Ends early when `should_stop`; what is left goes the next time.
    """
    limit = stamp(before)
    gone, after, is_over = 0, 0, False
    while not is_over and not should_stop():
        with engine.begin() as connection:
            rows = connection.exec_driver_sql(_OLDEST, (after, together)).all()
            # Attempts are numbered in the order in which they ended: behind the first young one there are no old ones.
            aged = list(takewhile(lambda row: row[6] < limit, rows))
            is_over = not rows or len(aged) < len(rows)
            old = [row for row in aged if row[5]]
            for key, (number, seconds) in _counted(old):
                connection.exec_driver_sql(_ADD, (*key, number, seconds))
            if old:
                connection.exec_driver_sql("DELETE FROM attempts WHERE id = ?", [(row[0],) for row in old])
        gone += len(old)
        after = rows[-1][0] if rows else after
    return gone


def _counted(rows: Sequence[Any]) -> Iterator[tuple[tuple[str, str, str, int], tuple[int, float]]]:
    """Number and seconds of attempts by stage, outcome, reason and how long they took."""
    sums: dict[tuple[str, str, str, int], list[float]] = defaultdict(list)
    for _, stage, outcome, reason, seconds, *_ in rows:
        sums[stage, outcome, reason, bisect_left(BUCKETS_S, seconds)].append(seconds)
    for key, seconds in sums.items():
        yield key, (len(seconds), sum(seconds))
