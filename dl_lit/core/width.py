"""How many questions to a model are in flight at once: pure.

A few at first; one more for each good answer, so twice as many after each round trip, up to where it went wrong before;
from there on a quarter more in each. Half as many when the provider says that it was too much: once for all that were
on their way then, however many of them it refuses, since none of them knew of the others.
"""

from __future__ import annotations

from dl_lit.core.values import dataclass

_QUARTER = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchLimits:
    """What the settings say of questions that are asked many at a time."""

    width: int  # in flight at the most
    first: int  # ... at the start
    timeout_s: float  # of a whole batch
    tries: int = 3  # of what is refused as too much
    base_s: float = 1.0  # before the second, where the provider does not say when; doubles


class Width:
    """The present width. Whoever shares it holds a lock."""

    def __init__(self, first: int, most: int) -> None:
        """`first` in flight at the start, at no time more than `most`; each at least 1."""
        self._first = max(1, first)
        self._most = max(1, most)
        self._now = float(min(self._first, self._most))
        self._proven = float(self._most)  # up to here it doubles
        self._halvings = 0

    @property
    def now(self) -> int:
        """How many may be in flight."""
        return int(self._now)

    @property
    def most(self) -> int:
        """How many may ever be in flight."""
        return self._most

    def share(self, hungry: int) -> int:
        """How many of them may be those of one batch, where `hungry` batches have values that nobody asked about."""
        return max(1, -(-self.now // max(1, hungry)))

    def mark(self) -> int:
        """What a question takes along: when it was asked."""
        return self._halvings

    def good(self, mark: int) -> None:
        """One that was asked at `mark` was answered. What was asked before the last halving says nothing of now."""
        if mark == self._halvings:
            self._now = min(self._most, self._now + (1.0 if self._now < self._proven else _QUARTER))

    def limited(self, mark: int) -> bool:
        """One that was asked at `mark` was too much; whether that halved the width."""
        if mark != self._halvings:
            return False
        self._halvings += 1
        self._now = float(max(1, self.now // 2))
        self._proven = self._now
        return True

    def rests(self) -> None:
        """Nothing is in flight: what begins now begins as carefully as at the start."""
        self._now = min(self._now, float(self._first))

    def become(self, first: int, most: int) -> None:
        """Keep to other bounds from now on."""
        had_room = self._proven >= self._most
        self._first, self._most = max(1, first), max(1, most)
        self._proven = float(self._most) if had_room else min(self._proven, self._most)
        self._now = min(self._now, float(self._most))
