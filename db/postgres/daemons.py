"""Which daemons work the database, and until when each is taken to live.

A daemon has a row with a lease, which it renews; its claims go with the row. Whoever finds a lease run out removes the
row. While its session holds the advisory lock of its number, others learn of its death sooner: the server gives the
lock back as soon as the session ends. The lock only ever shortens the wait. Behind a pooler that shares its sessions
nobody can hold one, or hear what others tell: the lease decides alone, and what others wrote is looked for. All times
are the server's.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from pathlib import Path

import psycopg
import structlog

from db.durable import make_folder
from db.postgres.lasting import Lasting
from db.tables import SCHEMA_VERSION

CLASS = 0x646C6C69  # "dlli"
"""The first number of the daemons' advisory locks."""

BEATS = 4
"""A lease is renewed so many times within its length."""

_REGISTER = """
INSERT INTO daemons (seat, host, pid, stages, version, knows, lease_s, expires_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, clock_timestamp() + make_interval(secs => ?7)) RETURNING id
"""
_LEAVE_SEAT = "DELETE FROM daemons WHERE seat = ?"
ORPHANS = "DELETE FROM lots AS l WHERE NOT EXISTS (SELECT 1 FROM daemons AS d WHERE d.id = l.daemon)"
"""Frees what the gone had in hand: a statement of its own, so that it sees what was claimed while it waited."""

_BEAT = "UPDATE daemons SET expires_at = clock_timestamp() + make_interval(secs => ?) WHERE id = ? RETURNING id"
_LOCK = "SELECT pg_try_advisory_lock(CAST(? AS int4), CAST(? AS int4)), pg_backend_pid()"
_LOCKED = """
UPDATE daemons SET lock_of = CASE WHEN ? = 1 AND pg_backend_pid() = ? THEN pg_postmaster_start_time() END WHERE id = ?
"""
_WRITTEN = "SELECT number FROM written"
_GONE = """
DELETE FROM daemons AS d WHERE d.id <> ? AND (
  greatest(d.expires_at, pg_postmaster_start_time() + make_interval(secs => d.lease_s)) < clock_timestamp() OR (
  d.lock_of = pg_postmaster_start_time() AND NOT EXISTS (
    SELECT 1 FROM pg_locks AS l WHERE l.locktype = 'advisory' AND l.classid = ? AND l.objid = d.id AND l.objsubid = 2
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  )
)) RETURNING d.id, d.host, d.pid, d.expires_at >= clock_timestamp()
"""

log = structlog.get_logger(__name__)


def seat_of(signpost: Path) -> str:
    """What tells this place from all others that work the same database: the host, and a name given once."""
    path = signpost.with_name(f"{signpost.name}.seat")
    try:
        name = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        name = ""
    if not name:
        make_folder(path.parent)
        name = secrets.token_hex(8)
        path.write_text(name + "\n", encoding="ascii")
    return f"{socket.gethostname()} {name}"


class Membership:
    """This process among the daemons. `beat` is for one thread at a time."""

    def __init__(self, signpost: Path, *, lease_s: float, stages: str = "", version: str = "") -> None:
        """Nothing is written before `join`."""
        self.lease_s = lease_s
        self.id = 0
        self._seat = seat_of(signpost)
        self._stages = stages
        self._version = version
        self._session = Lasting(signpost)
        self._backend: int | None = None  # the session that holds the lock
        self._rest = threading.Event()  # never set
        self._written = -1  # what others wrote up to there is known
        self._is_pooler_told = False
        self._due = 0.0  # time.monotonic(): when the lease is to be renewed next

    def join(self) -> None:
        """Take the seat: who had it before, and what was in his hands, is gone. Raises `psycopg.Error`."""
        session = self._session
        try:
            session.execute("BEGIN IMMEDIATE")
            session.execute(_LEAVE_SEAT, (self._seat,))
            session.execute(ORPHANS)
            row = session.execute(
                _REGISTER,
                (
                    self._seat,
                    socket.gethostname(),
                    os.getpid(),
                    self._stages,
                    self._version,
                    SCHEMA_VERSION,
                    self.lease_s,
                ),
            ).fetchone()
            session.execute("COMMIT")
        except BaseException:
            session.give_up()  # else all that is said next stands in the transaction that failed
            raise
        self.id = int(row[0])
        self._listen()

    def _listen(self) -> None:
        """Hold the lock, and hear what others write, as long as this session of ours lasts."""
        session = self._session
        if session.is_pooled:
            session.execute(_LOCKED, (0, 0, self.id))
            self._tell_of_pooler()
        else:
            held, backend = session.execute(_LOCK, (CLASS, self.id)).fetchone()
            session.execute(_LOCKED, (int(held), int(backend), self.id))
            session.execute("LISTEN dl_lit")
        self._backend = session.backend

    def _tell_of_pooler(self) -> None:
        if not self._is_pooler_told:
            self._is_pooler_told = True
            log.info(
                "there is a pooler before the database: a daemon that dies is taken over from when its lease of %g s "
                "runs out, and what others write is looked for; if the pooler leaves each client its session, add "
                "?pooler=session to the address",
                self.lease_s,
            )

    def beat(self) -> bool:
        """Renew the lease if that is due, and remove those whose lease has run out; False where this one was removed.

        A lease lasts for its length at least after the server has begun: before, nobody could renew his.

        Raises `psycopg.Error`.
        """
        session = self._session
        if time.monotonic() >= self._due:
            if session.execute(_BEAT, (self.lease_s, self.id)).fetchone() is None:
                return False
            self._due = time.monotonic() + self.lease_s / BEATS
        if session.backend != self._backend:  # a new session has no lock yet
            self._listen()
        for gone, host, pid, is_early in session.execute(_GONE, (self.id, CLASS)).fetchall():
            says = "its session ended" if is_early else "its lease ran out"
            log.warning("daemon %s (process %s on %s) is gone: %s; what it had in hand is free", gone, pid, host, says)
        session.execute(ORPHANS)
        return True

    def news(self, timeout_s: float) -> bool:
        """Whether somebody wrote within so many seconds; raises `psycopg.Error`."""
        session = self._session
        if not session.is_pooled:
            return session.notified(timeout_s)
        self._rest.wait(timeout_s)
        before, self._written = self._written, int(session.execute(_WRITTEN).fetchone()[0])
        return self._written != before

    def leave(self) -> None:
        """Give the seat up."""
        try:
            if self.id:
                self._session.execute("DELETE FROM daemons WHERE id = ?", (self.id,))
                self._session.execute(ORPHANS)
        except psycopg.Error as error:
            log.debug("the lease is left to run out: %s", error)
        finally:
            self._session.close()
