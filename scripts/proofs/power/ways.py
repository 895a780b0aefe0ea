"""The runs that the power is cut in."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from proofs.power.recorded import Way
from proofs.scene import Scene

from db.connect import migrate

_OLDER = "0005"  # the schema before the present one
_DONE_BEFORE = (
    "INSERT INTO attempts (stage, item_id, attempt, outcome, reason, started_at, seconds) "
    "VALUES ('download', 4711, 1, 'done', 'ok', '2026-01-01T00:00:00+00:00', 0.5)"
)


def _with_older_database(scene: Scene, root: Path) -> None:
    database = scene.database(root)
    migrate(database, _OLDER)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(_DONE_BEFORE)
        connection.commit()


def _without_its_copy(root: Path, connection: sqlite3.Connection) -> list[str]:
    """A database that has been brought up to date has beside it what it was before, whole."""
    if connection.execute("SELECT version_num FROM alembic_version").fetchone()[0] == _OLDER:
        return []
    for copy in root.glob("bench.db.before-*"):
        try:
            with closing(sqlite3.connect(f"file:{copy}?mode=ro&immutable=1", uri=True)) as one:
                is_whole = one.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
                if is_whole and one.execute("SELECT version_num FROM alembic_version").fetchone()[0] == _OLDER:
                    return []
        except sqlite3.Error:
            continue
    return ["lost: the database was brought up to date, and what it was before is not beside it"]


WAYS = (
    Way("one-off"),
    Way("watching", is_watching=True),
    Way("older database", prepare=_with_older_database, amiss=_without_its_copy),
)
