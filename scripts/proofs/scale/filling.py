"""A database of so many references in all places, written by SQL in bulk; doctor says whether it is a possible one."""

# ruff: noqa: S608 - all that is put together here are texts of ours

from __future__ import annotations

import sqlite3
import time
from datetime import UTC, datetime
from pathlib import Path

from db.connect import connect, open_database
from db.finding.keeping import keep_up
from db.reading.doctor import invariants
from db.reading.opening import reading
from db.tables.counting_anew import FILLING

ENTRIES_OF_A_SOURCE = 33

_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :entries) "
_OWN = "i % 20 NOT IN (0, 1, 5, 15)"  # entries with a work of their own, which has their number
_AT = "strftime('%Y-%m-%dT%H:%M:%S.000Z', :now - (:entries - {0}) * 0.5, 'unixepoch')"

_FILL = (
    # Sources: all that have entries are read; 400 more wait, 400 could not be read.
    """
    INSERT INTO sources (id, path, sha256, size_bytes, added_at, state, title, authors, year, page_count,
        found_references, coverage_score, attempts, processing_timestamp)
    SELECT i, '/inbox/' || (i % 97) || '/paper-' || i || '.pdf', printf('%064d', i), 100000 + i, {at},
        'extracted', 'On the ' || (i % 1009) || 'th question of scale, part ' || i,
        '[{{"family":"Author' || (i % 5003) || '","given":"A."}}]', 1990 + i % 35, 12, {per},
        CASE WHEN i % 10 = 0 THEN 0.9 ELSE 1.0 END, 1, {at} FROM n WHERE i <= :sources
    """.format(at=_AT.format(f"i * {ENTRIES_OF_A_SOURCE}"), per=ENTRIES_OF_A_SOURCE),
    """
    INSERT INTO sources (id, path, sha256, size_bytes, added_at, state, attempts)
    SELECT :sources + i, '/inbox/new/' || i || '.pdf', printf('%064d', :sources + i), 1000, {at},
        CASE i % 2 WHEN 0 THEN 'failed' ELSE 'pending' END, i % 2 = 0 FROM n WHERE i <= 800
    """.format(at=_AT.format(":entries")),
    (
        "INSERT INTO failed_extractions (source_id, reason, attempts) "
        "SELECT id, iif(id % 3, 'no-text-layer', 'damaged-pdf'), 1 FROM sources WHERE state = 'failed'"
    ),
    # Works: of most entries their own; a tenth cites one that is known, a hundredth one of 150 that all know.
    f"""
    INSERT INTO works (id, type, title, year, doi, title_key, version_key, record, metadata_source)
    SELECT i, 'article-journal', 'A work of some length about matter ' || i, 1950 + i % 75, '10.5555/scale.' || i,
        'matter|' || i, 'matter|' || i, json_object('title', 'A work of some length about matter ' || i,
        'type', 'article-journal', 'authors', json_array(json_object('family', 'Author' || (i % 5003), 'given', 'B.')),
        'year', 1950 + i % 75, 'doi', '10.5555/scale.' || i, 'container_title', 'Journal of Numbers ' || (i % 211),
        'volume', '' || (i % 60), 'pages', '1-20', 'metadata_source', 'crossref'), 'crossref'
    FROM n WHERE {_OWN}
    """,
    "INSERT INTO work_keys SELECT 'doi', doi, id FROM works",
    "INSERT INTO work_keys SELECT 'title-author-year', title_key, id FROM works",
    f"""
    INSERT INTO entries (id, source_id, position, title, reference, work_id, matched_by, match_score, matched_as)
    SELECT i, (i - 1) / {ENTRIES_OF_A_SOURCE} + 1, (i - 1) % {ENTRIES_OF_A_SOURCE} + 1,
        'A work of some length about matter ' || i,
        json_object('position', (i - 1) % {ENTRIES_OF_A_SOURCE} + 1, 'raw', 'Author' || (i % 5003)
            || ', B. A work of some length about matter ' || i || '. Journal of Numbers, 1999, pp. 1-20.',
            'title', 'A work of some length about matter ' || i, 'year', 1999),
        CASE WHEN i % 20 IN (0, 1) THEN NULL WHEN i % 100 = 5 THEN 20 * ((i / 100) % min(150, :entries / 40)) + 3
             WHEN i % 10 = 5 THEN i - 2 ELSE i END, 'doi', 1.0, 'work'
    FROM n
    """,
    "UPDATE entries SET matched_by = NULL, match_score = NULL, matched_as = NULL WHERE work_id IS NULL",
    (
        "INSERT INTO duplicate_references "
        "(entry_id, existing_work_id, matched_on_field, original_record, date_detected) "
        "SELECT id, work_id, 'doi', '{\"title\":\"x\"}', '2026-11-01T00:00:00.000Z' FROM entries WHERE id % 10 = 5"
    ),
    # Rooms.
    """
    INSERT INTO no_metadata (entry_id, source_id, due_at, last_reason, attempts, processing_timestamp)
    SELECT id, source_id, CASE WHEN id % 100 = 0 THEN :now + 60 + (id * 7919) % 86400 END,
        CASE WHEN id % 100 = 0 THEN 'rate-limited' END, 0, {} FROM entries WHERE id % 20 = 0
    """.format(_AT.format("id")),
    """
    INSERT INTO failed_enrichments (entry_id, reason, detail, attempts, needs_review, processing_timestamp)
    SELECT id, CASE WHEN id % 100 = 1 THEN 'ambiguous-match' ELSE 'no-match' END, 'nothing fits', 1, id % 100 = 1, {}
    FROM entries WHERE id % 20 = 1
    """.format(_AT.format("id")),
    """
    INSERT INTO with_metadata (work_id, newest_source_id, cited_by, due_at, last_reason, processing_timestamp)
    SELECT id, (SELECT max(source_id) FROM entries WHERE work_id = works.id),
        (SELECT count(*) FROM entries WHERE work_id = works.id),
        CASE WHEN id % 100 = 2 THEN :now + 60 + (id * 7919) % 86400 END, CASE WHEN id % 100 = 2 THEN 'service-down' END,
        {} FROM works WHERE id % 20 = 2
    """.format(_AT.format("id")),
    """
    INSERT INTO to_download_references (work_id, newest_source_id, cited_by, locations, due_at, last_reason,
        processing_timestamp)
    SELECT id, (SELECT max(source_id) FROM entries WHERE work_id = works.id),
        (SELECT count(*) FROM entries WHERE work_id = works.id),
        '[{{"url":"https://host' || (id % 503) || '.example/' || id || '.pdf","found_by":"unpaywall"}}]',
        CASE WHEN id % 100 = 6 THEN :now + 60 + (id * 7919) % 86400 END, CASE WHEN id % 100 = 6 THEN 'host-busy' END,
        {} FROM works WHERE id % 20 IN (6, 7)
    """.format(_AT.format("id")),
    """
    INSERT INTO failed_downloads (work_id, stage, reason, detail, attempts, needs_review, processing_timestamp)
    SELECT id, CASE WHEN id % 20 = 8 THEN 'queueing' ELSE 'download' END,
        CASE WHEN id % 20 = 8 THEN 'no-oa-location' WHEN id % 20 < 11 THEN 'blocked-paywall' ELSE 'http-404' END,
        'as its host said', 1, 0, {} FROM works WHERE id % 20 BETWEEN 8 AND 12
    """.format(_AT.format("id")),
    """
    INSERT INTO downloaded_references (work_id, status, file_path, checksum_pdf, size_bytes, page_count, url_source,
        source_of_download, version, identity_score, processing_timestamp)
    SELECT id, CASE WHEN id % 20 = 13 THEN 'ok-preprint' ELSE 'ok' END, (id % 997) || '/' || id || '.pdf',
        printf('%064d', id), 500000 + id % 1000, 12, 'https://host.example/' || id || '.pdf', 'unpaywall',
        'publishedVersion', 1.0, {} FROM works WHERE id % 20 IN (3, 4, 13, 14, 16, 17, 18, 19)
    """.format(_AT.format("id")),
    (
        "INSERT INTO rechecks (work_id, due_at, done, reason) "
        "SELECT work_id, :now + (work_id * 7919) % 7776000, 0, reason FROM failed_downloads"
    ),
    (
        "INSERT INTO rechecks (work_id, reason, notices_due) "
        "SELECT work_id, status, :now + 86400 + (work_id * 7919) % 2592000 FROM downloaded_references"
    ),
    # What was tried.
    """
    INSERT INTO attempts (stage, item_id, attempt, outcome, reason, started_at, seconds)
    SELECT 'enrichment', id, 1, CASE WHEN id % 20 = 1 THEN 'reject' ELSE 'done' END,
        CASE WHEN id % 100 = 1 THEN 'ambiguous-match' WHEN id % 20 = 1 THEN 'no-match' ELSE 'ok' END, {}, 0.4
    FROM entries WHERE id % 20 <> 0 ORDER BY id
    """.format(_AT.format("id")),
    (
        "INSERT INTO attempt_counts SELECT stage, outcome, reason, 1, count(*), sum(seconds) FROM attempts "
        "GROUP BY 1, 2, 3"
    ),
)


