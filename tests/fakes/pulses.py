"""Pulses of processes that never were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from db.lock import PipelineLock
from dl_lit.app.language.now import ModelNow
from dl_lit.app.now.fleet import ToFleet
from dl_lit.app.now.pulse import write_pulse
from dl_lit.app.now.services_now import LaneNow, ServiceNow
from dl_lit.core.clock import Clock
from dl_lit.core.language import ModelUse, Tokens
from dl_lit.core.model import StageName
from dl_lit.core.pulse import ModelPulse, Pulse, StagePulse
from dl_lit.core.section_limits import SectionUse, SectionWork
from tests.fakes.scenario import NOON

RESTING = StagePulse(waiting=0, queued=0, running=0, workers=2, workers_least=1, workers_most=4, done=0)
_SERVICE = ServiceNow(
    service="crossref",
    is_asked=True,
    lacks=(),
    lanes=(LaneNow(lane="", permits=5, seconds=1.0, concurrency=3, share=1.0, in_window=0, in_flight=0),),
    pool=None,
    requests_today=7,
    in_flight=0,
    breaker="closed",
    breaker_until=None,
    parked_until=None,
    parked_for=None,
    credits_per_day=None,
    credits_left=None,
    credits_reset_at=None,
    timeout_s=45.0,
    key_trouble=None,
    contact_trouble=None,
)


def service(**facts: Any) -> ServiceNow:
    """A service that is well but for `facts`."""
    return replace(_SERVICE, **facts)


def pulse_at(at: float = NOON, stages: Mapping[StageName, StagePulse] | None = None, **facts: Any) -> Pulse:
    """A watching process that began an hour ago and does nothing, but for `stages` and `facts`."""
    usual: dict[str, Any] = {
        "pid": 12,
        "command": "watch-folder-concurrent /in",
        "began_at": NOON - 3_600.0,
        "disk_free_mb": 50_000.0,
        "memory_mb": 300.0,
    }
    return Pulse(at=at, stages={**dict.fromkeys(StageName, RESTING), **(stages or {})}, **{**usual, **facts})


_MODEL = ModelNow(
    model="openrouter/reader-1",
    base_urls=("http://a/v1",),
    reads=True,
    judges=True,
    at_once=10,
    requests_per_day=500,
    dollars_per_day=2.0,
    requests_today=12,
    dollars_today=0.03,
    renewed_at="2026-11-23T00:00:00+00:00",
)
_USE = ModelUse(
    requests=12,
    in_flight=2,
    most_in_flight=7,
    latency_mean_s=1.25,
    latency_p95_s=3.5,
    rate_limited=1,
    retries=2,
    remembered=3,
    troubles={"cut": 1},
    by_task={"entry": 8, "section": 3},
    entries=40,
    invented=2,
    tokens=Tokens(input=100_000, cached=85_000, output=9_000, cost=0.03),
    remote_files=1,
)


def model(**facts: Any) -> ModelNow:
    """A language model with a budget, well but for `facts`."""
    return replace(_MODEL, **facts)


def language(**facts: Any) -> ModelPulse:
    """What was asked of it; `facts` are of its use."""
    sections = {kind: SectionUse(limit=5, running=1, most=4, waiting=2, done=9) for kind in SectionWork}
    return ModelPulse(model="openrouter/reader-1", use=replace(_USE, **facts), width=20, sections=sections)


@contextmanager
def at_work(database: Path, clock: Clock, pulse: Pulse | None = None) -> Iterator[None]:
    """Somebody watches a folder: this process, which holds its host's lock and has told `pulse`.

    On a server whoever has a store open is at work.
    """
    told = ToFleet(database)
    with PipelineLock(database, "watch-folder-concurrent /in", clock):
        if pulse is not None:
            write_pulse(database, pulse)
            told.keep(pulse)
        try:
            yield
        finally:
            told.close()
