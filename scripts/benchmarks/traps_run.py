"""Runs trap cases through the real pipeline, and reads what the database says of each afterwards."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from benchmarks.asked import asked

from db.connect import connect
from db.intake import add_sources
from db.stores import open_store
from dl_lit.app.recognising import RECOGNISER
from dl_lit.app.run import run_once
from dl_lit.app.workshop import Workshop
from dl_lit.core.clock import SystemClock
from dl_lit.core.items import EntryItem, Extracted, Resolved
from dl_lit.core.job import Done, Stage
from dl_lit.core.model import Bibliography, Reference, StageName
from dl_lit.core.reasons import Reason
from dl_lit.core.services import SERVICES
from dl_lit.core.store import Finished, NewSource
from dl_lit.demo.pace import quick_motion
from dl_lit.library.folder import FolderLibrary
from dl_lit.replica.conduct import conduct
from dl_lit.replica.faults import Fault, FaultKind
from dl_lit.replica.server import Replica
from dl_lit.replica.traps.model import Case, End, Place
from dl_lit.replica.traps.world import DOMAIN, TrapWorld
from dl_lit.replica.universe import Universe
from dl_lit.settings import Settings
from dl_lit.settings.load import load

GAP_S = 0.4
FETCH_S = 6.0  # for a whole file, all redirects included
MAX_PDF_MB = 4
LONGEST_S = 110.0  # of one round; what is not done then is told as it stands
_TOLD_AT = ("canary", "gap_violations", "robots_violations", "repeated")
_FAR_S = 54_000.0  # until a budget's reset
_TOLERANCE_S = 0.25  # replica, program and all its threads share one process, so that arrivals vary by some 0.1 s


@dataclass(frozen=True, slots=True)
class Ended:
    """One case, and what became of it."""

    case: Case
    got: End | None  # None: the database knows nothing of the work
    detail: str
    is_wrongly_accepted: bool


def outcome_of(
    cases: Sequence[Case], folder: Path, *, gap_s: float = GAP_S, shift: int = 0
) -> tuple[list[Ended], dict[str, Any]]:
    """What became of every case, and how the hosts were treated on the way.

    `gap_s` is to lie between requests; `shift` gives every case another made-up work. Cases whose disk or
    services misbehave have a run of their own, since that concerns all of a run.
    """
    ended: list[Ended] = []
    seen: list[dict[str, Any]] = []
    ordered = sorted(cases, key=_round_of)
    for number, (_, some) in enumerate(groupby(ordered, key=_round_of)):
        more, told = _one_round(list(some), folder / f"round-{number}", gap_s, shift)
        ended += more
        seen.append(told)
    keys = ("requests", *_TOLD_AT)
    sums: dict[str, Any] = {key: sum(one[key] for one in seen) for key in keys}
    gaps = [one["smallest_gap_s"] for one in seen if one["smallest_gap_s"] is not None]
    problems = [problem for one in seen for problem in one["replica_problems"]]
    details = {f"{key}_at": [place for one in seen for place in one[f"{key}_at"]] for key in _TOLD_AT}
    return ended, {**sums, "smallest_gap_s": min(gaps, default=None), **details, "replica_problems": problems}


def _round_of(case: Case) -> tuple[str, tuple[str, ...]]:
    return case.disk, case.spent


def _one_round(cases: Sequence[Case], folder: Path, gap_s: float, shift: int) -> tuple[list[Ended], dict[str, Any]]:
    world = TrapWorld(cases, shift=shift)
    replica = Replica(Universe.from_records([]), hosts=2, enforce_limits=False, guests=world.guests())
    with replica:
        world.bind(replica.hosts.bases(), replica.hosts.port)
        for service in {service for case in cases for service in case.spent}:
            replica.add_fault(Fault(kind=FaultKind.TOO_MANY_REQUESTS, group=service, retry_after_s=_FAR_S))
        excluded = sorted({host for case in cases for host in case.excluded})
        settings = load(env={**environment(replica, world, folder, excluded), "DL_LIT_HOST_GAP_S": f"{gap_s}"}).settings
        numbers = _fill(settings.database, world)
        with world, names_of(world), _TrapShop(settings, cases[0].disk) as shop:
            _run(shop)
        return _read(settings.database, folder, world, numbers), _conduct(replica, gap_s)


def environment(replica: Replica, world: TrapWorld, folder: Path, excluded: Sequence[str]) -> dict[str, str]:
    """The settings of a run: all at the replica, in quick motion, and nobody asked who is not there."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("DL_LIT_", "XDG_"))}
    env |= replica.env() | quick_motion(100.0)
    for service in SERVICES:
        if f"DL_LIT_{service.name.upper()}_URL" not in replica.env():
            env[f"DL_LIT_{service.name.upper()}_ENABLED"] = "false"
    folder.mkdir(parents=True, exist_ok=True)
    return env | {
        "HOME": str(folder),
        "DL_LIT_DB": str(folder / "traps.db"),
        "DL_LIT_LIBRARY": str(folder / "library"),
        "DL_LIT_STATE_FOLDER": str(folder / "state"),
        "DL_LIT_CACHE_FOLDER": str(folder / "cache"),
        "DL_LIT_LOCAL_INDEX": str(folder / "local.db"),
        "DL_LIT_CONTACT_EMAIL": "bench@library-of-shores.org",
        "DL_LIT_ALLOW_HOSTS": f"{world.allowed()}, {_services_at(replica)}",
        "DL_LIT_SYNCHRONOUS": "NORMAL",
        "DL_LIT_WORKERS_DOWNLOAD": "16",
        "DL_LIT_WORKERS_QUEUEING": "4",
        "DL_LIT_WORKERS_EXTRACTION": "1",
        "DL_LIT_ENGINE_MAX_ATTEMPTS": "2",
        "DL_LIT_ENGINE_OUTLOOK_S": "20",
        "DL_LIT_ENGINE_QUEUE_SIZE": "64",
        "DL_LIT_DOWNLOAD_TIMEOUT_S": f"{FETCH_S}",
        "DL_LIT_DOWNLOAD_MAX_PDF_MB": f"{MAX_PDF_MB}",
        "DL_LIT_DOWNLOAD_EXCLUDE_HOSTS": ", ".join(excluded),
        "DL_LIT_DISK_DOWNLOADS_PAUSE_BELOW_MB": "0",
        "DL_LIT_DISK_EVERYTHING_BELOW_MB": "0",
    }


