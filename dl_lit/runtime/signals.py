"""Two-step stopping: the first SIGINT or SIGTERM asks for a drain, the second for an end at once.

And, for what has nothing to drain, SIGTERM as an interruption.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Self


class StopSignals:
    """While entered, SIGINT and SIGTERM are counted instead of ending the process.

    The handler only counts. Logging, locking, even setting an event (which locks) could deadlock there with what it
    interrupted, a handler for the signal just before included.
    """

    def __init__(self) -> None:
        """Nothing is installed before entering."""
        self.count = 0
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

    def should_stop(self) -> bool:
        """Whether a drain has been asked for."""
        return self.count >= 1

    def should_hurry(self) -> bool:
        """Whether an end at once has been asked for."""
        return self.count >= 2


@contextmanager
def terminated_like_interrupted() -> Iterator[None]:
    """While entered SIGTERM is SIGINT, after which everything is tidied up; whoever stops otherwise sets it anew."""
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
