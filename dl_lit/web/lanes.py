"""How many requests are handled at once, how many wait for it, and when the others are to come back."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from dl_lit.core.clock import Clock
from dl_lit.web.contract import Refused

_LONGEST_S = 120.0
_WEIGHT = 0.1  # of the latest request in the mean


class Lane:
    """Lets `at_once` requests through at a time, in the order they came; `room` more wait. For one event loop."""

    def __init__(self, at_once: int, room: int, clock: Clock, *, patience_s: float | None = None) -> None:
        """Nobody is in it. Nobody waits longer than `patience_s` (None: for as long as it takes)."""
        self._patience_s = patience_s
        self._clock = clock
        self._at_once = at_once
        self._room = room
        self._free = asyncio.Semaphore(at_once)
        self._mean_s = 0.1
        self.handling = 0
        self.waiting = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """One's turn. Raises `Refused` where the waiting room is full, or where it does not come."""
        if self._free.locked() and self.waiting >= self._room:
            raise self._busy()
        self.waiting += 1
        try:
            async with asyncio.timeout(self._patience_s):
                await self._free.acquire()
        except TimeoutError:
            raise self._busy() from None
        finally:
            self.waiting -= 1
        self.handling += 1
        began = self._clock.monotonic()
        try:
            yield
        finally:
            self.handling -= 1
            self._free.release()
            self._mean_s += _WEIGHT * (self._clock.monotonic() - began - self._mean_s)

    def _busy(self) -> Refused:
        return Refused(429, "busy", "too many requests wait already", after_s=self.retry_after_s())

    def retry_after_s(self) -> float:
        """When half of those who wait will have had their turn, by how long the latest ones took."""
        return min(_LONGEST_S, max(1.0, self.waiting * self._mean_s / self._at_once / 2))


class Allowance:
    """So many permits a minute for each caller, saved up to that number."""

    REMEMBERED = 1024  # callers

    def __init__(self, per_minute: int, clock: Clock) -> None:
        """Everybody has all of it."""
        self._most = float(per_minute)
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # permits, as of when

    def use(self, caller: str) -> None:
        """Use one permit. Raises `Refused` where there is none left."""
        now = self._clock.monotonic()
        left, at = self._left.pop(caller, (self._most, now))
        left = min(self._most, left + (now - at) * self._most / 60)
        enough = left >= 1
        self._left[caller] = (left - enough, now)
        while len(self._left) > self.REMEMBERED:
            self._left.popitem(last=False)
        if not enough:
            wait_s = (1 - left) * 60 / self._most
            raise Refused(429, "too-many-uploads", "more uploads than serve.uploads_per_minute", after_s=wait_s)
