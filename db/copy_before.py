"""The copy of a database that is made before it is brought up to date: there whole, or not at all."""

from __future__ import annotations

import fcntl
import glob
import os
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

_DRAFT = ".partial"


def copy_before(path: Path, version: str, to: str, now: datetime) -> Path:
    """Copy the database at `path` before it goes from schema `version` `to` another, `now` in UTC; where the copy is.

    What attempts before left that were killed while they copied is removed. Raises `OSError`, `sqlite3.Error`.
    """
    _sweep(path)
    final = path.with_name(f"{path.name}.before-{version}-to-{to}.{now:%Y%m%dT%H%M%SZ}")
    draft = final.with_name(f"{final.name}.{os.getpid()}{_DRAFT}")
    held = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)  # until the process ends, however it does: so others know whose it is
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(draft)) as target:
            source.backup(target)
        os.fsync(held)
        draft.replace(final)
        _flush(final.parent)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    finally:
        os.close(held)
    return final


def _sweep(path: Path) -> None:
    """Remove drafts that nobody holds; what the disk refuses is left."""
    for draft in path.parent.glob(f"{glob.escape(path.name)}.before-*{_DRAFT}"):
        with suppress(OSError):
            file = os.open(draft, os.O_RDONLY | os.O_CLOEXEC)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                draft.with_name(f"{draft.name}-journal").unlink(missing_ok=True)
                draft.unlink()
            finally:
                os.close(file)


def _flush(folder: Path) -> None:
    """Have the new name survive a power cut, before the old content goes."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
