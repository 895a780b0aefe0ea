"""One pipeline process a database: an exclusive lock file that says who holds it."""

from __future__ import annotations

import fcntl
import json
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from dl_lit.core.clock import Clock
from dl_lit.core.errors import DatabaseBusy, DatabaseUnusable


class PipelineLock:
    """Held for as long as this process works the database; the system gives it back when the process dies."""

    def __init__(self, database: Path, command: str, clock: Clock) -> None:
        """Nothing is locked before `acquire`."""
        self.path = database.with_name(database.name + ".lock")
        self._command = command
        self._clock = clock
        self._file: int | None = None

    def acquire(self) -> None:
        """Take the lock, or raise `DatabaseBusy` that says who has it."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise DatabaseUnusable(f"cannot lock the database: {self.path}: {error.strerror}") from error
        if not _locked(file):
            owner = os.pread(file, 4096, 0)
            os.close(file)
            raise DatabaseBusy(_who(owner))
        note = {"pid": os.getpid(), "command": self._command, "since": self._clock.now().isoformat(timespec="seconds")}
        os.ftruncate(file, 0)
        os.pwrite(file, json.dumps(note).encode(), 0)
        self._file = file

    def release(self) -> None:
        """Give the lock back; harmless when it is not held."""
        if self._file is not None:
            os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


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
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _who(os.pread(file, 4096, 0))
    finally:
        os.close(file)
    return None


def _who(note: bytes) -> str:
    try:
        owner = json.loads(note)
        return (
            f"the database is being worked on by process {owner['pid']} ({owner['command']}, since {owner['since']}): "
            "wait for it or stop it; commands that add or read work can be used meanwhile"
        )
    except (ValueError, KeyError, TypeError):
        return "the database is being worked on by another dl_lit process: wait for it or stop it"
