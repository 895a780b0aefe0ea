"""The running pipeline: a feeder, a hopper and a pool for each stage, one recorder for all.

feeder ─claims─▶ hopper ─▶ workers ─outcomes─▶ recorder ─▶ database
   ▲                                             │
   └──────────── woken when rows move ───────────┘
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from dl_lit.core.clock import Clock
from dl_lit.core.errors import DlLitError
from dl_lit.core.job import Stage
from dl_lit.core.model import StageName
from dl_lit.core.store import Finished, Store
from dl_lit.runtime.brakes import Bounds, Brakes, Pressure
from dl_lit.runtime.feeder import Feeder
from dl_lit.runtime.hopper import Hopper
from dl_lit.runtime.lounge import Lounge
from dl_lit.runtime.pool import Pool
from dl_lit.runtime.recorder import Recorder
from dl_lit.runtime.settle import Patience
from dl_lit.runtime.standstill import Standstill
from dl_lit.runtime.tally import Tally

_ORDER = tuple(StageName)

_REST_S = 60.0
"""After this an idle worker looks up; work and the end wake it at once."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How large the pipeline is and how it behaves in time."""

    workers: Mapping[StageName, int]
    first_hands: Mapping[StageName, int] = field(default_factory=dict)  # workers at once in a stage's first phase
    queue_size: int = 32
    poll_s: float = 1.0
    notice_s: float = 0.25  # how often other processes' writing is looked for; each look wakes the machine
    grace_s: float = 20.0
    patience: Patience = field(default_factory=Patience)
    bounds: Bounds = field(default_factory=Bounds)
    outlook_s: float = 300.0  # a one-off run waits for work that is due within this, and leaves what is due later
    stall_s: float = 120.0  # ... and ends when all tries have been in vain for so long


@dataclass(frozen=True, slots=True)
class StageView:
    """One stage at a moment, for progress and status."""

    waiting: int
    queued: int
    running: int
    done: int
    failed: int
    busy_s: float
    resting: str | None


class Line:
    """One stage of the running pipeline."""

    def __init__(self, feeder: Feeder, hopper: Hopper, lounge: Lounge, pool: Pool) -> None:
        """The four belong together."""
        self.feeder = feeder
        self.lounge = lounge
        self.hopper = hopper
        self.pool = pool


