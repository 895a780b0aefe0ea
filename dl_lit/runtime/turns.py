"""What the loops of the engine tell of themselves, so that one that is stuck is told from one that rests.

A loop says when it begins a turn and for how long it rests after one; whoever looks sees how long it has been overdue.
Noting costs one reading of the clock and one assignment, and no lock.
"""

from __future__ import annotations

import math

from dl_lit.core.clock import Clock


class Turn:
    """One loop. Written by the loop alone, read by anybody."""

    __slots__ = ("_clock", "_due", "name")

    def __init__(self, name: str, clock: Clock) -> None:
        """Nothing is expected of a loop that has not begun."""
        self.name = name
        self._clock = clock
        self._due = math.inf  # when it has to be heard of again, on the monotonic clock

    def begins(self) -> None:
        """It works from now on."""
        self._due = self._clock.monotonic()

    def rests(self, for_s: float) -> None:
        """It looks up again in `for_s` seconds at the latest."""
        self._due = self._clock.monotonic() + for_s

    def ends(self) -> None:
        """Nothing is expected of it any more."""
        self._due = math.inf

    def overdue_s(self, now: float) -> float:
        """For how many seconds it should have been heard of again; 0 where it rests or has ended."""
        return max(0.0, now - self._due)
