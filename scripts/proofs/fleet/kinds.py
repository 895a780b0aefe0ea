"""What is lost at work: daemons, the database, the way to it."""

from __future__ import annotations

import json
import re
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

from proofs.crash.family import freeze
from proofs.fleet.claims import Item, Takeover
from proofs.fleet.crew import Fleet

from dl_lit.replica.faults import Fault, FaultKind
from dl_lit.replica.server import Replica

LOCKED_S = 2.0
"""Within so long the hands of a daemon are free whose end the server knows of: it holds the liveness lock no more."""

BEYOND_S = 1.0
"""Within so long after its lease they are where the server does not."""

_DOWN_S = 3.0
LATER_S = 2.0
"""So long after its lease some downloads end of a daemon that is cut off: others have, or had, the works by then."""

_LOOK_S = 0.05
_SAID_WITHIN_S = 20.0


@dataclass
class Course:
    """How a disturbed batch went."""

    disturbances: int = 0
    takeovers: list[Takeover] = field(default_factory=list)
    resumed_s: list[float] = field(default_factory=list)  # from the database's being back to the next claim
    fetched_away: int = 0  # files that came to a daemon which could not reach the database
    thrown_away: int = 0  # outcomes of it that others had been given, as it said
    amiss: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        """For the report."""
        freed = [one.freed_s for one in self.takeovers]
        taken = [one.taken_s for one in self.takeovers if one.taken_s is not None]
        return {
            "disturbances": self.disturbances,
            "in_hand": sum(one.items for one in self.takeovers),
            "freed_s": _rounded(freed),
            "takeover_s": _rounded(taken),
            "resumed_s": _rounded(self.resumed_s),
            "fetched_away": self.fetched_away,
            "thrown_away": self.thrown_away,
        }


def _rounded(found: list[float]) -> dict[str, float] | None:
    return {"median": round(statistics.median(found), 2), "most": round(max(found), 2)} if found else None


def undisturbed(fleet: Fleet, course: Course, cut_s: float) -> None:
    """Nothing is lost."""
    del fleet, course, cut_s


def daemons(fleet: Fleet, course: Course, cut_s: float) -> None:
    """`kill -9` of each in turn, once it has something in hand; it is begun again when others have taken that over."""
    del cut_s
    for daemon in fleet.daemons:
        kill_one(fleet, course, daemon.number)
        fleet.begin(daemon.number)


def kill_one(fleet: Fleet, course: Course, number: int) -> None:
    """Kill this daemon while it has something in hand, and see that taken over."""
    fleet.wait_busy(number)
    pid = fleet.daemons[number].pid
    freeze(pid)  # what it holds is what it dies with
    loss = Loss.of(fleet, pid)
    fleet.daemons[number].kill()
    has_lock = fleet.ground.pooler is None
    _see(fleet, course, loss, LOCKED_S if has_lock else fleet.ground.lease_s + BEYOND_S)


def database(fleet: Fleet, course: Course, cut_s: float) -> None:
    """`kill -9` of the server and all its processes while all have something in hand; it is begun again in a while."""
    del cut_s
    fleet.wait_busy(len(fleet.daemons) - 1)
    fleet.ground.server.kill()
    time.sleep(_DOWN_S)
    fleet.ground.server.start()
    course.disturbances += 1
    back = fleet.watch.now()
    fleet.wait(lambda: _claimed_since(fleet, back) or fleet.waiting() == 0, "work to go on", 60.0)
    course.resumed_s.append((fleet.watch.now() - back).total_seconds())


def partition(fleet: Fleet, course: Course, cut_s: float) -> None:
    """One daemon's network is cut while it has something in hand, and mended later."""
    number = len(fleet.daemons) - 1
    fleet.wait_busy(number)
    pid, places = fleet.daemons[number].pid, fleet.ground.places
    began = time.monotonic()
    places.cut(number)
    try:
        _see(fleet, course, Loss.of(fleet, pid), fleet.ground.lease_s + BEYOND_S)
        time.sleep(max(0.0, began + cut_s - time.monotonic()))
    finally:
        places.mend(number)