def _services_at(replica: Replica) -> str:
    return f"127.0.0.0/24:{replica.hosts.port}"


def _fill(database: Path, world: TrapWorld) -> dict[int, int]:
    """A database in which every case's work waits for queueing; the case of each entry, by position."""
    clock = SystemClock()
    store = open_store(database, clock, RECOGNISER, synchronous="NORMAL")
    engine = connect(database)
    try:
        (source,) = add_sources(engine, [NewSource("/traps.pdf", hashlib.sha256(b"traps").hexdigest(), 1)], clock)
        works = [world.work(number) for number in range(len(world.cases))]
        printed = tuple(
            Reference(position=number, raw=f"[{number}] {work.title}", title=work.title)
            for number, work in enumerate(works, start=1)
        )
        (claim,) = store.claim(StageName.EXTRACTION, 10)
        read = Bibliography(page_count=10, references=printed)
        store.record([Finished(claim, Done(Extracted(read)), clock.time(), 0.0)])
        claims = store.claim(StageName.ENRICHMENT, len(works))
        found = []
        for entry in claims:
            assert isinstance(entry.item, EntryItem)  # noqa: S101 - what enrichment is handed
            work = works[entry.item.reference.position - 1]
            found.append(Finished(entry, Done(Resolved(work=work, matched_by="doi")), clock.time(), 0.0))
        store.record(found)
        return {position: position - 1 for position in range(1, len(works) + 1)} if source.id else {}
    finally:
        engine.dispose()
        store.close()


class _FullDisk(FolderLibrary):
    """A library on a disk without room: the kernel's own refusal."""

    def incoming(self, work_id: int) -> Path:
        """A name behind which every write fails."""
        path = super().incoming(work_id)
        path.unlink()
        path.symlink_to("/dev/full")
        return path


class _StubbornDisk(FolderLibrary):
    """A library whose disk takes no file; permissions would say nothing to root."""

    def incoming(self, work_id: int) -> Path:
        """A name that cannot be opened for writing."""
        path = super().incoming(work_id)
        path.unlink()
        path.mkdir()
        return path

    def discard(self, path: Path) -> None:
        """Remove what stands in the way."""
        path.rmdir()


_DISKS = {"full": _FullDisk, "read-only": _StubbornDisk}


