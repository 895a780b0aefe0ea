"""A copy of the database as of one moment, taken while others write; and proof that a copy is whole."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError

from db.connect import connect, schema_version
from db.reading.doctor import Finding, invariants
from db.tables import SCHEMA_VERSION
from dl_lit.core.errors import DatabaseUnusable
from dl_lit.core.values import dataclass

_COUNTS = "SELECT (SELECT count(*) FROM sources), (SELECT count(*) FROM entries), (SELECT count(*) FROM works)"
_FILES = "SELECT file_path, checksum_pdf, size_bytes FROM downloaded_references"
_HELD = (
    "SELECT held ->> '$.path', held ->> '$.sha256', held ->> '$.size_bytes' FROM failed_downloads "
    "WHERE held IS NOT NULL"
)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_HELD_SINCE = "0005"


@dataclass(frozen=True, slots=True)
class Contents:
    """What a copy of the database holds."""

    schema_version: str
    sources: int
    entries: int
    works: int
    files: tuple[tuple[str, str, int], ...]  # path within the library, SHA-256, bytes


def copy_database(database: Path, target: Path) -> None:
    """Write the database as of now to `target`, which must not exist. Raises `DatabaseUnusable`, `OSError`.

    One reading transaction, so neither writers nor this wait for each other, however long it takes
    (https://www.sqlite.org/lang_vacuum.html#vacuuminto, read 2026-11-23).
    """
    name = str(database).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    try:
        with closing(sqlite3.connect(f"file:{name}?mode=ro", uri=True, timeout=30.0)) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.Error as error:
        target.unlink(missing_ok=True)
        if error.sqlite_errorcode & 0xFF in _DAMAGED:
            raise DatabaseUnusable(
                f"the database {database} is damaged ({error}): dl-lit doctor tells more, dl-lit restore puts a backup "
                "in its place"
            ) from error
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_FULL:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target)) from error
        raise DatabaseUnusable(f"cannot copy the database {database}: {error}") from error


def contents(copy: Path) -> Contents:
    """What the copy at `copy` holds. Raises `DatabaseUnusable` where it is none, or of a newer dl_lit."""
    with _reading(copy) as engine:
        version = schema_version(engine)
        if version is None or version > SCHEMA_VERSION:
            what = "is no database of dl_lit" if version is None else "was written by a newer dl_lit: update this one"
            raise DatabaseUnusable(f"{copy} {what}")
        with engine.connect() as connection:
            numbers = connection.exec_driver_sql(_COUNTS).one()
            rows = connection.exec_driver_sql(_FILES).all()
            if version >= _HELD_SINCE:
                rows = [*rows, *connection.exec_driver_sql(_HELD)]
    return Contents(
        version, numbers[0], numbers[1], numbers[2], tuple(sorted((str(p), str(h), int(n)) for p, h, n in rows))
    )


def proven(copy: Path) -> list[Finding]:
    """What the database at `copy` breaks of what is promised; empty when it is whole. Raises `DatabaseUnusable`.

    One of an older schema is only checked for damage: its promises were others.
    """
    with _reading(copy) as engine:
        is_present = schema_version(engine) == SCHEMA_VERSION
        with engine.connect() as connection:
            if is_present:
                return [finding for finding in invariants(connection) if not finding.holds and not finding.heals]
            found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
    return [] if found == ["ok"] else [Finding.of("file-intact", "the database file is not damaged", found)]


def set_aside(database: Path, aside: Path) -> None:
    """Give the database at `database` a second name, `aside`, with all that was committed. Raises `OSError`.

    The first name stays until something else is put there, so at no moment is there none. For a caller who holds the
    pipeline's lock.
    """
    ends = ("-wal", "-shm")
    try:
        with closing(sqlite3.connect(database, timeout=30.0)) as connection:
            busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        is_whole = not busy
    except sqlite3.Error:  # damaged: kept as it is, with what was to be written into it
        is_whole = False
    aside.hardlink_to(database)
    for end in ends:
        beside = database.with_name(database.name + end)
        if beside.exists():
            if not is_whole:
                aside.with_name(aside.name + end).hardlink_to(beside)
            beside.unlink()


@contextmanager
def _reading(copy: Path) -> Iterator[Engine]:
    engine = connect(copy, read_only=True)
    try:
        yield engine
    except (DatabaseError, sqlite3.Error) as error:
        raise DatabaseUnusable(f"cannot read {copy}: {getattr(error, 'orig', None) or error}") from error
    finally:
        engine.dispose()
