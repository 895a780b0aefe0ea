"""The database of a home, as it is seen from outside: SQLite's file, or a database on a server of our own."""

from __future__ import annotations

import random
import re
import sqlite3
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from db.tables import SCHEMA_VERSION

_WAL_HEADER, _FRAME_HEADER = 32, 24

Ask = Callable[..., list[tuple[Any, ...]]]
"""The rows of a query with its values."""


class Loss(StrEnum):
    """What becomes of the server that a database is on."""

    ALL = "server, all of it"
    FIRST = "server, its first process"  # the others see that, and end by themselves
    ONE = "server, a process of ours"  # the first ends the others then, and has all of it recovered
    STOPPED = "server, stopped at once"  # pg_ctl stop -m immediate
    BOTH = "server and program"


class Unreadable(Exception):
    """It cannot be looked into now: it is not there yet, or its server is not."""


class Database(Protocol):
    """What both kinds tell."""

    path: Path
    """Beside which the program keeps what is this host's alone: the file, or the signpost."""

    settings: Mapping[str, str]
    """What leads the program to it."""

    def reading(self) -> AbstractContextManager[Ask]:
        """Somebody who reads. Raises `Unreadable`, the asking as well."""

    def written(self) -> object:
        """Something else after each write."""

    def is_torn(self) -> bool:
        """Whether a transaction has begun to write and is not committed; the program is stopped."""

    def is_older(self) -> bool:
        """Whether it is of an older schema."""

    def schema(self) -> dict[str, str]:
        """Everything that is declared in it."""

    def left(self) -> Iterator[str]:
        """What must not be in it any more when the program has ended."""

    def lose(self, how: Loss, chance: random.Random, meanwhile: Callable[[], None]) -> None:
        """Lose the server, let `meanwhile` happen, and have it back in a while."""

    def close(self) -> None:
        """Let go of it; what lies on a server goes."""


class FileDatabase:
    """SQLite's."""

    def __init__(self, path: Path) -> None:
        """The file need not be there yet."""
        self.path = path
        self.settings: Mapping[str, str] = {}  # `proofs.scene` leads there
        self._log = path.with_name(f"{path.name}-wal")

    @contextmanager
    def reading(self) -> Iterator[Ask]:
        """See `Database.reading`."""
        try:
            with closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=0.2)) as connection:
                yield lambda query, *values: connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise Unreadable(str(error)) from error

    def written(self) -> object:
        """See `Database.written`: when the log was written to last."""
        with suppress(OSError):
            return self._log.stat().st_mtime_ns
        return 0

    def is_torn(self) -> bool:
        """See `Database.is_torn`: whether the log ends within a transaction."""
        try:
            data = self._log.read_bytes()
        except OSError:
            return False
        if len(data) < _WAL_HEADER:
            return False
        page = struct.unpack_from(">I", data, 8)[0] or 65_536
        salts, size = data[16:24], _FRAME_HEADER + page
        last_is_commit = True
        for start in range(_WAL_HEADER, len(data) - size + 1, size):
            if data[start + 8 : start + 16] != salts:
                break
            last_is_commit = data[start + 4 : start + 8] != b"\0\0\0\0"
        else:
            return not last_is_commit or (len(data) - _WAL_HEADER) % size != 0
        return not last_is_commit

    def is_older(self) -> bool:
        """See `Database.is_older`."""
        if not self.path.exists():
            return False
        try:
            with self.reading() as ask:
                found = ask("SELECT version_num FROM alembic_version")
        except Unreadable:
            return False
        return bool(found) and found[0][0] < SCHEMA_VERSION

    def schema(self) -> dict[str, str]:
        """See `Database.schema`."""
        with self.reading() as ask:
            rows = ask("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {name: re.sub(r"\s+", " ", sql) for name, sql in rows}

    def left(self) -> Iterator[str]:
        """See `Database.left`: claims are in memory."""
        yield from ()

    def lose(self, how: Loss, chance: random.Random, meanwhile: Callable[[], None]) -> None:
        """See `Database.lose`: there is none."""
        raise NotImplementedError

    def close(self) -> None:
        """See `Database.close`: it is closed after each look."""
