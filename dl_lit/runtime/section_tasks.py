"""The work on sections that models read, in threads, within its limits (`core.language.Sections`).

One object for a process: the limits hold over all sources together. A thread cannot be ended from outside: what takes
too long is given up, nobody waits for it, and it cleans up behind itself. Until it has ended it keeps its place, so
that no limit is exceeded; yet not for longer than twice its time, so that nothing waits for ever.
"""

from __future__ import annotations

import itertools
import random
import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from contextvars import copy_context
from typing import Any, Generic, TypeVar

from dl_lit.core.backoff import delay_s
from dl_lit.core.clock import Clock
from dl_lit.core.language import ModelError, Trouble
from dl_lit.core.section_limits import SectionLimits, SectionUse, SectionWork

B = TypeVar("B")

_LOOK_S = 1.0  # what waits looks at the clock and at memory so often; whatever happens wakes it at once
_SHORTEST_S = 0.001
_THREADS = {SectionWork.TASKS: "section", SectionWork.SPLITS: "split", SectionWork.UPLOADS: "upload"}


class _Job:
    """One section of one run. Guarded by the lock of its `SectionThreads`."""

    def __init__(self, task: Callable[[], Any]) -> None:
        self.task = task
        self.context = copy_context()  # what the log says of the item, in threads as well
        self.tries = 0
        self.due = float("-inf")  # it may not begin before
        self.deadline = float("inf")  # of all its tries, from the first on
        self.is_running = False
        self.is_over = False
        self.result: list[Any] = []  # one, unless it failed
        self.error: BaseException | None = None

    def end(self, result: list[Any], error: BaseException | None) -> None:
        """What it came to; the first word holds."""
        if not self.is_over:
            self.is_over, self.result, self.error = True, result, error


class _Call(Generic[B]):
    """One split or upload, in a thread of its own."""

    def __init__(self) -> None:
        self.is_over = False
        self.result: list[B] = []  # one, unless it failed
        self.error: BaseException | None = None


