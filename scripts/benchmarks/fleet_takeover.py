"""How long it takes until another daemon has what a lost one had in hand: after a kill, and after being cut off."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

from benchmarks.fleet_crew import Crew, Worker, wait_for
from benchmarks.fleet_places import Places
from benchmarks.fleet_speed import Bench, daemon

_ITEMS = 6  # fewer than one daemon takes at once: nothing is left for the other
_CLAIMED = "SELECT count(*) FROM dl_lit.claims"


@dataclass(frozen=True, slots=True)
class Takeovers:
    """Seconds from the loss of a daemon until another ran the first item of its; medians. None: not measured."""

    killed_s: float | None
    cut_off_s: float | None  # from its last moment in reach; the lease is part of it


def takeovers(bench: Bench, places: Places, *, lease_s: float, times: int) -> Takeovers:
    """Both, some times each."""
    killed = [_taken_over(bench, places, lease_s, cut=False) for _ in range(times)]
    cut = [_taken_over(bench, places, lease_s, cut=True) for _ in range(times if places.are_apart else 0)]
    return Takeovers(_median(killed), _median(cut))


def _taken_over(bench: Bench, places: Places, lease_s: float, *, cut: bool) -> float:
    place = bench.place()
    address = bench.database(_ITEMS, place, host=places.host)
    lease = ("--lease-s", str(lease_s))
    holder = daemon(address, place, 0, "--hold", *lease, within=places.within(0))
    other = daemon(address, place, 1, *lease, within=places.within(1))
    with Crew([holder, other]) as crew:
        holder.go()
        wait_for(holder.has_ran, "the first daemon to have rows in hand")
        wait_for(lambda: _claimed(bench, address) >= _ITEMS, "the first daemon to claim all")
        other.go()
        time.sleep(2.0)  # it has looked, and is at rest
        if other.has_ran():
            raise RuntimeError("the other daemon worked on what was in another's hand")
        lost = time.monotonic()
        if cut:
            places.cut(0)
        else:
            _kill(holder)
        try:
            taken = wait_for(other.has_ran, "the other daemon to take over", lease_s + 60.0)
        finally:
            if cut:
                places.mend(0)
        crew.end(kill=True)
    return taken - lost


def _kill(worker: Worker) -> None:
    worker.process.kill()  # `ip netns exec` becomes what it starts


def _claimed(bench: Bench, address: str) -> int:
    database = address.rpartition("/")[2]
    return int(bench.asked(bench.server.admin_url(database), _CLAIMED)[0][0])


def _median(found: list[float]) -> float | None:
    return round(statistics.median(found), 2) if found else None
