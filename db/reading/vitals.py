"""The little that is asked of the database again and again: what is paused, what could be worked on, since when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from db.connect import connect
from db.reading import counted
from db.reading.counted import Counts, put_off, rows_of
from db.refusing import unreadable
from dl_lit.core.model import StageName

__all__ = ["Connection", "Vitals", "oldest_ready", "paused", "ready"]  # the first for those who may not import SQL


def paused(connection: Connection) -> dict[StageName, str]:
    """The stages that somebody paused, with since when and by whom in words."""
    rows = connection.exec_driver_sql('SELECT stage, since, "by" FROM pauses')
    return {
        StageName(stage): f"since {since[:16].replace('T', ' ')} UTC" + (f" by {by}" if by else "")
        for stage, since, by in rows
        if stage in set(StageName)
    }


def ready(connection: Connection, now: float, stages: Iterable[StageName] = tuple(StageName)) -> dict[StageName, int]:
    """Rows that may be worked on at `now` (epoch seconds), those in hand included."""
    rows = rows_of(connection)
    counts = Counts(rows)
    return {stage: counts.waiting(stage) - sum(put_off(rows, stage, now).values()) for stage in stages}


def oldest_ready(connection: Connection, now: float) -> dict[StageName, float]:
    """Since when (epoch seconds) the oldest of them waits; without the stages that have none."""
    found = {stage: counted.oldest_ready(rows_of(connection), stage, now) for stage in StageName}
    return {stage: datetime.fromisoformat(since).timestamp() for stage, since in found.items() if since}


class Vitals:
    """A connection for one who looks every second, and lets go between."""

    def __init__(self, database: Path) -> None:
        """The database exists and has its schema: a pipeline works it. Nothing is opened before the first look."""
        self._path = database
        self._engine = connect(database, read_only=True)

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """A look; raises `DatabaseUnusable`."""
        try:
            with self._engine.connect() as connection:
                yield connection
        except DatabaseError as error:
            raise unreadable(error, self._path) from error

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()
