"""The runs that were, for people: the newest first, or one whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from dl_lit.core.errors import BadInput
from dl_lit.core.values import dataclass


class RunState(StrEnum):
    """How a run is."""

    RUNNING = "running"
    ENDED = "ended"
    KILLED = "killed"  # it has no end of its own: `kill -9`, a crash, a power cut


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """One run."""

    id: int
    state: RunState
    command: str
    version: str | None  # of dl_lit; None: a run of before these were written down
    started_at: str  # ISO 8601 in UTC
    ended_at: str | None  # of a killed run: its last attempt; None: it runs, or nobody has begun a run since
    exit_code: int | None  # None: it runs, or was killed
    settings: Mapping[str, Any]  # those that differed from the defaults, secrets left out
    summary: Mapping[str, Any] | None  # its document
    given: int  # sources that it was given
    new: int  # sources whose content had not been known
    left_over: int  # sources of before with work still to do
    found: int  # sources that it found by snowballing


_RUNS = """
SELECT r.id, r.command, r.version, r.started_at, r.ended_at, r.exit_code, r.settings, r.summary,
       count(CASE WHEN s.how = 'given' THEN 1 END), count(CASE WHEN s.is_new <> 0 THEN 1 END),
       count(CASE WHEN s.how = 'left over' THEN 1 END), count(CASE WHEN s.how = 'found' THEN 1 END)
FROM runs AS r LEFT JOIN run_sources AS s ON s.run_id = r.id
WHERE r.id IN (SELECT id FROM runs {} ORDER BY id DESC LIMIT ?) GROUP BY r.id ORDER BY r.id DESC
"""


def runs(connection: Connection, *, is_at_work: bool, limit: int = 20) -> list[RunView]:
    """The latest `limit` runs, the newest first; `is_at_work` says whether a pipeline works the database now."""
    rows = connection.exec_driver_sql(_RUNS.format(""), (limit,)).all()
    living = _living_elsewhere(connection)
    return [_view(row, is_at_work=(is_at_work and place == 0) or row[0] in living) for place, row in enumerate(rows)]


def one_run(connection: Connection, run_id: int, *, is_at_work: bool) -> RunView:
    """This run; raises `BadInput` where there is none."""
    row = connection.exec_driver_sql(_RUNS.format("WHERE id = ?"), (run_id, 1)).first()
    if row is None:
        raise BadInput(f"there is no run {run_id}: dl-lit runs lists them")
    latest = connection.exec_driver_sql("SELECT max(id) FROM runs").scalar_one()
    return _view(row, is_at_work=(is_at_work and run_id == latest) or run_id in _living_elsewhere(connection))


def _living_elsewhere(connection: Connection) -> frozenset[int]:
    """Runs that go on by the leases of their daemons, where several work the database."""
    if connection.dialect.name != "postgresql":
        return frozenset()
    from db.postgres.runs import living_runs  # noqa: PLC0415 - its driver is an extra

    return living_runs(connection)


def sources_of_run(connection: Connection, run_id: int) -> list[int]:
    """The sources that the run was given, found left over or found itself, the oldest first."""
    query = "SELECT source_id FROM run_sources WHERE run_id = ? ORDER BY source_id"
    return list(connection.exec_driver_sql(query, (run_id,)).scalars())


def _view(row: Any, *, is_at_work: bool) -> RunView:
    id_, command, version, started_at, ended_at, exit_code, settings, summary, given, new, left_over, found = row
    if ended_at is None:
        state = RunState.RUNNING if is_at_work else RunState.KILLED
    else:
        state = RunState.KILLED if exit_code is None else RunState.ENDED
    return RunView(
        id=id_,
        state=state,
        command=command,
        version=version,
        started_at=started_at,
        ended_at=ended_at,
        exit_code=exit_code,
        settings=json.loads(settings) if settings else {},
        summary=json.loads(summary) if summary else None,
        given=given,
        new=new,
        left_over=left_over,
        found=found,
    )
