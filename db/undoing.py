"""Taking back what people changed by hand. Any process may do this at any time, in one transaction.

Only where the rows still are as they were made: what has been worked on since stays, and is told. What a waiting row is
ranked by counts as no work, for it changes with every entry that joins. A pipeline that has a row in hand which goes
here finds it gone and changes nothing.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from db.codec import stamp
from db.counting import count_attempt
from db.deeds import Change, Deed, DeedKind, deed_numbered
from db.pins import keep_pins
from db.refusing import named
from dl_lit.core.clock import Clock
from dl_lit.core.errors import BadInput
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass

UNDONE = "undone by hand"

_DIVISIBLE = frozenset({DeedKind.RETRY, DeedKind.RECHECK, DeedKind.PIN, DeedKind.UNPIN})
"""Deeds about many things that have nothing to do with each other: each is taken back or left by itself."""

_ITEM = {
    "sources": ("s", "id"),
    "failed_extractions": ("s", "source_id"),
    "entries": ("e", "id"),
    "no_metadata": ("e", "entry_id"),
    "failed_enrichments": ("e", "entry_id"),
    "works": ("w", "id"),
}
_PARENTS = ("sources", "entries", "works")  # other rows point at these: they are changed where they are
_RANKED = ("with_metadata", "to_download_references")
_UNJUDGED = frozenset({"priority", "newest_source_id", "cited_by", "year"})
_UNJUDGED_OF = {
    **dict.fromkeys((*_RANKED, "no_metadata"), _UNJUDGED),
    "sources": frozenset({"priority"}),
    "downloaded_references": frozenset({"replaces"}),  # goes when the file that was left behind is removed
    "refused_files": frozenset({"path"}),  # as above
    "works": frozenset({"record"}),  # what is looked up again belongs to the work all the same
}
_RANK = (
    "UPDATE {0} SET cited_by = (SELECT count(*) FROM entries WHERE work_id = {0}.work_id), newest_source_id = "
    "(SELECT max(source_id) FROM entries WHERE work_id = {0}.work_id) "
    "WHERE work_id IN (SELECT value FROM json_each(?))"
)
_OTHERS_OF_WORK = """
SELECT (SELECT count(*) FROM entries WHERE work_id = ?1) > ?2
    OR EXISTS (SELECT 1 FROM merges WHERE kept_work_id = ?1 AND undone_at IS NULL)
    OR (SELECT count(*) FROM duplicate_references WHERE existing_work_id = ?1) > ?3
