"""PDFs that came with the entries of an imported bibliography, until it is known which works these are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, Engine

from db.codec import decode_work, encode
from db.refusing import named
from dl_lit.core.model import Work
from dl_lit.core.values import dataclass

_BRING = """
INSERT INTO brought_files (entry_id, path)
SELECT e.id, j.value ->> 1 FROM json_each(?1) AS j
JOIN entries AS e ON e.source_id = ?2 AND e.position = CAST(j.value ->> 0 AS INTEGER) WHERE true
ON CONFLICT (entry_id, path) DO UPDATE SET handed_in = NULL, detail = ''
WHERE brought_files.handed_in IN ('missing', 'unreadable')
"""
_READY = """
SELECT b.entry_id, b.path, e.work_id FROM brought_files AS b JOIN entries AS e ON e.id = b.entry_id
WHERE b.handed_in IS NULL AND e.work_id IS NOT NULL AND (b.entry_id, b.path) > (?, ?)
ORDER BY b.entry_id, b.path LIMIT ?
"""
_WAITING = "SELECT count(*) FROM brought_files WHERE handed_in IS NULL"
_NOTE = "UPDATE brought_files SET handed_in = ?, detail = ? WHERE entry_id = ? AND path = ? AND handed_in IS NULL"
_OF_ENTRY = "SELECT path, handed_in, detail FROM brought_files WHERE entry_id = ? ORDER BY path"
_AWAITED = """
SELECT w.record FROM works AS w WHERE w.id = ?1
AND (EXISTS (SELECT 1 FROM with_metadata WHERE work_id = ?1)
  OR EXISTS (SELECT 1 FROM to_download_references WHERE work_id = ?1)
  OR EXISTS (SELECT 1 FROM failed_downloads WHERE work_id = ?1))
"""


@dataclass(frozen=True, slots=True)
class ReadyFile:
    """A PDF whose entry's work is known."""

    entry_id: int
    path: str  # absolute, as `path_text` writes it
    work_id: int


@dataclass(frozen=True, slots=True)
class BroughtFile:
    """A PDF that came with an entry."""

    path: str
    handed_in: str | None  # how handing in ended; None: it waits until the entry's work is known
    detail: str


def bring_files(connection: Connection, source_id: int, files: Mapping[int, Sequence[str]]) -> int:
    """Note which files came with which entries (by position) of a source, known ones not again; how many are noted.

    One that was missing or could not be read before is given another try.
    """
    pairs = [(position, path) for position, paths in files.items() for path in paths]
    return connection.exec_driver_sql(_BRING, (encode(pairs), source_id)).rowcount if pairs else 0


def ready_files(connection: Connection, limit: int, after: tuple[int, str] = (0, "")) -> list[ReadyFile]:
    """At most `limit` files that wait and whose works are known, beyond (entry, path), in that order."""
    return [ReadyFile(*row) for row in connection.exec_driver_sql(_READY, (*after, limit))]


def waiting_files(connection: Connection) -> int:
    """How many files wait, also those whose entries' works are not known yet."""
    return int(connection.exec_driver_sql(_WAITING).scalar_one())


def files_of_entry(connection: Connection, entry_id: int) -> list[BroughtFile]:
    """The files that came with an entry."""
    return [BroughtFile(*row) for row in connection.exec_driver_sql(_OF_ENTRY, (entry_id,))]


def awaited_work(connection: Connection, work_id: int) -> Work | None:
    """The work, if it has no PDF in the library yet."""
    record = connection.exec_driver_sql(_AWAITED, (work_id,)).scalar()
    return None if record is None else decode_work(record)


def note_handed_in(engine: Engine, file: ReadyFile, ended: str, detail: str) -> None:
    """Write down how handing a file in ended."""
    with named(), engine.begin() as connection:
        connection.exec_driver_sql(_NOTE, (ended, detail, file.entry_id, file.path))
