"""Making one work of two, for a whole group of them, and writing down what it takes to undo that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from db import moves
from db.codec import encode, stamp
from db.recognition import OtherTitle, Recogniser, other_title, plain, work_keys_of
from db.relatives import Newcomer, Twin
from dl_lit.core.values import dataclass

_ENTRIES = "SELECT work_id, id, source_id FROM entries WHERE work_id IN (SELECT value FROM json_each(?)) ORDER BY id"
_KEPT = "SELECT id, title FROM works WHERE id IN (SELECT value FROM json_each(?))"
# Pairs of [gone, kept] in the order in which they are merged.
_BROUGHT = """
SELECT g.work_id, count(*) FROM json_each(?) AS j JOIN work_keys AS g ON g.work_id = CAST(j.value ->> 0 AS INTEGER)
WHERE NOT EXISTS (SELECT 1 FROM work_keys AS k WHERE k.kind = g.kind AND k.value = g.value
                  AND k.work_id = CAST(j.value ->> 1 AS INTEGER))
GROUP BY g.work_id
"""
_LINKS = """
SELECT l.work_id, l.other_id, l.kind, l.matched_on, l.linked_at FROM json_each(?1) AS j
JOIN work_links AS l ON l.work_id = CAST(j.value AS INTEGER)
UNION SELECT l.work_id, l.other_id, l.kind, l.matched_on, l.linked_at FROM json_each(?1) AS j
JOIN work_links AS l ON l.other_id = CAST(j.value AS INTEGER)
"""
_DROP_LINK = "DELETE FROM work_links WHERE work_id = ? AND other_id = ? AND kind = ?"
_NEXT = "SELECT coalesce(max(id), 0) + 1 FROM merges"
_HAND_OVER = (
    """
    INSERT OR IGNORE INTO work_keys (kind, value, work_id) SELECT k.kind, k.value, CAST(j.value ->> 1 AS INTEGER)
    FROM json_each(?) AS j JOIN work_keys AS k ON k.work_id = CAST(j.value ->> 0 AS INTEGER)
    """,
    "DELETE FROM work_keys WHERE work_id IN (SELECT CAST(value ->> 0 AS INTEGER) FROM json_each(?))",
    """
    INSERT OR IGNORE INTO work_aliases (work_id, title, language, title_key, version_key, source)
    SELECT CAST(j.value ->> 1 AS INTEGER), a.title, a.language, a.title_key, a.version_key, a.source
    FROM json_each(?) AS j JOIN work_aliases AS a ON a.work_id = CAST(j.value ->> 0 AS INTEGER)
    """,
    "DELETE FROM work_aliases WHERE work_id IN (SELECT CAST(value ->> 0 AS INTEGER) FROM json_each(?))",
    """
    UPDATE duplicate_references SET existing_work_id = CAST(j.value ->> 1 AS INTEGER) FROM json_each(?) AS j
    WHERE duplicate_references.existing_work_id = CAST(j.value ->> 0 AS INTEGER)
    """,
    """
    UPDATE entries SET work_id = CAST(j.value ->> 1 AS INTEGER) FROM json_each(?) AS j
    WHERE entries.work_id = CAST(j.value ->> 0 AS INTEGER)
    """,
    "DELETE FROM rechecks WHERE work_id IN (SELECT CAST(value ->> 0 AS INTEGER) FROM json_each(?))",
    """
    INSERT OR IGNORE INTO refused_files (work_id, sha256, url, path, refused_at)
    SELECT CAST(j.value ->> 1 AS INTEGER), r.sha256, r.url, r.path, r.refused_at
    FROM json_each(?) AS j JOIN refused_files AS r ON r.work_id = CAST(j.value ->> 0 AS INTEGER)
    """,
    "DELETE FROM refused_files WHERE work_id IN (SELECT CAST(value ->> 0 AS INTEGER) FROM json_each(?))",
    "DELETE FROM works WHERE id IN (SELECT CAST(value ->> 0 AS INTEGER) FROM json_each(?))",
)
# Rows of [work, entries more, their newest source, their priority].
_BUMP = tuple(
    f"UPDATE {table} SET cited_by = cited_by + CAST(j.value ->> 1 AS INTEGER), "  # noqa: S608 - names of ours
    "newest_source_id = max(newest_source_id, CAST(j.value ->> 2 AS INTEGER)), "
    "priority = max(priority, CAST(j.value ->> 3 AS INTEGER)) "
    "FROM json_each(?) AS j WHERE work_id = CAST(j.value ->> 0 AS INTEGER)"
    for table in ("with_metadata", "to_download_references")
)


@dataclass(frozen=True, slots=True)
class Merge:
    """That `gone` is one with a known work and is to go, its row in `with_metadata` being left by the caller."""

    gone: Newcomer
    twin: Twin
    priority: int = 0  # that it had


def merge(cursor: Any, merges: Sequence[Merge], recogniser: Recogniser, now: float) -> None:
    """Write down and carry out all of `merges`; what one is merged into is not itself gone by another of them.

    The entries, keys, titles and links of the work that goes are from now on those of the work that stays.
    """
    when = stamp(now)
    pairs = encode([(one.gone.id, one.twin.work_id) for one in merges])
    ids = encode([one.gone.id for one in merges])
    entries: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for work_id, entry_id, source_id in cursor.execute(_ENTRIES, (ids,)):
        entries[work_id].append((entry_id, source_id))
    brought = dict(cursor.execute(_BROUGHT, (pairs,)).fetchall())
    _hand_over_links(cursor, merges, ids)
    (first,) = cursor.execute(_NEXT).fetchone()
    rows, duplicates, bumps = [], [], []
    for merge_id, one in enumerate(merges, start=first):
        gone, twin, own = one.gone, one.twin, entries[one.gone.id]
        record = encode(gone.work)
        keys = work_keys_of(gone.work, gone.title_key)
        rows.append(
            (merge_id, twin.work_id, gone.id, brought.get(gone.id, 0), twin.matched_on, twin.matched_value,
             twin.evidence, when, record, encode([entry for entry, _ in own]), encode(keys))
        )  # fmt: skip
        duplicates += [(entry, twin.work_id, twin.matched_on, record, when, merge_id) for entry, _ in own]
        bumps.append((twin.work_id, len(own), max((source for _, source in own), default=0), one.priority))
    moves.add_merge.many(cursor, rows)
    _add_titles(cursor, merges, recogniser)
    for statement in _HAND_OVER:
        cursor.execute(statement, (pairs,))
    moves.add_duplicate.many(cursor, duplicates)
    _bump(cursor, bumps)


def _bump(cursor: Any, bumps: Sequence[tuple[int, int, int, int]]) -> None:
    """Let the works that stay know that more entries cite them."""
    more: dict[int, tuple[int, int, int]] = {}
    for work_id, count, newest, priority in bumps:
        before = more.get(work_id, (0, 0, priority))
        more[work_id] = before[0] + count, max(before[1], newest), max(before[2], priority)
    together = encode([(work_id, *ranks) for work_id, ranks in more.items()])
    for statement in _BUMP:
        cursor.execute(statement, (together,))


def _add_titles(cursor: Any, merges: Sequence[Merge], recogniser: Recogniser) -> None:
    """The work that stays is known by the other's title, too."""
    wanted = encode(sorted({one.twin.work_id for one in merges}))
    titles = {work_id: plain(title) for work_id, title in cursor.execute(_KEPT, (wanted,))}
    rows = []
    for one in merges:
        work = one.gone.work
        if plain(work.title) != titles.get(one.twin.work_id):
            title = other_title(work, work.title, work.language, recogniser)
            rows.append(title_row(one.twin.work_id, title))
    if rows:
        moves.add_title.many(cursor, rows)


def title_row(work_id: int, title: OtherTitle) -> tuple[object, ...]:
    """A row of `moves.add_title`."""
    return work_id, title.title, title.language, title.title_key, title.version_key, title.source


def _hand_over_links(cursor: Any, merges: Sequence[Merge], ids: str) -> None:
    """Give the links of those that go to those that stay."""
    into = {one.gone.id: one.twin.work_id for one in merges}
    for work_id, other_id, kind, matched_on, linked_at in cursor.execute(_LINKS, (ids,)).fetchall():
        cursor.execute(_DROP_LINK, (work_id, other_id, kind))
        ends = sorted((into.get(work_id, work_id), into.get(other_id, other_id)))
        if ends[0] != ends[1]:
            moves.add_link.one(cursor, *ends, kind, matched_on, linked_at)


def add_links(cursor: Any, links: Sequence[tuple[int, int, str, str]], now: float) -> None:
    """Link works as versions or translations: rows of (one, other, kind, evidence)."""
    when = stamp(now)
    moves.add_link.many(
        cursor, [(min(one, other), max(one, other), kind, why, when) for one, other, kind, why in links]
    )
