"""The few connections of a process that ask for permits: each question is one statement, and answered soon or never."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from db.postgres.engine import connection_to

_QUICK: Mapping[str, Any] = {"connect_timeout": 3, "tcp_user_timeout": 3_000}  # seconds, milliseconds
_SETTINGS = {"statement_timeout": "3s", "lock_timeout": "2s", "idle_in_transaction_session_timeout": "2s"}


class Sessions:
    """At most so many at once, opened when they are needed. Thread-safe."""

    def __init__(self, signpost: Path, most: int, prepare: Callable[[Any], None]) -> None:
        """Nothing is opened; `prepare` is handed a cursor of each session that is."""
        self._signpost = signpost
        self._prepare = prepare
        self._free: list[Any] = []
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(most)

    @contextmanager
    def one(self) -> Iterator[Any]:
        """A cursor of one's own; raises `psycopg.Error`, and then the connection is let go."""
        with self._places:
            connection = self._taken() or self._opened()
            try:
                yield connection.cursor(binary=True)
            except BaseException:
                connection.close()
                raise
            with self._lock:
                self._free.append(connection)

    def close(self) -> None:
        """Close those that nobody uses; where one has broken, they all have. The next use opens others."""
        with self._lock:
            free, self._free = self._free, []
        for connection in free:
            connection.close()

    def _taken(self) -> Any:
        with self._lock:
            return self._free.pop() if self._free else None

    def _opened(self) -> Any:
        connection = connection_to(self._signpost, _SETTINGS, **_QUICK)
        try:
            self._prepare(connection.cursor())
        except BaseException:
            connection.close()
            raise
        return connection
