"""What is lost at work: daemons, the database, the way to it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from proofs.crash.family import freeze
from proofs.fleet.claims import Item, Takeover
from proofs.fleet.crew import Fleet

LOCKED_S = 2.0
"""Within so long the hands of a daemon are free whose end the server knows of: it holds the liveness lock no more."""

BEYOND_S = 1.0
"""Within so long after its lease they are where the server does not."""

_DOWN_S = 3.0


@dataclass
class Course:
    """How a disturbed batch went."""

    disturbances: int = 0
    takeovers: list[Takeover] = field(default_factory=list)
    resumed_s: list[float] = field(default_factory=list)  # from the database's being back to the next claim
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


def pooler(fleet: Fleet, course: Course, cut_s: float) -> None:
    """All reach the database through a pooler: `kill -9` of a daemon, and of the pooler, which begins again at once."""
    del cut_s
    number = len(fleet.daemons) - 1
    kill_one(fleet, course, number)
    fleet.begin(number)
    fleet.wait_busy(number)
    pooler = fleet.ground.pooler
    assert pooler is not None, "it is before the server"  # noqa: S101
    pooler.restart()
    course.disturbances += 1
    back = fleet.watch.now()
    fleet.wait(lambda: _claimed_since(fleet, back) or fleet.waiting() == 0, "work to go on", 60.0)
    course.resumed_s.append((fleet.watch.now() - back).total_seconds())


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
    "pooler": pooler,
}
