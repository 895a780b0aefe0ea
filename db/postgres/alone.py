"""Locks that all hosts of a database have together, each with a name; they go with the session that holds them.

Behind a pooler a session is ours for a transaction only: one that has read nothing is kept open then, which keeps
nothing from being cleaned up.
"""

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


_TRY = "pg_try_advisory{}_lock(CAST(? AS int4), hashtext(CAST(? AS TEXT)))"
_STAY = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0"


@contextmanager
def alone_there(path: Path, name: str) -> Iterator[bool]:
    """Hold the lock; whether nobody else does. Raises `DatabaseUnusable`."""
    try:
        connection = connection_to(path)
    except psycopg.Error as error:
        raise in_our_words(error, path) or DatabaseUnusable(str(error)) from error
    try:
        try:
            cursor = connection.cursor()
            if connection.is_pooled:
                cursor.script(_STAY)
            how = "_xact" if connection.is_pooled else ""
            found = cursor.execute(f"SELECT {_TRY.format(how)}", (CLASS, name)).fetchone()
        except psycopg.Error as error:
            raise in_our_words(error, path) or DatabaseUnusable(str(error)) from error
        yield bool(found[0])
    finally:
        connection.close()
