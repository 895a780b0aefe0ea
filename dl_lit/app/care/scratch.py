"""A folder for what a process writes and needs no longer than it lives; what killed processes left there is removed."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "of-"
_BUSY_S = 2.0


@contextmanager
def scratch_below(base: Path) -> Iterator[Path]:
    """A folder of this process's own below `base`, removed when left. Raises `OSError` where none can be made.

    Whoever uses one holds a lock on it, which the system takes away when the process dies, however it does.
    """
    base.mkdir(parents=True, exist_ok=True)
    with _locked(base):  # nobody takes the new folder for an abandoned one
        _sweep(base)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))
        held = _lock(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if held is not None:
            os.close(held)


def _sweep(base: Path) -> None:
    """Remove the folders that nobody holds."""
    for folder in base.glob(f"{_PREFIX}*"):
        if (held := _lock(folder)) is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(held)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Wait for the folder's lock, which others hold for some milliseconds; raises `OSError` where one hangs with it."""
    end = time.monotonic() + _BUSY_S
    while (held := _lock(folder)) is None:
        if time.monotonic() > end:
            raise BlockingIOError(errno.EWOULDBLOCK, "locked by another process", str(folder))
        threading.Event().wait(0.01)
    try:
        yield
    finally:
        os.close(held)


def _lock(folder: Path) -> int | None:
    """The folder's lock, as an open descriptor; None where another holds it, or the folder has gone."""
    try:
        held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(held)
        return None
    return held
