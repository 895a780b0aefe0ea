"""A look at the database: one read-only connection, one moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from db.connect import open_to_read
from db.refusing import unreadable

__all__ = ["Connection", "reading"]  # the type, for those who may not import what it comes from


@contextmanager
def reading(path: Path) -> Iterator[Connection]:
    """A connection on which everything is seen as of one moment; raises `DatabaseUnusable`."""
    engine = open_to_read(path)
    try:
        with engine.connect() as connection:
            yield connection
    except DatabaseError as error:
        raise unreadable(error, path) from error
    finally:
        engine.dispose()
