"""How often what came of attempts, and how long they took: counted as they are written down, and never again less.

Counting a million rows takes a second, and old attempts are forgotten; the numbers are wanted at once and may not
fall.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from sqlalchemy import Connection

from db.codec import encode

BUCKETS_S = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0)
"""Upper bounds of the buckets of durations; what took longer is in the one behind the last."""

COUNT = """
INSERT INTO attempt_counts (stage, outcome, reason, bucket, number, seconds)
SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2, CAST(j.value ->> 3 AS INTEGER), CAST(j.value ->> 4 AS INTEGER),
    CAST(j.value ->> 5 AS REAL)
FROM json_each(?) AS j WHERE true
ON CONFLICT (stage, outcome, reason, bucket) DO UPDATE SET
    number = attempt_counts.number + excluded.number,
    seconds = attempt_counts.seconds + excluded.seconds
"""

Ending = tuple[str, str, str, float]
"""Stage, outcome, reason and seconds of one attempt."""


def counted(endings: Iterable[Ending]) -> str:
    """The parameter of `COUNT` that adds the attempts, a row for each bucket."""
    sums: dict[tuple[str, str, str, int], tuple[int, float]] = {}
    for stage, outcome, reason, seconds in endings:
        key = stage, outcome, reason, bisect_left(BUCKETS_S, seconds)
        number, together = sums.get(key, (0, 0.0))
        sums[key] = number + 1, together + seconds
    return encode([(*key, *sum_) for key, sum_ in sums.items()])


def count_attempt(connection: Connection, stage: str, outcome: str, reason: str, seconds: float = 0.0) -> None:
    """Count one attempt, in the transaction that writes it down."""
    connection.exec_driver_sql(COUNT, (counted([(stage, outcome, reason, seconds)]),))
