"""Making what stands beside the work's tables: each part in a schema of its own, named with its version.

Another layout gets another name, so versions never quarrel, and nobody needs to upgrade anything.
"""

from __future__ import annotations

from typing import Any

_MAKING = 0x646C6265  # "dlbe": the advisory lock of whoever makes one

_THERE = "SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = %(name)s)"  # to_regnamespace may not know it yet


def schema_of(name: str, version: int) -> str:
    """What the schema of a part is called."""
    return f"dl_lit_{name}_{version}"


def make_if_missing(cursor: Any, schema: str, script: str) -> None:
    """Make the schema with `script`, in PostgreSQL's words, where it is not there; the connection looks in it then."""
    if not is_there(cursor, schema):
        cursor.script(f"BEGIN; SELECT pg_advisory_xact_lock({_MAKING})")
        try:
            if not is_there(cursor, schema):
                cursor.script(f"CREATE SCHEMA {schema}; SET LOCAL search_path = {schema}, dl_lit; {script}")
        except BaseException:
            cursor.script("ROLLBACK")
            raise
        cursor.script("COMMIT")
    look_in(cursor.connection, schema)


def look_in(connection: Any, schema: str) -> None:
    """Have the connection look in the schema before all others."""
    connection.keep({"search_path": f"{schema}, dl_lit"})


def is_there(cursor: Any, schema: str) -> bool:
    """Whether the schema has been made."""
    row = cursor.execute(_THERE, {"name": schema}).fetchone()
    return bool(row[0])
