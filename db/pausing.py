"""Pausing stages, and letting them go on. Any process may do this at any time; a running pipeline notices at once.

A paused stage finishes what is in hand and takes nothing more, for as long as its row is there: through restarts too.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, Engine

from db.codec import stamp
from db.refusing import named
from dl_lit.core.clock import Clock
from dl_lit.core.model import StageName
from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Paused:
    """A stage that is paused."""

    stage: StageName
    since: float  # epoch seconds
    by: str  # who paused it, in words


def pause(engine: Engine, stages: Iterable[StageName], by: str, clock: Clock) -> list[StageName]:
    """Pause `stages`; those that were not paused before. Who is paused already stays so by whom it was.

    Raises `DatabaseFull` or `DatabaseUnusable`, nothing having changed; so does `resume`.
    """
    now = stamp(clock.time())
    with named(), engine.begin() as connection:
        return [
            stage
            for stage in dict.fromkeys(stages)
            if connection.exec_driver_sql(
                "INSERT INTO pauses (stage, since, by) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (stage.value, now, by)
            ).rowcount
        ]


def resume(engine: Engine, stages: Iterable[StageName]) -> list[StageName]:
    """Let `stages` go on; those that were paused."""
    with named(), engine.begin() as connection:
        return [
            stage
            for stage in dict.fromkeys(stages)
            if connection.exec_driver_sql("DELETE FROM pauses WHERE stage = ?", (stage.value,)).rowcount
        ]


def paused(connection: Connection) -> list[Paused]:
    """The stages that are paused, in pipeline order."""
    rows = connection.exec_driver_sql("SELECT stage, since, by FROM pauses").all()
    found = {stage: Paused(StageName(stage), datetime.fromisoformat(at).timestamp(), by) for stage, at, by in rows}
    return [found[stage] for stage in StageName if stage in found]