class Pipeline:
    """The stages at work on one store. `start`, then `drain` or wait, then `stop`; `stop` may come at any time."""

    def __init__(
        self,
        stages: Sequence[Stage],
        store: Store,
        shape: Shape,
        *,
        clock: Clock,
        chance: random.Random,
        read_pressure: Callable[[], Pressure],
        on_recorded: Callable[[Sequence[Finished]], None] = lambda _group: None,
    ) -> None:
        """Nothing runs before `start`. `on_recorded` hears of each durable group, in the recorder's thread."""
        self.shape = shape
        self.tally = Tally()
        self._standstill = Standstill(clock, shape.stall_s)
        self._store = store
        self._clock = clock
        self._on_recorded = on_recorded
        self._recorder = Recorder(store, self._recorded, max_attempts=shape.patience.max_attempts)
        self._failure: BaseException | None = None  # what ended one of the threads
        self._progress = threading.Event()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._workers: list[threading.Thread] = []
        self.lines: dict[StageName, Line] = {}
        for stage in stages:
            brakes = Brakes(stage.name, shape.bounds, self._load, self._pressure_of(read_pressure))
            self.lines[stage.name] = self._line(stage, brakes, chance)

    def _line(self, stage: Stage, brakes: Brakes, chance: random.Random) -> Line:
        shape = self.shape

        def wake() -> None:
            feeder.wake()

        hopper = Hopper(shape.queue_size, stage.batch_size, wake, first_hands=shape.first_hands.get(stage.name))
        lounge = Lounge(self._clock, wake)
        feeder = Feeder(stage.name, self._store, hopper, brakes, clock=self._clock, poll_s=shape.poll_s, lounge=lounge)
        pool = Pool(
            stage,
            hopper,
            self._store,
            self._recorder.put,
            clock=self._clock,
            patience=shape.patience,
            chance=chance,
            lounge=lounge,
        )
        return Line(feeder, hopper, lounge, pool)

    def _load(self, stage: StageName) -> int:
        """Rows that dam a room up; what was put off for longer counts only where the room would be too full with it."""
        rows = self._store.waiting(stage)
        return rows if rows < self.shape.bounds.low_water else self._store.pressing(stage)

    def _pressure_of(self, read: Callable[[], Pressure]) -> Callable[[], Pressure]:
        def pressure() -> Pressure:
            return Pressure(0.0, 0.0) if self._recorder.is_full else read()

        return pressure

    # --- running

    def start(self) -> None:
        """Start all threads."""
        self._store.notice()
        self._thread("recorder", self._recorder.loop)
        for name, line in self.lines.items():
            for number in range(self.shape.workers[name]):
                self._workers.append(self._thread(f"{name.value}-{number + 1}", self._work_loop, line.pool))
            self._thread(f"{name.value}-feeder", line.feeder.loop)
        self._thread("notice", self._notice_loop)

    def _thread(self, name: str, body: Callable[..., None], *arguments: object) -> threading.Thread:
        thread = threading.Thread(target=self._guarded, args=(name, body, *arguments), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _guarded(self, name: str, body: Callable[..., None], *arguments: object) -> None:
        """No thread ends unheard: without one of them the others would wait for ever."""
        try:
            body(*arguments)
        except BaseException as error:
            log.exception("thread_died: %s", name)
            self._failure = self._failure or error
            self._progress.set()

    def _raise_failure(self) -> None:
        if isinstance(self._failure, DlLitError):
            raise self._failure
        if self._failure is not None:
            raise RuntimeError(f"the pipeline broke: {self._failure}") from self._failure

    def _work_loop(self, pool: Pool) -> None:
        while not self._stopping.is_set():
            pool.work_once(timeout_s=_REST_S)

    def _notice_loop(self) -> None:
        while not self._stopping.wait(self.shape.notice_s):
            self.notice_once()

    def notice_once(self) -> None:
        """Wake everyone if another process has written."""
        if self._store.notice():
            self.wake()

    def line_moves(self, stage: StageName, line: str, after_s: float) -> None:
        """Somebody of `stage` who waits in `line` may go on in `after_s` seconds."""
        if stage in self.lines:
            self.lines[stage].lounge.call(line, after_s)

    def wake(self) -> None:
        """Let every feeder look again at once."""
        for line in self.lines.values():
            line.feeder.wake()
        self._progress.set()

    def _recorded(self, group: Sequence[Finished]) -> None:
        self.tally.add(group)
        self._standstill.add(group)
        for name in {one.claim.stage for one in group}:
            place = _ORDER.index(name)
            # Its own feeder for what is to be retried, the next for what moved on, the one before for the room made.
            for neighbour in _ORDER[max(0, place - 1) : place + 2]:
                if neighbour in self.lines:
                    self.lines[neighbour].feeder.wake()
        self._on_recorded(group)
        self._progress.set()

    # --- ending

    def drain(self, should_stop: Callable[[], bool], tick: Callable[[], None] = lambda: None) -> bool:
        """Run until nothing is left, or only what is due beyond the outlook or was tried in vain for long.

        False if `should_stop` ended it before. Raises what ended one of the threads.
        """
        while not should_stop():
            self._progress.clear()
            self._raise_failure()
            if self.is_idle() and not self._run_suspect(should_stop):
                return True
            if self._recorder.in_vain_s > self.shape.stall_s:
                return True  # what could not be written down is done again by the next run
            self._progress.wait(0.2)
            tick()
        return False

    def is_idle(self) -> bool:
        """Nothing is in hand, and nothing can be done within the outlook."""
        begun = self._recorder.begun
        if self.in_hand() or self._recorder.backlog:
            return False
        self.notice_once()
        horizon = self._clock.time() + (0.0 if self._standstill.is_reached else self.shape.outlook_s)
        # From the far end: a stage that is dammed up can only go on when one ahead of it can.
        for name, line in reversed(self.lines.items()):
            rests = (
                line.feeder.is_dammed() or line.feeder.blocked_s > self.shape.stall_s
            )  # the latter: for want of disk
            if self._store.waiting(name) and not rests and self._is_pending(name, horizon):
                return False
        # What was claimed, worked and written while this was looked at may have gone where it had been looked already.
        return not self.in_hand() and self._recorder.begun == begun

    def _is_pending(self, name: StageName, horizon: float) -> bool:
        due = self._store.next_due(name)
        if due is not None and due <= horizon:
            return True
        ready = self._store.claim(name, 1)
        self._store.release(ready)
        if ready:
            self.lines[name].feeder.wake()
        return bool(ready)

    def in_hand(self) -> int:
        """Claims queued, running, or answered but not yet written."""
        return self._store.held()

    def _run_suspect(self, should_stop: Callable[[], bool]) -> bool:
        """Work on a row that was in hand at several sudden deaths, and on nothing else; whether there was one."""
        claim = self._store.claim_suspect()
        if claim is None:
            return False
        self._pause(paused=True)
        try:
            self._wait_while(lambda: self.in_hand() > 1, should_stop)  # what was claimed at the last moment
            self._store.release(self.lines[claim.stage].hopper.put([claim]))
            self._wait_while(lambda: self.in_hand() > 0, should_stop)
        finally:
            self._pause(paused=False)
            self.wake()
        return True

    def _pause(self, *, paused: bool) -> None:
        for line in self.lines.values():
            line.feeder.paused = paused
            if paused:
                self._store.release(line.lounge.close())
            else:
                line.lounge.open()

    def _wait_while(self, holds: Callable[[], bool], should_stop: Callable[[], bool]) -> None:
        while holds() and not should_stop() and self._failure is None:
            self._progress.clear()
            self._progress.wait(0.2)

    def run_until(self, should_stop: Callable[[], bool], tick: Callable[[], None] = lambda: None) -> None:
        """Run until `should_stop`; suspects get their turn when nothing else is to be done.

        Raises what ended one of the threads.
        """
        look_from = 0.0
        while not should_stop():
            self._progress.clear()
            self._raise_failure()
            if self._progress.wait(0.2) is False and self.in_hand() == 0 and self._clock.monotonic() >= look_from:
                self._run_suspect(should_stop)
                look_from = self._clock.monotonic() + self.shape.poll_s
            tick()

    def stop(self, hurry: Callable[[], bool] = lambda: False, abort: Callable[[], None] = lambda: None) -> bool:
        """Stop feeding, let what runs finish within the grace period, write all down; whether nothing was cut off.

        `hurry` ends the grace period at once; `abort` is called when it is over and must make running items fail fast.
        """
        self._stopping.set()
        for line in self.lines.values():
            line.feeder.stop()
        for line in self.lines.values():
            self._store.release([*line.hopper.close(), *line.lounge.close()])
        deadline = self._clock.monotonic() + self.shape.grace_s
        clean = self._join(self._workers, lambda: self._clock.monotonic() < deadline and not hurry())
        if not clean:
            abort()
            final = self._clock.monotonic() + 1.0
            self._join(self._workers, lambda: self._clock.monotonic() < final)
        self._recorder.close()
        last = self._clock.monotonic() + 10.0
        # Of the others none is busy; but none may still look at the store when its owner closes it.
        others = [thread for thread in self._threads if thread not in self._workers]
        written = self._join(others, lambda: self._clock.monotonic() < last) and not self._recorder.backlog
        return clean and written

    @staticmethod
    def _join(threads: Sequence[threading.Thread], patience: Callable[[], bool]) -> bool:
        """Wait for `threads` as long as there is patience; whether all have ended."""
        while patience():
            alive = [thread for thread in threads if thread.is_alive()]
            if not alive:
                return True
            alive[0].join(0.05)
        return not any(thread.is_alive() for thread in threads)

    # --- looking

    def view(self) -> dict[StageName, StageView]:
        """Every stage at this moment."""
        views = {}
        for name, line in self.lines.items():
            tally = self.tally.stages[name]
            views[name] = StageView(
                waiting=self._store.waiting(name),
                queued=len(line.hopper),
                running=line.pool.running,
                done=tally.done,
                failed=tally.rejected.total(),
                busy_s=line.pool.busy_s,
                resting=line.feeder.resting,
            )
        return views
