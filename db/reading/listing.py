"""Sources, entries and works a page at a time, by where they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Connection

from db.reading.places import EntryView, Place, WorkView, entries_of, works_of
from db.reading.scope import Scope
from db.reading.sources import SourceFacts, source_facts

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of what was asked for."""

    total: int  # how many there are; 0 where that was not counted
    offset: int
    items: tuple[T, ...]


_WORK_PLACE = """
CASE WHEN w.id IN (SELECT work_id FROM downloaded_references) THEN 'downloaded'
     WHEN w.id IN (SELECT work_id FROM failed_downloads WHERE needs_review) THEN 'needs_review'
     WHEN w.id IN (SELECT work_id FROM failed_downloads) THEN 'failed'
     ELSE 'waiting' END
"""
_WORKS = f"SELECT w.id AS id, 0 AS source_id, {_WORK_PLACE} AS place FROM works AS w"  # noqa: S608 - text of ours
_ENTRIES = f"""
SELECT e.id AS id, e.source_id AS source_id,
       CASE WHEN f.needs_review THEN 'needs_review' WHEN f.entry_id IS NOT NULL THEN 'failed'
            WHEN e.work_id IS NULL THEN 'waiting' ELSE {_WORK_PLACE} END AS place
FROM entries AS e LEFT JOIN works AS w ON w.id = e.work_id LEFT JOIN failed_enrichments AS f ON f.entry_id = e.id
"""  # noqa: S608 - text of ours


_SOURCES = """
SELECT id, id AS source_id, CASE state WHEN 'pending' THEN 'waiting' ELSE state END AS place FROM sources
"""


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
    total, ids = _ids(connection, _SOURCES, (source_id, place, limit, offset, after))
    found = {one.id: one for one in source_facts(connection, Scope(ids))}
    return Page(total, offset, tuple(found[id_] for id_ in ids))


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

    With `after`, those behind the entry with that id: found without walking over those before, and not counted.
    """
    total, ids = _ids(connection, _ENTRIES, (source_id, place, limit, offset, after))
    found = {entry.id: entry for entry in entries_of(connection, Scope.of_entries(ids))}
    return Page(total, offset, tuple(found[id_] for id_ in ids))


def page_of_works(
    connection: Connection, *, place: Place | None = None, limit: int, offset: int = 0, after: int | None = None
) -> Page[WorkView]:
    """At most `limit` works in the order they were found, in one place where it is given; `after` as for entries."""
    total, ids = _ids(connection, _WORKS, (None, place, limit, offset, after))
    found = works_of(connection, Scope.of_works(ids))
    return Page(total, offset, tuple(found[id_] for id_ in ids))


def _ids(
    connection: Connection, listed: str, wanted: tuple[int | None, Place | None, int, int, int | None]
) -> tuple[int, list[int]]:
    """How many rows of `listed` are of the source and in the place of `wanted`, and the ids within limit and offset."""
    source_id, place, limit, offset, after = wanted
    where = "WHERE (?1 IS NULL OR source_id = ?1) AND (?2 IS NULL OR place = ?2)"
    chosen = (source_id, None if place is None else place.value)
    if after is None:
        total = connection.exec_driver_sql(f"SELECT count(*) FROM ({listed}) {where}", chosen).scalar_one()  # noqa: S608 - text of ours
    else:
        total, where = 0, f"{where} AND id > ?5"
    rows = connection.exec_driver_sql(
        f"SELECT id FROM ({listed}) {where} ORDER BY id LIMIT ?3 OFFSET ?4",  # noqa: S608 - text of ours
        (*chosen, limit, offset, *(() if after is None else (after,))),
    )
    return int(total), [row[0] for row in rows]
