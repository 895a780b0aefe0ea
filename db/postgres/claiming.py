"""Claims on PostgreSQL: lots in a table of their own, so that rooms are not written when something is taken from them.

What a daemon takes at once is one row, a lot, with the keys of all: a row for each cost more than the work's own. A lot
belongs to a daemon, and lives as long as the daemon's lease. What takes rows is one statement, which passes over those
that somebody is just writing. One daemon at a time takes from a room, for which it holds the room's lock: only what is
looked at then is sure to be free.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Any

from sqlalchemy import Column, ColumnElement, text

from db.hot import Hot
from db.rooms import Room, rooms
from dl_lit.core.model import StageName

CLASS = 0x646C6C72  # "dllr"
"""The first number of the rooms' advisory locks; the second is the stage's place."""

Key = tuple[StageName, int, int]
"""A claim: of which room, of what, and the attempts before it."""


def _unclaimed(key: Column[Any], stage: StageName) -> ColumnElement[bool]:
    return text(  # type: ignore[return-value]
        f"{key.table.name}.{key.name} NOT IN (SELECT unnest(l.ids) FROM lots AS l WHERE l.stage = '{stage.value}')"  # noqa: S608
    )


FREE_ROOMS = rooms(_unclaimed)
"""The rooms with what nobody has in hand."""


def beginning(stage: StageName) -> str:
    """How a transaction begins that takes from the stage's room: in PostgreSQL's words."""
    place = tuple(StageName).index(stage)
    return (
        "BEGIN; SET LOCAL idle_in_transaction_session_timeout = '10s'; "
        f"SET LOCAL lock_timeout = '30s'; SELECT pg_advisory_xact_lock({CLASS}, {place})"
    )


def taking(room: Room, rows: Hot) -> str:
    """The statement that claims what `rows` finds; the daemon, and behind it its parameters. Gives its rows.

    The daemon's row is held meanwhile, so that nobody takes it for dead between; where it is gone nothing is claimed.
    """
    return (
        "WITH me AS MATERIALIZED (SELECT id FROM daemons WHERE id = ? FOR KEY SHARE), "  # noqa: S608 - names of ours
        f"picked AS MATERIALIZED ({rows.sql} FOR UPDATE OF {room.table.name} SKIP LOCKED), "
        "mine AS (INSERT INTO lots (stage, daemon, ids, attempts) "
        f"SELECT '{room.stage.value}', me.id, p.ids, p.attempts FROM me, "
        f"(SELECT array_agg({room.key.name}) AS ids, array_agg(attempts) AS attempts FROM picked) AS p "
        "WHERE p.ids IS NOT NULL RETURNING id) "
        "SELECT picked.* FROM picked, mine"
    )


def array(numbers: Iterable[int]) -> str:
    """The numbers as PostgreSQL writes an array."""
    return f"{{{','.join(map(str, numbers))}}}"


_REST = """
UPDATE lots AS l SET (ids, attempts) = (
  SELECT coalesce(array_agg(one.id), '{{}}'), coalesce(array_agg(one.attempts), '{{}}')
  FROM unnest(l.ids, l.attempts) AS one (id, attempts) WHERE {stays})
WHERE {where}
"""
RELEASE = _REST.format(
    stays="(one.id, one.attempts) NOT IN (SELECT * FROM unnest(CAST(?1 AS bigint[]), CAST(?2 AS bigint[])))",
    where="l.daemon = ?3 AND l.stage = ?4 AND l.ids && CAST(?1 AS bigint[])",
)
FORGOTTEN = _REST.format(
    stays="one.id = ANY(CAST(?1 AS bigint[]))",
    where="l.daemon = ?2 AND l.stage = ?3 AND NOT l.ids <@ CAST(?1 AS bigint[])",
)
"""What nobody has in hand: a claim whose rows did not arrive, or that could not be given back."""
OTHERS = "SELECT 1 FROM lots WHERE stage = ? AND daemon <> ? AND cardinality(ids) > 0 LIMIT 1"
LIVES = "SELECT 1 FROM daemons WHERE id = ?"
_HELD = "SELECT id, stage, ids, attempts FROM lots WHERE daemon = ? FOR UPDATE"
_CUT = "UPDATE lots SET ids = CAST(? AS bigint[]), attempts = CAST(? AS bigint[]) WHERE id = ?"
_EMPTY = "DELETE FROM lots WHERE id = ANY(CAST(? AS bigint[]))"
LOSE = _REST.format(stays="one.id <> ?1", where="l.stage = ?2 AND ?1 = ANY(l.ids)")
TAKE_OVER = """
INSERT INTO lots (stage, daemon, ids, attempts)
SELECT CAST(? AS TEXT), d.id, ARRAY[r.work_id], ARRAY[r.attempts] FROM to_download_references AS r, daemons AS d
WHERE r.work_id = ? AND d.id = ?
"""


def let_go(cursor: Any, daemon: int, claims: AbstractSet[Key]) -> set[Key]:
    """Take claims from the daemon's lots, in the transaction that writes what came of them; those that were there.

    The lots are held until it ends: nobody can give them to another meanwhile.
    """
    found: set[Key] = set()
    cut: list[tuple[object, ...]] = []
    empty: list[int] = []
    for lot, name, ids, attempts in cursor.execute(_HELD, (daemon,)).fetchall():
        stage = StageName(name)
        keys = [(stage, *pair) for pair in zip(ids, attempts, strict=True)]
        left = [key for key in keys if key not in claims]
        if not left:
            empty.append(lot)
        elif len(left) < len(keys):
            cut.append((array(key[1] for key in left), array(key[2] for key in left), lot))
        found.update(claims & set(keys))
    if cut:
        cursor.executemany(_CUT, cut)
    if empty:
        cursor.execute(_EMPTY, (array(empty),))
    return found
