"""Threads for an event loop: what may block is done in them, and awaited."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

T = TypeVar("T")


class LoopHands:
    """At most `number` threads, started as they are needed. Leaving waits for what is being done."""

    def __init__(self, name: str, number: int) -> None:
        """No thread is started before there is something to do."""
        self._pool = ThreadPoolExecutor(number, thread_name_prefix=name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def do(self, work: Callable[[], T]) -> T:
        """What `work` returns or raises; whoever stops waiting does not stop the work."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)
