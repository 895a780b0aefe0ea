"""A clock that leaps over the waits of a run, so that hours and days of outage cost seconds."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime


class LeapingClock:
    """The machine's clock, ahead of it by what was leapt. Thread-safe.

    `set_by` moves the wall clock alone, as a person or a time service does; durations do not see it.
    """

    def __init__(self) -> None:
        """As the machine has it."""
        self._lock = threading.Lock()
        self._ahead_s = 0.0
        self._set_s = 0.0

    def now(self) -> datetime:
        """The present moment, aware and in UTC."""
        return datetime.fromtimestamp(self.time(), UTC)

    def time(self) -> float:
        """Seconds since the Unix epoch."""
        return time.time() + self._ahead_s + self._set_s

    def monotonic(self) -> float:
        """Seconds from an arbitrary start, never going back."""
        return time.monotonic() + self._ahead_s

    def leap(self, seconds: float) -> None:
        """Let so many seconds pass at once."""
        if seconds < 0:
            raise ValueError("time does not go back")
        with self._lock:
            self._ahead_s += seconds

    def set_by(self, seconds: float) -> None:
        """Set the wall clock forward, or back where it is negative."""
        with self._lock:
            self._set_s += seconds

    @property
    def leapt_s(self) -> float:
        """Seconds leapt over so far."""
        return self._ahead_s
