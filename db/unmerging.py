"""Undoing a merge. Any process may do this at any time: everything is done through the tables, in one transaction.

A pipeline that runs meanwhile has works in hand and holds nothing but their numbers, records and attempts. None of the
works it may have in hand loses its row, or changes its place or its attempts here; the work that comes back is in
nobody's hands, because it was not there; and what a stage took for a duplicate is looked up again in the transaction
that writes it down.
"""

from __future__ import annotations

from contextlib import closing

from sqlalchemy import Connection, Engine

from db.codec import decode_work, encode, stamp
from db.deeds import DeedKind, deed
from db.recognition import (
    Key,
    OtherTitle,
    Recogniser,
    doi_of,
    other_title,
    other_titles_of,
    plain,
    related_keys_of,
    work_keys_of,
)
from db.relatives import Relatives
from dl_lit.core.clock import Clock
from dl_lit.core.errors import BadInput
from dl_lit.core.model import Work
from dl_lit.core.values import dataclass

_MERGE = "SELECT kept_work_id, gone_work_id, undone_at, gone_record, entry_ids FROM merges WHERE id = ?"
_ROOT = """
WITH RECURSIVE up(id) AS (
    SELECT ? UNION SELECT m.kept_work_id FROM up JOIN merges AS m ON m.gone_work_id = up.id AND m.undone_at IS NULL)
SELECT up.id FROM up JOIN works AS w ON w.id = up.id
"""
_MEMBERS = """
WITH RECURSIVE member(merge_id, id) AS (
    SELECT m.id, m.gone_work_id FROM merges AS m WHERE m.kept_work_id = ? AND m.undone_at IS NULL
    UNION SELECT m.id, m.gone_work_id FROM member
    JOIN merges AS m ON m.kept_work_id = member.id AND m.undone_at IS NULL)
SELECT m.id, m.brought, m.gone_record FROM member JOIN merges AS m ON m.id = member.merge_id ORDER BY m.id
"""
_OWN_ENTRIES = "SELECT id FROM entries WHERE work_id = ? AND id IN (SELECT value FROM json_each(?))"
_ADD_WORK = """
INSERT INTO works (id, type, title, year, doi, openalex_id, title_key, version_key, record, metadata_source)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_QUEUE = """
INSERT INTO with_metadata (work_id, newest_source_id, cited_by, year, priority,
    processing_started_at, processing_timestamp, processing_duration_ms)
SELECT e.work_id, max(e.source_id), count(*), coalesce((SELECT year FROM works WHERE id = ?2), 0), max(s.priority),
    ?1, ?1, 0
FROM entries AS e JOIN sources AS s ON s.id = e.source_id WHERE e.work_id = ?2 GROUP BY e.work_id
"""
_RANK = (
    "UPDATE {table} SET (cited_by, newest_source_id) = "
    "(SELECT count(*), max(source_id) FROM entries WHERE work_id = ?1) WHERE work_id = ?1"
)
# An entry's rows of before this merge tell how it came to the work that is back; those of this merge and of later ones
# are about a work that it has left.
_NO_DUPLICATES = "DELETE FROM duplicate_references WHERE merge_id >= ? AND entry_id IN (SELECT value FROM json_each(?))"
_DUPLICATES_BACK = """
UPDATE duplicate_references SET existing_work_id = ?
WHERE coalesce(merge_id, 0) < ? AND entry_id IN (SELECT value FROM json_each(?))
"""
_LINKS = """
SELECT work_id, other_id, kind FROM work_links WHERE work_id = ?1
UNION SELECT work_id, other_id, kind FROM work_links WHERE other_id = ?1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmerged:
    """What undoing a merge came to."""

    merge_id: int
    work_id: int  # that is back, and waits to be queued
    kept_work_id: int  # that it was part of until now
    entries: int  # that cite it again
    title: str


@dataclass(frozen=True, slots=True)
class _Filed:
    """What a work is found by: by its own record and by those of the works merged into it."""

    keys: dict[Key, None]
    titles: dict[str, OtherTitle]