def fill(path: Path, entries: int) -> dict[str, float]:
    """Make a database of so many references at `path`; how long it took, and how large it is."""
    began = time.perf_counter()
    sources = -(-entries // ENTRIES_OF_A_SOURCE)
    entries = sources * ENTRIES_OF_A_SOURCE
    open_database(path, synchronous="OFF").dispose()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-200000")
    connection.execute("BEGIN")
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    values = {"entries": entries, "sources": sources, "now": datetime.now(UTC).timestamp()}
    for statement in _FILL:
        full = f"{_NUMBERS}{statement}" if " FROM n " in f"{statement} ".replace("\n", " ") else statement
        used = {name: value for name, value in values.items() if f":{name}" in full}
        connection.execute(full, used)
    filled = time.perf_counter()
    for statement in (*FILLING, *(sql for _, sql in triggers)):
        connection.execute(statement)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    counted, megabytes = time.perf_counter(), path.stat().st_size / 1e6
    worked = time.process_time()
    engine = connect(path, synchronous="NORMAL")
    keep_up(engine)
    engine.dispose()
    return {
        "entries": entries,
        "fill_s": round(filled - began, 1),
        "count_anew_s": round(counted - filled, 1),
        "megabytes_without_words": round(megabytes, 1),
        "words_cpu_s": round(time.process_time() - worked, 1),
        "megabytes": round(path.stat().st_size / 1e6, 1),
    }


def broken(path: Path) -> list[str]:
    """What doctor finds in the database."""
    with reading(path) as connection:
        return [f"{one.name}: {one.broken}, e.g. {one.examples[:2]}" for one in invariants(connection) if not one.holds]
