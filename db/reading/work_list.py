"""Works in few words, a page at a time, and what failed for one reason: what a list needs, and no more."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from heapq import merge
from itertools import islice
from typing import Any

from sqlalchemy import Connection

from db.reading.counted import NONE, Counts, rows_of
from db.reading.listing import WORKS_IN, Page, highest
from db.reading.places import Place
from db.reading.source_list import people
from dl_lit.core.model import StageName
from dl_lit.core.values import dataclass


class WorkOrder(StrEnum):
    """In which order works are listed."""

    CITED = "cited"  # by most entries first
    NEWEST = "newest"  # found last first


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkLine:
    """A work, and where it is."""

    id: int
    title: str
    people: str  # family names of the first authors
    year: int | None
    container: str | None
    doi: str | None
    cited_by: int  # entries
    place: Place
    stage: StageName | None  # it waits for or failed at
    reason: str  # likewise; empty where there is none
    path: str | None  # of its file, in the library


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureLine:
    """Something that was given up on, or waits for a person."""

    id: str  # s1, e2, w3
    title: str
    reason: str
    detail: str
    needs_review: bool
    at: str | None  # ISO 8601 in UTC


_COLUMNS = """
SELECT w.id, w.title, w.record, w.year, w.doi, q.work_id, q.last_reason, t.work_id, t.last_reason, d.file_path,
       f.stage, f.reason, f.needs_review, coalesce(c.cited_by, 1)
