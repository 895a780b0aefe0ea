"""How fast several daemons work off one database together, beside the peers; what is lost or doubled, kills included.

All on the same server, which writes durably, in interleaved rounds; what ran is counted outside the engines, in files
that each process appends a line to for every item a stage is asked about.
"""

from __future__ import annotations

import itertools
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg
from benchmarks import fleet_peers
from benchmarks.fleet_crew import Crew, Lines, Worker, ran, wait_for
from postgres_server import Server

from db.connect import open_database
from db.intake import add_sources
from dl_lit.core.clock import SystemClock
from dl_lit.core.database_address import signpost
from dl_lit.core.store import NewSource

LEFT = {
    "procrastinate": "SELECT count(*) FROM procrastinate_jobs WHERE status <> 'succeeded'",
    "pgqueuer": "SELECT count(*) FROM pgqueuer",
}
_ARRIVED = "SELECT count(*) FROM dl_lit.downloaded_references"
_DONE = "SELECT stage, item_id FROM dl_lit.attempts WHERE outcome = 'done'"
_NUMBERS = itertools.count()


@dataclass(slots=True)
class Bench:
    """Where all of it happens."""

    server: Server
    folder: Path
    daemons: int

    def place(self) -> Path:
        """A folder of one's own."""
        place = self.folder / f"place-{next(_NUMBERS)}"
        place.mkdir()
        return place

    def database(self, items: int, place: Path, *, host: str = "127.0.0.1") -> str:
        """The address of a new database of ours with so many PDFs to work on."""
        name = f"ours_{next(_NUMBERS)}"
        address = self.server.new_database(name)
        engine = open_database(signpost(address, place / "maker"))
        add_sources(engine, (NewSource(f"/papers/{n}.pdf", f"{n:064x}", 1) for n in range(items)), SystemClock())
        engine.dispose()
        return address if host == "127.0.0.1" else self.server.url(name, host=host)

    def server_cpu_s(self) -> float:
        """Processor time that the server has taken, with all its processes, those included that have ended."""
        main = psutil.Process(self.server.pid)
        times = main.cpu_times()
        ended: float = times.user + times.system + times.children_user + times.children_system
        return ended + sum(map(cpu_s, main.children(recursive=True)))

    def asked(self, address: str, query: str) -> list[tuple[Any, ...]]:
        """What the database says."""
        with psycopg.connect(address) as connection:
            return connection.execute(query).fetchall()


