"""What the parts of a running process tell of themselves, as its pulse has it."""

from __future__ import annotations

from dataclasses import replace

from dl_lit.app.now.speed import Speeds
from dl_lit.core.model import StageName
from dl_lit.core.pulse import StagePulse
from dl_lit.runtime.pipeline import Pipeline
from dl_lit.runtime.sequential import OneAtATime


def stages_of(engine: Pipeline | OneAtATime, speeds: Speeds, now: float) -> dict[StageName, StagePulse]:
    """Every stage at `now` (epoch seconds), with its speed."""
    tallies = engine.tally.stages
    speeds.look(now, {name: tallies[name].items for name in tallies})
    return {
        name: replace(
            pulse,
            busy_s=round(pulse.busy_s, 3),
            longest_s=round(pulse.longest_s, 1),
            stalled_s=round(pulse.stalled_s, 1),
            per_minute=speeds.per_minute(name, now),
            per_minute_hour=speeds.per_minute_hour(name, now),
            moved_at=speeds.moved_at(name),
        )
        for name, pulse in engine.pulse().items()
    }
