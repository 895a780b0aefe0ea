"""Questions to a model, many at a time, the answers handed on in order (`core.language.InOrder`).

One object for a process: what the provider bears is learned once (`core.width.Width`), and shared fairly by the batches
that are asked for at the same time. Threads live as long as there is something to ask. Whoever takes a batch's results
slowly slows it down: no value begins that is far ahead of the one to be handed on next, so results do not pile up.
"""

from __future__ import annotations

import heapq
import itertools
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextvars import copy_context
from typing import Any, TypeVar

import structlog

from dl_lit.core.backoff import delay_s
from dl_lit.core.clock import Clock
from dl_lit.core.language import ModelError, Trouble
from dl_lit.core.width import BatchLimits, Width

log = structlog.get_logger(__name__)

A = TypeVar("A")
B = TypeVar("B")

WIDTHS_AHEAD = 4  # times the width: so far ahead of the result to be handed on next may values begin
LONGEST_PAUSE_S = 3_600.0  # whatever a provider asks for
_LOOK_S = 1.0  # what waits looks at the clock so often; whatever happens wakes it at once
_SHORTEST_S = 0.001


class _Batch:
    """The values of one call, and what became of them. Guarded by the lock of its `InOrderThreads`."""

    def __init__(self, ask: Callable[[Any], Any], values: Sequence[Any], *, alone: int | None) -> None:
        self.ask = ask
        self.values = values
        self.context = copy_context()  # what the log says of the item, in threads as well
        self.deadline = 0.0
        self.head = 0  # index of the next result to be handed on
        self.results: dict[int, Any] = {}  # by index: answers, and the errors of those without one
        self.running: set[int] = set()
        self.error: BaseException | None = None  # nobody expected it: it is the caller's
        self.is_over = False
        self.refused_alone = 0  # how often in a row a value that was asked about alone was too much
        self.gives_up = False  # nothing more is asked
        self._alone = alone  # index of the value that those behind it wait for
        self._fresh = 0  # index of the first value nobody asked about
        self._again: list[int] = []  # a heap of those to be asked about once more
        self._asked: dict[int, int] = {}  # how often, where it was too much

    def next(self, ahead: int) -> int | None:
        """The index of the value to ask about next; `None` where there is none now."""
        if self.is_over or self.gives_up or self.error is not None:
            return None
        if self._again:
            return self._again[0]
        if self._waits() or self._fresh >= min(len(self.values), self.head + ahead):
            return None
        return self._fresh

    def _waits(self) -> bool:
        """Whether those that nobody asked about wait for the one that goes alone."""
        alone = self._alone
        return alone is not None and self.head <= alone < self._fresh and alone not in self.results

    def begin(self, index: int) -> None:
        """Somebody asks about the value at `index`, which `next` named."""
        if self._again and self._again[0] == index:
            heapq.heappop(self._again)
        else:
            self._fresh = index + 1
        self.running.add(index)

    def put_back(self, index: int) -> None:
        """Nobody asks about it after all."""
        self.running.discard(index)
        heapq.heappush(self._again, index)

    def limited(self, index: int, tries: int) -> bool:
        """It was too much; whether it is to be tried again."""
        self._asked[index] = self._asked.get(index, 0) + 1
        return self._asked[index] < tries


