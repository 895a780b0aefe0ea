"""A connection for the life of a process: one that breaks is made anew at the next use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

import psycopg

from db.hot import Into, Those
from db.postgres.driver import Cursor
from db.postgres.engine import connection_to

T = TypeVar("T")


class Lasting:
    """Connection and cursor in one. For one thread at a time.

    The statement on which it breaks raises `psycopg.Error`, and the transaction it stood in has not happened, unless
    the statement was its COMMIT: then nobody knows. The next statement has a new connection.
    """

    def __init__(self, path: Path) -> None:
        """Nothing is opened before it is used."""
        self._path = path
        self._connection: Any = None
        self._cursor: Any = None

    @property
    def driver_connection(self) -> Self:
        """What knows whether a transaction is open."""
        return self

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self._connection is not None and not self._connection.closed and self._connection.in_transaction

    @property
    def backend(self) -> int | None:
        """The number that the server, or a pooler between, gave it; None where it is not open."""
        return None if self._connection is None else self._connection.info.backend_pid

    @property
    def is_pooled(self) -> bool:
        """Whether a pooler between may give each transaction another session, and tell nothing that is listened for."""
        self._live()
        return bool(self._connection.is_pooled)

    def cursor(self) -> Self:
        """What runs statements."""
        return self

    def script(self, statements: str) -> None:
        """Run statements that are in PostgreSQL's words already."""
        self._asked(Cursor.script, statements)

    def put(self, into: Into, rows: Sequence[Sequence[object]]) -> None:
        """Put new rows into a table."""
        self._asked(Cursor.put, into, rows)

    def change(self, those: Those, rows: Sequence[Sequence[object]]) -> None:
        """Change rows of a table, or take them out."""
        self._asked(Cursor.change, those, rows)

    def execute(self, query: str, parameters: Any = ()) -> Any:
        """Run one statement; the driver's cursor, to fetch from."""
        return self._asked(Cursor.execute, query, parameters)

    def executemany(self, query: str, rows: Any) -> None:
        """Run one statement for each of the rows."""
        self._asked(Cursor.executemany, query, rows)

    def give_up(self) -> None:
        """End what is under way, by closing it where that has to be: for who stops in the middle of a transaction."""
        if self.in_transaction:
            self.close()

    def notified(self, timeout_s: float) -> bool:
        """Whether others told something (LISTEN) within so many seconds; raises `psycopg.Error`."""
        return self._asked(
            lambda cursor: any(True for _ in cursor.connection.notifies(timeout=timeout_s, stop_after=1))
        )

    def _asked(self, verb: Callable[..., T], *given: Any) -> T:
        """What the live cursor's verb gives; a connection that broke on it is let go of."""
        try:
            return verb(self._live(), *given)
        except psycopg.Error:
            self._mind()
            raise

    def close(self) -> None:
        """Close it; the next use opens it again."""
        connection, self._connection, self._cursor = self._connection, None, None
        if connection is not None:
            connection.close()

    def _live(self) -> Any:
        if self._connection is None:
            self._connection = connection_to(self._path)
            self._cursor = self._connection.cursor()
        return self._cursor

    def _mind(self) -> None:
        if self._connection is not None and (self._connection.closed or self._connection.broken):
            self.close()
