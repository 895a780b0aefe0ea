"""Where lines go: to a stream, or to a file that is rotated here or by others."""

from __future__ import annotations

import logging
import logging.handlers
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from dl_lit.core.errors import NeedsConfiguration
from dl_lit.logs.journal import PRIORITIES


class Lines(logging.StreamHandler[TextIO]):
    """Lines on a stream; with `prefixed`, each begins with its priority as systemd reads it on standard error.

    Source: https://www.freedesktop.org/software/systemd/man/latest/sd-daemon.html (read 2026-11-23).
    """

    def __init__(self, stream: TextIO, *, prefixed: bool = False) -> None:
        """Nothing is written yet."""
        super().__init__(stream)
        self._prefixed = prefixed

    def prefix(self, level: str) -> str:
        """What a line of this level begins with."""
        return f"<{PRIORITIES.get(level, 6)}>" if self._prefixed else ""

    def format(self, record: logging.LogRecord) -> str:
        """The record's line."""
        level = record.levelname.lower()  # before formatting, which may change the record
        return self.prefix(level) + super().format(record)

    def write(self, text: str) -> None:
        """Write many lines at once."""
        if not text:
            return
        self.acquire()
        try:
            self.make_room(len(text))
            self.stream.write(text)
            self.flush()
        except OSError:
            self.handleError(logging.makeLogRecord({"name": "dl_lit.logs", "msg": "lines lost"}))
        finally:
            self.release()

    def make_room(self, more: int) -> None:
        """Prepare for so many more characters."""


class LogFile(logging.handlers.RotatingFileHandler, Lines):
    """A log file that is rotated at a size.

    Where it cannot be written (a full disk) that costs lines and not a traceback for each of them. Where others rename
    or remove it (logrotate), the next line begins the new one: at `reopen`, or by itself.
    """

    _is_told = False
    _prefixed = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is the standard library's
        """Say once on standard error that lines are lost."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            super().handleError(record)
        elif not self._is_told:
            self._is_told = True
            with suppress(OSError, ValueError):
                says = f"cannot write {self.baseFilename}: {error.strerror}; lines are lost until it can be written"
                print(f"dl-lit: {says}", file=sys.stderr)  # noqa: T201 - the log itself cannot be told

    def make_room(self, more: int) -> None:
        """Rotate where the file would become too large."""
        if self.was_replaced():
            self.reopen()
        if self.stream is None:
            self.stream = self._open()
        if self.maxBytes > 0 and self.stream is not None and self.stream.tell() + more > self.maxBytes:
            self.doRollover()

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        if self.was_replaced():
            self.reopen()
        super().emit(record)

    def was_replaced(self) -> bool:
        """Whether another file stands under the name, or none does."""
        if self.stream is None:
            return False
        try:
            mine, named = os.fstat(self.stream.fileno()), os.stat(self.baseFilename)  # noqa: PTH116 - is a text
        except OSError:
            return True
        return (mine.st_dev, mine.st_ino) != (named.st_dev, named.st_ino)

    def reopen(self) -> None:
        """Go on with the file that stands under the name now, made where there is none."""
        self.acquire()
        try:
            stream, self.stream = self.stream, None
            if stream is not None:
                with suppress(OSError):
                    stream.close()
            with suppress(OSError):  # the next line tries again, and says so
                Path(self.baseFilename).parent.mkdir(exist_ok=True)  # removed together with the file
                self.stream = self._open()
        finally:
            self.release()


def log_file(path: Path, file_mb: int, files_kept: int) -> LogFile:
    """The file, its folder made where it is missing; raises `NeedsConfiguration`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return LogFile(
            path,
            maxBytes=file_mb * 1_048_576,
            backupCount=files_kept,
            encoding="utf-8",
            errors="backslashreplace",
        )
    except OSError as error:
        raise NeedsConfiguration(f"log.file: cannot write {path}: {error.strerror}") from error
