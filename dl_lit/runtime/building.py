"""One stage's parts, put together."""

from __future__ import annotations

import random
from collections.abc import Callable

from dl_lit.core.clock import Clock
from dl_lit.core.job import Stage
from dl_lit.core.store import Finished, Store
from dl_lit.runtime.brakes import Brakes
from dl_lit.runtime.feeder import Feeder
from dl_lit.runtime.hands import Hands, Starter
from dl_lit.runtime.hopper import Hopper
from dl_lit.runtime.line import Line, Surroundings
from dl_lit.runtime.lounge import Lounge
from dl_lit.runtime.pool import Pool
from dl_lit.runtime.scaling import Scaler
from dl_lit.runtime.shape import SILENT_S, Shape


def build_line(
    stage: Stage,
    shape: Shape,
    store: Store,
    brakes: Brakes,
    *,
    put: Callable[[Finished], None],
    start: Starter,
    surroundings: Surroundings,
    clock: Clock,
    chance: random.Random,
) -> Line:
    """The line of `stage`, with nobody at work in it yet. `put` takes outcomes, `start` runs a body in a thread."""

    def wake() -> None:
        feeder.wake()

    def batch_size(phase: str) -> int:
        return pool.stage.batch_size(phase)

    def scale() -> float:
        return line.scale(clock.monotonic())

    name, most = stage.name, shape.workers[stage.name]
    hopper = Hopper(shape.queue_size, batch_size, wake, first_hands=shape.first_hands.get(name))
    lounge = Lounge(clock, wake)
    feeder = Feeder(
        name,
        store,
        hopper,
        brakes,
        clock=clock,
        poll_s=shape.poll_s,
        lounge=lounge,
        on_fed=scale,
        outage=surroundings.outage,
    )
    pool = Pool(stage, hopper, store, put, clock=clock, patience=shape.patience, chance=chance, lounge=lounge)
    line = Line(
        stage=name,
        feeder=feeder,
        hopper=hopper,
        lounge=lounge,
        pool=pool,
        hands=Hands(pool, start),
        scaler=Scaler(shape.workers_least.get(name, most), most, shape.idle_s, clock.monotonic()),
        silent_s=shape.silent_s.get(name, SILENT_S),
        surroundings=surroundings,
    )
    return line
