"""Two-step stopping: the first SIGINT or SIGTERM asks for a drain, the second for an end at once.

For what runs for months also SIGHUP, which asks it to read its settings again; and, for what has nothing to drain,
SIGTERM as an interruption.
"""

from __future__ import annotations

import os
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


class DaemonSignals(StopSignals):
    """As `StopSignals`, with SIGHUP counted as well: read the settings again.

    A terminal that goes away sends SIGHUP, too. Who was started from it and not meant to outlive it is then to stop:
    that is so unless SIGHUP was ignored when we were started, which is how `nohup` says it.
    """

    def __init__(self) -> None:
        """Nothing is installed before entering."""
        super().__init__()
        self.hangups = 0
        self._seen = 0
        self._terminal = False

    def __enter__(self) -> Self:
        self._terminal = signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN and _has_terminal()
        self._before[signal.SIGHUP] = signal.signal(signal.SIGHUP, self._hang_up)
        return super().__enter__()

    def _hang_up(self, _number: int, _frame: FrameType | None) -> None:
        self.hangups += 1

    def should_reload(self) -> bool:
        """Whether the settings are to be read again; said once for all hangups so far. The terminal's end is a stop."""
        if self.hangups == self._seen:
            return False
        self._seen = self.hangups
        if self._terminal and not _has_terminal():
            self._terminal = False
            self.count += 1
            return False
        return True


def _has_terminal() -> bool:
    """Whether a terminal controls us that is still there."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK))
    except OSError:
        return False
    return True


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
