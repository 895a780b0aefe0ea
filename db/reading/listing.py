"""Entries and works a page at a time, by where they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Connection

from db.reading.places import EntryView, Place, WorkView, entries_of, works_of
from db.reading.scope import Scope

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of what was asked for."""

    total: int  # how many there are
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


def page_of_entries(
    connection: Connection, *, source_id: int | None = None, place: Place | None = None, limit: int, offset: int = 0
) -> Page[EntryView]:
    """At most `limit` entries in the order they were read, of one source and in one place where these are given."""
    total, ids = _ids(connection, _ENTRIES, (source_id, place, limit, offset))
    found = {entry.id: entry for entry in entries_of(connection, Scope.of_entries(ids))}
    return Page(total, offset, tuple(found[id_] for id_ in ids))


def page_of_works(connection: Connection, *, place: Place | None = None, limit: int, offset: int = 0) -> Page[WorkView]:
    """At most `limit` works in the order they were found, in one place where it is given."""
    total, ids = _ids(connection, _WORKS, (None, place, limit, offset))
    found = works_of(connection, Scope.of_works(ids))
    return Page(total, offset, tuple(found[id_] for id_ in ids))


def _ids(
    connection: Connection, listed: str, wanted: tuple[int | None, Place | None, int, int]
) -> tuple[int, list[int]]:
    """How many rows of `listed` are of the source and in the place of `wanted`, and the ids within limit and offset."""
    source_id, place, limit, offset = wanted
    where = "WHERE (?1 IS NULL OR source_id = ?1) AND (?2 IS NULL OR place = ?2)"
    chosen = (source_id, None if place is None else place.value)
    total = connection.exec_driver_sql(f"SELECT count(*) FROM ({listed}) {where}", chosen).scalar_one()  # noqa: S608 - text of ours
    rows = connection.exec_driver_sql(
        f"SELECT id FROM ({listed}) {where} ORDER BY id LIMIT ?3 OFFSET ?4",  # noqa: S608 - text of ours
        (*chosen, limit, offset),
    )
    return int(total), [row[0] for row in rows]
