"""Sources, entries and works a page at a time, by where they are: an index leads to each page, counts say how many."""

from __future__ import annotations

import json
from collections.abc import Sequence
from heapq import merge
from itertools import islice
from typing import Generic, TypeVar

from sqlalchemy import Connection

from db.reading.counted import NONE, Counts, rows_of
from db.reading.places import EntryView, Place, WorkView, entries_of, works_of
from db.reading.scope import Scope
from db.reading.sources import SourceFacts, source_facts
from dl_lit.core.values import dataclass

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of what was asked for."""

    total: int  # how many there are; 0 where that was not counted
    offset: int
    items: tuple[T, ...]
    is_cut: bool = False  # there are more than `total`, which were not counted


WORKS_IN: dict[Place, tuple[str, ...]] = {
    Place.WAITING: ("with_metadata WHERE", "to_download_references WHERE"),
    Place.DOWNLOADED: ("downloaded_references WHERE",),
    Place.NEEDS_REVIEW: ("failed_downloads WHERE needs_review <> 0 AND",),
    Place.FAILED: ("failed_downloads WHERE needs_review = 0 AND",),
}
"""The rooms of works by place, as the beginning of a condition."""

_ENTRIES_IN: dict[Place, tuple[str, ...]] = {
    Place.WAITING: ("no_metadata WHERE",),
    Place.NEEDS_REVIEW: ("failed_enrichments WHERE needs_review <> 0 AND",),
    Place.FAILED: ("failed_enrichments WHERE needs_review = 0 AND",),
}
"""Those of entries whose work is not known."""

_OF_WORKS = """
SELECT id FROM entries WHERE work_id IN (SELECT value FROM json_each(?)) ORDER BY work_id, id
"""
_OF_SOURCE = """
SELECT e.id, CASE WHEN f.entry_id IS NOT NULL THEN iif(f.needs_review <> 0, 'needs_review', 'failed')
                  WHEN e.work_id IS NULL THEN 'waiting' WHEN d.work_id IS NOT NULL THEN 'downloaded'
                  WHEN w.work_id IS NOT NULL THEN iif(w.needs_review <> 0, 'needs_review', 'failed') ELSE 'waiting' END
