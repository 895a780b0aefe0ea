"""Two-step stopping: the first SIGINT or SIGTERM asks for a drain, the second for an end at once."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Self


class StopSignals:
    """While entered, SIGINT and SIGTERM are counted instead of ending the process.

    The handler only counts and sets an event: logging or locking there could deadlock with what it interrupted.
    """

    def __init__(self) -> None:
        """Nothing is installed before entering."""
        self.count = 0
        self.received = threading.Event()
        self._before: dict[int, object] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        self.received.set()

    def should_stop(self) -> bool:
        """Whether a drain has been asked for."""
        return self.count >= 1

    def should_hurry(self) -> bool:
        """Whether an end at once has been asked for."""
        return self.count >= 2
