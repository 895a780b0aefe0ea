"""The scenes that are photographed: a made-up library in a folder, and what a process at work would tell of it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from shots.library import Size, make

from db.connect import connect
from db.lock import PipelineLock
from db.machine.processes import this_process
from db.machine.states import MachineStates
from db.pausing import pause
from dl_lit.app.now.pulse import write_pulse
from dl_lit.core.clock import SystemClock
from dl_lit.core.conditions import Ailment, Condition
from dl_lit.core.model import StageName
from dl_lit.core.pulse import FolderPulse, Pulse, ServicePulse, StagePulse
from dl_lit.core.sharing import Lease, ServiceState
from dl_lit.settings import Settings
from dl_lit.settings.load import load

DAY_S = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What stands in the database, and what is at work."""

    size: Size
    at_work: Callable[[float, Size], Pulse] | None = None  # at epoch seconds
    services: Callable[[MachineStates, float], None] | None = None
    paused: tuple[StageName, ...] = ()


def _stage(waiting: int, running: int, workers: int, most: int, per_minute: float, **more: object) -> StagePulse:
    return StagePulse(
        waiting=waiting, queued=min(waiting, 32), running=running, busy=running, workers=workers, workers_least=1,
        workers_most=most, done=900, per_minute=per_minute, per_minute_hour=per_minute, **more,  # type: ignore[arg-type]
    )  # fmt: skip


def _pulse(now: float, stages: dict[StageName, StagePulse], **more: object) -> Pulse:
    return Pulse(
        pid=os.getpid(), command="dl-lit watch-folder-concurrent", began_at=now - 5.4 * 3600, at=now, stages=stages,
        folders=(FolderPulse(path="/srv/papers", use="sources", how="events", taken=60),), memory_mb=312.0,
        disk_free_mb=184_000.0, services={"openalex": ServicePulse(requests=410, waiting=0, waited_s=12.0),
        "crossref": ServicePulse(requests=960, waiting=4, waited_s=310.0)}, **more,  # type: ignore[arg-type]
    )  # fmt: skip


def busy(now: float, size: Size) -> Pulse:
    return _pulse(
        now,
        {
            StageName.EXTRACTION: _stage(size.unread, 2, 2, 2, 9.4),
            StageName.ENRICHMENT: _stage(size.waiting_entries, 4, 4, 8, 96.0),
            StageName.QUEUEING: _stage(size.waiting_works, 3, 4, 4, 61.0),
            StageName.DOWNLOAD: _stage(size.waiting_downloads, 27, 40, 64, 22.0, scaled="work waits for hosts' turns"),
        },
    )


def failing(now: float, size: Size) -> Pulse:
    wrong = (
        Condition(
            ailment=Ailment.SERVICE_DOWN, subject="crossref", since=now - 1_500,
            says="Crossref does not answer: it is left alone, and tried again once a minute.",
            remedy="Nothing, if it passes; entries with a DOI go on with the other services.",
        ),
        Condition(
            ailment=Ailment.DISK_LOW, subject="", since=now - 620,
            says="On the disk of the library 310 MB are free, and downloads need 1,000 MB: downloads rest.",
            remedy="Free some space, or move the library to a larger disk.",
        ),
        Condition(
            ailment=Ailment.BUDGET_GONE, subject="openalex", since=now - 4_000,
            says="Today's credits at OpenAlex are used up; they are renewed at midnight UTC.",
            remedy="Nothing: it goes on by itself. A free key of OpenAlex gives ten times as much a day.",
        ),
    )  # fmt: skip
    return _pulse(
        now,
        {
            StageName.EXTRACTION: _stage(size.unread, 0, 2, 2, 0.0, resting="enrichment has 2010 waiting"),
            StageName.ENRICHMENT: _stage(size.waiting_entries, 2, 4, 8, 3.1),
            StageName.QUEUEING: _stage(size.waiting_works, 0, 1, 4, 0.0),
            StageName.DOWNLOAD: _stage(
                size.waiting_downloads, 0, 4, 64, 0.0, resting="disk low: 310 MB free, 1000 needed"
            ),
        },
        conditions=wrong,
    )


