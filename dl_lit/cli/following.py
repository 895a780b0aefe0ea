"""Follows a log file: from its end or a moment on, across rotation, waiting for it where it does not exist yet."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

LONGEST_LINE = 1 << 20
"""Bytes; what is longer is no line of ours and is left out."""

_SPAN = re.compile(r"(\d{1,9})\s*([smhd])", re.IGNORECASE | re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


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


@dataclass(frozen=True, slots=True)
class Filter:
    """Which lines are wanted; everything given has to fit."""

    stages: Collection[str] = ()
    reasons: Collection[str] = ()
    since: datetime | None = None  # aware

    def wanted(self, lines: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """The lines that fit, as they are and read; what is no JSON object is left out."""
        for line in lines:
            event = _event(line)
            if event is not None and self._fits(event):
                yield line, event

    def _fits(self, event: dict[str, Any]) -> bool:
        if self.stages and event.get("stage") not in self.stages:
            return False
        if self.reasons and event.get("reason") not in self.reasons:
            return False
        if self.since is None:
            return True
        at = moment_of(event)
        return at is not None and at >= self.since


def _event(line: str) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


def moment_of(event: dict[str, Any]) -> datetime | None:
    """When the event was logged, aware; None when it does not say."""
    try:
        at = datetime.fromisoformat(str(event.get("timestamp")))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def since(text: str, now: datetime) -> datetime | None:
    """The moment that "90s", "10m", "2h", "3d" ago or an ISO 8601 time means; None when `text` is neither.

    A time without zone is taken to be UTC, as in the log.
    """
    if match := _SPAN.fullmatch(text.strip()):
        return now - timedelta(**{_UNITS[match[2].lower()]: int(match[1])})
    return moment_of({"timestamp": text.strip()})
