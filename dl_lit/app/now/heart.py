"""The heart of a running pipeline: again and again it tells how the process is, and what is wrong with it.

What it tells is the pulse, in memory and in the file beside the database; status, dashboard, metrics and notifications
all read that. It beats every second while something happens and every few seconds when nothing does.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Self

import structlog

from db.reading.vitals import Vitals, oldest_ready, paused, ready
from dl_lit import logs
from dl_lit.app.batches import Batches
from dl_lit.app.language.now import ModelNow, model_now
from dl_lit.app.notices.telling import Teller, is_wanted, telling
from dl_lit.app.now.condition_limits import limits_of
from dl_lit.app.now.conditions import Facts, judge
from dl_lit.app.now.fleet import ToFleet
from dl_lit.app.now.lasting import Changes, Lasting
from dl_lit.app.now.pulse import forget_drafts, last_pulse, write_pulse
from dl_lit.app.now.services_now import ServiceNow, services_now
from dl_lit.app.now.speed import Speeds
from dl_lit.app.now.taking_pulse import stages_of
from dl_lit.app.workshop import Workshop
from dl_lit.core.conditions import Condition, Severity
from dl_lit.core.errors import DatabaseDamaged, DatabaseUnusable
from dl_lit.core.model import StageName
from dl_lit.core.pulse import FolderPulse, Pulse
from dl_lit.runtime.brakes import Pressure
from dl_lit.runtime.pipeline import Pipeline
from dl_lit.runtime.repeating import Repeating
from dl_lit.runtime.sequential import OneAtATime

BEAT_S = 1.0
"""How often it beats while something happens."""

IDLE_BEAT_S = 5.0
"""How often it beats while nothing does."""

_SERVICES_S = (5.0, 30.0)  # how often it is asked how services stand: while something happens, and while nothing does
_MACHINE_S = (1.0, 30.0)  # ... memory and disk
_OLDEST_S = 600.0  # ... since when things wait: that reads whole rooms

_ENDLESS_MB = 1e12  # where nothing is measured: JSON has no infinity

_LEVELS = {Severity.NOTICE: "info", Severity.DEGRADED: "warning", Severity.BROKEN: "error"}

log = structlog.get_logger("dl_lit.heart")

Hearer = Callable[[Pulse, Changes], None]


class Heart:
    """Beats for one process. `pulse` may be read by any thread; `beat` is for one."""

    def __init__(self, shop: Workshop, engine: Pipeline | OneAtATime) -> None:
        """Nothing is told before the first beat."""
        self.folders: Callable[[], tuple[FolderPulse, ...]] = tuple
        """Tells of the watched folders; whoever watches some sets it."""
        self.control: str | None = None
        """Where the control surface listens; whoever opens one sets it."""
        self.tell_anew: Callable[[], None] = lambda: None
        """Has the listeners of the settings go by them as they are now."""
        self.hearers: list[Hearer] = []
        """Told of each beat and what it changed, in the heart's thread: they must not take long."""
        self._shop, self._engine = shop, engine
        self._clock = shop.clock
        self._began_at = shop.clock.time()
        self._vitals = Vitals(shop.settings.database)
        self._fleet = ToFleet(shop.settings.database)
        before = last_pulse(shop.settings.database)
        self.before = before.conditions if before is not None else ()
        """What was wrong when the process before told last."""
        self._lasting = Lasting(self.before)
        self._speeds = Speeds(self._began_at)
        self._services: list[ServiceNow] = []
        self._model: ModelNow | None = None
        self._pressure = Pressure(_ENDLESS_MB, 0.0)
        self._oldest: Mapping[StageName, float] = {}
        self._paused: Mapping[StageName, str] = {}
        self._unread_since: float | None = None  # epoch seconds; None: the database could be read
        self._looked: dict[str, float] = {}  # when each of what costs was last looked at
        self._stirred: object = None
        self._is_stopping = False
        self.pulse = self._taken(self._began_at)

    def beat_if_due(self) -> None:
        """Beat, unless nothing has happened since the last beat and that was a moment ago."""
        stirred = self._stir()
        if stirred != self._stirred or self._clock.time() - self.pulse.at >= IDLE_BEAT_S - BEAT_S / 2:
            self._stirred = stirred
            self.beat()

    def beat(self) -> Pulse:
        """Tell how the process is now: log what began and ended, write the pulse down, tell the hearers."""
        now = self._clock.time()
        pulse = self._taken(now)
        changes = self._lasting.update(judge(self._facts(pulse), self._lasting.held.keys()), now)
        self.pulse = replace(pulse, conditions=self._lasting.conditions)
        _log(changes)
        if self._shop.settings.database.exists():  # else its disk is away: nothing goes where that was
            write_pulse(self._shop.settings.database, self.pulse)
        self._fleet.keep(self.pulse)
        for hear in tuple(self.hearers):
            hear(self.pulse, changes)
        return self.pulse

    def left_soon(self, moment: float) -> int:
        """Items that may be worked on by `moment` (epoch seconds); for the heart's thread."""
        with self._vitals.looking() as connection:
            return sum(ready(connection, moment).values())

    def stopping(self) -> None:
        """Say from the next beat on that the process is about to end."""
        self._is_stopping = True

    def close(self) -> None:
        """Let go of the database."""
        self._fleet.close()
        self._vitals.close()

    # --- looking

    def _stir(self) -> object:
        """Something that changes while something happens."""
        return (
            sum(one.items + one.retried + one.snoozed for one in self._engine.tally.stages.values()),
            tuple((one.waiting, one.queued, one.running, one.paused) for one in self._engine.pulse().values()),
            self._shop.complaints.standing,
        )

    def _taken(self, now: float) -> Pulse:
        stages = stages_of(self._engine, self._speeds, now)
        busy = any(one.running for one in stages.values())
        if self._is_time("machine", now, _MACHINE_S, busy=busy):
            self._pressure = self._shop.gauges.read()
        if self._is_time("services", now, _SERVICES_S, busy=busy):
            self._services, self._model = services_now(self._shop.settings, now), model_now(self._shop.settings, now)
        return Pulse(
            pid=os.getpid(),
            command=self._shop.command,
            began_at=self._began_at,
            at=now,
            stages=stages,
            services=self._shop.network.pulse(),
            language=self._shop.languages.pulse(),
            folders=self.folders(),
            memory_mb=round(self._pressure.memory_mb, 1),
            disk_free_mb=round(min(self._pressure.disk_free_mb, _ENDLESS_MB), 1),
            library_trouble=self._pressure.library_trouble,
            unwritten_s=round(self._engine.unwritten_s, 1),
            control=self.control,
            log=logs.destination(),
            is_stopping=self._is_stopping,
        )

    def _is_time(self, what: str, now: float, every_s: tuple[float, float], *, busy: bool) -> bool:
        """Whether to look at `what` costs again: sooner while something happens."""
        if now - self._looked.get(what, -math.inf) < every_s[0 if busy else 1]:
            return False
        self._looked[what] = now
        return True

    def _facts(self, pulse: Pulse) -> Facts:
        self._look(pulse)
        return Facts(
            now=pulse.at,
            limits=limits_of(self._shop.settings),
            pulse=pulse,
            wedged=self._engine.wedged() or "",
            unread_s=0.0 if self._unread_since is None else max(0.0, pulse.at - self._unread_since),
            oldest={
                stage: since
                for stage, since in self._oldest.items()
                if stage in pulse.stages and pulse.stages[stage].waiting
            },
            paused=self._paused,
            services=self._services,
            model=self._model,
            told=self._shop.complaints.standing,
        )

    def _look(self, pulse: Pulse) -> None:
        """Look into the database; where it cannot be read at present, what was seen last is told."""
        try:
            with self._vitals.looking() as connection:
                if self._is_time("oldest", pulse.at, (_OLDEST_S, _OLDEST_S), busy=False):
                    self._oldest = oldest_ready(connection, pulse.at)
                self._paused = paused(connection)
            self._unread_since = None
        except DatabaseDamaged:
            raise
        except DatabaseUnusable as error:
            log.debug("looking_waits", error=str(error))
            if self._unread_since is None:
                self._unread_since = pulse.at


