"""Which processes ask services, on all hosts: each has a row with a lease that it renews while it lives."""

from __future__ import annotations

import os
import secrets
import socket
import time

from db.postgres.fleet.sessions import Sessions

LEASE_S = 60.0
"""For so long a process that was not heard of is taken to live: longer than nearly all requests last."""

BEAT_S = LEASE_S / 4
"""How often a lease is renewed."""

_KNOWN_S = 1.0  # for so long it is remembered who lives

_BEAT = """
INSERT INTO holders (id, host, pid, expires_at)
VALUES (%(id)s::int8, %(host)s, %(pid)s::int8, clock_timestamp() + make_interval(secs => %(lease)s::float8))
ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at
"""
_LIVING = "SELECT id FROM holders WHERE expires_at > clock_timestamp()"
_FORGET = "DELETE FROM holders WHERE expires_at < clock_timestamp() - interval '1 day'"
_LEAVE = "DELETE FROM holders WHERE id = %(id)s::int8"


class Holders:
    """This process among them. Thread-safe; what asks the database raises `psycopg.Error`."""

    def __init__(self, sessions: Sessions) -> None:
        """Nothing is written before the first beat."""
        self.me = secrets.randbits(62)
        """The number of this process."""
        self._sessions = sessions
        self._beat_at = -BEAT_S  # time.monotonic()
        self._living: frozenset[int] = frozenset()
        self._looked_at = -_KNOWN_S  # time.monotonic()

    def beat_if_due(self) -> None:
        """Renew the lease before much of it is over."""
        if time.monotonic() - self._beat_at < BEAT_S:
            return
        values = {"id": self.me, "host": socket.gethostname(), "pid": os.getpid(), "lease": LEASE_S}
        with self._sessions.one() as cursor:
            cursor.execute(_BEAT, values)
            cursor.execute(_FORGET, {})
        self._beat_at = time.monotonic()

    def lives(self, number: int) -> bool:
        """Whether the process with that number has a lease."""
        if time.monotonic() - self._looked_at >= _KNOWN_S:
            with self._sessions.one() as cursor:
                self._living = frozenset(row[0] for row in cursor.execute(_LIVING, {}).fetchall())
            self._looked_at = time.monotonic()
        return number in self._living

    def close(self) -> None:
        """Let go of the connection; the next use opens another."""
        self._sessions.close()

    def leave(self) -> None:
        """Give the lease up."""
        if self._beat_at > 0.0:
            self._beat_at = -BEAT_S
            with self._sessions.one() as cursor:
                cursor.execute(_LEAVE, {"id": self.me})