class _TrapShop(Workshop):
    """The workshop of a run, on a disk that may misbehave."""

    def __init__(self, settings: Settings, disk: str) -> None:
        super().__init__(settings, "bench traps", seed=5)
        self._disk = disk

    def _stages(self) -> list[Stage]:
        if self._disk:
            self.library = _DISKS[self._disk](self.settings.library, self.clock)
        return super()._stages()


class _Enough:
    """Ends a round that takes too long."""

    def __init__(self, clock: SystemClock) -> None:
        self._clock, self._start = clock, clock.monotonic()

    def should_stop(self) -> bool:
        return self._clock.monotonic() - self._start > LONGEST_S

    def should_hurry(self) -> bool:
        return self._clock.monotonic() - self._start > LONGEST_S + 5.0


def _run(shop: Workshop) -> None:
    run_once(shop, [], _Enough(SystemClock()))


@contextmanager
def names_of(world: TrapWorld) -> Iterator[None]:
    """The name system of the traps' own domain; all other names as ever."""
    usual = socket.getaddrinfo

    def told(host: Any, port: Any, *rest: Any, **named: Any) -> Any:
        name = str(host).lower().rstrip(".")
        if not name.endswith(DOMAIN):
            return usual(host, port, *rest, **named)
        addresses = world.resolve(name)
        if addresses is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [one for address in addresses for one in usual(address, port, *rest, **named)]

    socket.getaddrinfo = told  # the guard asks the system, and the system is what is under our control here
    try:
        yield
    finally:
        socket.getaddrinfo = usual


_ENDS = """
SELECT e.position, d.status, d.file_path, d.checksum_pdf, f.reason, f.needs_review, f.detail,
       coalesce(q.last_reason, m.last_reason), coalesce(q.last_detail, m.last_detail, ''),
       q.work_id IS NOT NULL OR m.work_id IS NOT NULL
FROM entries AS e
LEFT JOIN downloaded_references AS d ON d.work_id = e.work_id
LEFT JOIN failed_downloads AS f ON f.work_id = e.work_id
LEFT JOIN to_download_references AS q ON q.work_id = e.work_id
LEFT JOIN with_metadata AS m ON m.work_id = e.work_id
ORDER BY e.position
"""


def _read(database: Path, folder: Path, world: TrapWorld, numbers: Mapping[int, int]) -> list[Ended]:
    return [_ended(folder, world, numbers[row[0]], row) for row in asked(database, _ENDS)]


def _ended(folder: Path, world: TrapWorld, number: int, row: tuple[Any, ...]) -> Ended:
    _, status, path, checksum, reason, needs_review, detail, put_off, put_off_detail, is_waiting = row
    case = world.cases[number]
    if status is not None:
        held = hashlib.sha256((folder / "library" / path).read_bytes()).hexdigest()
        is_right = case.end.place is Place.LIBRARY and held == checksum and world.is_right(number, held)
        return Ended(case, End(Place.LIBRARY, Reason(status)), str(path), not is_right)
    if reason is not None:
        given_up = Place.WAITING if Reason(reason).is_transient else Place.FAILED
        place = Place.QUARANTINE if needs_review else given_up
        return Ended(case, End(place, Reason(reason)), str(detail), is_wrongly_accepted=False)
    if is_waiting:
        told = End(Place.WAITING, Reason(put_off)) if put_off else None
        return Ended(case, told, str(put_off_detail), is_wrongly_accepted=False)
    return Ended(case, None, "", is_wrongly_accepted=False)


def _conduct(replica: Replica, gap_s: float) -> dict[str, Any]:
    entries = replica.log.entries()
    canary = [entry.target for entry in entries if entry.site == "canary"]
    told = conduct(
        entries, gap_s=lambda site: max(gap_s, replica.asked_gap_s(site)), tolerance_s=_TOLERANCE_S, groups=("guest",)
    )
    return {
        "requests": told.requests,
        "canary": len(canary),
        "canary_at": canary,
        "gap_violations": len(told.gap_violations),
        "gap_violations_at": [f"{site} {gap:.3f} s" for site, gap in told.gap_violations],
        "smallest_gap_s": None if told.smallest_gap_s is None else round(told.smallest_gap_s, 4),
        "robots_violations": len(told.forbidden),
        "robots_violations_at": [f"{site}{target}" for site, target in told.forbidden],
        "repeated": len(told.repeated),
        "repeated_at": [f"{site}{target}" for site, target in told.repeated],
        "replica_problems": replica.problems,
    }
