"""Two-step stopping: the first SIGINT or SIGTERM asks for a drain, the second for an end at once.

For what runs for months also SIGHUP, which asks it to read its settings again; and, for what has nothing to drain,
SIGTERM as an interruption. What comes while the program is still being loaded counts as well (`mind_from_the_start`).
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Self

DAEMONS = ("watch-folder-concurrent", "work")
"""The commands that run for months."""

_STOPS = (signal.SIGINT, signal.SIGTERM)


Handler = Callable[[int, FrameType | None], Any] | int | signal.Handlers | None


class Interrupted(KeyboardInterrupt):
    """A signal interrupted us.

    Of a class of its own: where a plain `KeyboardInterrupt` passes through `exec` of a text, with which dataclasses are
    made, the interpreter ends by SIGINT whatever becomes of it, our exit code included (`run_eval_code_obj` in
    https://github.com/python/cpython/blob/3.11/Python/pythonrun.c, read 2026-11-23).
    """


def interrupt(_number: int, _frame: FrameType | None) -> None:
    """Handle a signal by raising `Interrupted`."""
    raise Interrupted


class EarlySignals:
    """Counts, from the first moment of a daemon on, what `DaemonSignals` goes by once it stands.

    Nothing else becomes of the first one: wherever it interrupted the loading of the program, that could go wrong in
    as many ways. The second one ends it at once.
    """

    def __init__(self) -> None:
        """Nothing is installed before `begin`."""
        self.count = self.hangups = 0
        self.has_terminal = False

    def begin(self) -> None:
        """Count from now on."""
        for number in _STOPS:
            signal.signal(number, self._stop)
        if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
            self.has_terminal = _has_terminal()
            signal.signal(signal.SIGHUP, self._hang_up)

    def end(self) -> None:
        """Let all be as for other commands."""
        signal.signal(signal.SIGHUP, self.instead_of(signal.signal(signal.SIGHUP, signal.SIG_IGN)))
        signal.signal(signal.SIGTERM, interrupt)
        signal.signal(signal.SIGINT, interrupt)

    def instead_of(self, handler: Handler) -> Handler:
        """What a handler of ours stands in for; any other as it is."""
        if handler == self._hang_up:
            return signal.SIG_DFL
        return interrupt if handler == self._stop else handler

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        if self.count > 1:
            raise Interrupted

    def _hang_up(self, _number: int, _frame: FrameType | None) -> None:
        self.hangups += 1


_early: EarlySignals | None = None


def mind_from_the_start(arguments: Sequence[str]) -> None:
    """For the process with these arguments: let no signal end it by what it was about to load.

    A daemon counts them, anything else is interrupted by SIGTERM as by SIGINT. For the first lines of the program.
    """
    global _early  # noqa: PLW0603 - signals are the process's
    if any(name in arguments for name in DAEMONS):
        _early = EarlySignals()
        _early.begin()
        return
    for number in _STOPS:
        if signal.getsignal(number) in {signal.SIG_DFL, signal.default_int_handler}:
            signal.signal(number, interrupt)


def mind_no_more() -> None:
    """What was taken for a daemon is none: its signals are as for all; raises `KeyboardInterrupt` if one came."""
    global _early
    early, _early = _early, None
    if early is not None:
        early.end()
        if early.count:
            raise Interrupted


def usual(handler: Handler) -> Handler:
    """What is to be put back where `handler` was: what counted early has done so, and the end is like any other."""
    return handler if _early is None else _early.instead_of(handler)


class StopSignals:
    """While entered, SIGINT and SIGTERM are counted instead of ending the process.

    The handler only counts. Logging, locking, even setting an event (which locks) could deadlock there with what it
    interrupted, a handler for the signal just before included.
    """

    def __init__(self) -> None:
        """Nothing is installed before entering."""
        self.count = 0
        self._before: dict[int, Handler] = {}

    def __enter__(self) -> Self:
        for number in _STOPS:
            self._before[number] = usual(signal.signal(number, self._handle))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

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
    that is so unless SIGHUP was ignored when we were started, which is how `nohup` says it. What came while the program
    was being loaded is taken over. Until `started` is called there is nothing to drain: the second signal interrupts.
    """

    def __init__(self) -> None:
        """Nothing is installed before entering."""
        super().__init__()
        self.hangups = 0
        self._seen = 0
        self._terminal = False
        self._is_starting = True

    def __enter__(self) -> Self:
        had = _early is not None and _early.has_terminal
        self._terminal = had or (signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN and _has_terminal())
        self._before[signal.SIGHUP] = usual(signal.signal(signal.SIGHUP, self._hang_up))
        super().__enter__()
        if _early is not None:
            self.count += _early.count
            self.hangups += _early.hangups
        return self

    def started(self) -> None:
        """From now on something is under way that the first signal lets finish."""
        self._is_starting = False

    def _handle(self, number: int, frame: FrameType | None) -> None:
        super()._handle(number, frame)
        if self._is_starting and self.count > 1:
            raise Interrupted

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
    if not in_main or usual(signal.getsignal(signal.SIGTERM)) not in {signal.SIG_DFL, interrupt}:
        yield
        return
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
