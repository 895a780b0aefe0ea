"""What is said to SQLite, in PostgreSQL's words."""

from __future__ import annotations

import pytest

pytest.importorskip("psycopg")

from db.postgres.speaking import said


@pytest.mark.parametrize(
    ("sqlite", "postgres"),
    [
        ("SELECT id FROM works LIMIT ?", "SELECT id FROM works LIMIT nullif(%s, -1)"),  # -1: all of them
        ("SELECT 1 WHERE key = ? COLLATE NOCASE", 'SELECT 1 WHERE lower(key) = lower(%s COLLATE "C")'),
        ("SELECT 1 WHERE a.key = b.key COLLATE NOCASE", 'SELECT 1 WHERE lower(a.key) = lower(b.key COLLATE "C")'),
        ("SELECT key COLLATE NOCASE AS name", "SELECT lower(key) AS name"),
    ],
)
def test_what_is_written_otherwise_is_rewritten(sqlite: str, postgres: str) -> None:
    """Each of these SQLite understands as well."""
    assert said(sqlite).sql == postgres
