"""Works with those who cite them and the files they came in: what exports are made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from sqlalchemy import Connection

from db.codec import decode_reference, encode
from db.reading.places import WorkView, works_of
from db.reading.scope import Scope
from dl_lit.core.errors import NothingKnown
from dl_lit.core.items import MatchedAs
from dl_lit.core.model import Reference
from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Citation:
    """One entry that cites a work."""

    entry_id: int
    source_id: int
    source_path: str
    printed: str  # JSON of its reference: few exports ask for it, and reading a million takes a minute
    matched_as: MatchedAs  # the work itself, or only the book that the entry is a chapter of
    contexts: str | None = None  # JSON of the places of the text that cite it

    @property
    def reference(self) -> Reference:
        """The entry as printed."""
        return decode_reference(self.printed)


@dataclass(frozen=True, slots=True)
class CitedWork:
    """A work with the entries that cite it, those of the oldest source first."""

    view: WorkView
    citations: tuple[Citation, ...]


_SOURCES = "SELECT id FROM sources WHERE id > ? ORDER BY id LIMIT ?"
_FIRST = """
SELECT e.work_id FROM entries AS e
WHERE e.source_id IN (SELECT value FROM json_each(?)) AND e.work_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM entries AS o WHERE o.work_id = e.work_id AND o.source_id <= e.source_id
    AND (o.source_id < e.source_id OR o.position < e.position) {})
ORDER BY e.source_id, e.position
"""
_CITATIONS = """
SELECT e.work_id, e.id, s.id, s.path, e.reference, e.matched_as, e.contexts
FROM entries AS e JOIN sources AS s ON s.id = e.source_id
WHERE e.work_id IN (SELECT value FROM json_each(?)) {} ORDER BY s.id, e.position
"""
_CHOSEN = "AND {}.source_id IN (SELECT value FROM json_each(?))"
_DUPLICATES = """
SELECT DISTINCT d.existing_work_id FROM duplicate_references AS d JOIN entries AS e ON e.id = d.entry_id
WHERE d.existing_work_id IN (SELECT value FROM json_each(?)) {}
"""
_THERE = "SELECT id FROM works WHERE id IN (SELECT value FROM json_each(?))"
_OF_RUN = "SELECT source_id FROM run_sources WHERE run_id = ? ORDER BY source_id"
_TOGETHER = 20
"""Sources whose works are read together."""
_OF_A_LOT = 1_000
"""Works at most that are read together: a list that somebody brought may have a hundred thousand."""


def cited_works(connection: Connection, source_ids: Iterable[int] | None = None) -> list[CitedWork]:
    """The works that these sources (all of them when None) cite, in printed order of their first citation."""
    return [one for lot in lots_of_cited_works(connection, source_ids) for one in lot]


def lots_of_cited_works(connection: Connection, source_ids: Iterable[int] | None = None) -> Iterator[list[CitedWork]]:
    """The same, some at a time, so that as much memory is taken however many there are."""
    chosen = None if source_ids is None else sorted(set(source_ids))
    only = () if chosen is None else (encode(chosen),)
    first = _FIRST.format(_CHOSEN.format("o") if only else "")
    for sources in _sources(connection, chosen):
        ids = list(connection.exec_driver_sql(first, (encode(sources), *only)).scalars())
        for place in range(0, len(ids), _OF_A_LOT):
            yield _lot(connection, ids[place : place + _OF_A_LOT], only)


def cited_among(
    connection: Connection, work_ids: Iterable[int], source_ids: Iterable[int] | None = None
) -> list[CitedWork]:
    """Those of these works that are still there, with the entries (of these sources; all when None) that cite them."""
    only = () if source_ids is None else (encode(sorted(set(source_ids))),)
    ids = list(work_ids)
    there = set(connection.exec_driver_sql(_THERE, (encode(ids),)).scalars())
    return _lot(connection, [id_ for id_ in ids if id_ in there], only)


def sources_of_run(connection: Connection, run_id: int) -> list[int]:
    """The sources that a run was given or found left over; raises `NothingKnown` where there is no such run."""
    if connection.exec_driver_sql("SELECT 1 FROM runs WHERE id = ?", (run_id,)).first() is None:
        raise NothingKnown(f"there is no run {run_id}: dl-lit inspect-tables --table runs lists them")
    return list(connection.exec_driver_sql(_OF_RUN, (run_id,)).scalars())


def duplicates_among(
    connection: Connection, work_ids: Iterable[int], source_ids: Iterable[int] | None = None
) -> frozenset[int]:
    """Those of the works that entries (of these sources; all when None) turned out to be that were known already."""
    chosen = None if source_ids is None else sorted(set(source_ids))
    query = _DUPLICATES.format("" if chosen is None else _CHOSEN.format("e"))
    only = () if chosen is None else (encode(chosen),)
    return frozenset(connection.exec_driver_sql(query, (encode(sorted(set(work_ids))), *only)).scalars())


def _sources(connection: Connection, chosen: list[int] | None) -> Iterator[list[int]]:
    last = 0
    while chosen is None:
        ids = list(connection.exec_driver_sql(_SOURCES, (last, _TOGETHER)).scalars())
        if not ids:
            return
        yield ids
        last = ids[-1]
    for place in range(0, len(chosen), _TOGETHER):
        yield chosen[place : place + _TOGETHER]


def _lot(connection: Connection, ids: list[int], only: tuple[str, ...]) -> list[CitedWork]:
    works = works_of(connection, Scope.of_works(ids))
    citations: dict[int, list[Citation]] = defaultdict(list)
    query = _CITATIONS.format(_CHOSEN.format("e") if only else "")
    for work_id, entry_id, source_id, path, reference, matched_as, contexts in connection.exec_driver_sql(
        query, (encode(ids), *only)
    ):
        part = MatchedAs(matched_as or MatchedAs.WORK)
        citations[work_id].append(Citation(entry_id, source_id, path, reference, part, contexts))
    return [CitedWork(works[id_], tuple(citations[id_])) for id_ in ids]
