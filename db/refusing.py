"""What a database says no with, as dl_lit calls it: for what any process may ask of it at any time."""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import msgspec
from sqlalchemy.exc import DatabaseError

from dl_lit.core.database_address import shown
from dl_lit.core.errors import DatabaseAway, DatabaseDamaged, DatabaseFull, DatabaseUnusable

S = TypeVar("S")
P = ParamSpec("P")
T = TypeVar("T")

_NO_SPACE = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_SHMSIZE}
)
_NOT_NOW = frozenset(
    {
        *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL),  # another process's transaction
        *(sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN),  # a disk that does not answer, no descriptor left
        *(sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM),  # a disk that was remounted
    }
)
"""Primary codes of what may pass."""

_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
"""Primary codes of a file that is not as it was written."""

_UNREADABLE = "Could not decode to UTF-8"
"""What Python says of text that is none; it has no code."""


@contextmanager
def named() -> Iterator[None]:
    """Raises `DatabaseFull` or `DatabaseUnusable` where the database does not do what is asked within.

    What was asked wrongly is raised as it is.
    """
    try:
        yield
    except Exception as error:
        is_of_database = isinstance(error, (DatabaseError, sqlite3.Error)) or _is_of_server(error)
        if is_of_database and (known := in_our_words(error)) is not None:
            raise known from error
        raise


def in_our_words(error: BaseException, path: Path | None = None) -> DatabaseFull | DatabaseUnusable | None:
    """What the error says of the database at `path`; None where it is about what was asked."""
    cause = getattr(error, "orig", None) or error
    if _is_of_server(cause):
        from db.postgres import refusing  # noqa: PLC0415 - its driver is an extra

        return refusing.in_our_words(cause, path)
    which = "the database" if path is None else f"the database {path}"
    if _is_damage(cause):
        return damaged(which, cause)
    code = getattr(cause, "sqlite_errorcode", None)
    if not isinstance(cause, sqlite3.Error) or code is None:
        return None
    if code in _NO_SPACE:
        is_full = code in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE}
        return DatabaseFull(f"no space for {which}: {cause}" if is_full else f"{which} cannot be written: {cause}")
    return DatabaseUnusable(f"{which} cannot be used now: {cause}") if code & 0xFF in _NOT_NOW else None


def _is_of_server(error: BaseException) -> bool:
    return type(error).__module__.partition(".")[0] == "psycopg"


def unreadable(error: DatabaseError, path: Path) -> DatabaseUnusable:
    """What is said of a database that cannot be read: that it is damaged, or why not now."""
    known = in_our_words(error, path)
    if isinstance(known, (DatabaseAway, DatabaseDamaged)):
        return known
    return DatabaseUnusable(f"cannot read the database {shown(path)}: {' '.join(str(error.orig).split())}")


def damaged(which: str, why: object) -> DatabaseDamaged:
    """What is said of a damaged database, and what to do about it."""
    return DatabaseDamaged(
        f"{which} is damaged ({why}): nothing more is written into it; "
        "dl-lit restore puts a backup in its place and keeps the damaged one"
    )


def _is_damage(error: BaseException) -> bool:
    if not isinstance(error, sqlite3.Error):
        return isinstance(error, msgspec.DecodeError) and not isinstance(error, msgspec.ValidationError)
    code = getattr(error, "sqlite_errorcode", None)
    return code & 0xFF in _DAMAGE if code is not None else str(error).startswith(_UNREADABLE)


def telling_in_our_words(verb: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
    """The verb of what has the database's `path`, with what that says no to it with in our words."""

    @functools.wraps(verb)
    def asked(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return verb(self, *args, **kwargs)
        except Exception as error:
            path: Any = getattr(self, "path", None)
            if (known := in_our_words(error, path)) is not None:
                raise known from error
            raise

    return asked
