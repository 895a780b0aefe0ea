"""Merges and duplicates in one list, the newest first."""

from __future__ import annotations

from sqlalchemy import Connection

from dl_lit.core.values import dataclass

_MERGES = """
SELECT coalesce(undone_at, merged_at) AS at, CASE WHEN undone_at IS NULL THEN 'merged' ELSE 'undone' END AS action,
       'merges' AS of_table, 'w' || gone_work_id AS what, kept_work_id AS into_id, matched_on,
       gone_record ->> '$.title' AS title, id
FROM merges
"""
_DUPLICATES = """
SELECT date_detected, 'duplicate', 'duplicate_references', 'e' || entry_id, existing_work_id, matched_on_field,
       original_record ->> '$.title', id
FROM duplicate_references
"""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the log."""

    at: str  # ISO 8601 in UTC
    action: str  # merged, undone, duplicate
    table: str
    what: str  # "w34", a work; "e12", an entry
    into: int  # the work that it was found to be, as of then
    matched_on: str
    title: str  # of its own record


def merge_log(
    connection: Connection, *, limit: int, action: str | None = None, table: str | None = None
) -> list[LogLine]:
    """At most `limit` lines, of one action or table where these are given."""
    rows = connection.exec_driver_sql(
        f"SELECT at, action, of_table, what, into_id, matched_on, coalesce(title, '') FROM "  # noqa: S608 - ours
        f"({_MERGES} UNION ALL {_DUPLICATES}) WHERE (CAST(?1 AS TEXT) IS NULL OR action = ?1) "
        "AND (CAST(?2 AS TEXT) IS NULL OR of_table = ?2) "
        "ORDER BY at DESC, of_table DESC, id DESC LIMIT ?3",
        (action, table, limit),
    )
    return [LogLine(*row) for row in rows]
