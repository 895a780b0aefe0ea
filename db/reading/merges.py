"""The log of merges: which work was made one with which, on what, and whether that was undone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from db.codec import decode_work
from dl_lit.core.model import Work
from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True)
class MergeView:
    """One merge as it was logged."""

    id: int
    work_id: int | None  # that has the merged work's entries now; None when it was undone
    kept_work_id: int  # that it was merged into; may have been merged itself since
    kept_title: str | None  # of the work that has the kept work's entries now
    gone_work_id: int
    gone: Work  # its record
    entry_ids: tuple[int, ...]  # its entries at the time
    keys: tuple[tuple[str, str], ...]  # by which it was known itself
    matched_on: str  # "doi", "openalex", "arxiv", "pmid", "pmcid", "title-author-year", "version"
    matched_value: str
    evidence: str
    merged_at: str  # ISO 8601 in UTC
    undone_at: str | None


_COLUMNS = """
m.kept_work_id, m.gone_work_id, m.gone_record, m.entry_ids, m.keys, m.matched_on, m.matched_value, m.evidence,
m.merged_at, m.undone_at
"""
_TOP = """
up(id, root) AS (
    SELECT CAST(value AS INTEGER), CAST(value AS INTEGER) FROM json_each(?1)
    UNION SELECT up.id, m.kept_work_id FROM up JOIN merges AS m ON m.gone_work_id = up.root AND m.undone_at IS NULL),
top(id, root) AS (SELECT up.id, up.root FROM up JOIN works AS w ON w.id = up.root)
"""
_NEWEST = "SELECT id FROM merges ORDER BY id DESC LIMIT ?"
# Those by which the work came to be what it is, the one by which it was made part of another, and undone ones.
_OF = """
WITH RECURSIVE member(id) AS (
    SELECT CAST(?1 AS INTEGER) UNION SELECT m.gone_work_id FROM member
    JOIN merges AS m ON m.kept_work_id = member.id AND m.undone_at IS NULL)
SELECT m.id FROM member JOIN merges AS m ON m.gone_work_id = member.id AND m.undone_at IS NULL
UNION SELECT id FROM merges WHERE undone_at IS NOT NULL AND kept_work_id = ?1
UNION SELECT id FROM merges INDEXED BY ix_merges_undone WHERE undone_at IS NOT NULL AND gone_work_id = ?1
ORDER BY 1 DESC LIMIT ?2
"""
_THESE = f"""
SELECT m.id, {_COLUMNS} FROM merges AS m WHERE m.id IN (SELECT value FROM json_each(?)) ORDER BY m.id DESC
"""  # noqa: S608 - text of ours
_NOW = f"WITH RECURSIVE {_TOP} SELECT id, root FROM top"  # noqa: S608 - text of ours
_TITLES = "SELECT id, title FROM works WHERE id IN (SELECT value FROM json_each(?))"


def merges(connection: Connection, *, work_id: int | None = None, limit: int = -1) -> list[MergeView]:
    """The newest merges first, at most `limit` of them (-1: all), of one work where it is given.

    A work's merges are those of all that was made one with it, and the one by which it was itself made part of another.
    """
    if work_id is None:
        ids = [row[0] for row in connection.exec_driver_sql(_NEWEST, (limit,))]
    else:
        ids = [row[0] for row in connection.exec_driver_sql(_OF, (work_id, limit))]
    rows = connection.exec_driver_sql(_THESE, (json.dumps(ids),)).all()
    now = _roots(connection, {row[1] for row in rows})
    titles = {row[0]: row[1] for row in connection.exec_driver_sql(_TITLES, (json.dumps(sorted(set(now.values()))),))}
    return [_view(row, now.get(row[1]), titles) for row in rows]


def works_now(connection: Connection, work_ids: Iterable[int]) -> dict[int, int]:
    """The works that these are part of now; those left out that are works themselves or never were any."""
    return {id_: root for id_, root in _roots(connection, work_ids).items() if id_ != root}


def _roots(connection: Connection, work_ids: Iterable[int]) -> dict[int, int]:
    return {row[0]: row[1] for row in connection.exec_driver_sql(_NOW, (json.dumps(sorted(set(work_ids))),))}


def _view(row: Any, root: int | None, titles: Mapping[int, str]) -> MergeView:
    id_, kept, gone, record, entry_ids, keys, matched_on, matched_value, evidence, merged_at, undone_at = row
    return MergeView(
        id=id_,
        work_id=root if undone_at is None else None,
        kept_work_id=kept,
        kept_title=None if root is None else titles.get(root),
        gone_work_id=gone,
        gone=decode_work(record),
        entry_ids=tuple(json.loads(entry_ids)),
        keys=tuple((kind, value) for kind, value in json.loads(keys)),
        matched_on=matched_on,
        matched_value=matched_value,
        evidence=evidence,
        merged_at=merged_at,
        undone_at=undone_at,
    )
