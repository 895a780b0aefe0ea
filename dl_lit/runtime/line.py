"""One stage of the running pipeline, with everything that belongs to it, and how it is at a moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from dl_lit.core.clock import Clock
from dl_lit.core.job import Stage
from dl_lit.core.model import StageName
from dl_lit.core.pulse import StagePulse
from dl_lit.core.store import Store
from dl_lit.runtime.feeder import Feeder
from dl_lit.runtime.hands import Hands
from dl_lit.runtime.hopper import Hopper
from dl_lit.runtime.lounge import Lounge
from dl_lit.runtime.pool import Pool
from dl_lit.runtime.shape import SILENT_S, Shape, paused_words
from dl_lit.runtime.stall import Stall
from dl_lit.runtime.tally import StageTally
from dl_lit.runtime.vital import HandsAtWork


@dataclass(slots=True, kw_only=True)
class Line:
    """The parts of one stage."""

    stage: StageName
    feeder: Feeder
    hopper: Hopper
    lounge: Lounge
    pool: Pool
    hands: Hands
    least: int
    most: int
    silent_s: float  # an item whose hand has been silent for longer is stuck
    waiting_hands: Callable[[], int]  # how many hands wait for permits and turns
    scaled: Callable[[], str]  # why there are as many hands as there are
    stall: Stall = field(default_factory=Stall)

    def become(self, stage: Stage, shape: Shape) -> None:
        """Go on with another stage and other measures; what is in hand is finished as it was begun."""
        self.pool.become(stage, shape.patience)
        self.feeder.become(shape.bounds)
        self.most = shape.workers[self.stage]
        self.least = min(self.most, shape.workers_least.get(self.stage, self.most))
        self.silent_s = shape.silent_s.get(self.stage, SILENT_S)
        self.hands.want(max(self.least, min(len(self.hands), self.most)))

    def pulse(self, store: Store, tally: StageTally, clock: Clock) -> StagePulse:
        """How it is now."""
        at_work = self.pool.at_work()
        feeder, running, queued, seated = self.feeder, self.pool.running, len(self.hopper), len(self.lounge)
        paused = feeder.paused_by
        is_held = paused is not None or feeder.is_resting_for_room
        has_work = bool(running or queued or seated or feeder.resting) and not is_held
        return StagePulse(
            waiting=store.waiting(self.stage),
            queued=queued,
            running=running,
            workers=len(self.hands),
            workers_least=self.least,
            workers_most=self.most,
            done=tally.done,
            failed=dict(tally.rejected),
            busy_s=at_work.busy_s,
            longest_s=at_work.longest_s,
            resting=paused_words(paused) or feeder.resting,
            scaled=self.scaled(),
            busy=at_work.hands,
            seated=seated,
            paused=paused,
            stalled_s=self.stall.look(clock.monotonic(), has_work=has_work),
            stalled_by=feeder.resting or self.stall.says or ("no answer yet" if has_work else ""),
        )

    def at_work(self) -> HandsAtWork:
        """Its hands, as they are judged."""
        at_work = self.pool.at_work()
        return HandsAtWork(
            stage=self.stage.value,
            hands=len(self.hands),
            busy=at_work.hands,
            waiting=self.waiting_hands() if at_work.quietest_s > self.silent_s else 0,
            longest_s=at_work.longest_s,
            quietest_s=at_work.quietest_s,
            bound_s=self.silent_s,
        )
