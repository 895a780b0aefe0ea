"""The cache's file. What was asked is kept as a digest alone: the file tells nobody what was looked for."""

from __future__ import annotations

from pathlib import Path

VERSION = 1

SCHEMA = """
CREATE TABLE services (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    hits INTEGER NOT NULL DEFAULT 0,
    misses INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE answers (
    key BLOB PRIMARY KEY,
    service INTEGER NOT NULL REFERENCES services (id),
    stored_at REAL NOT NULL,
    expires_at REAL NOT NULL,
    used_at REAL NOT NULL,
    size INTEGER NOT NULL,
    packed INTEGER NOT NULL,
    body BLOB
);
CREATE INDEX answers_by_use ON answers (used_at);
CREATE INDEX answers_by_expiry ON answers (expires_at);
CREATE INDEX answers_by_service ON answers (service, packed, size);
"""
"""`size` and `packed` are the body's bytes before and after packing; a body of NULL is a positive absence."""


def cache_file(folder: Path) -> Path:
    """The cache's file in the folder of caches; another layout gets another name, so versions never quarrel."""
    return folder / f"answers-{VERSION}.db"
