"""How often what came of attempts, and how long they took: counted as they are written down, and never again less.

Counting a million rows takes a second, and old attempts are forgotten; the numbers are wanted at once and may not
fall.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from sqlalchemy import Connection

BUCKETS_S = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0)
"""Upper bounds of the buckets of durations; what took longer is in the one behind the last."""

COUNT = """
INSERT INTO attempt_counts (stage, outcome, reason, bucket, number, seconds) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (stage, outcome, reason, bucket) DO UPDATE SET
    number = attempt_counts.number + excluded.number,
    seconds = attempt_counts.seconds + excluded.seconds
"""

Ending = tuple[str, str, str, float]
"""Stage, outcome, reason and seconds of one attempt."""


def counted(endings: Iterable[Ending]) -> Iterator[tuple[object, ...]]:
    """The parameters of `COUNT` that add the attempts, a row for each bucket."""
    sums: dict[tuple[str, str, str, int], tuple[int, float]] = {}
    for stage, outcome, reason, seconds in endings:
        key = stage, outcome, reason, bisect_left(BUCKETS_S, seconds)
        number, together = sums.get(key, (0, 0.0))
        sums[key] = number + 1, together + seconds
    for key, (number, together) in sums.items():
        yield *key, number, together


def count_attempt(connection: Connection, stage: str, outcome: str, reason: str, seconds: float = 0.0) -> None:
    """Count one attempt, in the transaction that writes it down."""
    for row in counted([(stage, outcome, reason, seconds)]):
        connection.exec_driver_sql(COUNT, row)
