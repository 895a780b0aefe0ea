"""What is to be told to others, one after the other, in a thread of its own: whoever hands in never waits."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Generic, Self, TypeVar

import structlog

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Outbox(Generic[T]):
    """A bounded queue with one who empties it. When it is full the oldest goes, and that is counted."""

    def __init__(self, name: str, send: Callable[[T], None], *, size: int = 64, end_s: float = 15.0) -> None:
        """`send` may take its time. At the end what is left gets `end_s` seconds; then it is given up."""
        self._send = send
        self._size = size
        self._end_s = end_s
        self._left: deque[T] = deque()
        self._changed = threading.Condition(threading.Lock())
        self._closed = False
        self.lost = 0  # that were never sent
        self._thread = threading.Thread(target=self._loop, name=name, daemon=True)

    def put(self, one: T) -> None:
        """Hand in; never waits."""
        with self._changed:
            if len(self._left) >= self._size:
                self._left.popleft()
                self.lost += 1
            self._left.append(one)
            self._changed.notify_all()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        deadline = time.monotonic() + self._end_s
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join(max(0.0, deadline - time.monotonic()))
        with self._changed:
            self.lost += len(self._left)
            self._left.clear()

    def _loop(self) -> None:
        while (one := self._next()) is not None:
            try:
                self._send(one)
            except Exception:
                log.exception("outbox_failed")

    def _next(self) -> T | None:
        with self._changed:
            while not self._left and not self._closed:
                self._changed.wait(60.0)
            return self._left.popleft() if self._left else None
