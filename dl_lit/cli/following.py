"""Follows a log file: from its end or a moment on, across rotation, waiting for it where it does not exist yet."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

LONGEST_LINE = 1 << 20
"""Bytes; what is longer is no line of ours and is left out."""

_MOST_FILES = 100  # as the setting log.files_kept allows


class LogFile:
    """The lines of a file that another process writes to and rotates."""

    def __init__(self, path: Path, *, tail_bytes: int | None = None) -> None:
        """Begin `tail_bytes` before the present end of the file (at its next line); at its beginning when None."""
        self._path = path
        self._tail_bytes = tail_bytes
        self._file: BinaryIO | None = None
        self._rest = b""
        self._skipping = False  # the line that has begun is left out

    def read_once(self) -> list[str]:
        """The lines that have been finished since the last call; empty when there are none yet."""
        if self._file is None and not self._open():
            return []
        lines = self._read()
        if self._was_replaced():
            lines += self._read()  # what was written before it was
            self.close()
            if self._open():
                lines += self._read()
        return lines

    def _open(self) -> bool:
        try:
            self._file = self._path.open("rb")
        except OSError:
            return False
        if self._tail_bytes is not None:
            end = self._file.seek(0, os.SEEK_END)
            self._file.seek(max(0, end - self._tail_bytes))
            self._skipping = end > self._tail_bytes
        self._tail_bytes = None  # whatever comes after is read whole
        return True

    def _read(self) -> list[str]:
        lines: list[str] = []
        while self._file is not None and (block := self._file.read(1 << 16)):
            *whole, self._rest = (self._rest + block).split(b"\n")
            if whole and self._skipping:
                del whole[0]
                self._skipping = False
            lines += (line.decode("utf-8", "replace") for line in whole)
            if len(self._rest) > LONGEST_LINE:
                self._rest, self._skipping = b"", True
        return lines

    def _was_replaced(self) -> bool:
        """Whether the path names another file now, or this one has been cut."""
        if self._file is None:
            return False
        mine = os.fstat(self._file.fileno())
        try:
            named = self._path.stat()
        except OSError:
            return False  # moved away, and the next one is not there yet
        return (named.st_dev, named.st_ino) != (mine.st_dev, mine.st_ino) or mine.st_size < self._file.tell()

    def close(self) -> None:
        """Give the file back."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._rest, self._skipping = b"", False


def older_files(path: Path, since: datetime) -> list[Path]:
    """The files that `path` was rotated into and that reach to `since` or beyond it, the oldest first."""
    found = []
    for number in range(1, _MOST_FILES + 1):
        older = path.with_name(f"{path.name}.{number}")
        try:
            changed = older.stat().st_mtime
        except OSError:
            break
        if changed < since.timestamp():
            break
        found.append(older)
    return found[::-1]


def whole_lines(path: Path) -> Iterator[str]:
    """The lines of a file that is not written to any more; none where it has gone."""
    log = LogFile(path)
    try:
        yield from log.read_once()
    finally:
        log.close()
