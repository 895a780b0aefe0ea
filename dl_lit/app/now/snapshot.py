"""How everything is at one moment: the one thing that all displays show.

The database says what is where, the pulse of the running process what is in hand, the shared state how services stand.
`dl-lit status`, the terminal's live view, /api/status, /health and /metrics are made of this and of nothing else.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from db.local_index.upkeep import IndexSummary, summary
from db.machine.states import states_file, states_trouble
from db.pins import names_of_pins
from db.reading.inspect import hints
from db.reading.opening import reading
from db.reading.status import RecentFailure, StageStatus, Status, status
from db.reading.vitals import oldest_ready, paused
from db.snowball import kept_levels
from dl_lit.app.advice import told_of
from dl_lit.app.language.documents import model_document
from dl_lit.app.language.now import ModelNow, model_now
from dl_lit.app.now.condition_limits import limits_of
from dl_lit.app.now.conditions import Facts, judge
from dl_lit.app.now.forecast import Eta, Load, forecast, last_of, yields_of
from dl_lit.app.now.lasting import at_once, ordered
from dl_lit.app.now.pulse import last_pulse, pulse_of
from dl_lit.app.now.services_now import ServiceNow, services_now
from dl_lit.core.bottleneck import Bottleneck, bottleneck
from dl_lit.core.clock import Clock
from dl_lit.core.conditions import Ailment, Condition, Severity
from dl_lit.core.errors import DatabaseUnusable
from dl_lit.core.model import StageName
from dl_lit.core.pulse import Pulse, StagePulse
from dl_lit.core.values import dataclass
from dl_lit.runtime.brakes import free_mb
from dl_lit.settings import Settings

SCHEMA = "dl-lit/status/1"

PINS_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class StageNow:
    """One stage."""

    room: StageStatus
    hands: StagePulse | None  # None: nothing is at work
    paused: str | None  # since when and by whom, in words
    per_minute: float  # items that leave the room, lately
    per_minute_hour: float  # ... over the last hour
    eta: Eta

    @property
    def stage(self) -> StageName:
        """Which one."""
        return self.room.stage

    @property
    def failed(self) -> int:
        """Items that failed."""
        return sum(self.room.failed.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureNow:
    """A recent failure, with what a person can do."""

    failure: RecentFailure
    what: str  # happened, in one sentence
    advice: str  # in one sentence; "" where nothing can be done

    @property
    def id(self) -> str:
        """As `dl-lit explain` takes it."""
        kind = {StageName.EXTRACTION: "s", StageName.ENRICHMENT: "e"}.get(self.failure.stage, "w")
        return f"{kind}{self.failure.item_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything at one moment."""

    at: float  # epoch seconds
    database: Status
    stages: tuple[StageNow, ...]
    services: tuple[ServiceNow, ...]
    pulse: Pulse | None  # of the process at work; None: there is none
    conditions: tuple[Condition, ...]  # the gravest first
    eta: Eta  # when nothing is left to do
    bottleneck: Bottleneck | None  # what everything waits for; None where nothing is at work, or nothing waits
    failures: tuple[FailureNow, ...]  # the latest first
    hints: tuple[str, ...]
    local_index: IndexSummary | None
    services_trouble: str | None  # why the state of services cannot be shared
    model: ModelNow | None = None  # None: no language model is asked
    levels: tuple[dict[str, Any], ...] = ()  # of snowballing at the last look; none where it never was wanted
    pinned: tuple[str, ...] = ()  # ids of what people want first: "w34", at most `PINS_SHOWN`

    @property
    def health(self) -> str:
        """In one word: "well", "degraded" or "broken"."""
        graveness = {one.severity for one in self.conditions}
        return next((one.value for one in (Severity.BROKEN, Severity.DEGRADED) if one in graveness), "well")

    def document(self) -> dict[str, Any]:
        """As JSON, schema dl-lit/status/1; keys are only ever added."""
        plain: dict[str, Any] = msgspec.to_builtins(self.database)
        return {
            "schema": SCHEMA,
            **plain,
            "health": self.health,
            "conditions": [conditions_document(one) for one in self.conditions],
            "stages": [_stage_document(one) for one in self.stages],
            "eta_s": _rounded(self.eta.seconds),
            "eta_says": self.eta.says,
            "bottleneck": None if self.bottleneck is None else _bottleneck_document(self.bottleneck),
            "process": None if self.pulse is None else _process_document(self.pulse),
            "services": [_service_document(one, self.pulse) for one in self.services],
            "recent_failures": [
                {**msgspec.to_builtins(one.failure), "id": one.id, "what": one.what, "advice": one.advice}
                for one in self.failures
            ],
            "local_index": msgspec.to_builtins(self.local_index),
            "hints": list(self.hints),
            "services_trouble": self.services_trouble,
            "levels": list(self.levels),
            "pinned": list(self.pinned),
            "language": model_document(self.model, None if self.pulse is None else self.pulse.language),
        }


