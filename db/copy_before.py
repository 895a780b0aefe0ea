"""The copy of a database that is made before it is brought up to date: there whole, or not at all."""

from __future__ import annotations

import fcntl
import glob
import os
import re
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from functools import partial
from pathlib import Path

from db.abandoned import remove_abandoned
from db.durable import flush

_DRAFT = ".partial"
_STAMPED = re.compile(r"\.\d{8}T\d{6}Z$")


def copy_before(path: Path, version: str, to: str, now: datetime) -> Path:
    """Copy the database at `path` before it goes from schema `version` `to` another, `now` in UTC; where the copy is.

    What attempts before left that were killed while they copied is removed. Of the copies that attempts at this same
    upgrade made the first and the last stay: each attempt that fails leaves the database as it was, so those between
    tell nothing more, and a start that fails for ever would fill the disk with them. Raises `OSError`, `sqlite3.Error`.
    """
    _sweep(path)
    name = f"{path.name}.before-{version}-to-{to}."
    final = path.with_name(f"{name}{now:%Y%m%dT%H%M%SZ}")
    draft = final.with_name(f"{final.name}.{os.getpid()}{_DRAFT}")
    held = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)  # until the process ends, however it does: so others know whose it is
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(draft)) as target:
            source.backup(target)
        os.fsync(held)
        draft.replace(final)
        flush(final.parent)  # before the old content goes
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    finally:
        os.close(held)
    _, *others = sorted(one for one in path.parent.glob(f"{glob.escape(name)}*") if _STAMPED.search(one.name))
    for one in others:
        if one != final:
            with suppress(OSError):
                one.unlink()
    return final


def _sweep(path: Path) -> None:
    """Remove drafts that nobody holds; what the disk refuses is left."""
    for draft in path.parent.glob(f"{glob.escape(path.name)}.before-*{_DRAFT}"):
        with suppress(OSError):
            journal = draft.with_name(f"{draft.name}-journal")
            remove_abandoned(draft, before=partial(journal.unlink, missing_ok=True))
