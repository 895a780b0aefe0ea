"""How large the pipeline is and how it behaves in time, and what one stage looks like at a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from dl_lit.core.model import StageName
from dl_lit.core.pulse import StagePulse
from dl_lit.core.values import dataclass
from dl_lit.runtime.brakes import Bounds
from dl_lit.runtime.settle import Patience

SILENT_S = 3_600.0
"""No item takes so long without a word from its hand, unless the shape says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How large the pipeline is and how it behaves in time."""

    workers: Mapping[StageName, int]  # the most
    workers_least: Mapping[StageName, int] = field(default_factory=dict)  # where absent: the most
    idle_s: float = 60.0  # hands that had nothing to do for so long go
    first_hands: Mapping[StageName, int] = field(default_factory=dict)  # workers at once in a stage's first phase
    queue_size: int = 32
    poll_s: float = 1.0
    notice_s: float = 0.25  # how often other processes' writing is looked for; each look wakes the machine
    grace_s: float = 20.0
    patience: Patience = field(default_factory=Patience)
    bounds: Bounds = field(default_factory=Bounds)
    outlook_s: float = 300.0  # a one-off run waits for work that is due within this, and leaves what is due later
    stall_s: float = 120.0  # ... and ends when all tries have been in vain for so long
    turn_s: float = 120.0  # a loop that has been at one turn for so long is stuck; the database's patience is shorter
    silent_s: Mapping[StageName, float] = field(default_factory=dict)  # ... and all of a stage's hands after this


@dataclass(frozen=True, slots=True, kw_only=True)
class StageView:
    """One stage at a moment, for progress and status."""

    waiting: int
    queued: int
    running: int
    done: int
    failed: int
    busy_s: float
    resting: str | None
    workers: int = 1
    paused: str | None = None


def view_of(pulse: StagePulse) -> StageView:
    """The part of a pulse that progress shows."""
    return StageView(
        waiting=pulse.waiting,
        queued=pulse.queued,
        running=pulse.running,
        done=pulse.done,
        failed=sum(pulse.failed.values()),
        busy_s=pulse.busy_s,
        resting=pulse.resting,
        workers=pulse.workers,
        paused=pulse.paused,
    )


def paused_words(by: str | None) -> str | None:
    """That a stage is paused by somebody, in words; None where it is not."""
    return None if by is None else f"paused by {by}" if by else "paused"