class Snapshots:
    """Takes snapshots again and again: the pulse each time, the database not more often than it can bear."""

    def __init__(self, settings: Settings, clock: Clock, *, recent: int = 5, least_s: float = 2.0) -> None:
        """`least_s` passes at least between two looks at the database, and twenty times as long as a look takes."""
        self._settings, self._clock, self._recent, self._least_s = settings, clock, recent, least_s
        self._last: Snapshot | None = None
        self._next_at = 0.0

    def take(self, pulse: Pulse | None = None) -> Snapshot:
        """How everything is now; raises `DatabaseUnusable`. `pulse` is that of this process, where it is at work."""
        began = self._clock.monotonic()
        if self._last is None or began >= self._next_at:
            self._last = snapshot(self._settings, self._clock, recent=self._recent, pulse=pulse)
            took_s = self._clock.monotonic() - began
            self._next_at = began + max(self._least_s, 20 * took_s)
            return self._last
        pulse = measured(pulse or running_pulse(self._settings, self._last.database.worked_on_by), self._settings)
        return _renewed(self._last, pulse, self._settings, self._clock.time())


def snapshot(settings: Settings, clock: Clock, *, recent: int = 5, pulse: Pulse | None = None) -> Snapshot:
    """How everything is now; raises `DatabaseUnusable`.

    `recent` failures are shown at most. `pulse` is that of this process, where it is at work itself.
    """
    now = clock.time()
    with reading(settings.database) as connection:
        database = status(connection, settings.database, now, recent=recent)
        resting = paused(connection)
        levels, pinned = tuple(kept_levels(connection)), names_of_pins(connection, PINS_SHOWN)
        at_work = measured(pulse or running_pulse(settings, database.worked_on_by), settings)
        oldest = oldest_ready(connection, now) if at_work is None else {}
    services, model = tuple(services_now(settings, now)), model_now(settings, now)
    limits = limits_of(settings)
    short_of = [
        one.service
        for one in services
        if one.is_asked
        and one.credits_left is not None
        and one.credits_left < limits.search_credits.get(one.service, 1)
    ]
    stages, eta = _stages(database, at_work, resting, short_of, now)
    facts = Facts(
        now=now,
        limits=limits,
        pulse=at_work,
        last=last_pulse(settings.database) if database.worked_on_by is None else None,
        ready={one.stage: one.ready for one in database.stages},
        oldest=oldest,
        paused=resting,
        services=services,
        model=model,
        disk_free_mb=disk_free_mb(settings),
    )
    return Snapshot(
        at=now,
        database=database,
        stages=stages,
        services=services,
        pulse=at_work,
        conditions=conditions_now(facts),
        eta=eta,
        bottleneck=None if at_work is None else bottleneck(at_work),
        failures=tuple(_failure(one) for one in database.recent_failures),
        hints=tuple(hints(database)),
        local_index=_imported(settings),
        services_trouble=states_trouble(states_file(settings.shared_state)),
        model=model,
        levels=levels,
        pinned=pinned,
    )


def measured(pulse: Pulse | None, settings: Settings) -> Pulse | None:
    """The pulse, with no more of the disk free than there is now: an idle process looks only now and then."""
    free_mb = disk_free_mb(settings)
    return (
        replace(pulse, disk_free_mb=round(free_mb, 1)) if pulse is not None and free_mb < pulse.disk_free_mb else pulse
    )


def running_pulse(settings: Settings, worked_on_by: str | None) -> Pulse | None:
    """The pulse of the process at work; None where there is none, or it has not told yet."""
    return None if worked_on_by is None else pulse_of(settings.database, worked_on_by)


def conditions_now(facts: Facts) -> tuple[Condition, ...]:
    """What the process at work says is wrong, and where there is none, what can be seen from outside."""
    if facts.pulse is None:
        before = facts.last.conditions if facts.last is not None else ()
        return at_once(judge(facts), facts.now, before)
    told = facts.pulse.conditions
    known = {one.key for one in told}
    seen = [one for one in judge(replace(facts, services=())) if one.ailment in _FROM_OUTSIDE and one.key not in known]
    return ordered((*at_once(seen, facts.pulse.at), *told)) if seen else told


_FROM_OUTSIDE = frozenset({Ailment.PIPELINE_WEDGED, Ailment.DATABASE_UNWRITABLE, Ailment.DISK_LOW})
"""What a process may be kept from telling by the very thing that is wrong."""


