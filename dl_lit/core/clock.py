"""Time as a dependency: everything below `app` asks a `Clock`, so tests can set it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What time it is, for "when" and for "how long"."""

    def now(self) -> datetime:
        """The present moment, aware and in UTC."""

    def time(self) -> float:
        """The present moment in seconds since the Unix epoch; what due times are stored in."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start, never going back; only for durations."""


class SystemClock:
    """The machine's clock. Calls through the `time` module, so freezegun can hold it."""

    def now(self) -> datetime:
        """The present moment, aware and in UTC."""
        return datetime.now(UTC)

    def time(self) -> float:
        """Seconds since the Unix epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds from an arbitrary start."""
        return time.monotonic()
