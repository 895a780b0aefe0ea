"""What an engine offers, and the course of many tasks through one: few at a time, each answered once."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from dl_lit.core.errors import DlLitError

Ended = Callable[[bytes | BaseException], None]
TakeBack = Callable[[], bool]

_LOOK_S = 1.0
TRIES = 3
"""Times that a task is handed to an engine which lost those who were at it; an engine itself tries several times."""


class TaskLost(DlLitError):
    """Whoever was at the task died, several times; the message says which task."""


class Engine(Protocol):
    """Runs tasks, functions of bytes that give bytes. It may run one twice, but answers it once."""

    name: str

    def slots(self) -> int:
        """How many tasks can run at this moment; 0 where nobody is there yet."""

    def take(self, order: bytes, ended: Ended) -> TakeBack:
        """Have a task done; `ended` is called from any thread with what came of it (`TaskLost` where nothing can).

        Gives what takes it back, True where it will not be answered any more.
        """

    def trouble(self) -> str | None:
        """Why no task will ever be answered again, in one line; None while all is well."""

    def waits_for(self) -> str:
        """For whom it waits where there are no slots, in a few words."""

    def kill(self) -> None:
        """End what runs here at once, as far as it runs here."""

    def close(self) -> None:
        """Give everything back. What still runs elsewhere may run to its end."""


class Course:
    """Tasks on their way through an engine. One thread asks for answers."""

    def __init__(self, engine: Engine, notice: Callable[[str], None] = lambda _message: None) -> None:
        """`notice` is told, now and then, of what a person should know while nothing moves."""
        self._engine = engine
        self._notice = notice
        self._changed = threading.Condition()
        self._answers: deque[tuple[bytes, bytes | BaseException]] = deque()
        self._running: dict[int, TakeBack] = {}
        self._next = 0
        self._tries: dict[bytes, int] = {}
        self.repeated = 0
        """Tasks handed over once more, since those who were at them died."""

    def answers(self, orders: Iterable[bytes]) -> Iterator[tuple[bytes, bytes | BaseException]]:
        """Each order with its answer, or what was raised, in the order in which they end.

        No more are under way than the engine has slots, twice. Raises `DlLitError` where the engine cannot go on.
        """
        waiting = iter(orders)
        is_all_given = False
        while True:
            while not is_all_given and self._under_way() < max(2 * self._engine.slots(), 2):
                order = next(waiting, None)
                if order is None:
                    is_all_given = True
                    break
                self._give(order)
            if not self._running and not self._answers:
                return
            answer = self._wait(_LOOK_S)
            if answer is None:
                self._look()
                continue
            if not self._again(*answer):
                yield answer

    def drain(self, seconds: float) -> Iterator[tuple[bytes, bytes | BaseException]]:
        """Take back what has not begun; answers of the rest as long as `seconds` last."""
        until = time.monotonic() + seconds
        with self._changed:
            running = list(self._running.items())
        for number, take_back in running:
            if take_back():
                with self._changed:
                    self._running.pop(number, None)
        while (self._running or self._answers) and (left := until - time.monotonic()) > 0:
            answer = self._wait(min(left, _LOOK_S))
            if answer is not None and not isinstance(answer[1], TaskLost):
                yield answer
            elif self._engine.trouble() is not None:
                return

    def _again(self, order: bytes, answer: bytes | BaseException) -> bool:
        """Whether a task was lost and is handed over once more."""
        if not isinstance(answer, TaskLost):
            self._tries.pop(order, None)
            return False
        tries = self._tries[order] = self._tries.get(order, 1) + 1
        if tries > TRIES:
            return False
        self.repeated += 1
        self._give(order)
        return True

    def _give(self, order: bytes) -> None:
        number = self._next = self._next + 1

        def ended(answer: bytes | BaseException) -> None:
            with self._changed:
                if self._running.pop(number, None) is not None:
                    self._answers.append((order, answer))
                    self._changed.notify_all()

        with self._changed:
            self._running[number] = lambda: False
        take_back = self._engine.take(order, ended)
        with self._changed:
            if number in self._running:
                self._running[number] = take_back

    def _under_way(self) -> int:
        """Tasks that are not answered, and answers that nobody has fetched."""
        with self._changed:
            return len(self._running) + len(self._answers)

    def _wait(self, seconds: float) -> tuple[bytes, bytes | BaseException] | None:
        with self._changed:
            if not self._answers:
                self._changed.wait(seconds)
            return self._answers.popleft() if self._answers else None

    def _look(self) -> None:
        trouble = self._engine.trouble()
        if trouble is not None:
            raise DlLitError(trouble)
        if not self._engine.slots():
            self._notice(self._engine.waits_for())