def disk_free_mb(settings: Settings) -> float:
    """What is free where the database is, now; 0 where the disk has gone."""
    return free_mb(settings.database.parent, where_gone=0.0)


# --- parts


def _stages(
    database: Status, pulse: Pulse | None, resting: dict[StageName, str], short_of: list[str], now: float
) -> tuple[tuple[StageNow, ...], Eta]:
    done = {one.stage: one.done for one in database.stages}
    failed = {one.stage: sum(one.failed.values()) + one.needs_review for one in database.stages}
    yields = yields_of(done, failed, database.entries, done[StageName.EXTRACTION])
    hands = {one.stage: pulse.stages.get(one.stage) if pulse is not None else None for one in database.stages}
    speeds = {one.stage: _speeds(one, hands[one.stage]) for one in database.stages}
    loads = [
        Load(
            stage=one.stage,
            ready=one.ready,
            later=one.later,
            last_due=one.last_due,
            put_off_for=next(iter(one.put_off), ""),
            per_minute=speeds[one.stage][0] or speeds[one.stage][1],
            yields=yields[one.stage],
            is_paused=one.stage in resting,
        )
        for one in database.stages
    ]
    etas = forecast(loads, now, is_running=pulse is not None, short_of=short_of)
    stages = tuple(
        StageNow(
            room=one,
            hands=hands[one.stage],
            paused=resting.get(one.stage),
            per_minute=speeds[one.stage][0],
            per_minute_hour=speeds[one.stage][1],
            eta=eta,
        )
        for one, eta in zip(database.stages, etas, strict=True)
    )
    return stages, last_of(etas)


def _speeds(room: StageStatus, hands: StagePulse | None) -> tuple[float, float]:
    """Lately and in the last hour; as the process at work counts it, or else from what was written down."""
    if hands is None:
        return room.per_minute, room.per_minute_hour
    return hands.per_minute, hands.per_minute_hour


def _renewed(last: Snapshot, pulse: Pulse | None, settings: Settings, now: float) -> Snapshot:
    """What the pulse alone tells anew."""
    if pulse is None:
        return last
    stages = tuple(
        replace(
            one,
            room=replace(one.room, waiting=hands.waiting),
            hands=hands,
            per_minute=hands.per_minute,
            per_minute_hour=hands.per_minute_hour,
        )
        if (hands := pulse.stages.get(one.stage)) is not None
        else one
        for one in last.stages
    )
    facts = Facts(now=now, limits=limits_of(settings), pulse=pulse, disk_free_mb=disk_free_mb(settings))
    return replace(
        last, at=now, pulse=pulse, stages=stages, conditions=conditions_now(facts), bottleneck=bottleneck(pulse)
    )


def _failure(one: RecentFailure) -> FailureNow:
    told = told_of(one.reason)
    return FailureNow(failure=one, what=told.what, advice=told.advice)


def _imported(settings: Settings) -> IndexSummary | None:
    """What is told of the local index; None where there is none, or none that can be read: doctor says why."""
    try:
        return summary(settings.local_index)
    except DatabaseUnusable:
        return None


# --- documents


def conditions_document(one: Condition) -> dict[str, Any]:
    """A condition as JSON."""
    plain: dict[str, Any] = msgspec.to_builtins(one)
    return {**plain, "severity": one.severity.value}


def _bottleneck_document(one: Bottleneck) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(one)
    return {**plain, "says": one.says}


def _stage_document(one: StageNow) -> dict[str, Any]:
    hands: dict[str, Any] = {} if one.hands is None else msgspec.to_builtins(one.hands)
    room: dict[str, Any] = msgspec.to_builtins(one.room)
    kept = ("queued", "running", "seated", "workers", "workers_least", "workers_most", "resting", "scaled", "busy")
    return {
        **room,
        **{name: hands.get(name) for name in (*kept, "longest_s", "stalled_s", "stalled_by")},
        "paused": one.paused,
        "per_minute": one.per_minute,
        "per_minute_hour": one.per_minute_hour,
        "eta_s": _rounded(one.eta.seconds),
        "eta_says": one.eta.says,
    }


def _service_document(one: ServiceNow, pulse: Pulse | None) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(one)
    seen = pulse.services.get(one.service) if pulse is not None else None
    return {**plain, "process": msgspec.to_builtins(seen)}


def _process_document(pulse: Pulse) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(pulse)
    kept = {key: value for key, value in plain.items() if key not in {"stages", "services", "conditions", "language"}}
    return {**kept, "works": [stage.value for stage in StageName if stage in pulse.stages]}


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
