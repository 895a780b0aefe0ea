"""How many requests a service allows: several sliding windows at once, and credits by the day.

Decisions only: the caller brings the time and holds the lock. Times are seconds on any clock that does not go back
(`Windows`) or seconds since the Unix epoch (`DailyCredits`).
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable
from dataclasses import dataclass

from dl_lit.core.services import Window

_DAY_S = 86_400


@dataclass(slots=True)
class _Log:
    """The last `permits` grants of one window, as a ring: the oldest is at `cursor`."""

    permits: int
    seconds: float
    grants: array[float]
    cursor: int = 0

    def free_at(self, extra: int = 0) -> float:
        """When the grant after `extra` further ones may be given, if those were given already."""
        return self.grants[(self.cursor + extra) % self.permits] + self.seconds

    def take(self, at: float) -> None:
        """Write down a grant."""
        self.grants[self.cursor] = at
        self.cursor = (self.cursor + 1) % self.permits


class Windows:
    """Grants permits so that no window ever holds more than it allows, wherever it is laid.

    Exact: each window keeps the times of its last grants (8 bytes each), so the full allowance can be used and never
    more. `buffer` (0 to 1) is the share of the allowance to use: windows are stretched by it. Grants are at least
    `gap_s` apart.
    """

    def __init__(self, windows: Iterable[Window], *, buffer: float = 1.0, gap_s: float = 0.0) -> None:
        """Start with nothing granted."""
        if not 0.0 < buffer <= 1.0:
            raise ValueError(f"buffer must be above 0 and at most 1, not {buffer}")
        self._logs = [
            _Log(window.permits, window.seconds / buffer, array("d", [-math.inf]) * window.permits)
            for window in windows
        ]
        self._gap_s = gap_s / buffer
        self._last = -math.inf

    @property
    def due(self) -> float:
        """The earliest time at which the next permit may be given; minus infinity when nothing stands against it."""
        return max([self._last + self._gap_s, *(log.free_at() for log in self._logs)])

    def free_at(self, now: float) -> float:
        """When the next permit may be given: `now` or later."""
        return max(now, self.due)

    def take(self, at: float) -> None:
        """Give a permit at the time `at`, which is not before `due`."""
        if at < self.due:
            raise ValueError(f"no permit is free at {at}; the next is at {self.due}")
        for log in self._logs:
            log.take(at)
        self._last = at

    def reserve(self, now: float) -> float:
        """Give the next permit and say from when it holds: `now` or later."""
        at = self.free_at(now)
        self.take(at)
        return at

    def reserved_by(self, now: float, ahead: int) -> float:
        """When a permit would be free for someone who has `ahead` others before them; gives none."""
        times: list[float] = []
        last = self._last
        for turn in range(ahead + 1):
            at = max(now, last + self._gap_s)
            for log in self._logs:
                earlier = turn - log.permits
                at = max(at, times[earlier] + log.seconds if earlier >= 0 else log.free_at(turn))
            times.append(at)
            last = at
        return last


class DailyCredits:
    """Credits that a service gives by the day; all come back at 00:00 UTC.

    A fixed window, as the services count: a sliding one would let up to twice the daily sum through in 24 hours.
    `limit` None means that the service does not count.
    """

    def __init__(self, limit: int | None) -> None:
        """Start the day with all credits."""
        self._limit = limit
        self._day = -1
        self._used = 0
        self._closed_until = -math.inf
        self.used_in_all = 0

    def remaining(self, now: float) -> float:
        """Credits left today; infinity where nothing is counted."""
        self._roll(now)
        if now < self._closed_until:
            return 0
        return math.inf if self._limit is None else max(0, self._limit - self._used)

    def resets_in(self, now: float) -> float:
        """Seconds until credits come back: when the service said so, else at midnight in UTC."""
        return self._closed_until - now if now < self._closed_until else _DAY_S - now % _DAY_S

    def take(self, now: float, credits_: int) -> bool:
        """Use `credits_` if that many are left; a free request always passes."""
        if credits_ > self.remaining(now) and credits_ > 0:
            return False
        self._used += credits_
        self.used_in_all += credits_
        return True

    def learn(self, now: float, remaining: int) -> None:
        """Believe a service that says fewer are left (others may share the budget)."""
        self._roll(now)
        if self._limit is not None:
            self._used = max(self._used, self._limit - remaining)

    def close_until(self, until: float) -> None:
        """Treat the budget as spent until `until`: the service said so."""
        self._closed_until = max(self._closed_until, until)

    def _roll(self, now: float) -> None:
        day = int(now // _DAY_S)
        if day > self._day:
            self._day = day
            self._used = 0
