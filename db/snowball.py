"""How each level of snowballing stood at the last look, kept for whoever asks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Engine

from db.codec import stamp
from db.refusing import named
from dl_lit.core.clock import Clock


def keep_levels(engine: Engine, told: Mapping[int, Mapping[str, Any]], clock: Clock) -> None:
    """Write down how every level stands, in the place of what stood there."""
    now = stamp(clock.time())
    with named(), engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM snowball")
        for level, what in told.items():
            connection.exec_driver_sql("INSERT INTO snowball VALUES (?, ?, ?)", (level, json.dumps(what), now))


def kept_levels(connection: Connection) -> list[dict[str, Any]]:
    """How every level stood at the last look, lowest first; `looked_at` is when (ISO 8601 in UTC)."""
    rows = connection.exec_driver_sql("SELECT told, looked_at FROM snowball ORDER BY level")
    return [{**json.loads(told), "looked_at": looked_at} for told, looked_at in rows]
