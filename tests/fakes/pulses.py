"""Pulses of processes that never were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dl_lit.app.services_now import LaneNow, ServiceNow
from dl_lit.core.model import StageName
from dl_lit.core.pulse import Pulse, StagePulse
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
