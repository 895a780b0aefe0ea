"""PDFs whose bibliographies were read elsewhere, and whose entries may have been recognised there, as sources.

They come in by the very rows that the pipeline would have written, in one transaction for many: nobody sees such a
source waiting to be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

from sqlalchemy import Connection, Engine

from db.codec import decode_reference
from db.intake import add_source
from db.recognition import Recogniser
from db.recording import Recording
from db.refusing import named
from dl_lit.core.clock import Clock
from dl_lit.core.items import EntryItem, Extracted, Resolved, SourceItem
from dl_lit.core.job import Claim, Done, Reject
from dl_lit.core.model import Bibliography, StageName
from dl_lit.core.store import AddedSource, Finished, NewSource
from dl_lit.core.values import dataclass

_ENTRIES = "SELECT id, position, reference FROM entries WHERE source_id = ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSource:
    """A PDF that was read elsewhere."""

    source: NewSource
    read: Bibliography | Reject  # what was in it, or why nothing was
    resolved: Mapping[int, Resolved]  # by position: what entries are, where that was found out as well


def bring_read(engine: Engine, many: Sequence[ReadSource], recogniser: Recogniser, clock: Clock) -> list[AddedSource]:
    """Add them in one transaction, those whose content is known excepted: these stay as they are.

    Raises `DatabaseFull` or `DatabaseUnusable`, nothing having changed.
    """
    with named(), engine.begin() as connection:
        added = [add_source(connection, one.source, clock) for one in many]
        new = [(source.id, one) for source, one in zip(added, many, strict=True) if source.is_new]
        now = clock.time()
        with closing(connection.connection.cursor()) as cursor:
            _write(cursor, [_extraction(id_, one, now) for id_, one in new], recogniser, now)
            _write(cursor, [each for id_, one in new for each in _entries(connection, id_, one, now)], recogniser, now)
    return added


def _write(cursor: Any, finished: Sequence[Finished], recogniser: Recogniser, now: float) -> None:
    if finished:
        Recording(cursor, now, recogniser).write(finished)


def _extraction(source_id: int, one: ReadSource, now: float) -> Finished:
    claim = Claim(StageName.EXTRACTION, source_id, SourceItem(one.source.path, one.source.sha256))
    outcome = one.read if isinstance(one.read, Reject) else Done(Extracted(one.read))
    return Finished(claim, outcome, now, 0.0)


def _entries(connection: Connection, source_id: int, one: ReadSource, now: float) -> list[Finished]:
    if not one.resolved:
        return []
    return [
        Finished(
            Claim(StageName.ENRICHMENT, entry_id, EntryItem(source_id, decode_reference(reference))),
            Done(one.resolved[position]),
            now,
            0.0,
        )
        for entry_id, position, reference in connection.exec_driver_sql(_ENTRIES, (source_id,))
        if position in one.resolved
    ]
