"""One at a time of what may be done to a database beside its pipeline: a lock that goes with its holder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dl_lit.core.database_address import is_elsewhere


@contextmanager
def alone(database: Path, name: str) -> Iterator[bool]:
    """Hold the lock `name` of the database; whether nobody else does. There is nothing to hold where there is none.

    On a server all hosts have it together. Raises `DatabaseUnusable` where that does not answer.
    """
    if is_elsewhere(database):
        from db.postgres.alone import alone_there  # noqa: PLC0415 - its driver is an extra

        with alone_there(database, name) as is_ours:
            yield is_ours
        return
    if not database.exists():
        yield True  # whoever reads it says so
        return
    file = os.open(database.with_name(f"{database.name}.{name}"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield _is_locked(file)
    finally:
        os.close(file)


def _is_locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
