"""Proves on a live database what the design promises: everything in exactly one place, nothing lost, order kept.

Each invariant is one query that finds what breaks it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import Connection

from db.finding.keeping import lost
from db.reading import one_work
from db.reading.prisma import prisma_numbers
from db.tables import counting_anew
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass

MOST = 5
"""Counterexamples shown per invariant."""

_RUNS_LOOKED_AT = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One invariant, and whether it holds."""

    name: str
    says: str  # the invariant in words
    holds: bool
    broken: int  # how many things break it
    examples: tuple[str, ...]  # of these, at most `MOST`
    heals: bool = False  # what breaks it is left of a sudden death, and the next start of a pipeline puts it right

    @classmethod
    def of(cls, name: str, says: str, broken: list[str], *, heals: bool = False) -> Finding:
        """The finding when `broken` is all that breaks it."""
        return cls(name, says, not broken, len(broken), tuple(broken[:MOST]), heals)


@dataclass(frozen=True, slots=True)
class _Invariant:
    name: str
    says: str
    query: str  # one text column: each thing that breaks it


_INVARIANTS = (
    _Invariant(
        "entry-one-place",
        "every entry is in exactly one of no_metadata, failed_enrichments, or resolved to a work",
        """
        WITH held(id, places) AS (
            SELECT e.id, CAST(n.entry_id IS NOT NULL AS INTEGER) + CAST(f.entry_id IS NOT NULL AS INTEGER)
                   + CAST(e.work_id IS NOT NULL AS INTEGER) FROM entries AS e
            LEFT JOIN no_metadata AS n ON n.entry_id = e.id LEFT JOIN failed_enrichments AS f ON f.entry_id = e.id)
        SELECT 'e' || id || ': ' || places || ' places' FROM held WHERE places <> 1 ORDER BY id
        """,
    ),
    _Invariant(
        "work-one-place",
        "every work is in one of with_metadata, to_download_references, downloaded_references, failed_downloads",
        """
        WITH held(work_id) AS (
            SELECT work_id FROM with_metadata UNION ALL SELECT work_id FROM to_download_references
            UNION ALL SELECT work_id FROM downloaded_references UNION ALL SELECT work_id FROM failed_downloads),
        counted(work_id, places) AS (SELECT work_id, count(*) FROM held GROUP BY work_id)
        SELECT 'w' || w.id || ': ' || coalesce(c.places, 0) || ' places'
        FROM works AS w LEFT JOIN counted AS c ON c.work_id = w.id WHERE coalesce(c.places, 0) <> 1 ORDER BY w.id
        """,
    ),
    _Invariant(
        "source-one-place",
        "every source is pending, extracted, or in failed_extractions, and only extracted ones have entries",
        """
        SELECT 's' || s.id || ': ' || s.state
               || CASE WHEN f.source_id IS NULL THEN '' ELSE ', in failed_extractions' END
               || CASE WHEN s.state <> 'extracted' AND s.id IN (SELECT source_id FROM entries) THEN ', with entries'
                       ELSE '' END
        FROM sources AS s LEFT JOIN failed_extractions AS f ON f.source_id = s.id
        WHERE (s.state = 'failed') <> (f.source_id IS NOT NULL)
           OR (s.state <> 'extracted' AND s.id IN (SELECT source_id FROM entries)) ORDER BY s.id
        """,
    ),
    _Invariant(
        "order-kept",
        "the entries of every source are numbered 1 to n without gaps, as many as were found",
        """
        WITH numbered AS (SELECT source_id, count(*) AS n, min(position) AS first, max(position) AS last
                          FROM entries GROUP BY source_id)
        SELECT 's' || s.id || ': ' || coalesce(n, 0) || ' entries from '
               || coalesce(CAST(first AS TEXT), '-') || ' to ' || coalesce(CAST(last AS TEXT), '-') || ', '
               || coalesce(s.found_references, 0) || ' found'
        FROM sources AS s LEFT JOIN numbered ON numbered.source_id = s.id
        WHERE (n IS NOT NULL AND (first <> 1 OR last <> n))
           OR (s.state = 'extracted' AND coalesce(n, 0) <> coalesce(s.found_references, 0)) ORDER BY s.id
        """,
    ),
    _Invariant(
        "work-is-cited",
        "every work has an entry that cites it",
        """
        SELECT 'w' || id FROM works
        WHERE id NOT IN (SELECT work_id FROM entries WHERE work_id IS NOT NULL) ORDER BY id
        """,
    ),
    _Invariant(
        "entry-cites-a-work",
        "every entry that is resolved points at a work that exists",
        """
        SELECT 'e' || id || ' → w' || work_id FROM entries
        WHERE work_id IS NOT NULL AND work_id NOT IN (SELECT id FROM works) ORDER BY id
        """,
    ),
    _Invariant(
        "rank-counts-citations",
        "a waiting work knows how many entries cite it, and its newest source",
        """
        WITH held AS (SELECT work_id, cited_by, newest_source_id FROM with_metadata
                      UNION ALL SELECT work_id, cited_by, newest_source_id FROM to_download_references),
        counted AS (SELECT work_id, count(*) AS n, max(source_id) AS newest FROM entries
                    WHERE work_id IS NOT NULL GROUP BY work_id)
        SELECT 'w' || h.work_id || ': cited_by ' || h.cited_by || ' newest s' || h.newest_source_id || ', counted '
               || c.n || ' newest s' || c.newest
        FROM held AS h JOIN counted AS c ON c.work_id = h.work_id
        WHERE c.n <> h.cited_by OR c.newest <> h.newest_source_id ORDER BY h.work_id
        """,
    ),
    *(_Invariant(*one) for one in (*one_work.INVARIANTS, *counting_anew.INVARIANTS)),
    _Invariant(
        "duplicates-joined",
        "the entry of every logged duplicate points at the work it was found to be",
        """
        SELECT 'e' || d.entry_id || ': logged as w' || d.existing_work_id || ', points at '
               || coalesce('w' || e.work_id, 'nothing')
        FROM duplicate_references AS d LEFT JOIN entries AS e ON e.id = d.entry_id
        WHERE e.work_id IS NOT d.existing_work_id ORDER BY d.id
        """,
    ),
    _Invariant(
        "files-have-one-work",
        "no two works share a file, and every path stays inside the library",
        """
        SELECT file_path FROM downloaded_references GROUP BY file_path HAVING count(*) > 1
        UNION ALL SELECT 'w' || work_id || ': ' || file_path FROM downloaded_references
        WHERE file_path LIKE '/%' OR '/' || file_path || '/' LIKE '%/../%'
        """,
    ),
    _Invariant(
        "doubtful-files-are-for-review",
        "a file is held in quarantine exactly where a person is to decide on it",
        """
        SELECT 'w' || work_id || ': ' || reason || CASE WHEN held IS NULL THEN ' without a file' ELSE ' with a file' END
        FROM failed_downloads WHERE (held IS NOT NULL) <> (reason = 'needs-review')
           OR (held IS NOT NULL AND (needs_review = 0 OR held ->> '$.path' NOT LIKE 'quarantine/%')) ORDER BY work_id
        """,
    ),
    _Invariant(
        "rechecks-are-of-ends",
        "a day on which a work is looked at again is set only where it has come to an end",
        """
        SELECT 'w' || r.work_id || ': due, and under way' FROM rechecks AS r
        WHERE r.due_at IS NOT NULL AND r.work_id NOT IN (SELECT work_id FROM failed_downloads)
          AND r.work_id NOT IN (SELECT work_id FROM downloaded_references) ORDER BY r.work_id
        """,
    ),
)

