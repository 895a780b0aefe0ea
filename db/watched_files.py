"""What is known of the files of watched folders: which source each is, and where it was put when that had been read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from db.codec import stamp
from db.intake import add_source
from db.refusing import in_our_words, named
from dl_lit.core.clock import Clock
from dl_lit.core.reasons import Reason
from dl_lit.core.source_path import path_of, path_text
from dl_lit.core.store import AddedSource, NewSource
from dl_lit.core.values import dataclass

COMPLETED = "completed"
"""What `filed` says of a file whose source was read; of others it says the reason of the failure."""

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class TakenFile:
    """A finished file with its content known."""

    source: NewSource  # its path is the file's
    changed_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedFile:
    """A file whose source has been read, or could not be, and which is not where such files belong."""

    path: Path
    size: int
    changed_ns: int
    source_id: int
    sha256: str
    filed: str | None  # what it was filed as before
    place: Path | None  # where it was being put
    reason: Reason | None  # why its source failed; None: it did not
    detail: str


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of a file."""

    path: Path  # where it was
    now: Path | None  # where it is; None: nowhere, an equal one is at `link` already
    verdict: str  # as in `filed`
    link: Path | None = None  # where it was linked, if it stayed


def take_files(engine: Engine, files: Sequence[TakenFile], clock: Clock) -> list[AddedSource]:
    """Add the files as sources, known ones by their content, and remember them, in one transaction."""
    now = stamp(clock.time())
    with named(), engine.begin() as connection:
        added = []
        for file in files:
            one = add_source(connection, file.source, clock)
            if not one.is_new:
                _revive(connection, one.id, file.source.path)
            _supersede(connection, file.source.path, one.id)
            connection.exec_driver_sql(
                "INSERT INTO watched_files (path, size_bytes, changed_ns, source_id, taken_at) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (path) DO UPDATE SET size_bytes = excluded.size_bytes, changed_ns = excluded.changed_ns, "
                "taken_at = excluded.taken_at, "
                # What was filed, or is being filed, is another content from now on, or else stays as it is.
                "filed = CASE WHEN watched_files.source_id = excluded.source_id THEN watched_files.filed END, "
                "place = CASE WHEN watched_files.source_id = excluded.source_id THEN watched_files.place END, "
                "source_id = excluded.source_id",
                (file.source.path, file.source.size_bytes, file.changed_ns, one.id, now),
            )
            added.append(one)
        return added


def known_below(engine: Engine, folder: Path) -> Iterator[tuple[Path, int, int]]:
    """Files below `folder` that were taken: path, size in bytes, time of change in nanoseconds."""
    with named(), engine.connect() as connection:
        for path, size, changed_ns in connection.exec_driver_sql(
            "SELECT path, size_bytes, changed_ns FROM watched_files WHERE path >= ? AND path < ? "
            "AND (filed IS NULL OR place IS NOT NULL)",  # others were moved, to where nobody watches
            _below(folder),
        ):
            yield path_of(path), size, changed_ns


def forget_files(engine: Engine, paths: Iterable[Path]) -> None:
    """Forget files that are gone, but for those that have been filed or are being filed."""
    texts = [path_text(path) for path in paths]
    for start in range(0, len(texts), _AT_ONCE):
        with named(), engine.begin() as connection:
            connection.exec_driver_sql(
                "DELETE FROM watched_files WHERE filed IS NULL AND place IS NULL "
                "AND path IN (SELECT CAST(value AS TEXT) FROM json_each(?))",
                (json.dumps(texts[start : start + _AT_ONCE]),),
            )


_FILES = """
SELECT w.path, w.size_bytes, w.changed_ns, w.source_id, s.sha256, w.filed, w.place, f.reason, f.detail
FROM watched_files AS w %s JOIN sources AS s ON s.id = w.source_id
LEFT JOIN failed_extractions AS f ON f.source_id = s.id
WHERE w.path >= ?1 AND w.path < ?2 AND
"""
_ENDED = f"""{_FILES % "INDEXED BY ix_watched_files_unfiled"}
(w.filed IS NULL OR w.filed <> 'completed') AND s.state <> 'pending'
AND w.filed IS NOT coalesce(f.reason, 'completed') AND w.path > ?3
ORDER BY w.path LIMIT ?4
"""
_PLANNED = f"{_FILES % ''} w.place IS NOT NULL AND w.filed IS NULL ORDER BY w.path"
_REPLANNED = f"{_FILES % ''} w.place IS NOT NULL AND w.filed IS NOT NULL AND w.filed <> 'completed' ORDER BY w.path"


def ended_files(engine: Engine, folder: Path, *, after: Path | None = None, most: int = 100) -> list[EndedFile]:
    """Files below `folder` that can be filed, in the order of their paths, those behind `after`."""
    return _files(engine, _ENDED, (*_below(folder), path_text(after) if after else "", most))


def planned_files(engine: Engine, folder: Path) -> list[EndedFile]:
    """Files below `folder` that were about to be moved when the process ended, or are linked in `failed/`."""
    return _files(engine, _PLANNED, _below(folder)) + _files(engine, _REPLANNED, _below(folder))


def _files(engine: Engine, query: str, values: tuple[object, ...]) -> list[EndedFile]:
    with named(), engine.connect() as connection:
        rows = connection.exec_driver_sql(query, values).all()
    return [
        EndedFile(
            path=path_of(path),
            size=size,
            changed_ns=changed_ns,
            source_id=source_id,
            sha256=sha256,
            filed=filed,
            place=path_of(place) if place is not None else None,
            reason=Reason(reason) if reason is not None else None,
            detail=detail or "",
        )
        for path, size, changed_ns, source_id, sha256, filed, place, reason, detail in rows
    ]


