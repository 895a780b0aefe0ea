"""An answer that is asked for more often than it changes: given at once from memory, and renewed beside."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

from dl_lit.core.clock import Clock
from dl_lit.web.contract import Hands

T = TypeVar("T")

_STALE = 5.0  # so many times `fresh_s` old, an answer is waited for


class Lately(Generic[T]):
    """What `ask` said lately. For one event loop; `ask` is never called twice at a time."""

    def __init__(
        self,
        ask: Callable[[], T],
        hands: Hands,
        clock: Clock,
        *,
        fresh_s: float,
        keeps: Callable[[T], bool] = lambda _known: True,
    ) -> None:
        """Nothing is asked before somebody wants to know; an answer that `keeps` does not keep is asked for anew."""
        self._keeps = keeps
        self._ask = ask
        self._hands = hands
        self._clock = clock
        self._fresh_s = fresh_s
        self._known: T | None = None
        self._at = 0.0
        self._asking: asyncio.Task[None] | None = None

    async def get(self) -> T:
        """An answer of the last seconds. Raises what `ask` raised where there is none."""
        if self._known is not None and not self._keeps(self._known):
            self._known = None
        age = self._clock.monotonic() - self._at
        if self._known is not None and age < self._fresh_s:
            return self._known
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._renew())
        if self._known is None or age >= self._fresh_s * _STALE:
            await asyncio.shield(self._asking)
        if self._known is None:
            raise RuntimeError("nothing was answered")
        return self._known

    async def _renew(self) -> None:
        self._known = await self._hands.do(self._ask)
        self._at = self._clock.monotonic()