class InOrderThreads:
    """The port `core.language.InOrder`. Thread-safe; threads of the same object share what is in flight."""

    def __init__(
        self,
        limits: BatchLimits,
        *,
        clock: Clock,
        rng: random.Random,
    ) -> None:
        """Nothing is asked yet."""
        self._limits = limits
        self._width = Width(limits.first, limits.width)
        self._clock = clock
        self._rng = rng
        self._changed = threading.Condition()
        self._batches: list[_Batch] = []
        self._names = itertools.count(1)
        self._in_flight = 0
        self._most_in_flight = 0
        self._refused = 0  # round trips that were too much, since the last good answer
        self._gave_up = False  # a batch did, and nothing was answered since
        self._paused_until = float("-inf")  # by the monotonic clock
        self._stopped = False

    @property
    def width(self) -> int:
        """How many may be in flight now."""
        return self._width.now

    @property
    def in_flight(self) -> int:
        """How many are."""
        return self._in_flight

    @property
    def most_in_flight(self) -> int:
        """The most there ever were."""
        return self._most_in_flight

    def become(self, limits: BatchLimits) -> None:
        """Keep to other limits: batches that begin from now on, and the width of all."""
        with self._changed:
            self._limits = limits
            self._width.become(limits.first, limits.width)
            self._changed.notify_all()

    def nudge(self) -> None:
        """Have all that waits look at the clock at once: for whoever sets it."""
        with self._changed:
            self._changed.notify_all()

    def stop(self) -> None:
        """End all batches at once, for good: what has no result yet ends with `STOPPING`.

        Threads that ask end when `ask` does: stop the model, too.
        """
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def __call__(
        self, ask: Callable[[A], B], values: Sequence[A], *, alone: int | None = None
    ) -> Iterator[B | ModelError]:
        """As `core.language.InOrder` says; nothing is asked before the first result is wanted.

        What `ask` raises besides `ModelError` is raised here, when what was asked meanwhile has ended. Where nobody
        wants the rest no more is asked.
        """
        batch = _Batch(ask, values, alone=alone)
        try:
            with self._changed:
                batch.deadline = self._clock.monotonic() + self._limits.timeout_s
                if not self._in_flight:
                    self._width.rests()
                self._batches.append(batch)
                self._hire()
            for index in range(len(values)):
                yield self._result(batch, index)
        finally:
            with self._changed:
                batch.is_over = True
                batch.results.clear()
                self._batches.remove(batch)
                self._hire()

    def _result(self, batch: _Batch, index: int) -> Any:
        """What became of the value at `index`, waited for."""
        with self._changed:
            while index not in batch.results:
                if batch.error is not None:
                    self._see_out(batch)
                    raise batch.error
                if (error := self._end_of(batch, index)) is not None:
                    batch.results[index] = error
                    break
                self._hire()
                self._changed.wait(self._until_something(batch))
            found = batch.results.pop(index)
            batch.head = index + 1
            self._hire()
        return found

    def _until_something(self, batch: _Batch) -> float:
        """Seconds until the clock changes something for the batch: a pause ends, or its time; at most until a look."""
        now = self._clock.monotonic()
        pause_s = self._paused_until - now
        return max(_SHORTEST_S, min(_LOOK_S, batch.deadline - now, pause_s if pause_s > 0 else _LOOK_S))

    def _end_of(self, batch: _Batch, index: int) -> ModelError | None:
        """Why the value at `index` will have no answer; `None` where it still may."""
        if self._stopped:
            return ModelError(Trouble.STOPPING)
        left_s = batch.deadline - self._clock.monotonic()
        if left_s <= 0:
            return ModelError(Trouble.TIMEOUT, "the whole batch took too long")
        if batch.gives_up and index not in batch.running:
            return ModelError(Trouble.RATE_LIMITED, "one at a time is too much as well")
        pause_s = self._paused_until - self._clock.monotonic()
        if index not in batch.running and pause_s >= left_s:  # nobody would be asked in time
            return ModelError(Trouble.RATE_LIMITED, "for longer than the batch may take", after=pause_s)
        return None

    def _see_out(self, batch: _Batch) -> None:
        """Wait for what runs, not beyond the batch's time."""
        while batch.running and not self._stopped and self._clock.monotonic() < batch.deadline:
            self._changed.wait(_LOOK_S)

    def _take(self) -> tuple[_Batch, int, int] | None:
        """What to ask next: batch, index and the width's mark; noted as running. Needs the lock."""
        now = self._clock.monotonic()
        if self._stopped or self._in_flight >= self._width.now or now < self._paused_until:
            return None
        ahead = WIDTHS_AHEAD * self._width.most
        waiting = [(batch, index) for batch in self._batches if (index := batch.next(ahead)) is not None]
        share = self._width.share(len(waiting))
        free = [one for one in waiting if len(one[0].running) < share and now < one[0].deadline]
        if not free:
            return None
        batch, index = min(free, key=lambda one: len(one[0].running))
        batch.begin(index)
        self._in_flight += 1
        self._most_in_flight = max(self._most_in_flight, self._in_flight)
        return batch, index, self._width.mark()

    def _hire(self) -> None:
        """Start a thread for each value that may be asked about now. Needs the lock."""
        while (job := self._take()) is not None:
            name = f"model-{next(self._names)}"
            try:
                threading.Thread(target=self._work, args=job, name=name, daemon=True).start()
            except RuntimeError as error:  # the system has no more threads for us; those there are go on
                log.warning("no_thread_for_question", in_flight=self._in_flight - 1, error=str(error))
                job[0].put_back(job[1])
                self._in_flight -= 1
                return

    def _work(self, batch: _Batch, index: int, mark: int) -> None:
        """Ask, note what came of it, and go on with the next value, as long as there is one."""
        job: tuple[_Batch, int, int] | None = (batch, index, mark)
        while job is not None:
            batch, index, mark = job
            try:
                result = batch.context.copy().run(batch.ask, batch.values[index])
                error = None
            except BaseException as raised:  # noqa: BLE001 - handed on to the caller
                result, error = None, raised
            with self._changed:
                self._in_flight -= 1
                batch.running.discard(index)
                self._note(batch, index, mark, result, error)
                job = self._take()
                self._hire()
                self._changed.notify_all()

    def _note(self, batch: _Batch, index: int, mark: int, result: Any, error: BaseException | None) -> None:
        if error is None:
            self._width.good(mark)
            self._refused = 0
            self._hope()
        elif not isinstance(error, ModelError):
            batch.error = batch.error or error
            return
        elif error.trouble is Trouble.RATE_LIMITED:
            self._despair(batch)
            self._slow_down(mark, error)
            if not batch.gives_up and batch.limited(index, self._limits.tries) and not batch.is_over:
                batch.put_back(index)
                return
        else:
            self._hope()
        if index >= batch.head and not batch.is_over:
            batch.results[index] = result if error is None else error

    def _hope(self) -> None:
        """Something else than "too much" was heard."""
        self._gave_up = False
        for one in self._batches:
            one.refused_alone = 0

    def _despair(self, batch: _Batch) -> None:
        """Give a batch up whose values are refused one by one: after some, or at once where another one was so before.

        Else each value would be tried as often, with longer and longer waits, until the batch's time is up.
        """
        batch.refused_alone += self._width.now == 1
        if batch.refused_alone >= (1 if self._gave_up else self._limits.tries):
            batch.gives_up = self._gave_up = True

    def _slow_down(self, mark: int, error: ModelError) -> None:
        """Ask fewer at a time, and nobody for a while: whoever was asked would only hear the same."""
        wait_s = error.after
        if self._width.limited(mark):
            self._refused += 1
            if wait_s is None:
                wait_s = delay_s(self._refused, self._rng, base_s=self._limits.base_s)
        if wait_s is not None:
            until = self._clock.monotonic() + min(wait_s, LONGEST_PAUSE_S)
            self._paused_until = max(self._paused_until, until)
