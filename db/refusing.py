"""What SQLite says no with, as dl_lit calls it: for what any process may ask of the database at any time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DatabaseError

from dl_lit.core.errors import DatabaseFull, DatabaseUnusable

_NO_SPACE = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_SHMSIZE}
)


@contextmanager
def named() -> Iterator[None]:
    """Raises `DatabaseFull` or `DatabaseUnusable` where SQLite does not do what is asked within."""
    try:
        yield
    except DatabaseError as error:
        if getattr(error.orig, "sqlite_errorcode", None) in _NO_SPACE:
            raise DatabaseFull(f"no space for the database: {error.orig}") from error
        raise DatabaseUnusable(f"the database cannot be used now: {error.orig}") from error
