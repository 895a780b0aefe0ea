"""Adding work: PDFs, and entries that come from elsewhere. Any process may do this at any time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Engine

from db.codec import encode, stamp
from db.refusing import named
from dl_lit.core.clock import Clock
from dl_lit.core.model import Reference
from dl_lit.core.store import AddedSource, NewSource

_ADDED = "path, sha256, size_bytes, kind, origin, level, from_work_id"


def _added(source: NewSource) -> tuple[object, ...]:
    """Its values for the columns of `_ADDED`."""
    kind = source.kind.value
    return source.path, source.sha256, source.size_bytes, kind, source.origin, source.level, source.from_work_id


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
        return AddedSource(known, is_new=False)
    row = connection.exec_driver_sql(
        f"INSERT INTO sources ({_ADDED}, added_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - names of ours
        (*_added(source), stamp(clock.time())),
    )
    return AddedSource(int(row.lastrowid), is_new=True)


def add_entries(engine: Engine, source: NewSource, references: Sequence[Reference], clock: Clock) -> AddedSource:
    """Add entries that need no extraction (BibTeX, a search) as a source, ready for enrichment."""
    now = stamp(clock.time())
    with named(), engine.begin() as connection:
        known = connection.exec_driver_sql(
            "SELECT id FROM sources WHERE sha256 = ?", (source.sha256,)
        ).scalar_one_or_none()
        if known is not None:
            return AddedSource(known, is_new=False)
        row = connection.exec_driver_sql(
            f"INSERT INTO sources ({_ADDED}, added_at, state, found_references, processing_timestamp) "  # noqa: S608
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'extracted', ?, ?)",
            (*_added(source), now, len(references), now),
        )
        source_id = int(row.lastrowid)
        for reference in references:
            entry = connection.exec_driver_sql(
                "INSERT INTO entries (source_id, position, title, doi, reference, citation_key) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (
                    source_id,
                    reference.position,
                    reference.title,
                    reference.doi,
                    encode(reference),
                    reference.citation_key,
                ),
            )
            connection.exec_driver_sql(
                "INSERT INTO no_metadata (entry_id, source_id) VALUES (?, ?)", (int(entry.lastrowid), source_id)
            )
    return AddedSource(source_id, is_new=True)
