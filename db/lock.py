"""One pipeline process a database: an exclusive lock file that says who holds it."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from db.seat import Seat, note_at_seat, take_seat
from dl_lit.core.clock import Clock
from dl_lit.core.database_address import is_elsewhere
from dl_lit.core.errors import DatabaseBusy, DatabaseFull, DatabaseUnusable

_HEADER = b"SQLite format 3\0"
"""What every database begins with: https://www.sqlite.org/fileformat.html#magic_header_string (read 2026-11-23)."""

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


class PipelineLock:
    """Held for as long as this process works the database; the system gives it back when the process dies."""

    def __init__(self, database: Path, command: str, clock: Clock, *, over_anything: bool = False) -> None:
        """Nothing is locked before `acquire`; `over_anything`: what stands there need be no database."""
        self._database = None if over_anything else database
        self.path = database.with_name(database.name + ".lock")
        self._command = command
        self._clock = clock
        self._file: int | None = None
        self._seat: Seat | None = None
        self._is_new = False  # there was no lock file before

    def acquire(self) -> None:
        """Take the lock, or raise `DatabaseBusy` that says who has it.

        Raises `DatabaseUnusable` where something else stands in the database's place, which then is left alone, and
        `DatabaseFull`.
        """
        if self._database is not None and not is_elsewhere(self._database):
            _require_database(self._database)
        while self._file is None:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                file = self._opened()
            except OSError as error:
                raise self._refused(error) from error
            if not _locked(file):
                owner = os.pread(file, 4096, 0)
                os.close(file)
                raise DatabaseBusy(_who(owner))
            if _is_at(self.path, file):
                self._file = file
            else:  # who had it has removed it meanwhile
                os.close(file)
        note = {"pid": os.getpid(), "command": self._command, "since": self._clock.now().isoformat(timespec="seconds")}
        try:
            self._seat = take_seat(self.path, " ".join(map(str, note.values())))
        except OSError as error:
            self._let_go(leave=False)
            raise self._refused(error) from error
        if self._seat is None:  # somebody removed the lock file of who works
            self._let_go(leave=False)
            raise DatabaseBusy(_who(_of_seat(self.path)))
        try:
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, json.dumps(note).encode(), 0)
        except OSError as error:
            self._let_go(leave=False)
            raise self._refused(error) from error

    def release(self) -> None:
        """Give the lock back; harmless when it is not held."""
        self._let_go()

    def _let_go(self, *, leave: bool = True) -> None:
        """Give the lock back; without `leave` no lock file stays where there was none before."""
        if self._seat is not None:
            self._seat.leave()
            self._seat = None
        if self._file is None:
            return
        with suppress(OSError):  # a disk that fails: the lock itself goes with the descriptor
            if self._is_new and not leave:
                self.path.unlink(missing_ok=True)
            os.ftruncate(self._file, 0)
        os.close(self._file)
        self._file = None

    def _opened(self) -> int:
        try:
            file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        except FileExistsError:
            self._is_new = False
            return os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        self._is_new = True
        return file

    def _refused(self, error: OSError) -> DatabaseFull | DatabaseUnusable:
        kind = DatabaseFull if error.errno in _NO_ROOM else DatabaseUnusable
        return kind(f"cannot lock the database: {self.path}: {error.strerror}")

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._let_go(leave=not isinstance(error, DatabaseUnusable))


def _require_database(path: Path) -> None:
    """Raise `DatabaseUnusable` where something stands at `path` that is no database."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise DatabaseUnusable(f"{path} is no file: name another database with --db")
        with path.open("rb") as file:
            head = file.read(len(_HEADER))
    except FileNotFoundError:
        return
    except OSError as error:
        raise DatabaseUnusable(f"cannot open the database {path}: {error.strerror}") from error
    is_cut_off = not head.strip(b"\0") and any(path.with_name(path.name + end).exists() for end in ("-wal", "-journal"))
    if head not in {b"", _HEADER} and not is_cut_off:  # what a power cut left empty SQLite takes from beside it
        raise DatabaseUnusable(
            f"{path} is no database: name another with --db; if it was one, dl-lit restore puts a backup in its place"
        )


def _is_at(path: Path, file: int) -> bool:
    """Whether the open file is the one at `path`."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file))
    except OSError:
        return False


def _locked(file: int) -> bool:
    """Whether the exclusive lock could be had; tries a few times, since `holder` looks by taking it for an instant."""
    for wait_s in (0.01, 0.03, 0.1, None):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if wait_s is not None:
                time.sleep(wait_s)
        else:
            return True
    return False


def holder(database: Path) -> str | None:
    """Who works the database at this moment, in words; None when nobody does."""
    path = database.with_name(database.name + ".lock")
    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return _who(note) if (note := _of_seat(path)) else None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _who(os.pread(file, 4096, 0))
    finally:
        os.close(file)
    return _who(note) if (note := _of_seat(path)) else None


def _of_seat(path: Path) -> bytes:
    """The lock file's note by the word of the kernel, as JSON; empty where nobody has the seat."""
    pid, _, rest = (note_at_seat(path) or "").partition(" ")
    command, _, since = rest.rpartition(" ")
    return json.dumps({"pid": pid, "command": command, "since": since}).encode() if since else b""


def _who(note: bytes) -> str:
    try:
        owner = json.loads(note)
        return (
            f"the database is being worked on by process {owner['pid']} ({owner['command']}, since {owner['since']}): "
            "wait for it or stop it; commands that add or read work can be used meanwhile"
        )
    except (ValueError, KeyError, TypeError):
        return "the database is being worked on by another dl_lit process: wait for it or stop it"
