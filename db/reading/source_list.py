"""Sources and the entries of their bibliographies in few words: what a list needs, and no more."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from db.reading.listing import Page
from db.reading.places import Place
from dl_lit.core.model import StageName
from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLine:
    """A source, and how its entries stand."""

    id: int
    path: str
    title: str | None
    people: str  # family names of the first authors
    year: int | None
    place: Place
    reason: str  # why it failed or waits; empty where there is none
    added_at: str
    entries: int
    expected: int | None  # what the numbering promises
    coverage: float | None  # 0 to 1
    downloaded: int  # of its entries
    needs_review: int
    failed: int
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLine:
    """An entry of a bibliography, and where it is."""

    id: int
    source_id: int
    position: int
    raw: str  # as printed
    title: str | None
    place: Place
    stage: StageName | None  # it waits for or failed at
    reason: str  # likewise; empty where there is none
    work_id: int | None
    path: str | None  # of its file, in the library


_COLUMNS = """
SELECT s.id, s.path, s.title, s.authors, s.year, s.state, coalesce(f.reason, s.last_reason, ''), s.added_at,
       s.found_references, s.expected_references, s.coverage_score
FROM sources AS s LEFT JOIN failed_extractions AS f ON f.source_id = s.id
"""
_CHOSEN = f"{_COLUMNS} WHERE s.id IN (SELECT value FROM json_each(?))"  # noqa: S608 - text of ours
_STANDING = """
SELECT e.source_id, count(*), count(d.work_id),
       count(CASE WHEN coalesce(f.needs_review, w.needs_review) <> 0 THEN 1 END), count(coalesce(f.entry_id, w.work_id))
FROM entries AS e LEFT JOIN failed_enrichments AS f ON f.entry_id = e.id
LEFT JOIN downloaded_references AS d ON d.work_id = e.work_id
LEFT JOIN failed_downloads AS w ON w.work_id = e.work_id
WHERE e.source_id IN (SELECT value FROM json_each(?)) GROUP BY e.source_id
"""
_ENTRIES = """
SELECT e.id, e.source_id, e.position, json_extract(e.reference, '$.raw'), e.title, e.work_id, f.reason, f.needs_review,
       n.last_reason, q.work_id, q.last_reason, t.work_id, t.last_reason, d.file_path, w.stage, w.reason,
       w.needs_review
FROM entries AS e
LEFT JOIN failed_enrichments AS f ON f.entry_id = e.id
LEFT JOIN no_metadata AS n ON n.entry_id = e.id
LEFT JOIN with_metadata AS q ON q.work_id = e.work_id
LEFT JOIN to_download_references AS t ON t.work_id = e.work_id
LEFT JOIN downloaded_references AS d ON d.work_id = e.work_id
LEFT JOIN failed_downloads AS w ON w.work_id = e.work_id
"""
_PLACES = {"pending": Place.WAITING, "extracted": Place.EXTRACTED, "failed": Place.FAILED}


def source_lines(connection: Connection, ids: Sequence[int]) -> tuple[SourceLine, ...]:
    """These sources, in this order; those that are not there are left out."""
    wanted = (json.dumps(list(ids)),)
    rows = connection.exec_driver_sql(_CHOSEN, wanted).all()
    found = {line.id: line for line in _lines(connection, rows)}
    return tuple(found[id_] for id_ in ids if id_ in found)


def _lines(connection: Connection, rows: Sequence[Any]) -> tuple[SourceLine, ...]:
    chosen = json.dumps([row[0] for row in rows])
    standing = {row[0]: row[1:] for row in connection.exec_driver_sql(_STANDING, (chosen,))}
    return tuple(_line(row, standing.get(row[0], (0, 0, 0, 0))) for row in rows)


def _line(row: Any, standing: Any) -> SourceLine:
    id_, path, title, authors, year, state, reason, added_at, _, expected, coverage = row
    entries, downloaded, review, ended = standing
    return SourceLine(
        id=id_,
        path=path,
        title=title,
        people=people(json.loads(authors) if authors else ()),
        year=year,
        place=_PLACES[state],
        reason=reason if state != "extracted" else "",
        added_at=added_at,
        entries=entries,
        expected=expected,
        coverage=coverage,
        downloaded=downloaded,
        needs_review=review,
        failed=ended - review,
        waiting=entries - downloaded - ended,
    )


def people(names: Sequence[Any], most: int = 3) -> str:
    """Family names of the first authors, as in a list of references: "Ito, Weber, Rossi et al."."""
    shown = [name.get("family") or name.get("literal") or "" for name in names[:most]]
    return ", ".join(filter(None, shown)) + (" et al." if len(names) > most else "")


def entries_of_source(connection: Connection, source_id: int, *, limit: int, offset: int = 0) -> Page[EntryLine]:
    """At most `limit` of the source's entries in printed order; none where there is no such source."""
    total = connection.exec_driver_sql("SELECT count(*) FROM entries WHERE source_id = ?", (source_id,)).scalar_one()
    rows = connection.exec_driver_sql(
        f"{_ENTRIES} WHERE e.source_id = ? ORDER BY e.position LIMIT ? OFFSET ?",
        (source_id, limit, offset),
    )
    return Page(total, offset, tuple(_entry(row) for row in rows))


def entry_lines(connection: Connection, ids: Sequence[int]) -> tuple[EntryLine, ...]:
    """These entries, in the order they were read."""
    rows = connection.exec_driver_sql(
        f"{_ENTRIES} WHERE e.id IN (SELECT value FROM json_each(?)) ORDER BY e.id",  # noqa: S608 - text of ours
        (json.dumps(list(ids)),),
    )
    return tuple(_entry(row) for row in rows)


def _entry(row: Any) -> EntryLine:
    (
        id_, source_id, position, raw, title, work_id, unmatched, ambiguous, put_off, located, location_put_off,
        fetched, fetch_put_off, path, failed_stage, failed, doubtful,
    ) = row  # fmt: skip
    place: Place
    stage: StageName | None
    if unmatched:
        place, stage, reason = _ended(ambiguous), StageName.ENRICHMENT, unmatched
    elif work_id is None:
        place, stage, reason = Place.WAITING, StageName.ENRICHMENT, put_off
    elif failed:
        place, stage, reason = _ended(doubtful), StageName(failed_stage), failed
    elif located is not None:
        place, stage, reason = Place.WAITING, StageName.QUEUEING, location_put_off
    elif fetched is not None:
        place, stage, reason = Place.WAITING, StageName.DOWNLOAD, fetch_put_off
    else:
        place, stage, reason = Place.DOWNLOADED, None, None
    return EntryLine(
        id=id_,
        source_id=source_id,
        position=position,
        raw=raw or "",
        title=title,
        place=place,
        stage=stage,
        reason=reason or "",
        work_id=work_id,
        path=path,
    )


def _ended(needs_review: object) -> Place:
    return Place.NEEDS_REVIEW if needs_review else Place.FAILED
