"""Forgetting the story of old attempts, a handful of rows at a time, so that nobody who writes waits for long.

What was counted stays counted: `attempt_counts` does not need the rows. The last attempt of every item
stays for ever, since it says how the item came to be where it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile

from sqlalchemy import Engine

from db.codec import stamp

TOGETHER = 1_000
"""Attempts looked at in one transaction."""

MOST_STAYING = 20_000
"""Attempts that were looked at and stay, after which somebody who comes again looks no further."""


@dataclass(slots=True)
class Reached:
    """How far somebody has come who forgets a little at a time."""

    attempt: int = 0  # the last one that was looked at; 0: begin with the first


_OLDEST = """
SELECT a.id,
       a.id < (SELECT max(b.id) FROM attempts AS b WHERE b.stage = a.stage AND b.item_id = a.item_id), a.started_at
FROM attempts AS a WHERE a.id > ? ORDER BY a.id LIMIT ?
"""


def forget_attempts(
    engine: Engine,
    before: float,
    *,
    should_stop: Callable[[], bool] = lambda: False,
    reached: Reached | None = None,
    together: int = TOGETHER,
) -> int:
    """Forget attempts that began before the epoch's second `before`, but the last of each item; how many went.

    Ends early when `should_stop`; what is left goes the next time. Who has `reached` begins there and ends after
    `MOST_STAYING` that stay: however many there are, an hour costs the same.
    """
    limit = stamp(before)
    after = 0 if reached is None else reached.attempt
    gone, stayed, is_over = 0, 0, False
    while not is_over and not should_stop() and (reached is None or stayed < MOST_STAYING):
        with engine.begin() as connection:
            rows = connection.exec_driver_sql(_OLDEST, (after, together)).all()
            # Attempts are numbered in the order in which they ended: behind the first young one there are no old ones.
            aged = list(takewhile(lambda row: row[2] < limit, rows))
            is_over = not rows or len(aged) < len(rows)
            old = [row for row in aged if row[1]]
            if old:
                connection.exec_driver_sql("DELETE FROM attempts WHERE id = ?", [(row[0],) for row in old])
        gone += len(old)
        stayed += len(aged) - len(old)
        after = rows[-1][0] if rows else after
    if reached is not None:
        reached.attempt = 0 if is_over else after
    return gone