FROM works AS w
LEFT JOIN shared_works AS c ON c.work_id = w.id
LEFT JOIN with_metadata AS q ON q.work_id = w.id
LEFT JOIN to_download_references AS t ON t.work_id = w.id
LEFT JOIN downloaded_references AS d ON d.work_id = w.id
LEFT JOIN failed_downloads AS f ON f.work_id = w.id
WHERE w.id IN (SELECT value FROM json_each(?))
"""
_SHARED = "SELECT work_id FROM shared_works WHERE {} ORDER BY cited_by DESC, work_id LIMIT ? OFFSET ?"
_CITED_ONCE = """
SELECT work_id FROM {} NOT EXISTS (SELECT 1 FROM shared_works AS s WHERE s.work_id = r.work_id) AND r.work_id > 0
ORDER BY r.work_id LIMIT ?
"""
_KEY_OF = {
    StageName.EXTRACTION: "f.source_id",
    StageName.ENRICHMENT: "f.entry_id",
    StageName.QUEUEING: "f.work_id",
    StageName.DOWNLOAD: "f.work_id",
}
_FAILED_OF = {
    StageName.EXTRACTION: """
        SELECT 's' || s.id, coalesce(s.title, s.path), f.reason, f.detail, 0, f.processing_timestamp, s.id AS number
        FROM failed_extractions AS f JOIN sources AS s ON s.id = f.source_id WHERE TRUE""",
    StageName.ENRICHMENT: """
        SELECT 'e' || e.id, coalesce(e.title, json_extract(e.reference, '$.raw')), f.reason, f.detail, f.needs_review,
               f.processing_timestamp, e.id AS number
        FROM failed_enrichments AS f JOIN entries AS e ON e.id = f.entry_id WHERE TRUE""",
    StageName.QUEUEING: """
        SELECT 'w' || w.id, w.title, f.reason, f.detail, f.needs_review, f.processing_timestamp, w.id AS number
        FROM failed_downloads AS f JOIN works AS w ON w.id = f.work_id WHERE f.stage = 'queueing'""",
    StageName.DOWNLOAD: """
        SELECT 'w' || w.id, w.title, f.reason, f.detail, f.needs_review, f.processing_timestamp, w.id AS number
        FROM failed_downloads AS f JOIN works AS w ON w.id = f.work_id WHERE f.stage = 'download'""",
}


def page_of_work_lines(
    connection: Connection,
    *,
    place: Place | None = None,
    order: WorkOrder = WorkOrder.CITED,
    limit: int,
    offset: int = 0,
) -> Page[WorkLine]:
    """At most `limit` works, in one place where it is given."""
    counts = Counts(rows_of(connection))
    there = None if place is None else counts.works_by_place.get(place.value, NONE)
    total = counts.works if there is None else there.number
    rooms = [room for one in WORKS_IN if place in {None, one} for room in WORKS_IN[one]]
    if order is WorkOrder.NEWEST:
        ids = highest(connection, rooms, offset + limit)[offset:]
    else:
        ids = _most_cited(connection, counts, place, rooms, limit, offset)
    return Page(total, offset, work_lines(connection, ids))


def most_cited(connection: Connection, counts: Counts, limit: int) -> list[int]:
    """At most `limit` works, those that most entries cite first."""
    return _most_cited(connection, counts, None, [room for rooms in WORKS_IN.values() for room in rooms], limit, 0)


def _most_cited(  # noqa: PLR0917 - what is asked for, and what is known of it
    connection: Connection, counts: Counts, place: Place | None, rooms: Sequence[str], limit: int, offset: int
) -> list[int]:
    """First what several entries cite, by how many; then what one does, the oldest first."""
    known = counts.each("shared_works")
    shared = sum(one.number for word, one in known.items() if place in {None, word})
    where, values = ("cited_by > ?", (0,)) if place is None else ("place = ?", (place.value,))
    ids = list(connection.exec_driver_sql(_SHARED.format(where), (*values, limit, offset)).scalars())
    if len(ids) == limit:
        return ids
    first = max(0, offset - shared)
    most = first + limit - len(ids)
    once = [
        connection.exec_driver_sql(_CITED_ONCE.format(room.replace(" WHERE", " AS r WHERE", 1)), (most,)).scalars()
        for room in rooms
    ]
    return ids + list(islice(merge(*once), first, most))


def work_lines(connection: Connection, ids: Sequence[int]) -> tuple[WorkLine, ...]:
    """These works, in this order; those that are not there are left out."""
    rows = connection.exec_driver_sql(_COLUMNS, (json.dumps(list(ids)),))
    found = {row[0]: _line(row) for row in rows}
    return tuple(found[id_] for id_ in ids if id_ in found)


def _line(row: Any) -> WorkLine:
    id_, title, record, year, doi, located, why, fetched, why_fetched, path, stage, reason, review, cited = row
    facts = json.loads(record)
    place, at, because = Place.DOWNLOADED, None, ""
    if reason:
        place, at, because = Place.NEEDS_REVIEW if review else Place.FAILED, StageName(stage), reason
    elif located is not None:
        place, at, because = Place.WAITING, StageName.QUEUEING, why or ""
    elif fetched is not None:
        place, at, because = Place.WAITING, StageName.DOWNLOAD, why_fetched or ""
    return WorkLine(
        id=id_,
        title=title,
        people=people(facts.get("authors") or facts.get("editors") or ()),
        year=year,
        container=facts.get("container_title"),
        doi=doi,
        cited_by=cited,
        place=place,
        stage=at,
        reason=because,
        path=path,
    )


def page_of_failures(
    connection: Connection, stage: StageName, reason: str, *, limit: int, offset: int = 0
) -> Page[FailureLine]:
    """At most `limit` of what failed in a stage for one reason, the latest first."""
    total = _failed_for(Counts(rows_of(connection)), stage, reason)
    rows = connection.exec_driver_sql(
        f"{_FAILED_OF[stage]} AND f.reason = ? ORDER BY {_KEY_OF[stage]} DESC LIMIT ? OFFSET ?", (reason, limit, offset)
    )
    items = tuple(
        FailureLine(id=id_, title=title or "", reason=why, detail=detail, needs_review=bool(review), at=at)
        for id_, title, why, detail, review, at, _ in rows
    )
    return Page(total, offset, items)


def _failed_for(counts: Counts, stage: StageName, reason: str) -> int:
    if stage is StageName.EXTRACTION:
        return counts.of("failed_extractions", reason).number
    if stage is StageName.ENRICHMENT:
        return sum(number for (why, _), number in counts.failed_enrichments.items() if why == reason)
    return sum(one.number for where, why, _, _, one in counts.failed_downloads if (where, why) == (stage.value, reason))
