"""How the program is: whether it lives, whether it can take orders, and what is wrong with it."""

from __future__ import annotations

from typing import Any

from db.reading.opening import reading
from db.reading.vitals import oldest_ready, paused, ready
from db.tables import SCHEMA_VERSION
from dl_lit import __version__
from dl_lit.app.language.now import model_now
from dl_lit.app.now.condition_limits import limits_of
from dl_lit.app.now.conditions import Facts
from dl_lit.app.now.pulse import last_pulse, read_pulse
from dl_lit.app.now.services_now import ServiceNow, services_now
from dl_lit.app.now.snapshot import conditions_document, conditions_now, disk_free_mb
from dl_lit.app.wording import iso_time
from dl_lit.core.clock import Clock
from dl_lit.core.conditions import Ailment, Condition, Severity
from dl_lit.core.errors import DatabaseAway, DlLitError
from dl_lit.core.pulse import ModelPulse, Pulse
from dl_lit.core.reasons import Reason
from dl_lit.settings import Settings
from dl_lit.web.contract import Document

SERVICES_S = 5.0
"""How old what is told of the services may be."""


class Health:
    """Looks after one database. For one thread at a time."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Nothing is looked at before a question is asked."""
        self._settings = settings
        self._clock = clock
        self._limits = limits_of(settings)
        self._services: tuple[float, list[ServiceNow]] = (-1e9, [])

    def health(self) -> Document:
        """The answer of /health, but for what the server itself knows."""
        settings = self._settings
        pulse = self._pulse()
        trouble, conditions = self._conditions(pulse)
        grave = [one for one in conditions if one.severity is not Severity.NOTICE]
        is_broken = trouble is not None or any(
            one.severity is Severity.BROKEN and one.ailment is not Ailment.NOT_RUNNING for one in grave
        )
        reasons = [
            conditions_document(one)
            for one in (*([_unusable(trouble, self._clock.time())] if trouble else []), *conditions)
        ]
        return {
            "schema": "dl-lit/health/1",
            "status": "broken" if is_broken else "degraded" if grave else "ok",
            "live": True,
            "ready": trouble is None and not (pulse is not None and pulse.is_stopping),
            "reasons": reasons,
            "concurrency": {
                "max_concurrent_requests": settings.max_concurrent_requests,
                "max_concurrent_model_calls": settings.max_concurrent_model_calls,
                "http_pool_size": settings.http.pool_size,
            },
            "version": __version__,
            "schema_version": SCHEMA_VERSION,
            "pipeline": _pipeline(pulse),
            "services": {
                **{one.service: _service(one) for one in self._services_now() if one.is_asked},
                **({"language-model": _model(pulse.language)} if pulse is not None and pulse.language else {}),
            },
            "checked_at": iso_time(self._clock.time()),
        }

    def conditions(self) -> Document:
        """What is wrong now, the gravest first."""
        trouble, conditions = self._conditions(self._pulse())
        if trouble is not None:
            raise trouble
        return {"schema": "dl-lit/conditions/1", "conditions": [conditions_document(one) for one in conditions]}

    def _pulse(self) -> Pulse | None:
        """The pulse of the process at work; None where none is."""
        return read_pulse(self._settings.database)

    def _conditions(self, pulse: Pulse | None) -> tuple[DlLitError | None, tuple[Condition, ...]]:
        """What keeps the database from being read, and what is wrong: as the process at work says, or as it shows."""
        now = self._clock.time()
        try:
            with reading(self._settings.database) as connection:
                facts = Facts(
                    now=now,
                    limits=self._limits,
                    pulse=pulse,
                    last=last_pulse(self._settings.database),
                    ready=ready(connection, now) if pulse is None else {},
                    oldest=oldest_ready(connection, now) if pulse is None else {},
                    paused=paused(connection),
                    services=self._services_now(),
                    model=model_now(self._settings, now) if pulse is None else None,
                    disk_free_mb=disk_free_mb(self._settings),
                )
        except DlLitError as error:
            return error, ()
        return None, conditions_now(facts)

    def _services_now(self) -> list[ServiceNow]:
        at, known = self._services
        now = self._clock.monotonic()
        if now - at >= SERVICES_S:
            known = services_now(self._settings, self._clock.time())
            self._services = (now, known)
        return known


def _pipeline(pulse: Pulse | None) -> Document:
    if pulse is None:
        return {"running": False}
    return {
        "running": True,
        "pid": pulse.pid,
        "command": pulse.command,
        "since": iso_time(pulse.began_at),
        "told_at": iso_time(pulse.at),
        "stopping": pulse.is_stopping,
        "stages": {
            name.value: {"waiting": one.waiting, "running": one.running, "workers": one.workers, "resting": one.resting}
            for name, one in pulse.stages.items()
        },
    }


def _service(one: ServiceNow) -> Document:
    state = "parked" if one.parked_until else "down" if one.breaker == "open" else "ok"
    told: dict[str, Any] = {"state": state}
    if until := one.parked_until or one.breaker_until:
        told["until"] = until
    if trouble := one.key_trouble or one.contact_trouble:
        told["trouble"] = trouble
    return told


def _model(one: ModelPulse) -> Document:
    use = one.use
    is_down = bool(use.key_trouble) or Reason.SERVICE_DOWN.value in use.at_rest.values()
    told: dict[str, Any] = {"state": "down" if is_down else "parked" if use.at_rest else "ok"}
    return {**told, "trouble": use.key_trouble} if use.key_trouble else told


def _unusable(error: DlLitError, now: float) -> Condition:
    is_away = isinstance(error, DatabaseAway)
    remedy = "see to its server; all goes on by itself when that answers" if is_away else "dl-lit doctor says more"
    return Condition(ailment=Ailment.DATABASE_UNUSABLE, subject="", says=str(error), remedy=remedy, since=now)
