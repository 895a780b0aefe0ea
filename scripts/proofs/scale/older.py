"""The same contents in a database of an older schema: made by its own migrations, filled from the one of now."""

# ruff: noqa: S608 - all that is put together here are names of our own tables

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from db.connect import migrate


def older(path: Path, version: str, source: Path) -> None:
    """Make the database at `path` of schema `version`, with what it can hold of the one at `source`."""
    migrate(path, version)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-200000")
        connection.execute("ATTACH ? AS now", (str(source),))
        connection.execute("BEGIN")
        triggers = connection.execute("SELECT name, sql FROM main.sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        known = {row[0] for row in connection.execute("SELECT name FROM now.sqlite_master WHERE type = 'table'")}
        tables = [row[0] for row in connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
        for table in tables:
            if table == "alembic_version" or table.startswith(("sqlite_", "words_of_")) or table not in known:
                continue
            common = ", ".join(
                f'"{name}"'
                for name in _columns(connection, "main", table)
                if name in _columns(connection, "now", table)
            )
            connection.execute(f"DELETE FROM main.{table}")
            connection.execute(f"INSERT INTO main.{table} ({common}) SELECT {common} FROM now.{table}")
        for _, sql in triggers:
            connection.execute(sql)
        connection.execute("COMMIT")
        connection.execute("DETACH now")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _columns(connection: sqlite3.Connection, schema: str, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA {schema}.table_info({table})")]
