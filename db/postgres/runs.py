"""Whose run is whose, where several daemons work a database: a run lives as long as the daemon in its seat."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

from db.postgres.daemons import seat_of

_NOTE = "INSERT INTO run_seats (run_id, seat) VALUES (?, ?)"
_LIVING = """
SELECT s.seat, max(s.run_id) FROM run_seats AS s JOIN daemons AS d ON d.seat = s.seat
JOIN runs AS r ON r.id = s.run_id
WHERE r.ended_at IS NULL AND clock_timestamp() <=
  greatest(d.expires_at, pg_postmaster_start_time() + make_interval(secs => d.lease_s))
GROUP BY s.seat
"""


def begun_here(connection: Connection, run_id: int, signpost: Path) -> None:
    """Note that the run is of the seat at the signpost."""
    connection.exec_driver_sql(_NOTE, (run_id, seat_of(signpost)))


def living_runs(connection: Connection, *, but_of: Path | None = None) -> frozenset[int]:
    """The runs that go on, one a seat at most; without that of the seat at the signpost `but_of`."""
    own = None if but_of is None else seat_of(but_of)
    return frozenset(int(run) for seat, run in connection.exec_driver_sql(_LIVING) if seat != own)
