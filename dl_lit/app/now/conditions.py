"""What is wrong at this moment, judged from what is known: pure, so that every process judges alike.

`app.lasting` makes conditions of what lasts; `docs/conditions.md` tells people what each means.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING

from dl_lit.app.language.conditions import of_model
from dl_lit.app.wording import clock_time, count, how_long, moment
from dl_lit.core.conditions import Ailment, Finding
from dl_lit.core.model import StageName
from dl_lit.core.pulse import FolderPulse, Pulse, StagePulse
from dl_lit.core.values import dataclass

if TYPE_CHECKING:
    from dl_lit.app.language.now import ModelNow
    from dl_lit.app.now.services_now import ServiceNow

STALLED_S = 600.0
"""A stage that has had work for so long and got nothing done stalls: longer than any item may take."""

OLD_S = 3 * 86_400.0
"""What could be worked on and has waited for so long is old."""

SILENT_S = 30.0
"""A process that has told nothing for so long does not turn; it tells every few seconds."""

ABSENT_S = 60.0
"""How long after a watching daemon's end it is missed: a restart takes some seconds."""

FULL_MB = 1.0
"""A disk with less than this takes nothing any more that is worth writing."""

LATE_S = 10.0
"""A database that has taken nothing for so long is not merely busy."""

_DAEMONS = ("watch-folder-concurrent ", "work ")
_AGAIN = 1.1  # what was too little is enough again a tenth above, so that one file more or less changes nothing