FROM entries AS e LEFT JOIN failed_enrichments AS f ON f.entry_id = e.id
LEFT JOIN downloaded_references AS d ON d.work_id = e.work_id LEFT JOIN failed_downloads AS w ON w.work_id = e.work_id
WHERE e.source_id = ? AND e.id > ? ORDER BY e.id
"""
_LOT = 1_000  # works looked up together
_STATES = {Place.EXTRACTED: "extracted", Place.FAILED: "failed"}


def page_of_sources(
    connection: Connection,
    *,
    source_id: int | None = None,
    place: Place | None = None,
    limit: int,
    offset: int = 0,
    after: int | None = None,
) -> Page[SourceFacts]:
    """At most `limit` sources in the order they were added, as `page_of_entries` has entries."""
    behind, is_counted = after or 0, after is None
    if source_id is not None:
        found = source_facts(connection, Scope([source_id]))
        chosen = [one.id for one in found if one.id > behind and place in {None, one.place}]
        total, ids = len(chosen), chosen[offset : offset + limit]
    else:
        if place is None:
            where = "id > ?"
        elif place is Place.WAITING:
            where = "state = 'pending' AND id > 0 AND id > ?"
        else:
            where = f"state <> 'pending' AND state = '{_STATES.get(place, '')}' AND id > ?"
        total = _sources_in(Counts(rows_of(connection)), place) if is_counted else 0
        query = f"SELECT id FROM sources WHERE {where} ORDER BY id LIMIT ? OFFSET ?"  # noqa: S608 - words of ours
        ids = [row[0] for row in connection.exec_driver_sql(query, (behind, limit, offset))]
    views = {one.id: one for one in source_facts(connection, Scope(ids))}
    return Page(total if is_counted else 0, offset, tuple(views[id_] for id_ in ids))


def _sources_in(counts: Counts, place: Place | None) -> int:
    if place is None:
        return counts.sources
    return counts.of("sources", "pending" if place is Place.WAITING else _STATES.get(place, "")).number


def page_of_entries(
    connection: Connection,
    *,
    source_id: int | None = None,
    place: Place | None = None,
    limit: int,
    offset: int = 0,
    after: int | None = None,
) -> Page[EntryView]:
    """At most `limit` entries in the order they were read, of one source and in one place where these are given.

    With `after`, those behind the entry with that id: found without walking over those before, and not counted. In one
    place come first the entries whose work is not known, then those of known works, in the order of these.
    """
    total = 0
    if source_id is not None:
        rows = connection.exec_driver_sql(_OF_SOURCE, (source_id, after or 0))
        chosen = [id_ for id_, there in rows if place is None or there == place.value]
        total, ids = len(chosen), chosen[offset : offset + limit]
    elif place is None:
        total = Counts(rows_of(connection)).entries if after is None else 0
        query = "SELECT id FROM entries WHERE id > ? ORDER BY id LIMIT ? OFFSET ?"
        ids = [row[0] for row in connection.exec_driver_sql(query, (after or 0, limit, offset))]
    else:
        total = Counts(rows_of(connection)).entries_by_place.get(place.value, 0) if after is None else 0
        is_beyond = after is None and offset >= max(total, 1)
        ids = [] if is_beyond else _entries_in(connection, place, after, offset + limit)[offset:]
    found = {entry.id: entry for entry in entries_of(connection, Scope.of_entries(ids))}
    return Page(0 if after is not None else total, offset, tuple(found[id_] for id_ in ids))


def _entries_in(connection: Connection, place: Place, after: int | None, most: int) -> list[int]:
    """The first entries in a place, behind one that is where its work is or, without one, by its number."""
    work = None
    if after is not None:
        query = "SELECT work_id FROM entries WHERE id = ?"
        work = connection.exec_driver_sql(query, (after,)).scalar()
    ids: list[int] = []
    if work is None:
        ids = _ids(connection, _ENTRIES_IN.get(place, ()), "entry_id", after or 0, most)
    begun, last = work is not None, (work or 0) - 1
    while len(ids) < most:
        works = _ids(connection, WORKS_IN.get(place, ()), "work_id", last, min(most, _LOT))
        if not works:
            break
        rows = [row[0] for row in connection.exec_driver_sql(_OF_WORKS, (json.dumps(works),))]
        if begun and after is not None and works[0] == work:
            own = connection.exec_driver_sql("SELECT id FROM entries WHERE work_id = ? AND id <= ?", (work, after))
            passed = set(own.scalars())
            rows = [id_ for id_ in rows if id_ not in passed]
        begun, last = False, works[-1]
        ids += rows
    return ids[:most]


def _ids(connection: Connection, rooms: Sequence[str], key: str, after: int, most: int) -> list[int]:
    """The lowest keys above `after` of several rooms together."""
    found = [
        connection.exec_driver_sql(
            f"SELECT {key} FROM {room} {key} > ? ORDER BY {key} LIMIT ?",  # noqa: S608 - names of ours
            (after, most),
        )
        .scalars()
        .all()
        for room in rooms
    ]
    return list(islice(merge(*found), most))


def highest(connection: Connection, rooms: Sequence[str], most: int) -> list[int]:
    """The highest works of several rooms together, the highest first."""
    found = [
        connection.exec_driver_sql(
            f"SELECT work_id FROM {room} work_id > 0 ORDER BY work_id DESC LIMIT ?",  # noqa: S608 - names of ours
            (most,),
        )
        .scalars()
        .all()
        for room in rooms
    ]
    return list(islice(merge(*found, reverse=True), most))


def page_of_works(
    connection: Connection, *, place: Place | None = None, limit: int, offset: int = 0, after: int | None = None
) -> Page[WorkView]:
    """At most `limit` works in the order they were found, in one place where it is given; `after` as for entries."""
    behind, total = after or 0, 0
    if after is None:
        counts = Counts(rows_of(connection))
        total = counts.works if place is None else counts.works_by_place.get(place.value, NONE).number
    if place is None:
        query = "SELECT id FROM works WHERE id > ? ORDER BY id LIMIT ? OFFSET ?"
        ids = [row[0] for row in connection.exec_driver_sql(query, (behind, limit, offset))]
    else:
        ids = _ids(connection, WORKS_IN.get(place, ()), "work_id", behind, offset + limit)[offset:]
    found = works_of(connection, Scope.of_works(ids))
    return Page(total, offset, tuple(found[id_] for id_ in ids))
