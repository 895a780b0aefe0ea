"""What was tried so far, in numbers: for metrics. Attempts that have been forgotten since count as well."""

from __future__ import annotations

from sqlalchemy import Connection

from db.counting import BUCKETS_S
from dl_lit.core.values import dataclass

__all__ = ["BUCKETS_S", "Durations", "attempts_by_reason", "durations"]


@dataclass(frozen=True, slots=True)
class Durations:
    """How long attempts of one stage took."""

    count: int
    sum_s: float
    at_most: tuple[int, ...]  # attempts that took at most each of `BUCKETS_S`


_ATTEMPTS = """
SELECT stage, reason, sum(number) FROM attempt_counts GROUP BY stage, reason ORDER BY stage, reason
"""
_DURATIONS = "SELECT stage, sum(number), sum(seconds), {} FROM attempt_counts GROUP BY stage".format(  # noqa: S608 - numbers of ours
    ", ".join(f"sum(CASE WHEN bucket <= {place} THEN number ELSE 0 END)" for place in range(len(BUCKETS_S)))
)


def attempts_by_reason(connection: Connection) -> dict[tuple[str, str], int]:
    """Attempts made so far, by stage and reason."""
    return {(stage, reason): number for stage, reason, number in connection.exec_driver_sql(_ATTEMPTS)}


def durations(connection: Connection) -> dict[str, Durations]:
    """How long attempts took so far, by stage."""
    rows = connection.exec_driver_sql(_DURATIONS)
    return {row[0]: Durations(row[1], float(row[2]), tuple(row[3:])) for row in rows}
