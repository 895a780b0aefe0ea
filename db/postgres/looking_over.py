"""What doctor asks of the database itself, where SQLite is asked by PRAGMA: whether its rules hold."""

from __future__ import annotations

from sqlalchemy import Connection

_HERE = "c.connamespace = to_regnamespace(current_schema())"
_RULE = f"SELECT pg_get_constraintdef(c.oid) FROM pg_constraint AS c WHERE c.conname = ? AND {_HERE}"  # noqa: S608 - ours
_UNPROVEN = f"""
SELECT CAST(c.conrelid::regclass AS TEXT) || ' by ' || c.conname FROM pg_constraint AS c
WHERE c.contype = 'f' AND NOT c.convalidated AND {_HERE} ORDER BY 1
"""  # noqa: S608 - as above
_INVALID = """
SELECT CAST(i.indexrelid::regclass AS TEXT) || ' is not to be relied on: REINDEX it' FROM pg_index AS i
JOIN pg_class AS c ON c.oid = i.indexrelid
WHERE NOT i.indisvalid AND c.relnamespace = to_regnamespace(current_schema()) ORDER BY 1
"""


def rule_of(connection: Connection, name: str) -> str:
    """The condition of that name, as text; empty where there is none."""
    return str(connection.exec_driver_sql(_RULE, (name,)).scalar() or "")


def dangling(connection: Connection) -> list[str]:
    """Where rows may point at nothing: the server holds every other reference true."""
    return list(connection.exec_driver_sql(_UNPROVEN).scalars())


def damage(connection: Connection) -> list[str]:
    """What the server itself says is not whole."""
    return list(connection.exec_driver_sql(_INVALID).scalars())