"""
_FORGET_WORK = (
    "DELETE FROM work_keys WHERE work_id = ?",
    "DELETE FROM work_aliases WHERE work_id = ?",
    "DELETE FROM work_links WHERE work_id = ?",
    "DELETE FROM work_links WHERE other_id = ?",
    "DELETE FROM rechecks WHERE work_id = ?",
)
_ATTEMPT = (
    "INSERT INTO attempts (stage, item_id, attempt, outcome, reason, detail, started_at, seconds) "
    "VALUES (?, ?, ?, 'reject', ?, ?, ?, 0)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """What taking a deed back came to."""

    id: int
    kind: str
    said: str  # what had been done
    back: int  # rows that are as they were before
    left: tuple[str, ...]  # what has been worked on since, and stays: "w12", ...


def undo(
    engine: Engine, number: int | None, clock: Clock, *, before: Callable[[Deed, list[Change]], None] | None = None
) -> Undone:
    """Take back deed `number`, or the last that is not undone; `before` is called when that is found to be possible.

    Raises `BadInput` where there is none, it was undone already, it cannot be undone, or all of it has been worked on
    since, and whatever `before` raises; nothing has changed then.
    """
    now = stamp(clock.time())
    with named():
        try:
            with engine.begin() as connection:
                connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
                one, changes = _found(connection, number)
                ready, left = _divided(connection, one, changes)
                if not ready:
                    raise BadInput(_gone_on(one, left))
                if before is not None:
                    before(one, ready)
                _put_back(connection, ready, now, is_logged=one.kind not in _DIVISIBLE)
                connection.exec_driver_sql("UPDATE deeds SET undone_at = ? WHERE id = ?", (now, one.id))
        except IntegrityError as error:
            raise BadInput(_gone_on(one, ())) from error
    return Undone(id=one.id, kind=one.kind.value, said=one.said, back=len(ready), left=tuple(left))


def _found(connection: Connection, number: int | None) -> tuple[Deed, list[Change]]:
    found = deed_numbered(connection, number)
    if found is None:
        what = "there is nothing to undo" if number is None else f"there is no deed {number}"
        raise BadInput(f"{what}: dl-lit undo --list shows what people changed by hand")
    one, changes = found
    if one.undone_at is not None:
        raise BadInput(f"deed {one.id} was undone already, on {one.undone_at}")
    if one.why_not is not None:
        raise BadInput(f"deed {one.id} ({one.said}) cannot be undone: {one.why_not}; name another: dl-lit undo --list")
    return one, changes


def _gone_on(one: Deed, left: Iterable[str]) -> str:
    names = ", ".join(list(left)[:10])
    return f"deed {one.id} ({one.said}) cannot be undone any more: {names or 'its rows'} changed since"


def _divided(connection: Connection, one: Deed, changes: list[Change]) -> tuple[list[Change], list[str]]:
    """The changes that can be taken back, and the names of those that cannot."""
    groups: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        groups[_name(change) if one.kind in _DIVISIBLE else ""].append(change)
    ready: list[Change] = []
    left: list[str] = []
    for group in groups.values():
        changed = [_name(change) for change in group if not _is_as_made(connection, change)]
        changed += _with_more(connection, group)
        if changed:
            left += dict.fromkeys(changed)
        else:
            ready += group
    return ready, left


def _name(change: Change) -> str:
    """What the row is about, as people name it."""
    if change.table in _ITEM:
        letter, column = _ITEM[change.table]
        return f"{letter}{change.key[column]}"
    row = change.made or change.was or {}
    work = row.get("work_id", row.get("kept_work_id", row.get("existing_work_id")))
    return f"w{work}" if work is not None else f"{change.table} {' '.join(map(str, change.key.values()))}"


def _is_as_made(connection: Connection, change: Change) -> bool:
    row = change.made or change.was or {}
    judged = [name for name in row if name not in _UNJUDGED_OF.get(change.table, frozenset())]
    where = " AND ".join(f'"{name}" = ?' for name in change.key)
    columns = ", ".join(f'"{name}"' for name in judged)
    found = connection.exec_driver_sql(
        f"SELECT json_array({columns}) FROM {change.table} WHERE {where}",  # noqa: S608 - names of ours
        tuple(change.key.values()),
    ).scalar()
    now = None if found is None else json.loads(found)
    return bool(now == (None if change.made is None else [change.made[name] for name in judged]))


def _with_more(connection: Connection, group: list[Change]) -> list[str]:
    """Works that the deed made and that others have joined since."""
    more = []
    for work_id in _works_made(group):
        own = sum(
            change.table == "entries" and change.made is not None and change.made["work_id"] == work_id
            for change in group
        )
        logged = sum(
            change.table == "duplicate_references"
            and change.made is not None
            and change.made["existing_work_id"] == work_id
            for change in group
        )
        if connection.exec_driver_sql(_OTHERS_OF_WORK, (work_id, own, logged)).scalar_one():
            more.append(f"w{work_id}")
    return more


def _works_made(changes: Iterable[Change]) -> list[int]:
    return [
        int(change.key["id"]) for change in changes if change.table == "works" and change.was is None and change.made
    ]


def _put_back(connection: Connection, changes: list[Change], now: str, *, is_logged: bool) -> None:
    """Everything as it was: first what was made goes, then what was changed, then what was there comes back."""
    made = _works_made(changes)
    for change in changes:
        if change.made is not None and (change.table not in _PARENTS or change.was is None):
            _delete(connection, change)
    for work_id in made:
        for statement in _FORGET_WORK:
            connection.exec_driver_sql(statement, (work_id,))
        # What a pipeline has in hand under this number must never meet another work: a number with attempts is not
        # reused.
        _log(connection, StageName.QUEUEING, work_id, 1, Reason.NO_MATCH.value, now)
    for change in changes:
        if change.was is not None and change.made is not None and change.table in _PARENTS:
            _update(connection, change)
    for change in changes:
        if change.was is not None and (change.made is None or change.table not in _PARENTS):
            _insert(connection, change.table, change.was)
            if is_logged:
                _log_failure(connection, change, now)
    works = sorted({int(c.was["work_id"]) for c in changes if c.table in _RANKED and c.was is not None})
    works += [int(c.key["work_id"]) for c in changes if c.table in _RANKED and c.was is None]
    works += [int(c.was["work_id"]) for c in changes if c.table == "entries" and c.was and c.was["work_id"]]
    works += [int(c.made["work_id"]) for c in changes if c.table == "entries" and c.made and c.made["work_id"]]
    for room in _RANKED:
        connection.exec_driver_sql(_RANK.format(room), (json.dumps(works),))
    keep_pins(connection)


def _delete(connection: Connection, change: Change) -> None:
    where = " AND ".join(f'"{name}" = ?' for name in change.key)
    connection.exec_driver_sql(
        f"DELETE FROM {change.table} WHERE {where}",  # noqa: S608 - names of ours
        tuple(change.key.values()),
    )


def _update(connection: Connection, change: Change) -> None:
    was, made = change.was or {}, change.made or {}
    names = [name for name in was if was[name] != made[name]]
    if names:
        values = [was[name] for name in names]
        where = " AND ".join(f'"{name}" = ?' for name in change.key)
        sets = ", ".join(f'"{name}" = ?' for name in names)
        connection.exec_driver_sql(
            f"UPDATE {change.table} SET {sets} WHERE {where}",  # noqa: S608 - names of ours
            (*values, *change.key.values()),
        )


def _insert(connection: Connection, table: str, row: dict[str, Any]) -> None:
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" for _ in row)
    connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))  # noqa: S608


def _log_failure(connection: Connection, change: Change, now: str) -> None:
    row = change.was or {}
    if change.table == "failed_enrichments":
        _log(connection, StageName.ENRICHMENT, row["entry_id"], row["attempts"], row["reason"], now)
    elif change.table == "failed_downloads":
        _log(connection, StageName(row["stage"]), row["work_id"], row["attempts"], row["reason"], now)


def _log(  # noqa: PLR0917 - a row
    connection: Connection, stage: StageName, item: int, attempt: int, reason: str, now: str
) -> None:
    connection.exec_driver_sql(_ATTEMPT, (stage.value, item, attempt, reason, UNDONE, now))
    count_attempt(connection, stage.value, "reject", reason)
