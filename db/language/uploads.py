"""The uploads of this machine, on disk before anything is sent (`core.language.RemoteBook`)."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from db.machine.processes import is_alive, may_live, this_process
from db.sidefile import SideFile, Unusable
from dl_lit.core.clock import Clock
from dl_lit.core.database_address import is_signpost
from dl_lit.core.language import Provider, RemoteFile, RemoteLeft
from dl_lit.core.sharing import Holder

if TYPE_CHECKING:
    from db.postgres.beside import SideTables

ABANDONED_S = 2 * 86_400.0
"""No section's work lasts so long: whoever began it and says to be alive has let go of it."""

T = TypeVar("T")

_BEGIN = "INSERT INTO uploads (id, provider, base_url, begun_at, pid, started, space) VALUES (?, ?, ?, ?, ?, ?, ?)"
_NAME = "UPDATE uploads SET name = ?, uri = ? WHERE id = ?"
_STRIKE = "DELETE FROM uploads WHERE id = ?"
ALL = "SELECT id, provider, base_url, begun_at, name, uri, pid, started, space FROM uploads ORDER BY begun_at, id"

Row = tuple[str, str, str, float, str, str, int, str, str]


class DiskUploads:
    """Remembers each upload until it is known to be deleted. Thread-safe; only `begin` raises."""

    def __init__(self, file: SideFile | SideTables, clock: Clock) -> None:
        """`file` is another's to close."""
        self._file = file
        self._clock = clock

    def begin(self, provider: Provider, base_url: str) -> str:
        """Write down that an upload is about to be sent; its id. Raises `OSError` where that cannot be written."""
        id_ = uuid.uuid4().hex
        me = this_process()
        row = (id_, provider.value, base_url, self._clock.time(), me.pid, me.started, me.space)
        try:
            self._write(lambda connection: connection.execute(_BEGIN, row))
        except Unusable as error:
            raise OSError(f"{self._file.path} takes no note of an upload, so none is made") from error
        return id_

    def named(self, id: str, file: RemoteFile) -> None:
        """Write down what the provider calls it."""
        with suppress(Unusable):
            self._write(lambda connection: connection.execute(_NAME, (file.name, file.uri, id)))

    def gone(self, id: str) -> None:
        """Strike it out."""
        with suppress(Unusable):
            self._write(lambda connection: connection.execute(_STRIKE, (id,)))

    def left(self) -> Sequence[RemoteLeft]:
        """Uploads that nobody will delete any more, the oldest first; nothing where the file cannot be read."""
        try:
            with self._file.reading() as connection:
                rows: list[Row] = connection.execute(ALL).fetchall()
        except Unusable:
            return ()
        return [upload_of(row) for row in rows if is_let_go(row, self._clock.time(), self._file.path)]

    def _write(self, change: Callable[[sqlite3.Connection], T]) -> T:
        try:
            with self._file.writing() as connection:
                return change(connection)
        except Unusable:  # once more: where the file was damaged there is a new one now
            with self._file.writing() as connection:
                return change(connection)


def is_let_go(row: Row, now: float, path: Path) -> bool:
    """Whether nobody will delete it any more, at `now` (epoch seconds). `path` is where it is written down.

    Where all hosts write, those of another one cannot be looked at.
    """
    lives = may_live if is_signpost(path.parent) else is_alive
    return now - row[3] > ABANDONED_S or not lives(Holder(*row[6:]))


def upload_of(row: Row) -> RemoteLeft:
    """The upload that a row tells of."""
    id_, provider, base_url, begun_at, name, uri = row[:6]
    known = Provider(provider)
    return RemoteLeft(id_, known, base_url, begun_at, RemoteFile(known, base_url, name, uri) if name else None)
