"""How many hands a stage has: more at once where work waits and more would help, fewer after a while without work.

Decisions only: who calls brings the time and what is to be seen, and lets hands come and go. Hands grow to what has
work for them, and shrink to the most that were at work at once in the last `idle_s`. So however the load jumps, they
shrink at most once in that time (and once more where memory is short), and grow no oftener than there is room to grow.
"""

from __future__ import annotations

import math
from enum import Enum

from dl_lit.core.values import dataclass


class Memory(Enum):
    """How much of the memory that is granted is in use."""

    EASY = "easy"
    TIGHT = "tight"  # above the soft mark: no more hands
    SHORT = "short"  # above the hard mark: as few hands as may be


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What one stage has to do, and with what."""

    hands: int  # there are
    busy: int  # of them are at work
    peak: int  # the most that were at work at once since the last time
    calls_for: int  # hands that the work which waits for one would keep busy
    at_permits: int = 0  # of the busy ones wait for permits of services
    memory: Memory = Memory.EASY
    cores: int | None = None  # hands that the machine's processors have room for; None: they need none


@dataclass(frozen=True, slots=True)
class Change:
    """So many hands from now on."""

    hands: int
    why: str  # in words


_FIRST_STEP, _NEXT_STEP_S = 4, 0.05
"""Hands double at most and are looked at again: what more of them do shows whether still more would help."""

_MOST_AT_PERMITS = 0.75
"""Where this share of the hands at work waits for permits, one hand more would wait, too."""


class Scaler:
    """Decides for one stage."""

    def __init__(self, least: int, most: int, idle_s: float, now: float) -> None:
        """Between `least` and `most` hands; those that had nothing to do for `idle_s` seconds go."""
        self._since = now  # when the present stretch of `idle_s` began
        self._peak = 0  # the most hands at work at once in it
        self._is_growing = False  # there is work for more hands, to be looked at again soon
        self._is_short = False  # memory was short and is not easy again
        self._lean_until = now  # after memory was short nothing grows for a while
        self.held_back = ""  # why there are not more, although there is work for more
        self.is_at_rest = False  # nothing was done for a whole stretch
        self.become(least, most, idle_s)

    def become(self, least: int, most: int, idle_s: float) -> None:
        """Keep to other bounds from now on."""
        self._idle_s = idle_s
        self.least, self.most = min(least, most), most
        self.why = "as the settings say" if self.least == self.most else "the least: work lets them grow"

    def decide(self, load: Load, now: float) -> Change | None:
        """How many hands there are to be, where not as many as there are."""
        self._peak = max(self._peak, load.peak, load.busy)
        self.is_at_rest = self.is_at_rest and not self._peak
        change = self._squeezed(load, now) or self._grown(load, now) or self._shrunk(load, now)
        if change is not None:
            self.why = change.why
        return change

    def is_curious(self, load: Load) -> bool:
        """Whether it matters how memory and processors are: looking costs."""
        return self.least < self.most and (load.hands > self.least or load.busy + load.calls_for > load.hands)

    def look_in(self, now: float) -> float:
        """Seconds after which to ask again though nothing happens; infinity at rest."""
        if self._is_growing:
            return _NEXT_STEP_S
        return math.inf if self.is_at_rest else max(0.0, self._since + self._idle_s - now)

    @property
    def says(self) -> str:
        """Why there are as many hands as there are, in words."""
        return f"{self.why}; {self.held_back}" if self.held_back else self.why

    def _squeezed(self, load: Load, now: float) -> Change | None:
        self._is_short = load.memory is Memory.SHORT or (self._is_short and load.memory is Memory.TIGHT)
        if load.memory is Memory.SHORT and load.hands > self.least:
            self._lean_until = now + self._idle_s
            return Change(self.least, "memory is short")
        return None

    def _grown(self, load: Load, now: float) -> Change | None:
        wanted, self.held_back = self._allowed(load, now)
        step = max(_FIRST_STEP, 2 * load.hands)
        self._is_growing = wanted > step
        if wanted <= load.hands:
            return None
        self._peak = max(self._peak, min(wanted, step))
        return Change(min(wanted, step), f"work for {load.busy + load.calls_for} hands")

    def _allowed(self, load: Load, now: float) -> tuple[int, str]:
        """To how many hands it may grow, and why not to as many as there is work for."""
        wanted = min(self.most, load.busy + load.calls_for)
        if wanted <= load.hands:
            return 0, ""
        if load.memory is not Memory.EASY or self._is_short or now < self._lean_until:
            return 0, "memory is tight"
        if load.busy and load.at_permits >= _MOST_AT_PERMITS * load.busy:
            return 0, "more hands would only wait for permits"
        if load.cores is not None and wanted > max(load.cores, self.least):
            return max(load.cores, self.least), "the processors are busy"
        return wanted, ""

    def _shrunk(self, load: Load, now: float) -> Change | None:
        if now - self._since < self._idle_s:
            return None
        needed = max(self.least, self._peak)
        self.is_at_rest = not self._peak
        self._since, self._peak = now, load.busy
        if self.is_at_rest:
            self.why = f"nothing to do for {self._idle_s:g} s"
        if needed >= load.hands:
            return None
        return Change(needed, f"no more had work for {self._idle_s:g} s")
