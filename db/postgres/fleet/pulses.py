"""What the daemons of all hosts tell of themselves, in their database: a row each, for as long as its daemon lives."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from sqlalchemy.exc import SQLAlchemyError

from db.postgres.beside import SideTables
from db.postgres.daemons import seat_of
from db.postgres.engine import engine_at
from db.postgres.making import is_there, schema_of
from db.sidefile import Unusable
from dl_lit.core.errors import DlLitError
from dl_lit.core.pulse import Pulse
from dl_lit.core.values import dataclass

_PART, _VERSION = "pulses", 1
_SCHEMA = schema_of(_PART, _VERSION)
_TABLES = "CREATE TABLE pulses (seat TEXT PRIMARY KEY, pid INTEGER NOT NULL, at REAL NOT NULL, pulse BLOB NOT NULL);"

_KEEP = """
INSERT INTO pulses (seat, pid, at, pulse) VALUES (?, ?, extract(epoch FROM clock_timestamp())::float8, ?)
ON CONFLICT (seat) DO UPDATE SET pid = excluded.pid, at = excluded.at, pulse = excluded.pulse
"""
_STRIKE = "DELETE FROM pulses WHERE seat = ? OR at < extract(epoch FROM clock_timestamp()) - 86400"
_DAEMONS = """
SELECT d.seat, d.host, d.pid, d.stages, d.version, extract(epoch FROM clock_timestamp() - d.began_at)::float8,
  NULL::float8, NULL::bytea
FROM dl_lit.daemons AS d WHERE d.expires_at > clock_timestamp() ORDER BY d.began_at, d.id
"""
_TOLD = f"""
SELECT d.seat, d.host, d.pid, d.stages, d.version, extract(epoch FROM clock_timestamp() - d.began_at)::float8,
  extract(epoch FROM clock_timestamp())::float8 - p.at, p.pulse
FROM dl_lit.daemons AS d LEFT JOIN {_SCHEMA}.pulses AS p ON p.seat = d.seat AND p.pid = d.pid
WHERE d.expires_at > clock_timestamp() ORDER BY d.began_at, d.id
"""  # noqa: S608 - a name of ours

_decode = msgspec.json.Decoder(Pulse).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Daemon:
    """One that lives, by its lease."""

    host: str
    pid: int
    stages: tuple[str, ...]
    version: str
    is_here: bool  # it works from this very place
    up_s: float  # for how long it has been among them
    told_s: float | None = None  # how long ago it told the pulse; None: it has not
    pulse: Pulse | None = None


class OwnPulse:
    """This daemon's row. Raises nothing: what cannot be told now is told a moment later."""

    def __init__(self, signpost: Path) -> None:
        """Nothing is opened."""
        path = signpost / f"{_PART}.db"
        self._tables = SideTables(path, "daemons' pulses", _TABLES, _VERSION, busy_s=1.0, is_lasting=False)
        self._seat = seat_of(signpost)

    def keep(self, pulse: Pulse) -> None:
        """Tell it in place of what was told before."""
        self._write(_KEEP, (self._seat, os.getpid(), msgspec.json.encode(pulse)))

    def close(self) -> None:
        """Take the row away."""
        self._write(_STRIKE, (self._seat,))
        self._tables.close()

    def _write(self, statement: str, values: tuple[Any, ...]) -> None:
        try:
            with self._tables.writing() as connection:
                connection.execute(statement, values)
        except Unusable:
            return


def daemons_at(signpost: Path) -> tuple[Daemon, ...]:
    """The daemons that live, the oldest first; none where the database cannot be asked, or has nothing of ours."""
    try:
        with engine_at(signpost, read_only=True).connect() as connection:
            cursor = connection.connection.cursor()
            if not is_there(cursor, "dl_lit"):
                return ()
            rows = cursor.execute(_TOLD if is_there(cursor, _SCHEMA) else _DAEMONS, {}).fetchall()
    except (psycopg.Error, SQLAlchemyError, DlLitError):
        return ()
    here = f"{socket.gethostname()} "
    own = seat_of(signpost) if any(row[0].startswith(here) for row in rows) else ""
    return tuple(
        Daemon(
            host=host,
            pid=pid,
            stages=tuple(stages.split(",")) if stages else (),
            version=version,
            is_here=seat == own,
            up_s=up_s,
            told_s=told_s,
            pulse=_decoded(pulse),
        )
        for seat, host, pid, stages, version, up_s, told_s, pulse in rows
    )


def _decoded(said: bytes | None) -> Pulse | None:
    """The pulse; None where another version told it in a way that is not ours."""
    try:
        return None if said is None else _decode(said)
    except (msgspec.MsgspecError, ValueError, TypeError):
        return None