def _asked(states: MachineStates, now: float, *, ill: bool = False) -> None:
    today = {
        "openalex": (412, 0),
        "crossref": (1873, 3),
        "unpaywall": (655, 1),
        "europepmc": (240, 0),
        "datacite": (61, 0),
        "arxiv": (38, 1),
        "pubmed": (120, 0),
    }

    def use(state: ServiceState, number: int, flying: int) -> None:
        state.requests[int(now // DAY_S)] = number
        state.leases = [Lease(one, this_process(), "", now + 600) for one in range(flying)]

    for name, (number, flying) in today.items():
        states.change(name, lambda state, number=number, flying=flying: use(state, number, flying))  # type: ignore[misc]

    def spend(state: ServiceState) -> None:
        purse = state.purse("", 1_000)
        purse.used, purse.ends_at = (1_000 if ill else 388), (now // DAY_S + 1) * DAY_S

    states.change("openalex", spend)
    if ill:
        states.change("crossref", lambda state: setattr(state.breaker, "open_until", now + 600))
        states.change("europepmc", lambda state: state.park(now + 900, "http-429"))


SCENES = {
    "empty": Scene(size=Size(sources=0, entries=0, works=0)),
    "busy": Scene(
        size=Size(
            sources=64, entries=2_600, works=1_700, unread=4, waiting_entries=312, waiting_works=40,
            waiting_downloads=90, failed_sources=3, extra_attempts=300, hours=20,
        ),
        at_work=busy,
        services=_asked,
    ),
    "failing": Scene(
        size=Size(
            sources=64, entries=4_600, works=1_500, unread=4, waiting_entries=2_010, waiting_works=40,
            waiting_downloads=90, failed_sources=9, match_failures=0.3, fetch_failures=0.7, extra_attempts=1_400,
            hours=20,
        ),
        at_work=failing,
        services=lambda states, now: _asked(states, now, ill=True),
        paused=(StageName.QUEUEING,),
    ),
    "large": Scene(
        size=Size(
            sources=2_000, entries=100_000, works=60_000, unread=12, waiting_entries=420, waiting_works=300,
            waiting_downloads=900, failed_sources=40, extra_attempts=40_000,
        ),
        at_work=busy,
        services=_asked,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Staged:
    """A scene that stands."""

    scene: Scene
    settings: Settings

    def beat(self) -> None:
        """Tell how the process is, as of now: one that says nothing for half a minute is taken for wedged."""
        if self.scene.at_work is not None:
            write_pulse(self.settings.database, self.scene.at_work(time.time(), self.scene.size))


@contextmanager
def set_up(scene: Scene, folder: Path) -> Iterator[Staged]:
    """The scene in a folder, at work where it is, for as long as this is entered."""
    now = time.time()
    told = {"HOME": folder, "DL_LIT_DB": folder / "dl-lit.db", "DL_LIT_LIBRARY": folder / "library",
            "DL_LIT_STATE_FOLDER": folder / "state", "DL_LIT_CONTACT_EMAIL": "library@archive.example"}  # fmt: skip
    settings = load(env={name: str(value) for name, value in told.items()}).settings
    settings.library.mkdir(parents=True, exist_ok=True)
    settings.state_folder.mkdir(parents=True, exist_ok=True)
    if not settings.database.exists():
        make(settings.database, scene.size, now=now)
    if scene.paused:
        engine = connect(settings.database)
        pause(engine, scene.paused, "anna", SystemClock())
        engine.dispose()
    with ExitStack() as stack:
        if scene.services is not None:
            states = MachineStates(settings.state_folder, SystemClock())
            stack.callback(states.close)
            scene.services(states, now)
        if scene.at_work is not None:
            stack.enter_context(PipelineLock(settings.database, "dl-lit watch-folder-concurrent", SystemClock()))
        staged = Staged(scene, settings)
        staged.beat()
        yield staged
