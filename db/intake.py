"""Adding work: PDFs, and entries that come from elsewhere. Any process may do this at any time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection, Engine

from db.brought import bring_files
from db.codec import encode, stamp
from db.refusing import named
from dl_lit.core.clock import Clock
from dl_lit.core.model import Reference
from dl_lit.core.store import AddedSource, NewSource
from dl_lit.core.values import dataclass

_ADDED = "path, sha256, size_bytes, kind, origin, level, from_work_id, priority"

FOUND_PRIORITY = -20
"""The priority of what snowballing brings, a level less each level: after whatever people gave, at whatever rank."""

_OWN = (
    "UPDATE sources SET level = 0, priority = max(priority, 0) WHERE id = ? AND level > 0",
    "UPDATE no_metadata SET priority = max(priority, 0) WHERE source_id = ?",
)


def _added(source: NewSource) -> tuple[object, ...]:
    """Its values for the columns of `_ADDED`."""
    kind = source.kind.value
    priority = FOUND_PRIORITY - source.level if source.level else 0
    return (
        *(source.path, source.sha256, source.size_bytes, kind, source.origin),
        *(source.level, source.from_work_id, priority),
    )


def make_own(connection: Connection, source_id: int) -> None:
    """People gave what snowballing had found: it is theirs from now on, with their rank."""
    if connection.exec_driver_sql(_OWN[0], (source_id,)).rowcount:
        connection.exec_driver_sql(_OWN[1], (source_id,))


def add_sources(engine: Engine, new: Iterable[NewSource], clock: Clock) -> list[AddedSource]:
    """Add PDFs in one transaction, known ones by their content; a known one that failed is not tried again."""
    found = list(new)  # reading files takes a while, and nobody else can write during a transaction
    with named(), engine.begin() as connection:
        return [add_source(connection, source, clock) for source in found]


def add_source(connection: Connection, source: NewSource, clock: Clock) -> AddedSource:
    """Add a PDF within somebody's transaction, unless its content is known."""
    known = connection.exec_driver_sql("SELECT id FROM sources WHERE sha256 = ?", (source.sha256,)).scalar_one_or_none()
    if known is not None:
        # The file may have been moved since; a source that still waits is read where it is now.
        connection.exec_driver_sql(
            "UPDATE sources SET path = ? WHERE id = ? AND state = 'pending'", (source.path, known)
        )
        if not source.level:
            make_own(connection, known)
        return AddedSource(known, is_new=False)
    row = connection.exec_driver_sql(
        f"INSERT INTO sources ({_ADDED}, added_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",  # noqa: S608
        (*_added(source), stamp(clock.time())),
    )
    return AddedSource(int(row.scalar_one()), is_new=True)


def add_entries(
    engine: Engine,
    source: NewSource,
    references: Sequence[Reference],
    clock: Clock,
    files: Mapping[int, Sequence[str]] | None = None,
) -> AddedSource:
    """Add entries that need no extraction (BibTeX, a list) as a source, ready for enrichment.

    `files`: paths (`path_text`) of PDFs that came with them, by position; noted for a known source as well.
    """
    with named(), engine.begin() as connection:
        known = _known(connection, source)
        added = AddedSource(known or _add_extracted(connection, source, clock), is_new=known is None)
        if added.is_new:
            _add_references(connection, added.id, references)
        elif not source.level:
            make_own(connection, added.id)
        if files:
            bring_files(connection, added.id, files)
    return added


@dataclass(frozen=True, slots=True)
class Grown:
    """What adding the finds of a question came to that may have been asked before."""

    source: AddedSource
    added: int  # entries
    known: int  # finds that the source had


def add_finds(engine: Engine, source: NewSource, finds: Sequence[Reference], clock: Clock) -> Grown:
    """Add what a service found as entries: of a question that was asked before, only what is new, behind the others.

    `source.sha256` stands for the question. Finds are told apart by their OpenAlex identifier, else DOI, else text;
    their positions count from 1 and are moved behind those that there are.
    """
    with named(), engine.begin() as connection:
        known = _known(connection, source)
        source_id = known or _add_extracted(connection, source, clock)
        there = set(connection.exec_driver_sql(_FINDS, (source_id,)).scalars())
        new = list({key: one for one in finds if (key := _find_key(one)) not in there}.values())
        highest = connection.exec_driver_sql(_HIGHEST, (source_id,)).scalar_one()
        _add_references(connection, source_id, [replace(one, position=highest + n) for n, one in enumerate(new, 1)])
        if new or known is not None:
            connection.exec_driver_sql(_GROWN, (source.origin, source_id))
    return Grown(AddedSource(source_id, is_new=known is None), len(new), len(finds) - len(new))


def _find_key(one: Reference) -> str:
    return one.openalex_id or one.doi or one.raw


_FINDS = """
SELECT coalesce(reference ->> '$.openalex_id', reference ->> '$.doi', reference ->> '$.raw')
FROM entries WHERE source_id = ?
"""
_GROWN = """
UPDATE sources SET origin = ?1, found_references = (SELECT count(*) FROM entries WHERE source_id = ?2) WHERE id = ?2
"""
_HIGHEST = "SELECT coalesce(max(position), 0) FROM entries WHERE source_id = ?"
_ENTRY = """
INSERT INTO entries (source_id, position, title, doi, reference, citation_key) VALUES (?, ?, ?, ?, ?, ?) RETURNING id
"""
_READY = "INSERT INTO no_metadata (entry_id, source_id, priority) SELECT ?1, id, priority FROM sources WHERE id = ?2"


def _known(connection: Connection, source: NewSource) -> int | None:
    """The source that has this content. Begins the writing, so that nobody else adds the same meanwhile."""
    connection.exec_driver_sql("UPDATE sources SET id = id WHERE sha256 = ?", (source.sha256,))
    return connection.exec_driver_sql("SELECT id FROM sources WHERE sha256 = ?", (source.sha256,)).scalar_one_or_none()


def _add_extracted(connection: Connection, source: NewSource, clock: Clock) -> int:
    now = stamp(clock.time())
    row = connection.exec_driver_sql(
        f"INSERT INTO sources ({_ADDED}, added_at, state, found_references, processing_timestamp) "  # noqa: S608
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'extracted', 0, ?) RETURNING id",
        (*_added(source), now, now),
    )
    return int(row.scalar_one())


def _add_references(connection: Connection, source_id: int, references: Sequence[Reference]) -> None:
    """Add entries to a source, ready to be recognised."""
    for one in references:
        values = (source_id, one.position, one.title, one.doi, encode(one), one.citation_key)
        entry = connection.exec_driver_sql(_ENTRY, values)
        connection.exec_driver_sql(_READY, (int(entry.scalar_one()), source_id))
    connection.exec_driver_sql(
        "UPDATE sources SET found_references = found_references + ? WHERE id = ?", (len(references), source_id)
    )
