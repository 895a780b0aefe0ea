"""Adding work: PDFs, and entries that come from elsewhere. Any process may do this at any time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Engine

from db.codec import encode, stamp
from db.refusing import named
from dl_lit.core.clock import Clock
from dl_lit.core.model import Reference
from dl_lit.core.store import AddedSource, NewSource


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
        "INSERT INTO sources (path, sha256, size_bytes, added_at) VALUES (?, ?, ?, ?)",
        (source.path, source.sha256, source.size_bytes, stamp(clock.time())),
    )
    return AddedSource(int(row.lastrowid), is_new=True)


def add_entries(engine: Engine, source: NewSource, references: Sequence[Reference], clock: Clock) -> AddedSource:
    """Add a bibliography that needs no extraction (BibTeX, RIS) as a source, its entries ready for enrichment."""
    now = stamp(clock.time())
    with named(), engine.begin() as connection:
        known = connection.exec_driver_sql(
            "SELECT id FROM sources WHERE sha256 = ?", (source.sha256,)
        ).scalar_one_or_none()
        if known is not None:
            return AddedSource(known, is_new=False)
        row = connection.exec_driver_sql(
            "INSERT INTO sources (path, sha256, size_bytes, added_at, state, found_references, processing_timestamp) "
            "VALUES (?, ?, ?, ?, 'extracted', ?, ?)",
            (source.path, source.sha256, source.size_bytes, now, len(references), now),
        )
        source_id = int(row.lastrowid)
        for reference in references:
            entry = connection.exec_driver_sql(
                "INSERT INTO entries (source_id, position, title, doi, reference) VALUES (?, ?, ?, ?, ?)",
                (source_id, reference.position, reference.title, reference.doi, encode(reference)),
            )
            connection.exec_driver_sql(
                "INSERT INTO no_metadata (entry_id, source_id) VALUES (?, ?)", (int(entry.lastrowid), source_id)
            )
    return AddedSource(source_id, is_new=True)
