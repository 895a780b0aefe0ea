"""What the database knows for the stages: the sources themselves, their open entries, and works found before."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from db.codec import decode_names, decode_reference, decode_trail, decode_work, encode
from db.connect import open_to_read
from db.recognition import Key, Recogniser, arxiv_id_of
from db.relatives import Newcomer, Relatives
from db.reviewing import REJECTED, UNDONE
from db.tables import SUSPECT_AFTER
from dl_lit.core.items import Duplicate
from dl_lit.core.model import CitingWork, Reference, Work, WorkType
from dl_lit.core.trail import Tried

T = TypeVar("T")

LOT = 500
"""Ids or keys of one query."""

_CITING = """
SELECT id, doi, arxiv_id, title, authors, year FROM sources WHERE id IN (SELECT value FROM json_each(?))
"""
_OPEN = """
SELECT e.source_id, e.id, e.reference FROM no_metadata AS n JOIN entries AS e ON e.id = n.entry_id
WHERE n.entry_id IN (SELECT id FROM entries WHERE source_id IN (SELECT value FROM json_each(?)))
ORDER BY e.source_id, e.position
"""
_NEXT = f"""
SELECT source_id FROM (
  SELECT source_id, priority FROM no_metadata WHERE due_at IS NULL AND crashes < {SUSPECT_AFTER}
  ORDER BY priority DESC, source_id DESC, entry_id LIMIT ?
) AS next GROUP BY source_id ORDER BY max(priority) DESC, source_id DESC
"""  # noqa: S608 - a number of ours
_KNOWN = """
SELECT k.kind, k.value, w.id, w.record FROM json_each(?) AS j
JOIN work_keys AS k ON k.kind = j.value ->> 0 AND k.value = j.value ->> 1 JOIN works AS w ON w.id = k.work_id
"""

_TRIED = """
SELECT trail FROM attempts WHERE stage = 'download' AND item_id = ? AND outcome = 'retry' AND attempt = ?
ORDER BY id DESC LIMIT 1
"""

_DECIDED = """
SELECT detail FROM attempts WHERE stage = 'enrichment' AND item_id = ? AND detail IN (?, ?) ORDER BY id DESC LIMIT 1
"""


class KnownThings:
    """`Bibliographies` and `KnownWorks` on SQLite. Reads on a connection of its own, a lot at a time; thread-safe."""

    def __init__(self, connection: Any, recogniser: Recogniser) -> None:
        """`connection` is the driver's, used by nobody else and closed by whoever opened it."""
        self._cursor = connection.cursor()
        self._recogniser = recogniser
        self._lock = threading.Lock()

    def citing_works(self, source_ids: Sequence[int]) -> Mapping[int, CitingWork]:
        """See `Bibliographies.citing_works`. Unknown ids are left out."""
        return {
            row[0]: CitingWork(
                source_id=row[0],
                doi=row[1],
                arxiv_id=row[2],
                title=row[3],
                authors=decode_names(row[4]) if row[4] else (),
                year=row[5],
            )
            for row in self._rows(_CITING, source_ids)
        }

    def open_entries(self, source_ids: Sequence[int]) -> Mapping[int, tuple[tuple[int, Reference], ...]]:
        """See `Bibliographies.open_entries`. Entries in somebody's hands are among them; others are left out."""
        found: dict[int, list[tuple[int, Reference]]] = defaultdict(list)
        for source_id, entry_id, reference in self._rows(_OPEN, source_ids):
            found[source_id].append((entry_id, decode_reference(reference)))
        return {source_id: tuple(entries) for source_id, entries in found.items()}

    def next_sources(self, entries: int) -> list[int]:
        """See `Bibliographies.next_sources`."""
        with self._lock:
            return [row[0] for row in self._cursor.execute(_NEXT, (entries,)).fetchall()]

    def known_works(self, keys: Sequence[Key]) -> Mapping[Key, Work]:
        """See `Bibliographies.known_works`. Letter case of DOIs does not matter; answers bear the keys as asked.

        A work found under one DOI may itself have another: two records that a person or an identifier showed to be one
        work are one here, known by the identifiers of both. Of several works under one key a preprint comes before its
        article for an arXiv identifier, a book before chapters that bear its DOI, and else the oldest.
        """
        asked: dict[Key, list[Key]] = defaultdict(list)
        for kind, value in keys:
            asked[kind, value.lower() if kind == "doi" else value].append((kind, value))
        found: dict[Key, tuple[tuple[bool, bool, int], Work]] = {}
        for kind, value, work_id, record in self._rows(_KNOWN, list(asked)):
            work = decode_work(record)
            rank = (kind == "arxiv" and not _is_preprint(work), work.type is WorkType.CHAPTER, work_id)
            if (kind, value) not in found or rank < found[kind, value][0]:
                found[kind, value] = rank, work
        return {key: work for stored, (_, work) in found.items() for key in asked[stored]}

    def tried_before(self, work_id: int, attempt: int) -> Sequence[Tried]:
        """See `PastTries.tried_before`."""
        with self._lock:
            row = self._cursor.execute(_TRIED, (work_id, attempt - 1)).fetchone()
        return decode_trail(row[0]).tried if row is not None and row[0] else ()

    def has_rejected(self, entry_id: int) -> bool:
        """See `core.language.Decisions.has_rejected`."""
        with self._lock:
            row = self._cursor.execute(_DECIDED, (entry_id, REJECTED, UNDONE)).fetchone()
        return row is not None and row[0] == REJECTED

    def duplicate_of(self, work_id: int, work: Work) -> Duplicate | None:
        """See `KnownWorks.duplicate_of`. Older works that still wait are known as well."""
        title_key, version_key = self._recogniser.title_key(work), self._recogniser.version_key(work)
        with self._lock:
            families = Relatives(self._cursor, self._recogniser).find([Newcomer(work_id, work, title_key, version_key)])
        twin = families[work_id].twin if families else None
        return None if twin is None else Duplicate(twin.work_id, twin.matched_on)

    def _rows(self, query: str, values: Sequence[object]) -> Iterator[tuple[Any, ...]]:
        for first in range(0, len(values), LOT):
            with self._lock:
                rows = self._cursor.execute(query, (encode(values[first : first + LOT]),)).fetchall()
            yield from rows

    def close(self) -> None:
        """Give the cursor back."""
        with self._lock:
            self._cursor.close()


@contextmanager
def opened_to_read(path: Path, recogniser: Recogniser) -> Iterator[KnownThings]:
    """What the database at `path` knows, beside whoever works on it. Raises `DatabaseUnusable`."""
    engine = open_to_read(path)
    connection = engine.raw_connection()
    known = KnownThings(connection, recogniser)
    try:
        yield known
    finally:
        known.close()
        connection.close()
        engine.dispose()


def _is_preprint(work: Work) -> bool:
    """Whether the record is arXiv's own, not that of an article which names its preprint."""
    return work.type is WorkType.ARTICLE or (not work.doi and arxiv_id_of(work) is not None)
