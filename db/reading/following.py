"""Following what happens to the items: whether anything was written, and which attempts ended since."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from db.connect import open_to_read
from db.refusing import unreadable
from dl_lit.core.values import dataclass

_SINCE = """
SELECT id, stage, item_id, attempt, outcome, reason, detail, started_at, seconds FROM attempts
WHERE id > ? AND id <= ? ORDER BY id DESC LIMIT ?
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An attempt that has ended."""

    id: int
    stage: str
    item: int  # source, entry or work
    attempt: int
    outcome: str  # done, retry, reject
    reason: str
    detail: str
    started_at: str  # ISO 8601 in UTC
    seconds: float


class Follower:
    """Looks at a database through a connection of its own. For one thread at a time; raises `DatabaseUnusable`."""

    def __init__(self, path: Path) -> None:
        """Opens it."""
        self._path = path
        self._engine = open_to_read(path)
        self._connection: Connection | None = self._engine.connect()

    def version(self) -> int:
        """A number that changes with every commit of others."""
        return self._number("PRAGMA data_version")

    def last(self) -> int:
        """The latest attempt's number; 0 where there is none."""
        return self._number("SELECT coalesce(max(id), 0) FROM attempts")

    def between(self, after: int, last: int, limit: int) -> list[Attempt]:
        """The attempts behind `after` up to `last`, in their order; the latest `limit` of them."""
        rows = self._asked(_SINCE, (after, last, limit))
        names = Attempt.__dataclass_fields__
        return [Attempt(**dict(zip(names, row, strict=True))) for row in reversed(rows)]

    def _number(self, query: str) -> int:
        return int(self._asked(query)[0][0])

    def _asked(self, query: str, values: tuple[int, ...] = ()) -> Sequence[Any]:
        """The rows; a connection on which that goes wrong is not used again."""
        if self._connection is None:
            self._connection = self._engine.connect()
        try:
            rows = self._connection.exec_driver_sql(query, values).all()
            self._connection.rollback()
        except BaseException as error:
            self._let_go()
            if isinstance(error, DatabaseError):
                raise unreadable(error, self._path) from error
            raise
        return rows

    def _let_go(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()

    def close(self) -> None:
        """Close it."""
        if self._connection is not None:
            self._connection.close()
        self._engine.dispose()
