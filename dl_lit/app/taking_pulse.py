"""What the parts of a running process tell of themselves, as its pulse has it."""

from __future__ import annotations

from collections.abc import Mapping

from dl_lit.app.network import Network
from dl_lit.app.speed import Speeds
from dl_lit.core.model import StageName
from dl_lit.core.pulse import ServicePulse, StagePulse
from dl_lit.runtime.pipeline import Pipeline
from dl_lit.runtime.sequential import OneAtATime


def stages_of(engine: Pipeline | OneAtATime, speeds: Speeds, now: float) -> dict[StageName, StagePulse]:
    """Every stage at `now` (epoch seconds), with its speed."""
    tallies = engine.tally.stages
    speeds.look(now, {name: tallies[name].items for name in tallies})
    workers = engine.shape.workers if isinstance(engine, Pipeline) else {}
    return {
        name: StagePulse(
            waiting=view.waiting,
            queued=view.queued,
            running=view.running,
            workers=workers.get(name, 1),
            workers_least=workers.get(name, 1),
            workers_most=workers.get(name, 1),
            done=view.done,
            failed=dict(tallies[name].rejected),
            busy_s=round(view.busy_s, 3),
            resting=view.resting,
            per_minute=speeds.per_minute(name, now),
            per_minute_hour=speeds.per_minute_hour(name, now),
            moved_at=speeds.moved_at(name),
        )
        for name, view in engine.view().items()
    }


def services_of(network: Network) -> Mapping[str, ServicePulse]:
    """The services that were asked."""
    return {
        name: ServicePulse(requests=use.requests, waiting=0, waited_s=round(use.permit_wait_s, 3))
        for name, use in network.usage().items()
        if use.requests or use.permit_wait_s
    }