_TABLES_WITH_REASONS = ("failed_extractions", "failed_enrichments", "failed_downloads")
_QUOTED = re.compile(r"'([a-z0-9-]+)'")


def invariants(connection: Connection) -> Iterator[Finding]:
    """Every invariant of the tables, checked; reads the whole database."""
    for one in _INVARIANTS:
        yield Finding.of(one.name, one.says, [str(row[0]) for row in connection.exec_driver_sql(one.query)])
    yield Finding.of(
        "reasons-known",
        "the tables accept and hold exactly the reasons this version knows",
        _unknown_reasons(connection),
    )
    yield Finding.of("words-are-kept", "what is searched is found by its words", lost(connection), heals=True)
    yield Finding.of(
        "prisma-adds-up",
        "what was identified, recognised and retrieved adds up, for the library and for the latest runs",
        _sums_astray(connection),
    )
    yield Finding.of("foreign-keys", "every row that another one points at is there", _dangling(connection))
    whole = "the server relies on every index" if _is_elsewhere(connection) else "the database file is not damaged"
    yield Finding.of("file-intact", whole, _damage(connection))


def _is_elsewhere(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def _dangling(connection: Connection) -> list[str]:
    if _is_elsewhere(connection):
        from db.postgres.looking_over import dangling  # noqa: PLC0415 - where an extra's driver is

        return dangling(connection)
    found = connection.exec_driver_sql("PRAGMA foreign_key_check")
    return [f"{table} row {row} → {parent}" for table, row, parent, _ in found]


def _damage(connection: Connection) -> list[str]:
    if _is_elsewhere(connection):
        from db.postgres.looking_over import damage  # noqa: PLC0415 - where an extra's driver is

        return damage(connection)
    found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
    return [] if found == ["ok"] else found


def _rule_of_reasons(connection: Connection, table: str) -> str:
    """The table's condition on `reason`, as text."""
    if _is_elsewhere(connection):
        from db.postgres.looking_over import rule_of  # noqa: PLC0415 - where an extra's driver is

        return rule_of(connection, f"ck_{table}_reason")
    sql = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,))
    return str(sql.scalar_one()).partition("reason IN (")[2].partition(")")[0]


def _sums_astray(connection: Connection) -> list[str]:
    latest = connection.exec_driver_sql("SELECT id FROM runs ORDER BY id DESC LIMIT ?", (_RUNS_LOOKED_AT,)).scalars()
    return [
        f"{'library' if run_id is None else f'run {run_id}'}: {problem}"
        for run_id in (None, *latest.all())
        for problem in prisma_numbers(connection, run_id).problems()
    ]


def _unknown_reasons(connection: Connection) -> list[str]:
    known = {reason.value for reason in Reason}
    broken = []
    for table in _TABLES_WITH_REASONS:
        listed = set(_QUOTED.findall(_rule_of_reasons(connection, table)))
        broken += [f"{table} does not accept {word}" for word in sorted(known - listed)]
        broken += [f"{table} accepts the unknown {word}" for word in sorted(listed - known)]
    for table, column in (
        *((table, "reason") for table in (*_TABLES_WITH_REASONS, "attempts", "rechecks")),
        *((t, "last_reason") for t in ("sources", "no_metadata", "with_metadata", "to_download_references")),
    ):
        query = f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY 1"  # noqa: S608 - names of ours
        held = [str(row[0]) for row in connection.exec_driver_sql(query)]
        broken += [f"{table} holds the unknown {word}" for word in held if word not in known]
    return broken


def newest_moment(connection: Connection) -> str | None:
    """When the last attempt began (ISO 8601 in UTC); None when nothing was ever tried."""
    row = connection.exec_driver_sql("SELECT started_at FROM attempts ORDER BY id DESC LIMIT 1").first()
    return None if row is None else str(row[0])
