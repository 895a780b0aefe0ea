"""Where claims sit that wait for a turn which comes soon: in memory, and called when their line moves.

A turn's time is an estimate: requests before it take longer or shorter, or are not made at all. Waiting in the database
would cost two writes a turn and keep a host idle whenever the estimate was too late.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

from dl_lit.core.clock import Clock
from dl_lit.core.job import Claim, Snooze

LONGEST_S = 60.0
"""What is put off for longer waits in the database."""

PATIENCE_S = 300.0
"""Whoever has come back again and again for so long waits in the database, where everybody sees it."""

SEATS = 2_000


@dataclass(slots=True)
class _Seat:
    claim: Claim
    line: str
    due: float  # of the clock's monotonic()


class Lounge:
    """The waiting claims of one stage. Thread-safe."""

    def __init__(self, clock: Clock, on_call: Callable[[], None], *, seats: int = SEATS) -> None:
        """`on_call` is told (without a lock held) when somebody may be due earlier than was said."""
        self._clock = clock
        self._on_call = on_call
        self._seats = seats
        self._waiting: dict[int, _Seat] = {}
        self._since: dict[int, float] = {}  # when those that come and go first came
        self._unheard: OrderedDict[str, float] = OrderedDict()  # calls that nobody was there for, by line: when due
        self._closed = False
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Claims that wait."""
        return len(self._waiting)

    def seat(self, claim: Claim, snooze: Snooze) -> bool:
        """Let the claim wait here; False where it has to wait in the database."""
        now = self._clock.monotonic()
        with self._lock:
            is_for_here = bool(snooze.line) and snooze.after <= LONGEST_S and not self._closed
            first = self._since.get(claim.id, now)
            if not is_for_here or now - first > PATIENCE_S or len(self._waiting) >= self._seats:
                self._since.pop(claim.id, None)
                return False
            self._since[claim.id] = first
            comes_back = replace(claim, ticket=self._clock.time() + snooze.after, phase="")
            due = min(now + snooze.after, max(now, self._unheard.pop(snooze.line, math.inf)))
            self._waiting[claim.id] = _Seat(comes_back, snooze.line, due)
        self._on_call()
        return True

    def leave(self, claim: Claim) -> None:
        """The claim has its answer."""
        with self._lock:
            self._since.pop(claim.id, None)

    def call(self, line: str, after_s: float) -> None:
        """The line moves in `after_s` seconds: the first who waits in it is due then, if not before.

        Where nobody waits the call is kept for the next one to sit down, who may have been on the way.
        """
        due = self._clock.monotonic() + after_s
        with self._lock:
            seats = [seat for seat in self._waiting.values() if seat.line == line]
            first = min(seats, key=lambda seat: seat.due, default=None)
            if first is None:
                self._unheard[line] = due
                self._unheard.move_to_end(line)
                while len(self._unheard) > self._seats:
                    self._unheard.popitem(last=False)
            if first is None or first.due <= due:
                return
            first.due = due
        self._on_call()

    def due(self) -> list[Claim]:
        """Those whose time has come, the earliest first; they are the caller's."""
        now = self._clock.monotonic()
        with self._lock:
            seats = sorted((seat for seat in self._waiting.values() if seat.due <= now), key=lambda seat: seat.due)
            for seat in seats:
                del self._waiting[seat.claim.id]
        return [seat.claim for seat in seats]

    def next_due_s(self) -> float:
        """Seconds until the next one is due; infinity where nobody waits."""
        with self._lock:
            first = min((seat.due for seat in self._waiting.values()), default=math.inf)
        return max(0.0, first - self._clock.monotonic())

    def close(self) -> list[Claim]:
        """Send everybody away, and let nobody sit down any more: the claims, which are the caller's."""
        with self._lock:
            self._closed = True
            claims = [seat.claim for seat in self._waiting.values()]
            self._waiting.clear()
            self._since.clear()
        return claims

    def open(self) -> None:
        """Let claims wait here again."""
        with self._lock:
            self._closed = False
