"""Works in few words, a page at a time, and what failed for one reason: what a list needs, and no more."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from db.reading.listing import Page
from db.reading.places import Place
from db.reading.source_list import people
from dl_lit.core.model import StageName


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
       f.stage, f.reason, f.needs_review, (SELECT count(*) FROM entries WHERE work_id = w.id)
FROM works AS w
LEFT JOIN with_metadata AS q ON q.work_id = w.id
LEFT JOIN to_download_references AS t ON t.work_id = w.id
LEFT JOIN downloaded_references AS d ON d.work_id = w.id
LEFT JOIN failed_downloads AS f ON f.work_id = w.id
WHERE w.id IN (SELECT value FROM json_each(?))
"""
_IDS = {
    None: "SELECT id FROM works",
    Place.DOWNLOADED: "SELECT work_id AS id FROM downloaded_references",
    Place.WAITING: "SELECT work_id AS id FROM with_metadata UNION ALL SELECT work_id FROM to_download_references",
    Place.NEEDS_REVIEW: "SELECT work_id AS id FROM failed_downloads WHERE needs_review",
    Place.FAILED: "SELECT work_id AS id FROM failed_downloads WHERE NOT needs_review",
}
_CITED = """
SELECT id FROM ({}) LEFT JOIN
    (SELECT work_id, count(*) AS number FROM entries WHERE work_id IS NOT NULL GROUP BY work_id) ON work_id = id
ORDER BY number DESC, id LIMIT ? OFFSET ?
"""
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
        FROM failed_downloads AS f JOIN works AS w ON w.id = f.work_id WHERE f.stage <> 'queueing'""",
}
_ROOM_OF = {
    StageName.EXTRACTION: "failed_extractions WHERE reason = ?",
    StageName.ENRICHMENT: "failed_enrichments WHERE reason = ?",
    StageName.QUEUEING: "failed_downloads WHERE reason = ? AND stage = 'queueing'",
    StageName.DOWNLOAD: "failed_downloads WHERE reason = ? AND stage <> 'queueing'",
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
    chosen = _IDS[place]
    total = connection.exec_driver_sql(f"SELECT count(*) FROM ({chosen})").scalar_one()  # noqa: S608 - text of ours
    listed = _CITED.format(chosen) if order is WorkOrder.CITED else f"{chosen} ORDER BY id DESC LIMIT ? OFFSET ?"
    ids = [row[0] for row in connection.exec_driver_sql(listed, (limit, offset))]
    return Page(total, offset, work_lines(connection, ids))


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
    total = connection.exec_driver_sql(f"SELECT count(*) FROM {_ROOM_OF[stage]}", (reason,)).scalar_one()  # noqa: S608 - text of ours
    rows = connection.exec_driver_sql(
        f"{_FAILED_OF[stage]} AND f.reason = ? ORDER BY number DESC LIMIT ? OFFSET ?", (reason, limit, offset)
    )
    items = tuple(
        FailureLine(id=id_, title=title or "", reason=why, detail=detail, needs_review=bool(review), at=at)
        for id_, title, why, detail, review, at, _ in rows
    )
    return Page(total, offset, items)
