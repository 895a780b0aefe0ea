"""Taking in a file that somebody sent or named: known by its content, put before others where that is wished for.

Any process may do this at any time.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Connection, Engine

from db.codec import stamp
from db.intake import make_own
from db.refusing import named
from dl_lit.core.clock import Clock
from dl_lit.core.source_path import path_text
from dl_lit.core.store import NewSource
from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Known:
    """A source as it stands."""

    id: int
    path: str  # `path_text`
    state: str  # pending, extracted, failed
    is_new: bool = False


_KNOWN = "SELECT id, path, state FROM sources WHERE sha256 = ?"
_ADD = "INSERT INTO sources (path, sha256, size_bytes, added_at, priority) VALUES (?, ?, ?, ?, ?) RETURNING id"
_RAISE = (
    "UPDATE sources SET priority = ?1 WHERE id = ?2 AND priority < ?1",
    "UPDATE no_metadata SET priority = ?1 WHERE source_id = ?2 AND priority < ?1",
    *(
        f"UPDATE {table} SET priority = ?1 WHERE priority < ?1 "  # noqa: S608 - names of ours
        "AND work_id IN (SELECT work_id FROM entries WHERE source_id = ?2 AND work_id IS NOT NULL)"
        for table in ("with_metadata", "to_download_references")
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """A file to be taken in."""

    new: NewSource
    priority: int = 0
    moves: bool = False  # a known source that still waits is read at this path from now on


def known_source(reader: Engine, sha256: str) -> Known | None:
    """The source with this content; None where there is none. `reader` is an engine for reading only."""
    with named(), reader.connect() as connection:
        return _known(connection, sha256)


def take_source(engine: Engine, take: Take, clock: Clock) -> Known:
    """`take_sources` of one."""
    return take_sources(engine, (take,), clock)[0]


def take_sources(engine: Engine, takes: Iterable[Take], clock: Clock) -> list[Known]:
    """Add files as sources in one transaction, those whose content is known excepted; how each stands now.

    A known source keeps its path, unless the file `moves`. A priority above its own is given to it and to whatever of
    it still waits. Raises `DatabaseFull` or `DatabaseUnusable`, nothing having changed.
    """
    with named(), engine.begin() as connection:
        return [_take(connection, take, clock) for take in takes]


def _take(connection: Connection, take: Take, clock: Clock) -> Known:
    new, priority = take.new, take.priority
    known = _known(connection, new.sha256)
    if known is None:
        row = connection.exec_driver_sql(_ADD, (new.path, new.sha256, new.size_bytes, stamp(clock.time()), priority))
        return Known(int(row.scalar_one()), new.path, "pending", is_new=True)
    make_own(connection, known.id)
    if take.moves and known.state == "pending":
        connection.exec_driver_sql("UPDATE sources SET path = ? WHERE id = ?", (new.path, known.id))
        known = Known(known.id, new.path, known.state)
    if priority > 0:
        for statement in _RAISE:
            connection.exec_driver_sql(statement, (priority, known.id))
    return known


_BELOW = "SELECT path FROM sources WHERE substr(path, 1, ?) = ?"


def paths_below(reader: Engine, folder: Path) -> set[str]:
    """The paths of the sources whose files lie below `folder`, as `path_text` has them."""
    return _paths(reader, folder, _BELOW)


def paths_read_before(reader: Engine, folder: Path, moment: float) -> set[str]:
    """Those of them that were read before the epoch's second `moment`, with a bibliography to show for it."""
    return _paths(reader, folder, f"{_BELOW} AND state = 'extracted' AND processing_timestamp < ?", stamp(moment))


def _paths(reader: Engine, folder: Path, query: str, *more: object) -> set[str]:
    start = path_text(folder) + "/"
    with named(), reader.connect() as connection:
        return {row[0] for row in connection.exec_driver_sql(query, (len(start), start, *more))}


def _known(connection: Connection, sha256: str) -> Known | None:
    row = connection.exec_driver_sql(_KNOWN, (sha256,)).one_or_none()
    return None if row is None else Known(*row)
