"""The worker threads of one stage: they repeat `Pool.work_once` until the end, or until there are too many of them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial

from dl_lit.runtime.pool import Pool

REST_S = 60.0
"""After this an idle worker looks up; work and the end wake it at once."""

log = logging.getLogger(__name__)

Starter = Callable[[str, Callable[[], None]], threading.Thread]


class Hands:
    """Threads that come and go as many are wanted. Thread-safe."""

    def __init__(self, pool: Pool, start: Starter) -> None:
        """Nobody is there yet; `start` runs a body in a thread of that name, and hears when it ends unforeseen."""
        self.pool = pool
        self._start = start
        self._stage = pool.stage.name.value
        self._lock = threading.Lock()
        self._threads: dict[int, threading.Thread] = {}  # by number
        self._wanted = 0
        self._stopped = False

    def __len__(self) -> int:
        """How many there are."""
        return len(self._threads)

    def want(self, number: int) -> None:
        """Be so many: new ones start at once, those too many go when they have nothing in hand."""
        with self._lock:
            if self._stopped:
                return
            self._wanted = number
            missing = number - len(self._threads)
            free = (one for one in range(1, number + len(self._threads) + 1) if one not in self._threads)
            for _, one in zip(range(missing), free, strict=False):
                try:
                    self._threads[one] = self._start(f"{self._stage}-{one}", partial(self._work, one))
                except RuntimeError as error:  # the system has no more threads for us; those there are go on
                    log.warning("%s has %d hands instead of %d: %s", self._stage, len(self._threads), number, error)
                    break
        if missing < 0:
            self.pool.hopper.nudge()

    def stop(self) -> Sequence[threading.Thread]:
        """Let all go when they have nothing in hand; the threads, to be joined."""
        with self._lock:
            self._stopped = True
            return list(self._threads.values())

    def _work(self, number: int) -> None:
        while not self._may_go(number):
            self.pool.work_once(timeout_s=REST_S)

    def _may_go(self, number: int) -> bool:
        if not self._stopped and len(self._threads) <= self._wanted:
            return False
        with self._lock:
            is_too_many = self._stopped or len(self._threads) > self._wanted
            if is_too_many:
                del self._threads[number]
            return is_too_many
