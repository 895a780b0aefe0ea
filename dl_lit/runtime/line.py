"""One stage of the running pipeline, with everything that belongs to it, and how it is at a moment."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import field, replace
from typing import NamedTuple

from dl_lit.core.clock import Clock
from dl_lit.core.job import Stage
from dl_lit.core.model import StageName
from dl_lit.core.pulse import StagePulse
from dl_lit.core.store import Recorded, Store
from dl_lit.core.values import dataclass
from dl_lit.runtime.feeder import Feeder
from dl_lit.runtime.hands import Hands
from dl_lit.runtime.hopper import Hopper
from dl_lit.runtime.lounge import Lounge
from dl_lit.runtime.outage import Outage
from dl_lit.runtime.pool import Pool
from dl_lit.runtime.processors import hands_for_processors
from dl_lit.runtime.scaling import Load, Memory, Scaler
from dl_lit.runtime.shape import SILENT_S, Shape, paused_words
from dl_lit.runtime.stall import Stall
from dl_lit.runtime.tally import StageTally
from dl_lit.runtime.vital import HandsAtWork

_LOOKS_APART_S = 0.02
"""A feeder of small items turns thousands of times a second; hands need not be counted each time."""

log = logging.getLogger(__name__)


class Waits(NamedTuple):
    """Hands of a stage that wait for others at a moment."""

    permits: int  # of services
    turns: int  # at hosts that files come from


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the lines see of the world around them."""

    waits: Callable[[StageName], Waits] = lambda _stage: Waits(0, 0)
    memory: Callable[[], Memory] = lambda: Memory.EASY
    cores: Callable[[int], int] = hands_for_processors
    on_hands: Callable[[StageName, int], None] = lambda _stage, _hands: None
    """Told how many hands a stage has from now on; 0 where it is at rest: what hands use can be let go."""
    on_notice: Callable[[], None] = lambda: None
    """Called before it is looked what others have written."""
    on_dropped: Callable[[Recorded], None] = lambda _recorded: None
    """Told of groups of which something was not written, since others had changed or been given it."""
    outage: Outage = field(default_factory=Outage)
    """Whether the database is away."""


@dataclass(slots=True, kw_only=True)
class Line:
    """The parts of one stage."""

    stage: StageName
    feeder: Feeder
    hopper: Hopper
    lounge: Lounge
    pool: Pool
    hands: Hands
    scaler: Scaler
    silent_s: float  # an item whose hand has been silent for longer is stuck
    surroundings: Surroundings
    stall: Stall = field(default_factory=Stall)
    scaled_until: float = -math.inf  # monotonic: the number of hands is not looked at before

    def become(self, stage: Stage, shape: Shape) -> None:
        """Go on with another stage and other measures; what is in hand is finished as it was begun."""
        self.pool.become(stage, shape.patience)
        self.feeder.become(shape.bounds)
        most = shape.workers[self.stage]
        self.scaler.become(shape.workers_least.get(self.stage, most), most, shape.idle_s)
        self.silent_s = shape.silent_s.get(self.stage, SILENT_S)
        self.hands.want(max(self.scaler.least, min(len(self.hands), most)))

    def scale(self, now: float) -> float:
        """Let as many hands come or go as are wanted; seconds within which to look again though nothing happens."""
        if now < self.scaled_until:
            return self.scaled_until - now
        self.scaled_until = now + _LOOKS_APART_S
        scaler, around = self.scaler, self.surroundings
        load = Load(
            hands=len(self.hands), busy=self.pool.busy, peak=self.pool.take_peak(), calls_for=self.hopper.calls_for()
        )
        if scaler.is_curious(load):
            load = replace(
                load,
                at_permits=around.waits(self.stage).permits,
                memory=around.memory(),
                cores=around.cores(load.busy) if self.stage is StageName.EXTRACTION else None,
            )
        was_at_rest = scaler.is_at_rest
        change = scaler.decide(load, now)
        if change is not None:
            log.debug("%s: hands from %d to %d: %s", self.stage.value, load.hands, change.hands, change.why)
            self.hands.want(change.hands)
            around.on_hands(self.stage, change.hands)
        if scaler.is_at_rest and not was_at_rest:
            around.on_hands(self.stage, 0)
        return scaler.look_in(now)

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
            workers_least=self.scaler.least,
            workers_most=self.scaler.most,
            done=tally.done,
            failed=dict(tally.rejected),
            busy_s=at_work.busy_s,
            longest_s=at_work.longest_s,
            resting=paused_words(paused) or feeder.resting,
            scaled=self.scaler.says,
            busy=at_work.hands,
            seated=seated,
            is_dammed=feeder.is_resting_for_room,
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
            waiting=sum(self.surroundings.waits(self.stage)) if at_work.quietest_s > self.silent_s else 0,
            longest_s=at_work.longest_s,
            quietest_s=at_work.quietest_s,
            bound_s=self.silent_s,
        )
