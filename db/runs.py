"""The book of runs: what each was asked for, with which settings, which sources it had, and how it ended.

A run whose process was killed has no end of its own; the next one to begin writes it down, as of the last attempt.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from db.codec import stamp
from db.intake import add_source
from db.refusing import named
from dl_lit.core.clock import Clock
from dl_lit.core.database_address import is_elsewhere
from dl_lit.core.store import AddedSource, NewSource
from dl_lit.core.values import dataclass

TOGETHER = 50
"""Runs forgotten in one transaction."""


class How(StrEnum):
    """How a run came by a source."""

    GIVEN = "given"  # by people, whether or not it was known
    LEFT_OVER = "left over"  # from before, with work still to do
    FOUND = "found"  # by snowballing


@dataclass(frozen=True, slots=True)
class Killed:
    """A run that ended without saying so."""

    id: int
    command: str
    started_at: str  # ISO 8601 in UTC


@dataclass(frozen=True, slots=True)
class Begun:
    """A run that has begun."""

    id: int
    highest_source: int  # sources with higher ids are new to it
    killed: tuple[Killed, ...]  # runs before that had not ended


_OPEN = "SELECT id, command, started_at FROM runs WHERE ended_at IS NULL ORDER BY id"
_LAST_ATTEMPT = "SELECT started_at FROM attempts ORDER BY id DESC LIMIT 1"
_CLOSE = "UPDATE runs SET ended_at = max(?, started_at) WHERE id = ?"
_ADDED_MEANWHILE = """
INSERT OR IGNORE INTO run_sources (run_id, source_id, is_new, how)
SELECT r.id, s.id, 1, CASE WHEN s.level > 0 THEN 'found' ELSE 'given' END
FROM runs AS r JOIN sources AS s ON s.added_at >= r.started_at AND s.added_at <= r.ended_at WHERE r.id = ?
"""
_NOTE = """
INSERT INTO run_sources (run_id, source_id, is_new, how) VALUES (?, ?, ?, ?) ON CONFLICT (run_id, source_id)
DO UPDATE SET is_new = max(is_new, excluded.is_new), how = CASE WHEN excluded.how = 'given' THEN 'given' ELSE how END
"""
_NOTE_NEW = """
INSERT OR IGNORE INTO run_sources (run_id, source_id, is_new, how)
SELECT ?, id, 1, CASE WHEN level > 0 THEN 'found' ELSE 'given' END FROM sources WHERE id > ?
"""


def begin_run(
    engine: Engine,
    command: str,
    clock: Clock,
    *,
    version: str,
    settings: Mapping[str, Any] | None = None,
    path: Path | None = None,
) -> Begun:
    """Write down that a run begins, and of runs before that have no end that they were killed.

    The caller works the database alone, or is one of several daemons: then runs of others that live go on, and `path`
    is the database's. `settings` are those that differ from the defaults, without secrets.
    """
    now = stamp(clock.time())
    with named(), engine.begin() as connection:
        living = _living_elsewhere(connection, path)
        killed = tuple(Killed(*row) for row in connection.exec_driver_sql(_OPEN).all() if row[0] not in living)
        if killed:
            last = connection.exec_driver_sql(_LAST_ATTEMPT).scalar() or ""
            for one in killed:
                connection.exec_driver_sql(_CLOSE, (last, one.id))
                connection.exec_driver_sql(_ADDED_MEANWHILE, (one.id,))
        row = connection.exec_driver_sql(
            "INSERT INTO runs (started_at, command, version, settings) VALUES (?, ?, ?, ?) RETURNING id",
            (now, command, version, json.dumps(dict(settings or {}), ensure_ascii=False, sort_keys=True)),
        )
        number = int(row.scalar_one())
        if path is not None and is_elsewhere(path):
            from db.postgres.runs import begun_here  # noqa: PLC0415 - its driver is an extra

            begun_here(connection, number, path)
        highest = connection.exec_driver_sql("SELECT coalesce(max(id), 0) FROM sources").scalar_one()
        return Begun(number, int(highest), killed)


def _living_elsewhere(connection: Connection, path: Path | None) -> frozenset[int]:
    """Runs of other daemons on the database at `path`; whoever works a file works it alone."""
    if path is None or not is_elsewhere(path):
        return frozenset()
    from db.postgres.runs import living_runs  # noqa: PLC0415 - its driver is an extra

    return living_runs(connection, but_of=path)


def add_to_run(engine: Engine, run_id: int, new: Iterable[NewSource], how: How, clock: Clock) -> list[AddedSource]:
    """Add sources, known ones by their content, and write down that the run has them, in one transaction."""
    found = list(new)  # reading files takes a while, and nobody else can write during a transaction
    with named(), engine.begin() as connection:
        added = [add_source(connection, one, clock) for one in found]
        note_sources(connection, run_id, [(one.id, one.is_new) for one in added], how)
    return added


def note_sources(connection: Connection, run_id: int, sources: Iterable[tuple[int, bool]], how: How) -> None:
    """Write down that the run has these sources: (id, whether its content is new). What was given stays given."""
    rows = [(run_id, source_id, is_new, how.value) for source_id, is_new in sources]
    if rows:
        connection.exec_driver_sql(_NOTE, rows)


def note_new_sources(connection: Connection, run_id: int, above: int) -> int:
    """Write down as new to the run all sources with ids above `above`; the highest id there is."""
    connection.exec_driver_sql(_NOTE_NEW, (run_id, above))
    return int(connection.exec_driver_sql("SELECT coalesce(max(id), 0) FROM sources").scalar_one())


def end_run(engine: Engine, run_id: int, exit_code: int, summary: Mapping[str, Any] | None, clock: Clock) -> None:
    """Write down how the run ended."""
    told = None if summary is None else json.dumps(summary, ensure_ascii=False)
    with named(), engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE runs SET ended_at = ?, exit_code = ?, summary = ? WHERE id = ?",
            (stamp(clock.time()), exit_code, told, run_id),
        )


def forget_runs(engine: Engine, before: float, *, should_stop: Callable[[], bool] = lambda: False) -> int:
    """Forget runs that ended before the epoch's second `before`; how many went. Sources stay."""
    gone = 0
    while not should_stop():
        with engine.begin() as connection:
            ids = (
                connection.exec_driver_sql(
                    "SELECT id FROM runs WHERE ended_at < ? ORDER BY id LIMIT ?", (stamp(before), TOGETHER)
                )
                .scalars()
                .all()
            )
            if not ids:
                break
            those = json.dumps(list(ids))
            for statement in (
                "DELETE FROM run_sources WHERE run_id IN (SELECT value FROM json_each(?))",
                "DELETE FROM runs WHERE id IN (SELECT value FROM json_each(?))",
            ):
                connection.exec_driver_sql(statement, (those,))
        gone += len(ids)
    return gone