Key = tuple[Ailment, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The settings that conditions are judged by."""

    disk_downloads_mb: int  # downloads pause below
    disk_mb: int  # everything pauses below
    memory_mb: int
    search_credits: Mapping[str, int] = field(default_factory=dict)  # what the dearest question to a service costs


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known at `now` (epoch seconds)."""

    now: float
    limits: Limits
    pulse: Pulse | None  # of the process that works the database, without conditions; None: there is none
    wedged: str = ""  # what of its engine does not turn, by its own word
    last: Pulse | None = None  # where there is no process: the last pulse that there was
    ready: Mapping[StageName, int] = field(default_factory=dict)  # ... and rows that may be worked on now
    unread_s: float = 0.0  # for how long that process could not read the database
    oldest: Mapping[StageName, float] = field(default_factory=dict)  # since when the oldest of these waits
    paused: Mapping[StageName, str] = field(default_factory=dict)  # in words, since when and by whom
    services: Sequence[ServiceNow] = ()
    model: ModelNow | None = None  # None: no language model is asked, or nobody looked
    told: Sequence[Finding] = ()  # by those who met it themselves
    disk_free_mb: float | None = None  # of the database's disk, by who looks from outside; None: as the pulse says


def judge(facts: Facts, held: Collection[Key] = ()) -> list[Finding]:
    """All that is wrong; `held` are the keys of what was wrong a moment ago, which needs more to be well again."""
    return [
        *_of_process(facts),
        *_of_machine(facts, held),
        *_of_folders(facts),
        *_of_stages(facts),
        *(one for service in facts.services if service.is_asked for one in _of_service(service, facts)),
        *of_model(facts.model, facts.pulse.language if facts.pulse is not None else None, facts.now),
        *facts.told,
    ]


# --- the process and its machine


def _of_process(facts: Facts) -> Iterator[Finding]:
    pulse, last = facts.pulse, facts.last
    if pulse is not None:
        silent_s = facts.now - pulse.at
        wedged = facts.wedged or (f"it has told nothing for {how_long(silent_s)}" if silent_s > SILENT_S else "")
        if not facts.wedged and wedged and facts.disk_free_mb is not None and facts.disk_free_mb < FULL_MB:
            yield Finding(
                ailment=Ailment.DATABASE_UNWRITABLE,
                says=f"the database's disk is full: for {how_long(silent_s)} process {pulse.pid} could write down "
                "neither its work nor how it is",
                remedy="make room on the disk; nothing is lost, it goes on by itself",
            )
        elif wedged:
            yield Finding(
                ailment=Ailment.PIPELINE_WEDGED,
                says=f"process {pulse.pid} holds the database but is stuck: {wedged}",
                remedy=f"systemd starts it again by itself; elsewhere stop it (kill {pulse.pid}) and start it again",
            )
        if facts.unread_s >= LATE_S:
            yield Finding(
                ailment=Ailment.DATABASE_UNWRITABLE,
                says=f"the database has not answered for {how_long(facts.unread_s)}; all work waits for it",
                remedy="see to its disk, or its server; nothing is lost, it goes on by itself",
            )
        elif pulse.unwritten_s >= LATE_S:
            yield Finding(
                ailment=Ailment.DATABASE_UNWRITABLE,
                says=f"the database has taken nothing for {how_long(pulse.unwritten_s)}; all work waits for it",
                remedy="make room on its disk, or end what keeps it locked; nothing is lost, it goes on by itself",
            )
        return
    ready = sum(facts.ready.values())
    if last is not None and last.command.startswith(_DAEMONS) and ready and facts.now - last.at >= ABSENT_S:
        yield Finding(
            ailment=Ailment.NOT_RUNNING,
            says=f"{count(ready, 'item waits', 'items wait')}, and the watching dl_lit last seen "
            f"{moment(last.at)} runs no more",
            remedy=f"start it again (systemctl start dl-lit, or dl-lit {last.command})",
        )


def _of_machine(facts: Facts, held: Collection[Key]) -> Iterator[Finding]:
    pulse, limits = facts.pulse, facts.limits
    if pulse is None:
        return
    more = _AGAIN if (Ailment.DISK_LOW, "") in held else 1.0
    free_mb = pulse.disk_free_mb if facts.disk_free_mb is None else min(pulse.disk_free_mb, facts.disk_free_mb)
    if free_mb < limits.disk_downloads_mb * more:
        stops = "all work pauses" if free_mb < limits.disk_mb * more else "downloads pause"
        yield Finding(
            ailment=Ailment.DISK_LOW,
            says=f"{free_mb:,.0f} MB of disk are free, {limits.disk_downloads_mb:,} needed: {stops}",
            remedy="make room, or move the library to another disk (library); the work goes on by itself",
        )
    less = 1 / _AGAIN if (Ailment.MEMORY_HIGH, "") in held else 1.0
    if pulse.memory_mb >= limits.memory_mb * less:
        yield Finding(
            ailment=Ailment.MEMORY_HIGH,
            says=f"dl_lit and its children use {pulse.memory_mb:,.0f} MB of memory: work is taken up slowly",
            remedy="fewer extraction workers (workers.extraction), or a higher memory.hard_mb where there is room",
        )
    if pulse.library_trouble is not None:
        yield Finding(
            ailment=Ailment.LIBRARY_UNREACHABLE,
            says=f"nothing can be put into the library: {pulse.library_trouble}",
            remedy="mount it again, or let dl_lit write to it; downloads go on by themselves",
        )


def _of_folders(facts: Facts) -> Iterator[Finding]:
    for folder in facts.pulse.folders if facts.pulse is not None else ():
        yield from _of_folder(folder)


def _of_folder(folder: FolderPulse) -> Iterator[Finding]:
    if folder.blind is not None:
        yield Finding(
            ailment=Ailment.WATCHER_BLIND,
            subject=folder.path,
            says=f"{folder.path} cannot be seen: {folder.blind}",
            remedy="bring the folder back, or let dl_lit read it; it is looked through as soon as it is there",
        )
    elif folder.polls_because:
        yield Finding(
            ailment=Ailment.WATCHER_POLLING,
            subject=folder.path,
            says=f"{folder.path} is looked through every few seconds instead of telling by itself: "
            f"{folder.polls_because}",
            remedy="nothing, or watch.observe = polling to say that this is as it should be",
        )
    if folder.not_taken is not None or folder.not_filed is not None:
        where = "taken over" if folder.not_taken is not None else "put into completed/ or failed/"
        yield Finding(
            ailment=Ailment.FILES_NOT_TAKEN,
            subject=folder.path,
            says=f"files of {folder.path} cannot be {where}: {folder.not_taken or folder.not_filed}",
            remedy="let dl_lit read and write there; what was left is tried again by itself",
        )


# --- stages


def _of_stages(facts: Facts) -> Iterator[Finding]:
    for stage in StageName:
        paused = facts.paused.get(stage)
        oldest = facts.oldest.get(stage)
        if paused is not None:
            yield Finding(
                ailment=Ailment.STAGE_PAUSED,
                subject=stage.value,
                says=f"{stage.value} is paused {paused}".rstrip(),
                remedy=f"dl-lit resume {stage.value}",
            )
            continue
        if oldest is not None and facts.now - oldest >= OLD_S:
            yield Finding(
                ailment=Ailment.BACKLOG_OLD,
                subject=stage.value,
                says=f"something has waited for {stage.value} for {how_long(facts.now - oldest)}",
                remedy="more workers or a higher rate where status shows the bottleneck; or nothing: it gets its turn",
            )
        if facts.pulse is not None and stage in facts.pulse.stages:
            yield from _of_stage(stage, facts.pulse.stages[stage], facts.pulse, facts)


def _of_stage(stage: StageName, now: StagePulse, pulse: Pulse, facts: Facts) -> Iterator[Finding]:
    if now.stalled_s < STALLED_S or pulse.is_stopping:
        return
    why = _kept_by(facts.services) or now.stalled_by or f"{now.running} in hand"
    yield Finding(
        ailment=Ailment.STAGE_STALLED,
        subject=stage.value,
        says=f"{stage.value} has had work for {how_long(now.stalled_s)} and got nothing done: {why}",
        remedy=f"dl-lit tail --stage {stage.value} shows what it tries, dl-lit doctor --live who does not answer",
    )


def _kept_by(services: Sequence[ServiceNow]) -> str | None:
    """Which services do not answer, in words; None where all do."""
    at_rest = [one.service for one in services if one.is_asked and (one.breaker != "closed" or one.parked_until)]
    return f"{', '.join(at_rest)} cannot be asked" if at_rest else None


# --- services


def _of_service(one: ServiceNow, facts: Facts) -> Iterator[Finding]:
    name = one.service
    if one.breaker != "closed":
        until = f" until {clock_time(one.breaker_until, facts.now)}" if one.breaker_until else ""
        yield Finding(
            ailment=Ailment.SERVICE_DOWN,
            subject=name,
            says=f"{name} does not answer: it is left alone{until}, then asked again",
            remedy="nothing if it passes; dl-lit doctor --live says whether it can be reached from here",
        )
    if one.parked_until and one.parked_for not in {None, "budget-exhausted"}:
        yield Finding(
            ailment=Ailment.SERVICE_PARKED,
            subject=name,
            says=f"{name} asked to be left alone until {clock_time(one.parked_until, facts.now)} ({one.parked_for})",
        )
    needed = facts.limits.search_credits.get(name, 1)
    if one.credits_per_day and one.credits_left is not None and one.credits_left < needed:
        until = f" until {clock_time(one.credits_reset_at, facts.now)}" if one.credits_reset_at else ""
        yield Finding(
            ailment=Ailment.BUDGET_GONE,
            subject=name,
            says=f"of {name}'s {one.credits_per_day:,} credits a day {one.credits_left:,} are left: "
            f"what needs it waits{until}",
            remedy=f"nothing: it goes on by itself; a key (services.{name}.key) may have more",
        )
    if one.key_trouble:
        yield Finding(
            ailment=Ailment.KEY_REFUSED,
            subject=name,
            says=f"{name} does not take the key: {one.key_trouble}",
            remedy=f"correct services.{name}.key, or remove it",
        )
    if one.contact_trouble:
        yield Finding(
            ailment=Ailment.CONTACT_REFUSED,
            subject=name,
            says=f"{name} does not take the contact address: {one.contact_trouble}",
            remedy="set contact_email to an address of yours that exists",
        )