def plan_places(engine: Engine, places: Iterable[tuple[Path, Path]]) -> None:
    """Write down where files are about to be put, so that a sudden end leaves no doubt."""
    with named(), engine.begin() as connection:
        for path, place in places:
            connection.exec_driver_sql(
                "UPDATE watched_files SET place = ? WHERE path = ?", (path_text(place), path_text(path))
            )


def note_filed(engine: Engine, filed: Sequence[Filed]) -> None:
    """Write down where files are now; their sources are found there from then on."""
    with named(), engine.begin() as connection:
        for one in filed:
            _note(connection, one)


def unplan(engine: Engine, path: Path) -> None:
    """The file was not put where it was to be put."""
    with named(), engine.begin() as connection:
        connection.exec_driver_sql("UPDATE watched_files SET place = NULL WHERE path = ?", (path_text(path),))


@dataclass(frozen=True, slots=True)
class LostAndFound:
    """A source that was gone when it was to be read, and a file of the same content that may be there."""

    source_id: int
    path: Path
    size: int
    changed_ns: int


def lost_and_found(engine: Engine) -> list[LostAndFound]:
    """Sources that vanished before they could be read though a file is known that has their content."""
    with named(), engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT w.source_id, w.path, w.size_bytes, w.changed_ns FROM failed_extractions AS f "
            "JOIN watched_files AS w ON w.source_id = f.source_id WHERE f.reason = 'vanished'"
        ).all()
    return [LostAndFound(source_id, path_of(path), size, changed_ns) for source_id, path, size, changed_ns in rows]


def read_again(engine: Engine, source_id: int, path: Path) -> None:
    """Have a source that had vanished read from `path`."""
    with named(), engine.begin() as connection:
        _revive(connection, source_id, path_text(path))


class Changes:
    """Tells for nearly nothing whether anybody has written to the database. For one thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Any = None
        self._version: int | None = None

    def any_since(self) -> bool:
        """Whether there were any since the last call; the first time, and after a failure, there were.

        Raises `DatabaseUnusable` where the database does not answer; the next call asks anew.
        """
        try:
            version = self._asked()
        except Exception as error:
            connection, self._connection, self._version = self._connection, None, None
            if connection is not None:
                connection.invalidate()  # nobody else is given it
            if (known := in_our_words(error)) is not None:
                raise known from error
            raise
        was, self._version = self._version, version
        return version != was

    def _asked(self) -> int:
        if self._connection is None:
            self._connection = self._engine.raw_connection()
        cursor = self._connection.cursor()
        try:
            return int(cursor.execute("PRAGMA data_version").fetchone()[0])
        finally:
            cursor.close()

    def close(self) -> None:
        """Let go of the connection."""
        connection, self._connection, self._version = self._connection, None, None
        if connection is not None:
            connection.close()


def _revive(connection: Connection, source_id: int, path: str) -> None:
    gone = connection.exec_driver_sql(
        "DELETE FROM failed_extractions WHERE source_id = ? AND reason = 'vanished'", (source_id,)
    )
    if gone.rowcount:
        connection.exec_driver_sql(
            "UPDATE sources SET state = 'pending', path = ?, due_at = NULL, attempts = 0, crashes = 0, "
            "solo_crashes = 0, last_reason = NULL, last_detail = NULL WHERE id = ? AND state = 'failed'",
            (path, source_id),
        )


def _supersede(connection: Connection, path: str, source_id: int) -> None:
    """What was at `path` before and still waits to be read is read from a copy, or is gone: it was written over.

    Whoever has it in hand at this moment comes too late: nobody can tell which of the two contents was read.
    """
    was = connection.exec_driver_sql(
        "SELECT s.id FROM watched_files AS w JOIN sources AS s ON s.id = w.source_id "
        "WHERE w.path = ?1 AND s.path = ?1 AND s.state = 'pending' AND s.id <> ?2",
        (path, source_id),
    ).scalar_one_or_none()
    if was is None:
        return
    copy = connection.exec_driver_sql(
        "SELECT path FROM watched_files WHERE source_id = ? AND path <> ? LIMIT 1", (was, path)
    ).scalar_one_or_none()
    if copy is not None:
        connection.exec_driver_sql("UPDATE sources SET path = ? WHERE id = ?", (copy, was))
        return
    connection.exec_driver_sql("UPDATE sources SET state = 'failed' WHERE id = ?", (was,))
    connection.exec_driver_sql(
        "INSERT INTO failed_extractions (source_id, reason, detail, attempts) VALUES (?, 'vanished', ?, 0)",
        (was, f"the file was written over before it was read; its new content is s{source_id}"),
    )


def _note(connection: Connection, one: Filed) -> None:
    was = path_text(one.path)
    now = path_text(one.now or one.link or one.path)
    if now != was:
        connection.exec_driver_sql(
            "UPDATE sources SET path = ?1 WHERE path = ?2 "
            "AND id = (SELECT source_id FROM watched_files WHERE path = ?2)",
            (now, was),
        )
    if one.now is None:
        connection.exec_driver_sql("DELETE FROM watched_files WHERE path = ?", (was,))
        return
    if now != was:
        connection.exec_driver_sql("DELETE FROM watched_files WHERE path = ?", (now,))
    connection.exec_driver_sql(
        "UPDATE watched_files SET path = ?, filed = ?, place = ? WHERE path = ?",
        (now, one.verdict, path_text(one.link) if one.link is not None else None, was),
    )


def _below(folder: Path) -> tuple[str, str]:
    """The least path below the folder, and the least one behind all of them."""
    inside = path_text(folder).rstrip("/") + "/"
    return inside, inside[:-1] + "0"  # the character after the slash
