"""What a report of many sources tells at a glance: what is cited most, what was retracted, what is not proven.

Counts take memory for what they are shown as; the lists of flagged works and entries are read as they are taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection

from db.codec import decode_work
from db.reading.scope import Scope
from dl_lit.core.model import Work
from dl_lit.core.values import dataclass

MOST_CITED = 30
"""Works that are named."""
_AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class OftenCited:
    """A work, and by how many it is cited."""

    work_id: int
    work: Work
    sources: int  # that cite it
    entries: int  # of theirs that are it
    contexts: int  # places of their texts, as far as they are known


@dataclass(frozen=True, slots=True)
class Unproven:
    """An entry that no record was proven for."""

    entry_id: int
    source_id: int
    source_path: str
    source_title: str | None
    position: int
    raw: str
    reason: str
    for_review: bool  # a person may decide


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Counts over sources, their entries, and the works they cite."""

    sources: int
    read: int
    failed: int  # sources that could not be read
    entries: int
    works: int
    places: Mapping[str, int]  # works by downloaded, needs_review, failed, waiting
    unproven: int  # entries
    years: Mapping[int, int]  # of publication to cited works, ascending
    reasons: Mapping[str, int]  # why works have no file, the most frequent first
    versions: Mapping[str, int]  # of the files; "" where it is not known
    licences: Mapping[str, int]


_SOURCES = """
SELECT count(*), count(CASE WHEN state = 'extracted' THEN 1 END), count(CASE WHEN state = 'failed' THEN 1 END)
FROM sources WHERE id IN (SELECT id FROM chosen)
"""
_ENTRIES = "SELECT count(*) FROM listed"
_WORKS = "SELECT count(*) FROM works WHERE id IN (SELECT id FROM cited)"
_PLACES = """
SELECT (SELECT count(*) FROM downloaded_references WHERE work_id IN (SELECT id FROM cited)),
       (SELECT count(*) FROM failed_downloads WHERE needs_review <> 0 AND work_id IN (SELECT id FROM cited)),
       (SELECT count(*) FROM failed_downloads WHERE needs_review = 0 AND work_id IN (SELECT id FROM cited))
"""
_YEARS = """
SELECT year, count(*) FROM works WHERE year IS NOT NULL AND id IN (SELECT id FROM cited) GROUP BY year ORDER BY year
"""
_REASONS = """
SELECT reason, count(*) FROM failed_downloads WHERE work_id IN (SELECT id FROM cited) GROUP BY reason
"""
_OF_FILES = """
SELECT coalesce({}, ''), count(*) FROM downloaded_references WHERE work_id IN (SELECT id FROM cited) GROUP BY 1
"""
_UNPROVEN = "SELECT count(*) FROM failed_enrichments WHERE entry_id IN (SELECT id FROM listed)"
_OFTEN = """
SELECT w.id, w.record, count(DISTINCT e.source_id) AS sources, count(*),
       total(CASE WHEN e.contexts IS NULL THEN 0 ELSE json_array_length(e.contexts) END)
FROM entries AS e JOIN works AS w ON w.id = e.work_id
WHERE e.work_id IN (
    SELECT work_id FROM entries WHERE work_id IS NOT NULL AND id IN (SELECT id FROM listed)
    GROUP BY work_id HAVING count(DISTINCT source_id) > 1 ORDER BY count(DISTINCT source_id) DESC, work_id LIMIT {})
AND e.id IN (SELECT id FROM listed)
GROUP BY w.id ORDER BY sources DESC, 4 DESC, w.id
"""
# Retracted by the record's own word, or by a notice: whether a notice counts is not decided here.
_DOUBTED = """
SELECT w.id, w.record,
       (SELECT count(DISTINCT source_id) FROM entries WHERE work_id = w.id AND source_id IN (SELECT id FROM chosen))
FROM works AS w WHERE w.id IN (SELECT id FROM cited)
AND (CAST(w.record ->> 'is_retracted' AS INTEGER) <> 0 OR json_array_length(w.record ->> 'notices') > 0) ORDER BY w.id
"""
_FLAGGED = """
SELECT e.id, s.id, s.path, s.title, e.position, json_extract(e.reference, '$.raw'), f.reason, f.needs_review
FROM failed_enrichments AS f JOIN entries AS e ON e.id = f.entry_id JOIN sources AS s ON s.id = e.source_id
WHERE e.id IN (SELECT id FROM listed) AND (e.source_id, e.position) > ({:d}, {:d})
ORDER BY e.source_id, e.position LIMIT {:d}
"""
_IDS = "SELECT id FROM sources WHERE id IN (SELECT id FROM chosen) ORDER BY id"


def overview(connection: Connection, scope: Scope) -> Overview:
    """The counts of what is chosen."""
    ((sources, read, failed),) = scope.rows(connection, _SOURCES)
    ((downloaded, review, without),) = scope.rows(connection, _PLACES)
    works = scope.number(connection, _WORKS)
    waiting = works - downloaded - review - without
    return Overview(
        sources=sources,
        read=read,
        failed=failed,
        entries=scope.number(connection, _ENTRIES),
        works=works,
        places={"downloaded": downloaded, "needs_review": review, "failed": without, "waiting": waiting},
        unproven=scope.number(connection, _UNPROVEN),
        years={row[0]: row[1] for row in scope.rows(connection, _YEARS)},
        reasons=scope.counts(connection, _REASONS),
        versions=scope.counts(connection, _OF_FILES.format("version")),
        licences=scope.counts(connection, _OF_FILES.format("licence")),
    )


def often_cited(connection: Connection, scope: Scope) -> list[OftenCited]:
    """The works that most of the sources cite, those that only one cites left out."""
    return [
        OftenCited(id_, decode_work(record), sources, entries, int(contexts))
        for id_, record, sources, entries, contexts in scope.rows(connection, _OFTEN.format(MOST_CITED))
    ]


def works_with_notices(connection: Connection, scope: Scope) -> Iterator[tuple[int, Work, int]]:
    """The works that something is said against, each with the number of sources that cite it."""
    return ((id_, decode_work(record), sources) for id_, record, sources in scope.rows(connection, _DOUBTED))


def unproven_entries(connection: Connection, scope: Scope) -> Iterator[Unproven]:
    """The entries that no record was proven for, in printed order, source by source."""
    source = position = 0
    while rows := scope.rows(connection, _FLAGGED.format(source, position, _AT_A_TIME)):
        for row in rows:
            entry_id, source_id, path, title, place, raw, reason, for_review = row
            yield Unproven(entry_id, source_id, path, title, place, raw, reason, bool(for_review))
        source, position = rows[-1][1], rows[-1][4]


def source_ids(connection: Connection, scope: Scope) -> list[int]:
    """The sources that are chosen, in the order they were added."""
    return [id_ for (id_,) in scope.rows(connection, _IDS)]
