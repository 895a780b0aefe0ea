"""Locks that all hosts of a database have together, each with a name; they go with the session that holds them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from db.postgres.engine import connection_to
from db.postgres.refusing import in_our_words
from dl_lit.core.errors import DatabaseUnusable

CLASS = 0x646C6C6F  # "dllo"
"""The first number of these advisory locks."""


@contextmanager
def alone_there(path: Path, name: str) -> Iterator[bool]:
    """Hold the lock; whether nobody else does. Raises `DatabaseUnusable`."""
    try:
        connection = connection_to(path)
    except psycopg.Error as error:
        raise in_our_words(error, path) or DatabaseUnusable(str(error)) from error
    with connection:
        found = connection.execute(
            "SELECT pg_try_advisory_lock(CAST(? AS int4), hashtext(CAST(? AS TEXT)))", (CLASS, name)
        ).fetchone()
        yield bool(found[0])