def cut_off(fleet: Fleet, course: Course, cut_s: float) -> None:
    """One daemon is cut off from the database alone, while it downloads: half of that ends before its lease does.

    The other half ends when others have the works. All else is quick again for them meanwhile.
    """
    number, lease_s = len(fleet.daemons) - 1, fleet.ground.lease_s
    daemon, places, replica = fleet.daemons[number], fleet.ground.places, fleet.ground.scene.replica
    for group, delay_s in (("publisher", lease_s / 2), ("repository", lease_s + LATER_S)):
        replica.add_fault(Fault(kind=FaultKind.SLOW, group=group, call="pdf", delay_s=delay_s))
    client = places.address(number)
    fleet.wait(lambda: _downloads(replica, client) > 1, f"daemon {number} to download", 60.0)
    began = time.monotonic()
    places.cut_from_database(number)
    replica.faults.clear()
    try:
        _see(fleet, course, Loss.of(fleet, daemon.pid), lease_s + BEYOND_S)
        time.sleep(max(0.0, began + cut_s - time.monotonic()))
        course.fetched_away = _came(replica, client, (began, time.monotonic()))
    finally:
        places.mend(number)
    if not course.fetched_away:
        course.amiss.append("nothing came to the daemon that was cut off from the database alone")
    fleet.wait(lambda: daemon.pid in fleet.watch.hands(), f"daemon {number} to be back", 60.0)
    deadline = time.monotonic() + _SAID_WITHIN_S
    while not (thrown := _thrown_away(daemon.home)) and time.monotonic() < deadline:
        time.sleep(_LOOK_S)
    course.thrown_away = thrown
    if not thrown:
        course.amiss.append("it did not say that what others had been given is not written down")


def _downloads(replica: Replica, client: str) -> int:
    """How many files the daemon at this address has asked for that have not begun to come."""
    return sum(".pdf" in target for target in replica.asked_for(client))


def _came(replica: Replica, client: str, between: tuple[float, float]) -> int:
    """How many files the replica sent to this address in that time, which had been asked for before."""
    began, ended = between
    sent = [one for one in replica.log.entries() if one.client == client and ".pdf" in one.target and one.bytes_sent]
    return sum(one.status == HTTPStatus.OK and one.at < began < one.at + one.duration < ended for one in sent)


def _thrown_away(home: Path) -> int:
    """How many outcomes a daemon says it has thrown away: they were others' by then."""
    lines = map(json.loads, (home / "log.jsonl").read_text(encoding="utf-8").splitlines())
    told = [str(line["event"]) for line in lines if str(line["event"]).startswith("taken_over")]
    return sum(int(number) for one in told for number in re.findall(r"\b(\d+) [a-z]+", one.partition(";")[0]))


def pooler(fleet: Fleet, course: Course, cut_s: float) -> None:
    """All reach the database through a pooler: `kill -9` of that, which begins again at once, and of a daemon."""
    del cut_s
    number = len(fleet.daemons) - 1
    fleet.wait_busy(number)
    pooler = fleet.ground.pooler
    assert pooler is not None, "it is before the server"  # noqa: S101
    pooler.restart()
    course.disturbances += 1
    back = fleet.watch.now()
    fleet.wait(lambda: _claimed_since(fleet, back) or fleet.waiting() == 0, "work to go on", 60.0)
    course.resumed_s.append((fleet.watch.now() - back).total_seconds())
    kill_one(fleet, course, number)
    fleet.begin(number)


@dataclass(frozen=True, slots=True)
class Loss:
    """A daemon that was lost, what it had in hand, and when, by the server's clock."""

    pid: int
    held: set[Item]
    at: datetime

    @classmethod
    def of(cls, fleet: Fleet, pid: int) -> Loss:
        """It is lost now."""
        return cls(pid, fleet.watch.hands().get(pid, set()), fleet.watch.now())


def _see(fleet: Fleet, course: Course, loss: Loss, within_s: float) -> None:
    course.disturbances += 1
    found = fleet.watch.takeover(loss.pid, loss.held, loss.at, within_s + 10.0)
    if found is None:
        course.amiss.append(f"nobody took process {loss.pid} for lost within {within_s + 10:.0f} s")
        return
    course.takeovers.append(found)
    if found.freed_s > within_s:
        course.amiss.append(f"what process {loss.pid} held was free after {found.freed_s:.2f} s, not {within_s:.0f} s")


def _claimed_since(fleet: Fleet, moment: datetime) -> bool:
    return any(claimed > moment for (claimed,) in fleet.asked("SELECT claimed_at FROM dl_lit.claims"))


Kind = Callable[[Fleet, Course, float], None]

KINDS: dict[str, Kind] = {
    "equal": undisturbed,
    "daemons": daemons,
    "database": database,
    "partition": partition,
    "cut-off": cut_off,
    "pooler": pooler,
}

NEED_PLACES = frozenset({"partition", "cut-off"})
