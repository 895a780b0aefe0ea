"""What is said to SQLite, in PostgreSQL's words."""

from __future__ import annotations

import pytest

pytest.importorskip("psycopg")

from db.postgres.speaking import numbered, said


@pytest.mark.parametrize(
    ("sqlite", "there"),
    [
        ("SELECT id FROM works LIMIT ?", "SELECT id FROM works LIMIT nullif(%s, -1)"),  # -1: all of them
        ("SELECT 1 WHERE key = ? COLLATE NOCASE", 'SELECT 1 WHERE lower(key) = lower(%s COLLATE "C")'),
        ("SELECT 1 WHERE a.key = b.key COLLATE NOCASE", 'SELECT 1 WHERE lower(a.key) = lower(b.key COLLATE "C")'),
        ("SELECT 1 WHERE ?1 IS NULL OR id = ?1", "SELECT 1 WHERE %s::text IS NULL OR id = %s"),
        ("SELECT key COLLATE NOCASE AS name", "SELECT lower(key) AS name"),
    ],
)
def test_what_is_written_otherwise_is_rewritten(sqlite: str, there: str) -> None:
    """Each of these SQLite understands as well."""
    assert said(sqlite).sql == there


def test_parameters_with_names_get_numbers() -> None:
    """Texts, and casts as PostgreSQL writes them, are left alone."""
    sql = "SELECT a ->> '$.x:y' FROM t WHERE b = :one AND c IN (:two) AND d = :one::int"
    assert numbered(sql) == (
        "SELECT a ->> '$.x:y' FROM t WHERE b = ?1 AND c IN (?2) AND d = ?1::int",
        ("one", "two"),
    )
