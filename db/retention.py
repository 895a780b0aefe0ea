"""Forgetting the story of old attempts, a handful of rows at a time, so that nobody who writes waits for long.

What was counted stays counted: `attempt_counts` does not need the rows. The last attempt of every item
stays for ever, since it says how the item came to be where it is.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile

from sqlalchemy import Engine

from db.codec import stamp

TOGETHER = 1_000
"""Attempts looked at in one transaction."""

_OLDEST = """
SELECT a.id,
       a.id < (SELECT max(b.id) FROM attempts AS b WHERE b.stage = a.stage AND b.item_id = a.item_id), a.started_at
FROM attempts AS a WHERE a.id > ? ORDER BY a.id LIMIT ?
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
            aged = list(takewhile(lambda row: row[2] < limit, rows))
            is_over = not rows or len(aged) < len(rows)
            old = [row for row in aged if row[1]]
            if old:
                connection.exec_driver_sql("DELETE FROM attempts WHERE id = ?", [(row[0],) for row in old])
        gone += len(old)
        after = rows[-1][0] if rows else after
    return gone
