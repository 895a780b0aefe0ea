"""What a library's disk is asked for: names that are never taken over, content that survives a power cut."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dl_lit.core.errors import FetchError
from dl_lit.core.items import Downloaded
from dl_lit.core.reasons import Reason

PAUSE_S = 60.0
"""How long what the library refused waits before it is tried again."""

NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS, errno.EXDEV, errno.EACCES})
"""How file systems say that a file cannot have another name."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NOT_FOR_FOLDERS = frozenset({errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EBADF})


@contextmanager
def disk(at: Path | None = None) -> Iterator[None]:
    """Say what the disk refuses in our words, and where if the error itself does not: `at`."""
    try:
        yield
    except OSError as error:
        reason = Reason.DISK_FULL if error.errno in _FULL else Reason.WRITE_ERROR
        says = f"{error}: {at}" if at is not None and error.filename is None else str(error)
        raise FetchError(reason, says, after=PAUSE_S, costs_attempt=False) from error


def move_without_overwriting(part: Path, final: Path) -> None:
    """Give the file its name unless it is taken (`FileExistsError`), also where the file system knows no links.

    On NFS an answer can get lost, and the same request, sent again, finds the name taken by this very file: whoever
    finds it taken looks whether that is so.
    """
    try:
        os.link(part, final)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        with final.open("xb"):
            pass
        part.replace(final)
    else:
        part.unlink()


def flush(path: Path) -> None:
    """Make a file's content, or a folder's names, survive a power cut; some network file systems flush no folders."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _NOT_FOR_FOLDERS or not path.is_dir():
            raise
    finally:
        os.close(handle)


def holds(path: Path, facts: Downloaded) -> bool:
    """Whether the file is there with the content that the facts name."""
    try:
        if path.stat().st_size != facts.size_bytes or not path.is_file():
            return False
        return sha256_of(path) == facts.sha256
    except FileNotFoundError:
        return False


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file. Raises `OSError`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def link_or_copy(source: Path, target: Path) -> None:
    """Make `target` the same file, or one with the same content where the file system knows no links."""
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        shutil.copyfile(source, target)
