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


WAYS = (
    Way("one-off"),
    Way("watching", is_watching=True),
    Way("older database", prepare=_with_older_database),
)