def unmerge(engine: Engine, merge_id: int, recogniser: Recogniser, clock: Clock) -> Unmerged:
    """Make two works again of what merge `merge_id` made one of, for good: they are not merged again.

    The work that went is back under its number with its entries, keys and titles, and is queued anew. Where the work
    that it was merged into has itself been merged since, it is taken out of the work that has them all now. Raises
    `BadInput` where there is no such merge, or it was undone already.
    """
    now = stamp(clock.time())
    with engine.begin() as connection, deed(connection, DeedKind.UNMERGE, clock.time(), f"merge {merge_id} undone"):
        row = connection.exec_driver_sql(_MERGE, (merge_id,)).one_or_none()
        if row is None:
            raise BadInput(f"there is no merge {merge_id}: dl-lit merges lists them")
        kept, gone, undone_at, record, entry_ids = row
        if undone_at is not None:
            raise BadInput(f"merge {merge_id} was undone already, on {undone_at}: w{gone} is a work of its own")
        root = connection.exec_driver_sql(_ROOT, (kept,)).scalar_one()
        entries = [entry for (entry,) in connection.exec_driver_sql(_OWN_ENTRIES, (root, entry_ids))]
        if not entries:
            raise BadInput(f"merge {merge_id} cannot be undone: no entry of w{gone} is at w{root} any more")
        connection.exec_driver_sql("UPDATE merges SET undone_at = ? WHERE id = ?", (now, merge_id))
        connection.exec_driver_sql(
            "INSERT OR IGNORE INTO separations VALUES (?, ?, ?)", (min(gone, kept), max(gone, kept), now)
        )
        work = decode_work(record)
        _bring_back(connection, gone, work, recogniser)
        ids = encode(entries)
        connection.exec_driver_sql(
            "UPDATE entries SET work_id = ? WHERE id IN (SELECT value FROM json_each(?))", (gone, ids)
        )
        connection.exec_driver_sql(_QUEUE, (now, gone))
        for table in ("with_metadata", "to_download_references"):
            connection.exec_driver_sql(_RANK.format(table=table), (root,))
        connection.exec_driver_sql(_NO_DUPLICATES, (merge_id, ids))
        connection.exec_driver_sql(_DUPLICATES_BACK, (gone, merge_id, ids))
        _divide(connection, gone, root, recogniser)
        _recheck_links(connection, root, recogniser)
    return Unmerged(merge_id=merge_id, work_id=gone, kept_work_id=root, entries=len(entries), title=work.title)


def _bring_back(connection: Connection, work_id: int, work: Work, recogniser: Recogniser) -> None:
    keys = recogniser.title_key(work), recogniser.version_key(work) or ""
    connection.exec_driver_sql(
        _ADD_WORK,
        (work_id, work.type.value, work.title, work.year, doi_of(work), work.openalex_id, *keys, encode(work),
         work.metadata_source),
    )  # fmt: skip


def _divide(connection: Connection, back: int, root: int, recogniser: Recogniser) -> None:
    """Give either work the keys and titles that are its own or those of works merged into it."""
    his, theirs = _filed(connection, back, recogniser), _filed(connection, root, recogniser)
    for kind, value in his.keys:
        connection.exec_driver_sql("INSERT OR IGNORE INTO work_keys VALUES (?, ?, ?)", (kind, value, back))
        if (kind, value) not in theirs.keys:
            connection.exec_driver_sql(
                "DELETE FROM work_keys WHERE kind = ? AND value = ? AND work_id = ?", (kind, value, root)
            )
    own_title = connection.exec_driver_sql("SELECT title FROM works WHERE id = ?", (back,)).scalar_one()
    for title in his.titles.values():
        connection.exec_driver_sql(
            "INSERT OR IGNORE INTO work_aliases (work_id, title, language, title_key, version_key, source) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (back, title.title, title.language, title.title_key, title.version_key, title.source),
        )
    for title in (own_title, *his.titles):
        if title not in theirs.titles:
            connection.exec_driver_sql("DELETE FROM work_aliases WHERE work_id = ? AND title = ?", (root, title))


def _filed(connection: Connection, work_id: int, recogniser: Recogniser) -> _Filed:
    """What the work is found by now; its members that bring keys are marked as such."""
    record = connection.exec_driver_sql("SELECT record FROM works WHERE id = ?", (work_id,)).scalar_one()
    work = decode_work(record)
    filed = _Filed(
        dict.fromkeys(_keys(work, recogniser)), {one.title: one for one in other_titles_of(work, recogniser)}
    )
    own = set(filed.keys)
    for merge_id, brought, gone_record in connection.exec_driver_sql(_MEMBERS, (work_id,)).all():
        gone = decode_work(gone_record)
        keys = _keys(gone, recogniser)
        if not brought and (more := len(set(keys) - own)):
            connection.exec_driver_sql("UPDATE merges SET brought = ? WHERE id = ?", (more, merge_id))
        filed.keys.update(dict.fromkeys(keys))
        titles = other_titles_of(gone, recogniser)
        if plain(gone.title) != plain(work.title):
            titles.append(other_title(gone, gone.title, gone.language, recogniser))
        for title in titles:
            filed.titles.setdefault(title.title, title)
    return filed


def _keys(work: Work, recogniser: Recogniser) -> list[Key]:
    return [*work_keys_of(work, recogniser.title_key(work)), *related_keys_of(work)]


def _recheck_links(connection: Connection, root: int, recogniser: Recogniser) -> None:
    """Take from the work that stays the links that nothing shows any more; the other finds its own when queued."""
    links = [tuple(row) for row in connection.exec_driver_sql(_LINKS, (root,))]
    ends = {end for one, other, _ in links for end in (one, other)}
    with closing(connection.connection.cursor()) as cursor:
        records = Relatives(cursor, recogniser).records(ends)
    for one, other, kind in links:
        related = (recogniser.relation_of(mine, yours) for mine in records[one] for yours in records[other])
        if not any(found is not None and found.kind == kind for found in related):
            connection.exec_driver_sql(
                "DELETE FROM work_links WHERE work_id = ? AND other_id = ? AND kind = ?", (one, other, kind)
            )
