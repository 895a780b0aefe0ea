"""A PDF on disk: opened in the parent, which may; read in the child, which gets it open and can open nothing."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dl_lit.core.errors import PdfError
from dl_lit.core.reasons import Reason
from dl_lit.core.shortage import shortage_of

File = Path | int
"""Where a file is, or a descriptor of it."""


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """A descriptor to read the file at `path` with; raises `PdfError` where there is no file that may be read."""
    with _told():
        _regular(path)
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        yield file
    finally:
        os.close(file)


def size_of(file: File) -> int:
    """Its bytes; raises `PdfError` where there is no regular file."""
    with _told():
        return _regular(file)


def content_of(file: File, most: int | None = None) -> bytes:
    """What is in it, at most its first `most` bytes; raises `PdfError` where it cannot be read."""
    with _told(), open(file, "rb", closefd=not isinstance(file, int)) as stream:
        stream.seek(0)
        return stream.read() if most is None else stream.read(most)


def _regular(file: File) -> int:
    """The size of a regular file."""
    about = os.stat(file)  # noqa: PTH116 - or a descriptor
    if not stat.S_ISREG(about.st_mode):
        raise PdfError(Reason.UNREADABLE_FILE, "not a regular file")
    return about.st_size


@contextmanager
def _told() -> Iterator[None]:
    """What the system says of a file, as a reason."""
    try:
        yield
    except FileNotFoundError as error:
        raise PdfError(Reason.VANISHED) from error
    except OSError as error:
        reason = Reason.UNREADABLE_FILE if shortage_of(error) is None else Reason.WRITE_ERROR
        raise PdfError(reason, error.strerror or type(error).__name__) from error