def _log(changes: Changes) -> None:
    for one in changes.begun:
        getattr(log, _LEVELS[one.severity])("condition", **_told(one))
    for one in changes.ended:
        log.info("condition_over", **_told(one))


def _told(one: Condition) -> dict[str, str]:
    said = {"ailment": one.ailment.value, "subject": one.subject, "says": one.says, "remedy": one.remedy}
    return {key: value for key, value in said.items() if value}


class _Listeners:
    """Who is told what the heart tells, as the settings of the moment have it."""

    def __init__(self, shop: Workshop, heart: Heart) -> None:
        self._shop, self._heart = shop, heart
        self._opened = ExitStack()
        self._teller: Teller | None = None

    def __enter__(self) -> Self:
        self._begin(self._heart.before)
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def renew(self) -> None:
        """Go by the settings as they are now; raises `NeedsConfiguration`, and then nobody is told."""
        self._opened.close()
        self._begin(self._heart.pulse.conditions)

    def end(self) -> None:
        """Tell of the process's end."""
        if self._teller is not None:
            self._teller.end(self._heart.pulse)

    def _begin(self, known: Sequence[Condition]) -> None:
        before = self._teller
        others = [hear for hear in self._heart.hearers if before is None or hear != before.hear]
        self._heart.hearers, self._teller = others, None
        if is_wanted(self._shop.settings):
            batches = Batches(self._heart.left_soon)
            self._teller = self._opened.enter_context(telling(self._shop, batches, known))
            self._heart.hearers = [*others, self._teller.hear]


@contextmanager
def beating(shop: Workshop, engine: Pipeline | OneAtATime) -> Iterator[Heart]:
    """A heart that beats while entered, and once more at the end; others are told what it tells, if they are to be.

    Raises `NeedsConfiguration` where the settings of these cannot be used.
    """
    forget_drafts(shop.settings.database)
    heart = Heart(shop, engine)
    with ExitStack() as opened:
        opened.callback(heart.close)
        listeners = opened.enter_context(_Listeners(shop, heart))
        heart.tell_anew = listeners.renew
        opened.callback(listeners.end)
        heart.beat()
        opened.callback(heart.beat)
        opened.enter_context(Repeating("heart", BEAT_S, [heart.beat_if_due], give_up=shop.give_up))
        yield heart
