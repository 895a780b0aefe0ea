"""dl_lit's engine with four stages that find everything at once, in a process of its own.

    python -m benchmarks.engine_ours FOLDER [--synchronous FULL] [--told FD] [--ran FILE]

All that surrounds an item in a real run is there: a durable database, a permit of a service's gate, retries armed,
tallies, a log line an outcome to a file. Prints one JSON document.
"""

from __future__ import annotations

import json
import os
import random
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from db.lock import PipelineLock
from db.store import SqliteStore
from dl_lit import logs
from dl_lit.app.item_log import log_items
from dl_lit.app.recognising import RECOGNISER
from dl_lit.core.clock import SystemClock
from dl_lit.core.items import Downloaded, Extracted, Facts, Queued, Resolved
from dl_lit.core.job import Answer, Claim, Done
from dl_lit.core.model import Bibliography, Location, Name, Reference, StageName, Work
from dl_lit.core.proof import Proof, Verdict
from dl_lit.core.services import Lane, Service, Window
from dl_lit.core.store import Finished
from dl_lit.net import gate as gates
from dl_lit.runtime import collector
from dl_lit.runtime.brakes import Gauges
from dl_lit.runtime.pipeline import Pipeline, Shape

WORKERS = dict(zip(StageName, (2, 4, 2, 8), strict=True))  # the defaults
_PROOF = Proof(verdict=Verdict.VERIFIED, score=1.0)
_LOCATION = Location(url="https://repository.example/paper.pdf", found_by="bench")


def extracted(claim: Claim) -> Facts:
    """One entry."""
    entry = Reference(position=1, raw=f"Author, A. Title {claim.id}. 2020.", title=f"Title {claim.id}")
    return Extracted(Bibliography(page_count=1, references=(entry,)))


def resolved(claim: Claim) -> Facts:
    """A work of its own for every entry."""
    work = Work(
        title=f"Title {claim.id}",
        doi=f"10.1000/{claim.id}",
        year=2020,
        authors=(Name("Author", "A."),),
        metadata_source="bench",
    )
    return Resolved(work=work, matched_by="doi")


def queued(_claim: Claim) -> Facts:
    """One open copy."""
    return Queued((_LOCATION,))


def downloaded(claim: Claim) -> Facts:
    """A file of its own."""
    return Downloaded(
        path=f"{claim.id}.pdf",
        sha256=f"{claim.id:064x}",
        size_bytes=1,
        page_count=1,
        location=_LOCATION,
        final_url=_LOCATION.url,
        proof=_PROOF,
    )


FINDS: dict[StageName, Callable[[Claim], Facts]] = dict(
    zip(StageName, (extracted, resolved, queued, downloaded), strict=True)
)


class AtOnce:
    """A stage that finds what it should without delay; `before` hears of each claim first."""

    def __init__(self, name: StageName, before: Callable[[Claim], None]) -> None:
        """`before` takes the permit, where the stage needs one."""
        self.name = name
        self._find = FINDS[name]
        self._before = before

    def batch_size(self, phase: str) -> int:  # noqa: ARG002 - the protocol's signature
        """One at a time."""
        return 1

    def handle(self, claims: Sequence[Claim]) -> Iterator[tuple[Claim, Answer]]:
        """Find everything."""
        for claim in claims:
            self._before(claim)
            yield claim, Done(self._find(claim))

    def close(self) -> None:
        """Nothing is open."""


def gate(clock: SystemClock, chance: random.Random) -> gates.ServiceGate:
    """The gate of a service that allows more than the engine can ask."""
    lane = Lane((Window(1_000_000, 1.0),), 1_000)
    service = Service(name="bench", base_url="http://127.0.0.1", polite=lane, anonymous=lane)
    return gates.ServiceGate(service, clock=clock, rng=chance, is_polite=True)


class Watched:
    """What is noted about a run for those outside: when the first item ran, which ran, how much is written."""

    def __init__(self, ran: Path | None, told: int | None) -> None:
        """`ran` gets a line for every item a stage is asked about; `told` (a file descriptor) one for every group."""
        self.first_cpu_s: float | None = None
        self._ran = None if ran is None else os.open(ran, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._told = told
        self._written = 0

    def running(self, claim: Claim) -> None:
        """A stage is asked about `claim`."""
        if self.first_cpu_s is None:
            used = resource.getrusage(resource.RUSAGE_SELF)
            self.first_cpu_s = used.ru_utime + used.ru_stime
        if self._ran is not None:
            os.write(self._ran, f"{claim.stage.value} {claim.id}\n".encode())

    def written(self, group: Sequence[Finished]) -> None:
        """A group is durable."""
        if self._told is not None:
            self._written += len(group)
            os.write(self._told, f"{self._written}\n".encode())


def run(folder: Path, *, synchronous: str, watched: Watched) -> dict[str, Any]:
    """Work off the database in `folder`."""
    clock, chance = SystemClock(), random.Random(1)
    logs.configure(form="json", file=folder / "items.log", file_mb=1_000)
    permits = gate(clock, chance)

    def ask(claim: Claim) -> None:
        watched.running(claim)
        permits.release(permits.acquire(), gates.Verdict.ANSWERED, status=200)

    def on_recorded(group: Sequence[Finished]) -> None:
        watched.written(group)
        log_items(group)

    database = folder / "engine.db"
    with PipelineLock(database, "bench", clock):
        store = SqliteStore(database, clock, RECOGNISER, synchronous=synchronous)
        stages = [AtOnce(name, ask if name is StageName.ENRICHMENT else watched.running) for name in StageName]
        pipeline = Pipeline(
            stages,
            store,
            Shape(workers=WORKERS),
            clock=clock,
            chance=chance,
            read_pressure=Gauges((folder,), clock).read,
            on_recorded=on_recorded,
        )
        collector.calm()
        wall, cpu = time.perf_counter(), time.process_time()
        pipeline.start()
        pipeline.drain(lambda: False)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        pipeline.stop()
        store.close()
    logs.close()
    return {
        "seconds": wall,
        "cpu_s": cpu,
        "done": pipeline.tally.stages[StageName.DOWNLOAD].done,
        "first_cpu_s": watched.first_cpu_s,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--synchronous", default="FULL")
@click.option("--told", type=int)
@click.option("--ran", type=click.Path(path_type=Path))
def main(folder: Path, synchronous: str, told: int | None, ran: Path | None) -> None:
    """Run, and print the figures."""
    click.echo(json.dumps(run(folder, synchronous=synchronous, watched=Watched(ran, told))))


if __name__ == "__main__":
    main()
