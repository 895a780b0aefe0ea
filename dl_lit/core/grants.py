"""When the latest permits of one kind of request were given, and when the next one may be.

Decisions only, on values that can be kept on disk and shared. Times are seconds since the Unix epoch.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from dl_lit.core.learning import COUNTED
from dl_lit.core.services import Window

_SLOTS = 64  # a long window is counted in so many slots


@dataclass(slots=True)
class Grants:
    """When the latest permits of a lane were given."""

    times: list[float] = field(default_factory=list)  # the oldest first, at most `COUNTED`
    most: int = 1  # how many of them somebody needs
    slots: dict[str, dict[int, int]] = field(default_factory=dict)  # of long windows, by their seconds: slot, permits

    def due(self, windows: Sequence[Window], gap_s: float) -> float:
        """The earliest time at which the next permit may be given; 0 when nothing stands against it."""
        due = self.times[-1] + gap_s if self.times else 0.0
        for window in windows:
            if window.permits > COUNTED:
                due = max(due, self._slots_due(window))
            elif len(self.times) >= window.permits:
                due = max(due, self.times[-window.permits] + window.seconds)
        return due

    def take(self, at: float, windows: Sequence[Window]) -> None:
        """Write down a permit."""
        self.times.append(at)
        for window in windows:
            if window.permits > COUNTED:
                self._count(at, window)
            else:
                self.most = max(self.most, window.permits)
        del self.times[: -self.most]

    def left(self, at: float) -> None:
        """The latest permit was used only at `at`: gaps are kept from there."""
        if self.times:
            self.times[-1] = max(self.times[-1], at)

    def departed(self, at: float, left: float) -> None:
        """The permit given for `at` was used only at `left`: windows are kept from there."""
        place = bisect_left(self.times, at)
        if left > at and place < len(self.times) and self.times[place] == at:
            del self.times[place]
            insort(self.times, left)

    def within(self, seconds: float, now: float) -> int:
        """Permits given in the last `seconds`, as far as they are remembered singly."""
        return sum(at > now - seconds for at in self.times)

    def turn_back(self, seconds: float) -> None:
        """The clock was set back by `seconds`."""
        self.times = [at - seconds for at in self.times]
        for name, slots in self.slots.items():
            shift = int(seconds / (float(name) / _SLOTS))
            self.slots[name] = {slot - shift: permits for slot, permits in slots.items()}

    def _count(self, at: float, window: Window) -> None:
        slots, width = self.slots.setdefault(_slots_name(window.seconds), {}), window.seconds / _SLOTS
        slot = int(at / width)
        if slot in slots:
            slots[slot] += 1
            return
        slots[slot] = 1  # time has gone on by a slot, so others may have left the window
        for old in [one for one in slots if (one + 1) * width <= at - window.seconds]:
            del slots[old]

    def _slots_due(self, window: Window) -> float:
        slots = self.slots.get(_slots_name(window.seconds), {})
        width = window.seconds / _SLOTS
        used, due = sum(slots.values()), 0.0
        if used < window.permits:
            return due
        for slot in sorted(slots):
            if used < window.permits:
                break
            used -= slots[slot]
            due = (slot + 1) * width + window.seconds
        return due


@lru_cache(maxsize=256)
def _slots_name(seconds: float) -> str:
    return f"{seconds:g}"
