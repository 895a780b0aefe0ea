"""A clock that was set back: what was put off until then would wait for longer by as much, for hours or days."""

from __future__ import annotations

from sqlalchemy import Engine

from db.refusing import named
from dl_lit.core.clock import Clock

_LEAST_S = 5.0
"""Clocks are corrected by less all the time."""

_WAITING = ("sources", "no_metadata", "with_metadata", "to_download_references")


class SetBack:
    """Tells by how much the wall clock was set back, by the one that never is. One thread at a time."""

    def __init__(self, clock: Clock) -> None:
        """It is right now."""
        self._clock = clock
        self._lead_s = clock.time() - clock.monotonic()
        self._behind_s = 0.0

    def seconds(self) -> float:
        """By how many seconds it was set back since it was `made_up` for; 0 where it was not."""
        lead_s = self._clock.time() - self._clock.monotonic()
        behind_s, self._lead_s = self._lead_s - lead_s, lead_s
        self._behind_s += behind_s if behind_s >= _LEAST_S else 0.0
        return self._behind_s

    def made_up(self) -> None:
        """What was put off has been brought forward."""
        self._behind_s = 0.0


def bring_forward(engine: Engine, seconds: float) -> int:
    """Take `seconds` off every time that something was put off until; how many rows that were.

    Whoever works the database notices it as it notices what others write. Raises `DatabaseFull` or `DatabaseUnusable`,
    nothing having changed.
    """
    with named(), engine.begin() as connection:
        return sum(
            connection.exec_driver_sql(
                f"UPDATE {table} SET due_at = due_at - ? WHERE due_at IS NOT NULL",  # noqa: S608 - names of ours
                (seconds,),
            ).rowcount
            for table in _WAITING
        )
