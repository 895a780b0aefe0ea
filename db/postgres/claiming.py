"""Claims on PostgreSQL: rows of a table of their own, so that rooms are not written when something is taken from them.

A claim belongs to a daemon, and lives as long as the daemon's lease. What takes rows is one statement: those that
somebody else is just taking are passed over, and the primary key has the last word.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ColumnElement, text

from db.hot import Hot
from db.rooms import Room, rooms
from dl_lit.core.model import StageName


def _unclaimed(key: Column[Any], stage: StageName) -> ColumnElement[bool]:
    # A question for each row, answered by the primary key: of NOT EXISTS a join with all claims of the stage is made.
    return text(  # type: ignore[return-value]
        f"(SELECT c.id FROM claims AS c WHERE c.stage = '{stage.value}' "  # noqa: S608 - names of ours
        f"AND c.id = {key.table.name}.{key.name}) IS NULL"
    )


FREE_ROOMS = rooms(_unclaimed)
"""The rooms with what nobody has in hand."""


def taking(room: Room, rows: Hot) -> str:
    """The statement that claims what `rows` finds; the daemon, and behind it its parameters. Gives its rows.

    The daemon's row is held meanwhile, so that nobody takes it for dead between; where it is gone nothing is claimed.
    """
    return (
        "WITH me AS MATERIALIZED (SELECT id FROM daemons WHERE id = ? FOR KEY SHARE), "  # noqa: S608 - names of ours
        f"picked AS MATERIALIZED ({rows.sql} FOR UPDATE OF {room.table.name} SKIP LOCKED), "
        "mine AS (INSERT INTO claims (stage, id, daemon, attempts) "
        f"SELECT '{room.stage.value}', p.{room.key.name}, me.id, p.attempts FROM me, picked AS p "
        "ON CONFLICT DO NOTHING RETURNING id) "
        f"SELECT picked.* FROM picked JOIN mine ON mine.id = picked.{room.key.name}"
    )


RELEASE = """
DELETE FROM claims WHERE daemon = ? AND stage = ? AND (id, attempts) IN (
    SELECT CAST(j.value ->> 0 AS INTEGER), CAST(j.value ->> 1 AS INTEGER) FROM json_each(?) AS j)
"""
OTHERS = "SELECT 1 FROM claims WHERE stage = ? AND daemon <> ? LIMIT 1"
KEPT = f"{RELEASE} RETURNING id, attempts"
LIVES = "SELECT 1 FROM daemons WHERE id = ?"
FORGOTTEN = """
DELETE FROM claims WHERE daemon = ? AND stage = ? AND id NOT IN (
    SELECT CAST(j.value AS INTEGER) FROM json_each(?) AS j)
"""
"""What nobody has in hand: a claim whose rows did not arrive, or that could not be given back."""
TAKE_OVER = """
INSERT INTO claims (stage, id, daemon, attempts)
SELECT CAST(? AS TEXT), work_id, (SELECT id FROM daemons WHERE id = ?), attempts FROM to_download_references
WHERE work_id = ?
ON CONFLICT (stage, id) DO UPDATE SET daemon = excluded.daemon, attempts = excluded.attempts
"""