class SectionThreads:
    """The port `core.language.Sections`. Thread-safe."""

    def __init__(
        self,
        limits: SectionLimits,
        *,
        clock: Clock,
        rng: random.Random,
        memory_mb: Callable[[], float] = lambda: 0.0,
    ) -> None:
        """`memory_mb` is what this process and its children have now; it is asked often, and should answer at once."""
        self._limits = limits
        self._clock = clock
        self._rng = rng
        self._memory_mb = memory_mb
        self._changed = threading.Condition()
        self._runs: list[list[_Job]] = []
        self._lines: dict[SectionWork, deque[object]] = {kind: deque() for kind in SectionWork}
        self._places: dict[SectionWork, dict[object, float]] = {kind: {} for kind in SectionWork}  # taken since when
        self._short_since: dict[SectionWork, float] = {}  # memory was above the hard mark
        self._most = Counter[SectionWork]()
        self._done = Counter[SectionWork]()
        self._given_up = Counter[SectionWork]()
        self._names = itertools.count(1)
        self._here = threading.local()
        self._stopped = False

    # --- the port

    def run(self, tasks: Sequence[Callable[[], B]]) -> Sequence[B | ModelError]:
        """As `core.language.Sections` says. What a task raises besides `ModelError` is raised when the others ended."""
        jobs = [_Job(task) for task in tasks]
        with self._changed:
            self._runs.append(jobs)
            try:
                while not all(job.is_over for job in jobs):
                    self._end_overdue(jobs)
                    self._begin()
                    if not all(job.is_over for job in jobs):
                        self._changed.wait(self._until_something(jobs))
            finally:
                self._runs.remove(jobs)
                for job in jobs:
                    job.end([], ModelError(Trouble.STOPPING))
        results: list[B | ModelError] = []
        for job in jobs:
            if job.error is not None and not isinstance(job.error, ModelError):
                raise job.error
            results.append(job.result[0] if job.error is None else job.error)
        return results

    def split(self, work: Callable[[], B]) -> B:
        """`work` within the limit and the time of splits; raises `ModelError` (timeout) when it takes longer."""
        return self._within(SectionWork.SPLITS, work)

    def upload(self, work: Callable[[], B]) -> B:
        """`work` within the limit and the time of uploads; raises `ModelError` (timeout) when it takes longer."""
        return self._within(SectionWork.UPLOADS, work)

    # --- around it

    def become(self, limits: SectionLimits) -> None:
        """Keep to other limits from now on; what runs goes on in the time it was given."""
        with self._changed:
            self._limits = limits
            self._changed.notify_all()

    def use(self) -> Mapping[SectionWork, SectionUse]:
        """What was done so far, by kind."""
        with self._changed:
            waiting = {kind: len(line) for kind, line in self._lines.items()}
            waiting[SectionWork.TASKS] = sum(
                not job.is_over and not job.is_running for jobs in self._runs for job in jobs
            )
            return {
                kind: SectionUse(
                    limit=self._limits.most(kind),
                    running=len(self._places[kind]),
                    most=self._most[kind],
                    waiting=waiting[kind],
                    done=self._done[kind],
                    given_up=self._given_up[kind],
                )
                for kind in SectionWork
            }

    def nudge(self) -> None:
        """Have all that waits look at clock and memory at once: for whoever sets them."""
        with self._changed:
            self._changed.notify_all()

    def stop(self) -> None:
        """End all at once, for good: what is not done ends with `STOPPING`. Threads clean up behind themselves."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def join(self, timeout_s: float) -> bool:
        """Wait for threads to end, at most `timeout_s` seconds; whether all have: after `stop`, for their clean-ups."""
        deadline = self._clock.monotonic() + timeout_s
        with self._changed:
            while any(self._places.values()):
                left_s = deadline - self._clock.monotonic()
                if left_s <= 0:
                    return False
                self._changed.wait(min(left_s, _LOOK_S))
        return True

    # --- sections

    def _end_overdue(self, jobs: Sequence[_Job]) -> None:
        """End those that took all their time, or all when stopped. Needs the lock."""
        now = self._clock.monotonic()
        for job in jobs:
            if self._stopped:
                job.end([], ModelError(Trouble.STOPPING))
            elif not job.is_over and now >= job.deadline:
                if job.is_running:
                    self._given_up[SectionWork.TASKS] += 1
                job.end([], job.error if not job.is_running else _took_too_long(SectionWork.TASKS))

    def _until_something(self, jobs: Sequence[_Job]) -> float:
        """Seconds until one of them is due again, or out of time; at most until a look. Needs the lock."""
        now = self._clock.monotonic()
        moments = (job.deadline if job.is_running or job.due <= now else job.due for job in jobs if not job.is_over)
        return max(_SHORTEST_S, min(_LOOK_S, *(moment - now for moment in moments)))

    def _begin(self) -> None:
        """Start whatever section may begin now, of the source with the fewest that run first. Needs the lock."""
        while not self._stopped and self._has_room(SectionWork.TASKS):
            now = self._clock.monotonic()
            waiting = [
                (sum(job.is_running for job in jobs), first)
                for jobs in self._runs
                if (first := next((job for job in jobs if _may_begin(job, now)), None)) is not None
            ]
            if not waiting:
                return
            job = min(waiting, key=lambda one: one[0])[1]
            if job.tries == 0:
                job.deadline = now + self._limits.time_s(SectionWork.TASKS)
            job.tries += 1
            job.is_running = True
            try:
                self._start(SectionWork.TASKS, self._work, job)
            except RuntimeError as error:  # the system has no more threads for us
                self._ended(job, [], ModelError(Trouble.OVERLOADED, str(error)))

    def _work(self, job: _Job) -> None:
        self._here.job = job
        result, error = _outcome(lambda: job.context.copy().run(job.task))
        with self._changed:
            self._leave(SectionWork.TASKS, job)
            self._ended(job, result, error)
            if error is not None and not isinstance(error, ModelError):
                self._call_off(job)
            self._begin()
            self._changed.notify_all()

    def _ended(self, job: _Job, result: list[Any], error: BaseException | None) -> None:
        """Note what a try came to; a trouble that may pass is tried again while there is time. Needs the lock."""
        job.is_running = False
        if isinstance(error, ModelError) and error.trouble.may_pass and job.tries < self._limits.tries:
            wait_s = delay_s(job.tries, self._rng, base_s=self._limits.base_s) if error.after is None else error.after
            job.due = self._clock.monotonic() + wait_s
            if job.due < job.deadline and not job.is_over:
                job.error = error
                return
        job.end(result, error)

    def _call_off(self, job: _Job) -> None:
        """Have the job's run begin nothing more: its caller gets an error that nobody expected. Needs the lock."""
        for other in next((jobs for jobs in self._runs if job in jobs), ()):
            if not other.is_running:
                other.end([], ModelError(Trouble.STOPPING))

    # --- splits and uploads

    def _within(self, kind: SectionWork, work: Callable[[], B]) -> B:
        job: _Job | None = getattr(self._here, "job", None)
        call: _Call[B] = _Call()
        with self._changed:
            self._queue(kind, call, job)
            ends = self._clock.monotonic() + self._limits.time_s(kind)
            context = copy_context()
            try:
                self._start(kind, self._call, kind, call, lambda: context.run(work), place=call)
            except RuntimeError as error:  # the system has no more threads for us
                raise ModelError(Trouble.OVERLOADED, str(error)) from error
            try:
                while not call.is_over:
                    self._raise_if_ended(job)
                    if self._clock.monotonic() >= ends:
                        raise _took_too_long(kind)
                    self._changed.wait(_LOOK_S)
            except ModelError as error:
                self._given_up[kind] += error.trouble is Trouble.TIMEOUT
                raise
        if call.error is not None:
            raise call.error
        return call.result[0]

    def _queue(self, kind: SectionWork, call: object, job: _Job | None) -> None:
        """Wait for a place of the kind, those who came first first. Needs the lock; raises `ModelError`."""
        line = self._lines[kind]
        line.append(call)
        latest = self._clock.monotonic() + self._limits.task_s
        try:
            while line[0] is not call or not self._has_room(kind):
                self._raise_if_ended(job)
                if self._clock.monotonic() >= latest:
                    raise ModelError(Trouble.TIMEOUT, f"no room among the {kind.value}")
                self._changed.wait(_LOOK_S)
            self._raise_if_ended(job)
        finally:
            line.remove(call)
            self._changed.notify_all()

    def _call(self, kind: SectionWork, call: _Call[B], work: Callable[[], B]) -> None:
        result, error = _outcome(work)
        with self._changed:
            call.result, call.error, call.is_over = result, error, True
            self._leave(kind, call)
            self._changed.notify_all()

    def _raise_if_ended(self, job: _Job | None) -> None:
        """Raise where the program ends, or the section has taken all its time."""
        if self._stopped:
            raise ModelError(Trouble.STOPPING)
        if job is not None and (job.is_over or self._clock.monotonic() >= job.deadline):
            raise _took_too_long(SectionWork.TASKS)

    # --- places: all need the lock

    def _has_room(self, kind: SectionWork) -> bool:
        """Whether one more of the kind may begin."""
        now = self._clock.monotonic()
        limits, places = self._limits, self._places[kind]
        running = sum(now - since < 2 * limits.time_s(kind) for since in places.values())
        if running >= limits.most(kind):
            return False
        memory_mb = self._memory_mb() if limits.watches_memory else 0.0
        if running or memory_mb < limits.most_memory_mb:
            self._short_since.pop(kind, None)
        else:
            self._short_since.setdefault(kind, now)
        return limits.may_begin(kind, running, memory_mb, now - self._short_since.get(kind, now))

    def _start(self, kind: SectionWork, body: Callable[..., None], *arguments: Any, place: object = None) -> None:
        """Run `body` in a thread that has a place of the kind until it calls `_leave`; raises `RuntimeError`."""
        place = arguments[0] if place is None else place
        thread = threading.Thread(
            target=body, args=arguments, name=f"{_THREADS[kind]}-{next(self._names)}", daemon=True
        )
        self._places[kind][place] = self._clock.monotonic()
        try:
            thread.start()
        except RuntimeError:
            del self._places[kind][place]
            raise
        self._short_since.pop(kind, None)
        self._most[kind] = max(self._most[kind], len(self._places[kind]))

    def _leave(self, kind: SectionWork, place: object) -> None:
        del self._places[kind][place]
        self._done[kind] += 1


def _may_begin(job: _Job, now: float) -> bool:
    return not job.is_over and not job.is_running and job.due <= now


def _took_too_long(kind: SectionWork) -> ModelError:
    return ModelError(Trouble.TIMEOUT, f"given up: {_THREADS[kind]} took too long")


def _outcome(work: Callable[[], B]) -> tuple[list[B], BaseException | None]:
    """What `work` returned, or raised."""
    try:
        return [work()], None
    except BaseException as error:  # noqa: BLE001 - handed on to whoever waits
        return [], error
