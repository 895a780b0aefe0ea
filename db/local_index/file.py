"""The index's file: its tables, how it is opened, and what is said when it cannot be."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from dl_lit.core.errors import DatabaseUnusable

FORMAT = 1
"""Stamped on the file (`user_version`); a file of another format is not read."""
APPLICATION = 0x646C6C69  # "dlli"
BUSY_S = 30.0
_CACHE_KB = 16_384
_IMPORT_CACHE_KB = 131_072

SCHEMA = f"""
CREATE TABLE records (
  id INTEGER PRIMARY KEY,  -- never given twice: the words of a record that was replaced point nowhere
  source TEXT NOT NULL,
  updated TEXT,            -- when the service last changed it (ISO 8601), NULL: not said
  data BLOB NOT NULL
);
CREATE TABLE identifiers (
  kind INTEGER NOT NULL,
  value TEXT NOT NULL,
  record INTEGER NOT NULL,
  PRIMARY KEY (kind, value, record)
) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(said, content='', detail=none, columnsize=0, tokenize='ascii');
CREATE VIRTUAL TABLE vocabulary USING fts5vocab(words, 'row');
CREATE TABLE terms (term TEXT PRIMARY KEY, records INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE sources (source TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE files (
  fingerprint TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  done INTEGER NOT NULL,     -- records read and committed
  is_whole INTEGER NOT NULL,
  at TEXT NOT NULL
) WITHOUT ROWID;
PRAGMA application_id={APPLICATION};
PRAGMA user_version={FORMAT};
"""
"""`terms` is a copy of `vocabulary` that is read at once; where it is behind, the fact `terms` says "behind"."""


def open_to_read(path: Path, probe: str | None) -> sqlite3.Connection:
    """A connection for one thread at a time; `probe` None: any spelling of words will do.

    Raises `DatabaseUnusable`, and `sqlite3.Error` where the file is damaged.
    """
    try:
        connection = _connected(path, "mode=ro")
        _check(connection, path, probe)
    except sqlite3.OperationalError as error:
        if "unable to open" not in str(error):
            raise
        connection = _connected(path, "mode=ro&immutable=1")  # in a folder that may not be written to
        _check(connection, path, probe)
    connection.execute(f"PRAGMA cache_size=-{_CACHE_KB}")
    return connection


def open_to_write(path: Path, probe: str) -> sqlite3.Connection:
    """A connection to the file, which is made where it is not there. Raises as `open_to_read`, and `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = _connected(path, "mode=rwc")
    try:
        if not _is_made(connection):
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(f"BEGIN IMMEDIATE; {SCHEMA}")
            connection.execute("INSERT INTO facts VALUES ('probe', ?)", (probe,))
            connection.execute("COMMIT")
        _check(connection, path, probe)
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(f"PRAGMA cache_size=-{_IMPORT_CACHE_KB}")
    except BaseException:
        connection.close()
        raise
    return connection


def damaged(path: Path, why: object) -> DatabaseUnusable:
    """What is said of a file that cannot be read."""
    return DatabaseUnusable(
        f"the local index {path} cannot be read ({why}): make it anew with dl-lit import-metadata --rebuild FILE..., "
        "or remove it with --remove"
    )


def require_replaceable(path: Path) -> None:
    """Raise `DatabaseUnusable` where an SQLite file that is no index stands at `path`: it must not be lost."""
    try:
        with path.open("rb") as file:
            head = file.read(100)
    except FileNotFoundError:
        return
    except IsADirectoryError as error:
        raise DatabaseUnusable(f"{path} is a folder: the setting local_index names a file") from error
    if head.startswith(b"SQLite format 3\0") and head[68:72] != APPLICATION.to_bytes(4, "big"):
        raise DatabaseUnusable(f"{path} is not a local index of dl_lit: name another with the setting local_index")


def _connected(path: Path, how: str) -> sqlite3.Connection:
    if path.is_dir():
        raise DatabaseUnusable(f"{path} is a folder: the setting local_index names a file")
    name = str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    return sqlite3.connect(
        f"file:{name}?{how}", uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False
    )


def _is_made(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])


def _check(connection: sqlite3.Connection, path: Path, probe: str | None) -> None:
    try:
        _require_ours(connection, path, probe)
    except BaseException:
        connection.close()
        raise


def _require_ours(connection: sqlite3.Connection, path: Path, probe: str | None) -> None:
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION:
        raise DatabaseUnusable(f"{path} is not a local index of dl_lit: name another with the setting local_index")
    if (version := connection.execute("PRAGMA user_version").fetchone()[0]) != FORMAT:
        raise damaged(path, f"its format is {version}, this dl_lit has {FORMAT}")
    made_with = connection.execute("SELECT value FROM facts WHERE name = 'probe'").fetchone()
    if probe is not None and made_with is not None and made_with[0] != probe:
        raise DatabaseUnusable(
            f"the local index {path} was made by another version of dl_lit, which spelt words otherwise: "
            "make it anew of its own records with dl-lit import-metadata --rebuild"
        )
