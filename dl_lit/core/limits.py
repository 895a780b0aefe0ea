"""How many requests a service allows: several sliding windows at once, and credits by the day.

Decisions only: the caller brings the time and holds the lock. Times are seconds on any clock that does not go back
(`Windows`) or seconds since the Unix epoch (`DailyCredits`).
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dl_lit.core.services import Window

_DAY_S = 86_400
_OTHER_DAY_S = 60.0  # clocks differ by less; a reset that is later than ours by more belongs to the next day


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

    def in_order(self) -> array[float]:
        """All grants, the oldest first."""
        return self.grants[self.cursor :] + self.grants[: self.cursor]


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
        self._due = -math.inf

    def become(self, windows: Sequence[Window], *, gap_s: float) -> None:
        """Keep to other windows from now on; what was granted counts in them as well."""
        longest = max(self._logs, key=lambda log: log.permits, default=None)
        recent = longest.in_order() if longest is not None else array("d")
        logs = []
        for window in windows:
            log = _Log(window.permits, window.seconds, array("d", [-math.inf]) * window.permits)
            for at in recent[-window.permits :]:
                log.take(at)
            logs.append(log)
        self._logs, self._gap_s = logs, gap_s
        self._due = self._next_due()

    @property
    def due(self) -> float:
        """The earliest time at which the next permit may be given; minus infinity when nothing stands against it."""
        return self._due

    @property
    def binding_s(self) -> float:
        """The length (s) of the window that stands longest against the next permit; 0 where it is the gap alone."""
        return max((log.seconds for log in self._logs if log.free_at() >= self._due), default=0.0)

    def free_at(self, now: float) -> float:
        """When the next permit may be given: `now` or later."""
        return max(now, self.due)

    def take(self, at: float) -> None:
        """Give a permit at the time `at`, which is not before `due`."""
        if at < self._due:
            raise ValueError(f"no permit is free at {at}; the next is at {self._due}")
        for log in self._logs:
            log.take(at)
        self._last = at
        self._due = self._next_due()

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

    def _next_due(self) -> float:
        due = self._last + self._gap_s
        for log in self._logs:
            due = max(due, log.free_at())
        return due


@dataclass(slots=True)
class DailyCredits:
    """Credits that a service gives by the day; all come back at 00:00 UTC, or when the service says.

    A fixed window, as the services count: a sliding one would let up to twice the daily sum through in 24 hours.
    `limit` None means that the service does not count. Times are seconds since the epoch.
    """

    limit: int | None
    announced: int | None = None  # what the service itself says it gives a day
    used: int = 0
    ends_at: float = 0.0  # when all come back
    closed_until: float = 0.0

    @property
    def allowed(self) -> int | None:
        """Credits a day: what was decided for us, or less where the service says so; None where nothing is counted."""
        return self.limit if self.limit is None or self.announced is None else min(self.limit, self.announced)

    def remaining(self, now: float) -> float:
        """Credits left today; infinity where nothing is counted."""
        self._roll(now)
        if now < self.closed_until:
            return 0
        allowed = self.allowed
        return math.inf if allowed is None else max(0, allowed - self.used)

    def resets_in(self, now: float) -> float:
        """Seconds until credits come back."""
        self._roll(now)
        return (self.closed_until if now < self.closed_until else self.ends_at) - now

    def take(self, now: float, credits_: int) -> bool:
        """Use `credits_` if that many are left; a free request always passes."""
        if credits_ > self.remaining(now) and credits_ > 0:
            return False
        self.used += credits_
        return True

    def learn(self, now: float, remaining: int, resets_in: float | None = None) -> None:
        """Believe a service that says fewer are left (others may share the budget), and when they come back.

        More are believed only where its day is another than ours was: it comes back later than ours would.
        """
        self._roll(now)
        if resets_in is not None:
            if now + resets_in > self.ends_at + _OTHER_DAY_S:
                self.used = 0
                self.ends_at = now + min(resets_in, _DAY_S)
            self.ends_at = min(self.ends_at, now + resets_in)
        if (allowed := self.allowed) is not None:
            self.used = max(self.used, allowed - remaining)

    def close_until(self, until: float) -> None:
        """Treat the budget as spent until `until`: the service said so."""
        self.closed_until = max(self.closed_until, until)

    def turn_back(self, seconds: float, now: float) -> None:
        """The clock was set back to `now` by `seconds`."""
        self.closed_until -= seconds
        self.ends_at = min(self.ends_at, _midnight_after(now))

    def _roll(self, now: float) -> None:
        if now >= self.ends_at:
            self.ends_at = _midnight_after(now)
            self.used = 0


def with_room(windows: Sequence[Window], late_s: float) -> tuple[Window, ...]:
    """The windows, longer by what permits may go late (`late_s`, of a second at most that share).

    So that a late permit, which counts from when it was due, and those after it never are one too many in any window.
    """
    return tuple(Window(one.permits, one.seconds + late_s * min(1.0, one.seconds)) for one in windows)


def _midnight_after(now: float) -> float:
    return now - now % _DAY_S + _DAY_S
