"""What people want before everything else: pinned sources, entries and works. Any process may do this at any time."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import Connection, Engine

from db.codec import stamp
from db.deeds import DeedKind, deed
from db.intake import FOUND_PRIORITY
from db.refusing import named
from dl_lit.core.clock import Clock
from dl_lit.core.errors import BadInput
from dl_lit.core.values import dataclass

PINNED_PRIORITY = 1_000
"""The priority of what is pinned: before all that anybody may ask for."""

_TABLE = {"source": "sources", "entry": "entries", "work": "works"}
_MISSING = "SELECT value FROM json_each(?) WHERE CAST(value AS INTEGER) NOT IN (SELECT id FROM {})"
# The works and entries that the pins of one kind are about.
_WORKS = {
    "source": (
        "SELECT work_id FROM entries WHERE work_id IS NOT NULL AND source_id IN (SELECT value FROM json_each(?1))"
    ),
    "entry": "SELECT work_id FROM entries WHERE work_id IS NOT NULL AND id IN (SELECT value FROM json_each(?1))",
    "work": "SELECT value FROM json_each(?1)",
}
_IS_PINNED = "EXISTS (SELECT 1 FROM pins WHERE kind = '{}' AND id = {})"
_SOURCE_RANK = f"""
CASE WHEN {_IS_PINNED.format("source", "s.id")} THEN {PINNED_PRIORITY}
     WHEN s.priority < {PINNED_PRIORITY} THEN s.priority
     ELSE CASE WHEN s.level > 0 THEN {FOUND_PRIORITY} - s.level ELSE 0 END END
"""
_SOURCES = f"""
UPDATE sources AS s SET priority = {_SOURCE_RANK} WHERE s.id IN (SELECT value FROM json_each(?1))
"""  # noqa: S608 - text of ours
_ENTRIES = f"""
UPDATE no_metadata AS n SET priority = CASE WHEN {_IS_PINNED.format("entry", "n.entry_id")} THEN {PINNED_PRIORITY}
    ELSE (SELECT s.priority FROM sources AS s WHERE s.id = n.source_id) END
WHERE n.entry_id IN ({{}})
"""  # noqa: S608 - text of ours
_ENTRIES_OF = {
    "source": "SELECT id FROM entries WHERE source_id IN (SELECT value FROM json_each(?1))",
    "entry": "SELECT value FROM json_each(?1)",
}
_ROOMS = tuple(
    f"""
    UPDATE {room} AS r SET priority = CASE WHEN {_IS_PINNED.format("work", "r.work_id")}
        OR EXISTS (SELECT 1 FROM entries AS e JOIN pins AS p ON p.kind = 'entry' AND p.id = e.id
                   WHERE e.work_id = r.work_id) THEN {PINNED_PRIORITY}
        ELSE (SELECT max(s.priority) FROM entries AS e JOIN sources AS s ON s.id = e.source_id
              WHERE e.work_id = r.work_id) END
    WHERE r.work_id IN ({{}})
    """  # noqa: S608 - text of ours
    for room in ("with_metadata", "to_download_references")
)


@dataclass(frozen=True, slots=True)
class Pinning:
    """What pinning, or letting go, came to."""

    changed: int  # pins that were not there before, or are not there any more
    waiting: int  # sources, entries and works whose place in a line it decides now


def pin(engine: Engine, kind: str, ids: Sequence[int], clock: Clock) -> Pinning:
    """Put these, with all that comes of them, before everything else that waits; `kind`: source, entry or work.

    Raises `BadInput` where one of them is not there; nothing has changed then.
    """
    now = stamp(clock.time())
    said = f"{_names(kind, ids)} pinned"
    with named(), engine.begin() as connection, deed(connection, DeedKind.PIN, clock.time(), said):
        _require(connection, kind, ids)
        changed = sum(
            connection.exec_driver_sql(
                "INSERT OR IGNORE INTO pins (kind, id, pinned_at) VALUES (?, ?, ?)", (kind, id_, now)
            ).rowcount
            for id_ in ids
        )
        return Pinning(changed, _rank(connection, kind, ids))


def unpin(engine: Engine, kind: str, ids: Sequence[int], clock: Clock) -> Pinning:
    """Let these go back to the rank that they have by themselves. Raises `BadInput` where one is not there."""
    said = f"{_names(kind, ids)} let go"
    with named(), engine.begin() as connection, deed(connection, DeedKind.UNPIN, clock.time(), said):
        _require(connection, kind, ids)
        changed = connection.exec_driver_sql(
            "DELETE FROM pins WHERE kind = ? AND id IN (SELECT value FROM json_each(?))", (kind, json.dumps(list(ids)))
        ).rowcount
        return Pinning(int(changed), _rank(connection, kind, ids))


def keep_pins(connection: Connection) -> None:
    """Give what is pinned its rank again, after rows were put back by other rules."""
    for kind in _TABLE:
        ids = connection.exec_driver_sql("SELECT id FROM pins WHERE kind = ?", (kind,)).scalars().all()
        if ids:
            _rank(connection, kind, list(ids))


def pins(connection: Connection) -> dict[str, list[int]]:
    """What is pinned, by kind, in the order of the ids."""
    found: dict[str, list[int]] = {kind: [] for kind in _TABLE}
    for kind, id_ in connection.exec_driver_sql("SELECT kind, id FROM pins ORDER BY kind, id"):
        found[kind].append(id_)
    return found


def names_of_pins(connection: Connection, most: int) -> tuple[str, ...]:
    """At most `most` (-1: all) of what is pinned, as people name it: "s5", "e12", "w34"; the latest first."""
    rows = connection.exec_driver_sql("SELECT kind, id FROM pins ORDER BY pinned_at DESC, kind, id LIMIT ?", (most,))
    return tuple(f"{kind[0]}{id_}" for kind, id_ in rows)


def _names(kind: str, ids: Sequence[int]) -> str:
    names = " ".join(f"{kind[0]}{one}" for one in ids[:10])
    return names if len(ids) <= 10 else f"{names} and {len(ids) - 10:,} more"


def _require(connection: Connection, kind: str, ids: Sequence[int]) -> None:
    missing = connection.exec_driver_sql(_MISSING.format(_TABLE[kind]), (json.dumps(list(ids)),)).scalars().all()
    if missing:
        raise BadInput(f"there is no {kind} {', '.join(f'{kind[0]}{one}' for one in missing)}")


def _rank(connection: Connection, kind: str, ids: Sequence[int]) -> int:
    """Give the rows that these are about their rank; how many wait."""
    those, waiting = (json.dumps(list(ids)),), 0
    if kind == "source":
        connection.exec_driver_sql(_SOURCES, those)
        waiting += connection.exec_driver_sql(
            "SELECT count(*) FROM sources WHERE state = 'pending' AND id IN (SELECT value FROM json_each(?))", those
        ).scalar_one()
    if kind in _ENTRIES_OF:
        waiting += connection.exec_driver_sql(_ENTRIES.format(_ENTRIES_OF[kind]), those).rowcount
    for statement in _ROOMS:
        waiting += connection.exec_driver_sql(statement.format(_WORKS[kind]), those).rowcount
    return int(waiting)
