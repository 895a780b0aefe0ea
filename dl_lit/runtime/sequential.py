"""The pipeline without concurrency: one item at a time through the same stages; the yardstick, and a debugging aid."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence

from dl_lit.core.clock import Clock
from dl_lit.core.job import Claim, Stage
from dl_lit.core.model import StageName
from dl_lit.core.pulse import StagePulse
from dl_lit.core.store import Finished, Store
from dl_lit.runtime.hopper import Hopper
from dl_lit.runtime.line import Surroundings
from dl_lit.runtime.pool import Pool
from dl_lit.runtime.recorder import tell_dropped
from dl_lit.runtime.shape import SILENT_S, Shape, StageView, paused_words, view_of
from dl_lit.runtime.stall import Stall
from dl_lit.runtime.standstill import Standstill
from dl_lit.runtime.suspects import suspect_of
from dl_lit.runtime.tally import Tally
from dl_lit.runtime.vital import HandsAtWork, wedged_by


class OneAtATime:
    """Works one item, writes it down, looks for the next, in the furthest stage first: one work after the other."""

    def __init__(
        self,
        stages: Sequence[Stage],
        store: Store,
        shape: Shape,
        *,
        clock: Clock,
        chance: random.Random,
        on_recorded: Callable[[Sequence[Finished]], None] = lambda _group: None,
        surroundings: Surroundings | None = None,
    ) -> None:
        """The same parts as `Pipeline`, in the caller's own thread."""
        self.shape = shape
        self.tally = Tally()
        self._standstill = Standstill(clock, shape.stall_s)
        self._store = store
        self._clock = clock
        around = surroundings or Surroundings()
        self._on_recorded, self._on_dropped, self._outage = on_recorded, around.on_dropped, around.outage
        self._should_stop: Callable[[], bool] = lambda: False
        self._done: list[Finished] = []
        self._wake = threading.Event()
        self._stalls = {stage.name: Stall() for stage in stages}
        self._pools = {
            stage.name: Pool(
                stage,
                Hopper(1, lambda _phase: 1, lambda: None),
                store,
                self._done.append,
                clock=clock,
                patience=shape.patience,
                chance=chance,
            )
            for stage in stages
        }

    def start(self) -> None:
        """As `Pipeline.start`; there is nothing to start."""

    def let_begin(self) -> None:
        """As `Pipeline.let_begin`; nothing begins by itself."""

    def stop(self, hurry: Callable[[], bool] = lambda: False, abort: Callable[[], None] = lambda: None) -> bool:
        """As `Pipeline.stop`; the one item there was is finished, and written down, whenever this can be called."""
        del hurry, abort
        return True

    def work_once(self) -> bool:
        """Work one item to its outcome; whether there was one."""
        for name in reversed(tuple(self._pools)):
            claims = self._store.claim(name, 1)
            if claims:
                self._work(self._pools[name], claims)
                return True
        return False

    def _work(self, pool: Pool, claims: list[Claim]) -> None:
        pool.work(claims)
        while len(pool.hopper):
            pool.work_once(0.0)
        group, self._done[:] = list(self._done), []
        if group:
            recorded = self._outage.outlast(lambda: self._store.record(group), self._should_stop)
            tell_dropped(recorded, self._on_dropped)
            self.tally.add(recorded.written)
            self._standstill.add(recorded.written)
            for one in recorded.written:
                self._stalls[one.claim.stage].add([one.outcome], self._clock.monotonic())
            self._on_recorded(recorded.written)

    def drain(self, should_stop: Callable[[], bool], tick: Callable[[], None] = lambda: None) -> bool:
        """As `Pipeline.drain`."""
        self._should_stop = should_stop
        while not should_stop():
            if self._outage.outlast(self._turn, should_stop):
                return True
            tick()
        return False

    def _turn(self) -> bool:
        """Work one item, or wait a moment for one; whether nothing is left."""
        self._store.notice()
        due = self._soonest()  # asked before the claim, so that what falls due in between is not overlooked
        if self.work_once() or self._run_suspect():
            return False
        outlook_s = 0.0 if self._standstill.is_reached else self.shape.outlook_s
        if due is None or due > self._clock.time() + outlook_s:
            return not self._store.notice()  # what others wrote meanwhile may be where it had been looked already
        self._wake.wait(min(0.2, max(0.0, due - self._clock.time())))
        return False

    def _run_suspect(self) -> bool:
        claim = suspect_of(self._store, self._pools)
        if claim is not None:
            self._work(self._pools[claim.stage], [claim])
        return claim is not None

    def _soonest(self) -> float | None:
        paused = self._store.paused()
        dues = [self._store.next_due(name) for name in self._pools if name not in paused]
        return min((due for due in dues if due is not None), default=None)

    def pulse(self) -> dict[StageName, StagePulse]:
        """As `Pipeline.pulse`."""
        return {name: self._pulse(name, pool) for name, pool in self._pools.items()}

    def _pulse(self, name: StageName, pool: Pool) -> StagePulse:
        at_work, tally, stall = pool.at_work(), self.tally.stages[name], self._stalls[name]
        paused = self._store.paused().get(name)
        return StagePulse(
            waiting=self._store.waiting(name),
            queued=0,
            running=pool.running,
            workers=1,
            workers_least=1,
            workers_most=1,
            done=tally.done,
            failed=dict(tally.rejected),
            busy_s=at_work.busy_s,
            longest_s=at_work.longest_s,
            resting=paused_words(paused),
            paused=paused,
            scaled="one item at a time",
            busy=at_work.hands,
            stalled_s=stall.look(self._clock.monotonic(), has_work=pool.running > 0),
            stalled_by=stall.says,
        )

    def view(self) -> dict[StageName, StageView]:
        """As `Pipeline.view`."""
        return {name: view_of(pulse) for name, pulse in self.pulse().items()}

    @property
    def unwritten_s(self) -> float:
        """As `Pipeline.unwritten_s`; what cannot be written ends the run."""
        return 0.0

    def wedged(self) -> str | None:
        """As `Pipeline.wedged`: by how long the item in hand takes."""
        silent_s = self.shape.silent_s
        hands = (self._hand(pool, silent_s.get(name, SILENT_S)) for name, pool in self._pools.items())
        return wedged_by(self._clock.monotonic(), (), hands, 0.0)

    @staticmethod
    def _hand(pool: Pool, bound_s: float) -> HandsAtWork:
        at_work = pool.at_work()
        return HandsAtWork(
            stage=pool.stage.name.value,
            hands=1,
            busy=at_work.hands,
            waiting=0,
            longest_s=at_work.longest_s,
            quietest_s=at_work.quietest_s,
            bound_s=bound_s,
        )
