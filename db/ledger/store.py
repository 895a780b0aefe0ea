"""The ledger at work: counted in memory, added to the file once a second and at the end."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path

from db.ledger.schema import HOUR_S, SCHEMA, TOTALS, VERSION, ledger_file
from db.sidefile import Unusable, side_file_at
from dl_lit.core.clock import Clock
from dl_lit.core.memory import Departure

MAX_ROWS = 2_000_000
"""Rows of the file at most (some 200 MB), whatever the days they are kept for; the oldest go first."""

_MAX_WAITING = 5_000  # lines in memory while the file cannot be written; what comes then is put under one name
_MANY = "(many hosts)"
_THROWN_OUT = 5_000

_ADD = """
INSERT INTO departures VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (hour, host, purpose, method, ending) DO UPDATE SET
    requests = requests + excluded.requests,
    sent_bytes = sent_bytes + excluded.sent_bytes,
    received_bytes = received_bytes + excluded.received_bytes,
    first_at = min(first_at, excluded.first_at),
    last_at = max(last_at, excluded.last_at)
"""
_BEGIN_TOTALS = """
INSERT INTO totals SELECT purpose, ending, sum(requests), sum(sent_bytes), sum(received_bytes) FROM departures
WHERE NOT EXISTS (SELECT 1 FROM totals) GROUP BY purpose, ending
"""
_ADD_TOTAL = """
INSERT INTO totals VALUES (?, ?, ?, ?, ?)
ON CONFLICT (purpose, ending) DO UPDATE SET
    requests = requests + excluded.requests,
    sent_bytes = sent_bytes + excluded.sent_bytes,
    received_bytes = received_bytes + excluded.received_bytes
"""
_OLD = "DELETE FROM departures WHERE hour < ?"
_OLDEST = """
DELETE FROM departures WHERE (hour, host, purpose, method, ending) IN
    (SELECT hour, host, purpose, method, ending FROM departures ORDER BY hour LIMIT ?)
"""

_Line = tuple[int, str, str, str, str]  # hour, host, purpose, method, ending


@dataclass(slots=True)
class _Sum:
    requests: int
    sent_bytes: int
    received_bytes: int
    first_at: float
    last_at: float


class DiskLedger:
    """What left the machine, in a file that all its processes add to (`core.memory.NetworkLedger`)."""

    def __init__(self, state_folder: Path, clock: Clock, *, keep_days: float) -> None:
        """Nothing is opened before the first `flush`."""
        self._file = side_file_at(ledger_file(state_folder), "network ledger", SCHEMA, VERSION)
        self._clock = clock
        self._keep_s = keep_days * 86_400.0
        self._lock = threading.Lock()
        self._waiting: dict[_Line, _Sum] = {}
        self._tidied_in = -1  # the hour

    def note(self, departure: Departure) -> None:
        """Count it; it is on disk after the next `flush`."""
        now = self._clock.time()
        hour = int(now // HOUR_S)
        line = (hour, departure.host, departure.purpose, departure.method, departure.ending.value)
        with self._lock:
            if line not in self._waiting and len(self._waiting) >= _MAX_WAITING:
                line = (hour, _MANY, *line[2:])
            there = self._waiting.setdefault(line, _Sum(0, 0, 0, now, now))
            there.requests += departure.requests
            there.sent_bytes += departure.sent_bytes
            there.received_bytes += departure.received_bytes
            there.last_at = max(there.last_at, now)

    def flush(self) -> None:
        """Write down what was counted since the last time; what cannot be written waits for the next."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        if not waiting:
            return
        try:
            with self._file.writing() as connection:
                connection.execute(TOTALS)
                connection.execute(_BEGIN_TOTALS)
                connection.executemany(
                    _ADD,
                    (
                        (*line, one.requests, one.sent_bytes, one.received_bytes, one.first_at, one.last_at)
                        for line, one in waiting.items()
                    ),
                )
                connection.executemany(
                    _ADD_TOTAL,
                    ((*line[2::2], one.requests, one.sent_bytes, one.received_bytes) for line, one in waiting.items()),
                )
                self._tidy(connection)
        except Unusable:
            self._take_back(waiting)

    def close(self) -> None:
        """Write down the rest and let go of the file."""
        self.flush()
        self.flush()  # of what a damaged file did not take: the new one does
        self._file.close()

    def _tidy(self, connection: sqlite3.Connection) -> None:
        """Once an hour, let go of what is too old or too much."""
        now = self._clock.time()
        hour = int(now // HOUR_S)
        if hour == self._tidied_in:
            return
        connection.execute(_OLD, (int((now - self._keep_s) // HOUR_S),))
        rows = connection.execute("SELECT count(*) FROM departures").fetchone()[0]
        if rows > MAX_ROWS:
            connection.execute(_OLDEST, (rows - MAX_ROWS + _THROWN_OUT,))
        self._tidied_in = hour

    def _take_back(self, lines: dict[_Line, _Sum]) -> None:
        with self._lock:
            for line, one in lines.items():
                there = self._waiting.setdefault(line, _Sum(0, 0, 0, one.first_at, one.last_at))
                there.requests += one.requests
                there.sent_bytes += one.sent_bytes
                there.received_bytes += one.received_bytes
                there.first_at = min(there.first_at, one.first_at)
                there.last_at = max(there.last_at, one.last_at)
