"""Which stage keeps the whole pipeline from going faster, and what it waits for. Pure: read off a pulse."""

from __future__ import annotations

import math

from dl_lit.core.model import StageName
from dl_lit.core.pulse import Pulse, ServicePulse, StagePulse
from dl_lit.core.values import dataclass

HOSTS = "hosts"
"""Under this name a pulse has the hosts that files come from, all together, beside the services."""

_MANY = 0.5
"""Where this share of the hands at work waits for one thing, it is what the stage waits for."""

_ITEMS = {
    StageName.EXTRACTION: "PDFs",
    StageName.ENRICHMENT: "entries",
    StageName.QUEUEING: "works",
    StageName.DOWNLOAD: "files",
}


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """What the pipeline waits for."""

    stage: StageName
    because: str  # in words: "60 of 64 hands wait for hosts' turns"
    service: str | None = None  # the service, or `HOSTS`, that it waits for

    @property
    def says(self) -> str:
        """In one sentence."""
        return f"{self.stage.value}: {self.because}"


def bottleneck(pulse: Pulse) -> Bottleneck | None:
    """The stage that takes longest with what it has; None where all rooms are empty.

    A stage before a full room is none: it waits for the one behind it.
    """
    waiting = [(name, stage) for name, stage in pulse.stages.items() if stage.waiting]
    if not waiting:
        return None
    free = [(name, stage) for name, stage in waiting if not stage.is_dammed] or waiting
    name, stage = max(free, key=_minutes)
    if pulse.unwritten_s > 1.0:
        return Bottleneck(name, f"the database has taken nothing for {pulse.unwritten_s:.0f} s")
    return _because(name, stage, pulse)


def _minutes(one: tuple[StageName, StagePulse]) -> tuple[bool, float, int, int]:
    """How long the stage takes with what it has; one that is paused comes last, since a person wishes it so."""
    name, stage = one
    minutes = stage.waiting / stage.per_minute if stage.per_minute else math.inf
    return stage.paused is None, minutes, stage.waiting, list(StageName).index(name)


def _because(name: StageName, stage: StagePulse, pulse: Pulse) -> Bottleneck:
    items = f"{stage.waiting:,} {_ITEMS[name]} wait"
    if stage.resting is not None:
        return Bottleneck(name, f"{stage.resting}; {items}")
    if (held := _held_up(name, stage, pulse)) is not None:
        return held
    if stage.busy and stage.busy >= stage.workers:
        hands = "the only hand is" if stage.workers == 1 else f"all {stage.workers} hands are"
        return Bottleneck(name, f"{hands} busy, {items}{_scaled(stage)}")
    if stage.busy or stage.queued:
        return Bottleneck(
            name, f"{stage.busy} of {stage.workers} hands {'is' if stage.busy == 1 else 'are'} busy, {items}"
        )
    if stage.seated:
        return Bottleneck(name, f"{stage.seated:,} of {items} for their hosts' turns", HOSTS)
    return Bottleneck(name, f"{items} until they are due")


def _held_up(name: StageName, stage: StagePulse, pulse: Pulse) -> Bottleneck | None:
    """The service that most of the hands at work wait for, if there is one."""
    waits = {service: one.waiting_by.get(name.value, 0) for service, one in pulse.services.items()}
    service, hands = max(waits.items(), key=lambda one: one[1], default=("", 0))
    if not hands or hands < _MANY * stage.busy:
        return None
    if service == HOSTS:
        return Bottleneck(name, f"{hands} of {stage.workers} hands wait for hosts' turns", HOSTS)
    why = _why(service, pulse.services[service])
    return Bottleneck(name, f"{hands} of {stage.workers} hands wait for {service}: {why}", service)


def _why(service: str, one: ServicePulse) -> str:
    limit = max(one.waiting_for, key=lambda kind: one.waiting_for[kind], default="")
    match limit:
        case "parked":
            return f"{service} asked us to wait"
        case "others":
            return "other processes of this machine have its turns"
        case _:
            return f"it allows {one.allows}, and is asked that much"


def _scaled(stage: StagePulse) -> str:
    return f" ({stage.scaled})" if stage.workers < stage.workers_most and stage.scaled else ""
