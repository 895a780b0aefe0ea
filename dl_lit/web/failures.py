"""Wrong tokens by who sent them: after some in a minute those that follow are refused without another look."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from typing import Protocol

import structlog

from dl_lit.core.clock import Clock
from dl_lit.web.contract import Hands, Refused

MOST = 20
WINDOW_S = 60.0
REMEMBERED = 1024  # addresses

log = structlog.get_logger("dl_lit.control")


class Tally(Protocol):
    """What all processes that serve one database count together. Raises nothing."""

    def count(self, who: str, window_s: float) -> tuple[int, float] | None:
        """Count one of `who`: how many that makes in the window, and the seconds left of it; None: nobody can say."""


class Failures:
    """Who has sent too many. For one event loop."""

    def __init__(self, clock: Clock, tally: Tally | None = None, hands: Hands | None = None) -> None:
        """Nobody has failed yet. `tally` is asked by `hands`; without these each process counts for itself."""
        self._clock = clock
        self._tally = tally
        self._hands = hands
        self._seen: OrderedDict[str, tuple[float, int]] = OrderedDict()  # window's begin, failures

    async def note(self, who: str) -> None:
        """Count one, or raise where `who` has sent too many before; the log hears of the one that is too many."""
        now = self._clock.monotonic()
        begin, count = self._seen.pop(who, (now, 0))
        if now - begin >= WINDOW_S:
            begin, count = now, 0
        if count < MOST:
            count += 1
            self._keep(who, begin, count)
            told = await self._told(who)
            if told is not None:
                count, left_s = told
                begin = now + left_s - WINDOW_S
            if count < MOST:
                return
            self._keep(who, begin, MOST)
            if count == MOST:
                log.warning("wrong_tokens", client=who, count=MOST)
                return
        self._keep(who, begin, MOST)
        left_s = begin + WINDOW_S - now
        raise Refused(429, "too-many-wrong-tokens", "too many wrong tokens came from there", after_s=left_s)

    async def _told(self, who: str) -> tuple[int, float] | None:
        if self._tally is None or self._hands is None:
            return None
        return await self._hands.do(partial(self._tally.count, who, WINDOW_S))

    def _keep(self, who: str, begin: float, count: int) -> None:
        self._seen[who] = (begin, count)
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
