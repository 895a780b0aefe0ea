"""The file of language models: uploads that must be deleted, and what every day took."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from db.sidefile import SideFile, side_file_at

if TYPE_CHECKING:
    from db.postgres.beside import SideTables

VERSION = 1
DAY_S = 86_400

SCHEMA = """
CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    provider TEXT NOT NULL,
    base_url TEXT NOT NULL,
    begun_at REAL NOT NULL,
    name TEXT NOT NULL DEFAULT '',
    uri TEXT NOT NULL DEFAULT '',
    pid INTEGER NOT NULL,
    started TEXT NOT NULL,
    space TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE days (
    day INTEGER NOT NULL,
    model TEXT NOT NULL,
    requests INTEGER NOT NULL DEFAULT 0,
    input INTEGER NOT NULL DEFAULT 0,
    cached INTEGER NOT NULL DEFAULT 0,
    written INTEGER NOT NULL DEFAULT 0,
    output INTEGER NOT NULL DEFAULT 0,
    cost REAL NOT NULL DEFAULT 0,
    PRIMARY KEY (day, model)
) WITHOUT ROWID;
"""
"""`day` is counted from the Unix epoch, in UTC; `name` is empty until the provider has told it; `cost`: dollars."""


CLAIMS = """
CREATE TABLE IF NOT EXISTS claims (
    key TEXT PRIMARY KEY,
    until REAL NOT NULL,
    pid INTEGER NOT NULL,
    started TEXT NOT NULL,
    space TEXT NOT NULL
) WITHOUT ROWID;
"""
"""Questions that are being asked. Made when it is first needed: files of earlier versions have none and stay in use."""


def language_file(state_folder: Path) -> Path:
    """The file in the folder of what all dl_lit processes of the machine share."""
    return state_folder / "language.db"


def side_file(state_folder: Path) -> SideFile | SideTables:
    """The file, not opened before it is used; close it."""
    return side_file_at(language_file(state_folder), "use of language models", SCHEMA, VERSION, is_lasting=True)
