"""What is told of the index, and how it is made anew or removed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from db.local_index.file import damaged, open_to_read, require_replaceable
from db.local_index.records import DAMAGE, decode
from db.local_index.words import TextKey, probe
from db.local_index.writer import LocalIndexWriter
from db.lock import PipelineLock
from dl_lit.core.clock import Clock
from dl_lit.core.errors import DatabaseBusy, DatabaseUnusable
from dl_lit.core.model import Work
from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexStats:
    """What an index holds."""

    path: str
    records: int
    by_source: dict[str, int]  # records of each service
    files: int  # imported whole
    unfinished: tuple[str, ...]  # names of the files whose import was broken off
    newest_import: str | None  # ISO 8601 in UTC; None: nothing was imported
    size_bytes: int


def stats(path: Path, text_key: TextKey | None = None) -> IndexStats | None:
    """What the index at `path` holds; None where there is none. Raises `DatabaseUnusable`.

    With `text_key` an index that was made with another spelling of words counts as unusable, too.
    """
    if not path.exists():
        return None
    with _damage_told(path), closing(open_to_read(path, None if text_key is None else probe(text_key))) as connection:
        by_source = dict(connection.execute("SELECT source, count(*) FROM records GROUP BY source ORDER BY source"))
        files = connection.execute("SELECT name, is_whole, at FROM files ORDER BY at").fetchall()
    return IndexStats(
        path=str(path),
        records=sum(by_source.values()),
        by_source=by_source,
        files=sum(is_whole for _, is_whole, _ in files),
        unfinished=tuple(name for name, is_whole, _ in files if not is_whole),
        newest_import=files[-1][2] if files else None,
        size_bytes=_size_of(path),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexSummary:
    """What can be told of an index at once, however large it is."""

    records: int  # about: those that were replaced since count twice
    size_bytes: int
    newest_import: str | None  # ISO 8601 in UTC; None: nothing was imported


def summary(path: Path) -> IndexSummary | None:
    """The size and age of the index at `path`, told at once; None where there is none. Raises `DatabaseUnusable`."""
    if not path.exists():
        return None
    with _damage_told(path), closing(open_to_read(path, None)) as connection:
        records = connection.execute("SELECT max(id) FROM records").fetchone()[0] or 0
        newest = connection.execute("SELECT max(at) FROM files").fetchone()[0]
    return IndexSummary(records=records, size_bytes=_size_of(path), newest_import=newest)


def remove(path: Path, clock: Clock) -> bool:
    """Remove the index; whether there was one. Raises `DatabaseBusy` while an import is at work on it.

    Raises `DatabaseUnusable` where the file at `path` is no index.
    """
    if not any(place.exists() for place in _files_of(path)):
        return False
    with _damage_told(path), _alone(path, clock):
        require_replaceable(path)
        _unlink(path)
    path.with_name(path.name + ".lock").unlink(missing_ok=True)
    return True


@contextmanager
def made_anew(path: Path, text_key: TextKey, clock: Clock) -> Iterator[LocalIndexWriter]:
    """A writer of a new index that takes the place of the one at `path` when it is left without an error."""
    new = path.with_name(path.name + ".new")
    with _alone(path, clock):
        require_replaceable(path)
        _unlink(new)
        try:
            with LocalIndexWriter(new, text_key, clock) as writer:
                yield writer
                writer.finish()
            _unlink(path, keep_first=True)  # a log of changes must never stand beside another file than its own
            new.replace(path)
        finally:
            _unlink(new)
            new.with_name(new.name + ".lock").unlink(missing_ok=True)


def stored_records(path: Path) -> Iterator[tuple[Work, str | None]]:
    """Every record of the index at `path` with when its service last changed it; raises `DatabaseUnusable`."""
    with _damage_told(path), closing(open_to_read(path, None)) as connection:
        for updated, data in connection.execute("SELECT updated, data FROM records ORDER BY id"):
            yield decode(data), updated


def imported_files(path: Path) -> list[tuple[str, str, int, bool]]:
    """The files that were imported: fingerprint, name, records done, whether whole. Raises `DatabaseUnusable`."""
    with _damage_told(path), closing(open_to_read(path, None)) as connection:
        rows = connection.execute("SELECT fingerprint, name, done, is_whole FROM files").fetchall()
    return [(fingerprint, name, done, bool(is_whole)) for fingerprint, name, done, is_whole in rows]


@contextmanager
def _alone(path: Path, clock: Clock) -> Iterator[None]:
    lock = PipelineLock(path, "import-metadata", clock, over_anything=True)
    try:
        lock.acquire()
    except DatabaseBusy as error:
        raise DatabaseBusy(f"an import is at work on {path}: wait for it or stop it") from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _damage_told(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, *DAMAGE) as error:
        raise damaged(path, error) from error
    except OSError as error:
        raise DatabaseUnusable(f"cannot read the local index {path}: {error.strerror}") from error


def _size_of(path: Path) -> int:
    return sum(place.stat().st_size for place in _files_of(path) if place.exists())


def _files_of(path: Path) -> tuple[Path, Path, Path]:
    return path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")


def _unlink(path: Path, *, keep_first: bool = False) -> None:
    if keep_first:
        with suppress(sqlite3.Error, DatabaseUnusable), closing(sqlite3.connect(path, isolation_level=None)) as there:
            there.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for place in _files_of(path)[1 if keep_first else 0 :]:
        place.unlink(missing_ok=True)