def daemon(address: str, place: Path, number: int, *options: str, within: tuple[str, ...] = ()) -> Worker:
    """A daemon of ours with a state of its own; `within` is what its command is begun with."""
    own = place / f"daemon-{number}"
    own.mkdir()
    command = [sys.executable, "-m", "benchmarks.fleet_ours", address, str(own), str(own / "ran"), *options]
    places = {f"XDG_{name}_HOME": str(own / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
    return Worker([*within, *command], own / "ran", places)


class Taken:
    """What the workers and the server take from now on: seconds, and seconds of processors."""

    def __init__(self, bench: Bench, crew: Crew) -> None:
        """The crew is at rest."""
        self._bench = bench
        self._workers = [psutil.Process(worker.process.pid) for worker in crew.workers]
        self._before = self._cpu()
        self._began = crew.go()

    def until(self, ended: float) -> tuple[float, float, float]:
        """Seconds; of processors those of the workers and those of the server."""
        workers, server = self._cpu()
        return ended - self._began, workers - self._before[0], server - self._before[1]

    def _cpu(self) -> tuple[float, float]:
        return sum(map(cpu_s, self._workers)), self._bench.server_cpu_s()


def cpu_s(process: psutil.Process) -> float:
    """Processor time of a process; 0 where it has just ended."""
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)


@dataclass(slots=True)
class Round:
    """One measurement: seconds, those of processors (of the workers, of the server), what became of the items."""

    items: int
    seconds: float
    workers_cpu_s: float
    server_cpu_s: float
    lost: int
    doubled: int

    @property
    def rate(self) -> float:
        """Items that went through all four stages, a second."""
        return (self.items - self.lost) / self.seconds


def ours(bench: Bench, items: int) -> Round:
    """The daemons together."""
    place = bench.place()
    address = bench.database(items, place)
    with Crew([daemon(address, place, number) for number in range(bench.daemons)]) as crew:
        files = [worker.ran for worker in crew.workers]
        taken, lines = Taken(bench, crew), Lines(files, b"download ")
        wait_for(lambda: lines.look() >= items, "items of ours to reach the last stage")
        used = taken.until(
            wait_for(lambda: bench.asked(address, _ARRIVED)[0][0] >= items, "items of ours to be written down")
        )
    return Round(items, *used, *_judged(bench, address, items, [(files, frozenset())]))


def peer(bench: Bench, python: Path, name: str, setting: int, items: int) -> Round:
    """As many workers of a peer."""
    place = bench.place()
    address = bench.server.new_database(f"{name}_{next(_NUMBERS)}")
    fleet_peers.fill(python, name, address, place / "filled", items)
    files = [place / f"ran-{number}" for number in range(bench.daemons)]
    with Crew([Worker(fleet_peers.command_of(python, name, setting, address, file), file) for file in files]) as crew:
        taken, lines = Taken(bench, crew), Lines(files, b"download ")
        wait_for(lambda: lines.look() >= items, f"items of {name} to reach the last stage")
        used = taken.until(
            wait_for(lambda: bench.asked(address, LEFT[name])[0][0] == 0, f"jobs of {name} to be done with")
        )
    found = ran(files)
    reached = sum(1 for stage, _ in found if stage == "download")
    return Round(items, *used, items - reached, sum(found.values()) - len(found))


@dataclass(slots=True)
class Deaths:
    """What kills in the middle came to."""

    kills: int = 0
    lost: int = 0
    doubled: int = 0
    interrupted: int = 0  # items that were in hand of the killed, and ran again
    takeovers_s: list[float] = field(default_factory=list)


def kill_one(bench: Bench, items: int, chance: random.Random, deaths: Deaths) -> None:
    """`kill -9` for one daemon in the middle of the work, the others go on; count what became of the items."""
    place = bench.place()
    address = bench.database(items, place)
    with Crew([daemon(address, place, number) for number in range(bench.daemons)]) as crew:
        files = [worker.ran for worker in crew.workers]
        lines = Lines(files, b" ")
        after = chance.randrange(items // 4, 3 * items)
        crew.go()
        wait_for(lambda: lines.look() >= after, "the moment of the kill")
        crew.workers[chance.randrange(bench.daemons)].end(kill=True)
        before = frozenset((str(stage), str(item)) for stage, item in bench.asked(address, _DONE))
        at_kill = ran(files)
        wait_for(lambda: bench.asked(address, _ARRIVED)[0][0] >= items, "the others to do the rest")
    deaths.kills += 1
    lost, doubled = _judged(bench, address, items, [(files, before)], at_kill)
    deaths.lost += lost
    deaths.doubled += doubled
    deaths.interrupted += sum(ran(files).values()) - len(ran(files))


def _judged(
    bench: Bench,
    address: str,
    items: int,
    runs: list[tuple[list[Path], frozenset[tuple[str, str]]]],
    at_kill: Counter[tuple[str, str]] | None = None,
) -> tuple[int, int]:
    """How many items did not arrive, and how many outcomes there are too many.

    Doubled is what was written twice; asked about twice while nobody had been killed; or asked about again after a kill
    although the first answer was durable by then.
    """
    written = Counter((str(stage), str(item)) for stage, item in bench.asked(address, _DONE))
    arrived = sum(1 for stage, _ in written if stage == "download")
    doubled = sum(count - 1 for count in written.values())
    for files, durable in runs:
        found = ran(files)
        if at_kill is None:
            doubled += sum(found.values()) - len(found)
        else:
            doubled += sum(count - at_kill[what] for what, count in found.items() if what in durable)
    return items - arrived, doubled


def pause() -> None:
    """Let the server write down what it put off, so that the next round does not pay for it."""
    time.sleep(1.0)
