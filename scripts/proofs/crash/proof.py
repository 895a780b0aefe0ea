"""`kill -9` at every moment of the real program's life, again and again; then nothing may be lost, doubled or left.

    scripts/prove crash [--database sqlite|postgresql] [--rounds 25] [--seed 1] [--jobs 2] [--minutes M] [--only RUN]

A run is one home: papers come in by a folder, a watched folder or uploads, the database is new or of an older release,
and the program is killed and started again until all is done. The parent is killed, a child, all children, or all of
them; at random moments, and at those that a phase is known by (`phases.py`), of which each run has its share. To aim,
the program is stopped, looked at, and killed where it is, or let go on. The measure is an undisturbed run of the same
papers against the same replica. Runs go on side by side, in processes with a replica each.

On PostgreSQL the database is on a server of our own, and half of the kills hit that: all of it, its first process, one
that serves the program, or server and program; or it is stopped at once. It is back within two seconds or so.
"""

from __future__ import annotations

import math
import multiprocessing
import signal
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from proofs.crash.report import Report, tell, verdict_of
from proofs.crash.rough import Calm, calm_runs, course, rough_run
from proofs.crash.ways import OLDER
from proofs.scene import Scene, scene

if TYPE_CHECKING:
    from postgres_server import Server

_SCALE = 40  # how much faster than the real one the replica's time runs
# Services and hosts so slow, and so few workers, that each stage has something in hand for a second or so of a run.
_LATENCY_S = {
    **dict.fromkeys(("openalex", "crossref", "datacite", "arxiv"), (6.0, 6.0)),
    **dict.fromkeys(("unpaywall", "europepmc"), (12.0, 12.0)),
    **dict.fromkeys(("publisher", "repository", "pmc"), (8.0, 24.0)),
}
_WORKERS = {"extraction": 2, "enrichment": 4, "queueing": 2, "download": 6}
_CLOSED_PERCENT = 40  # works that have to be looked for at further services while they are queued


@click.command()
@click.option("--database", default="sqlite", show_default=True, type=click.Choice(["sqlite", "postgresql"]))
@click.option("--rounds", default=25, show_default=True, help="Kills.")
@click.option("--sources", default=3, show_default=True, help="Papers.")
@click.option("--entries", default=10, show_default=True, help="Of each paper.")
@click.option("--seed", default=1, show_default=True, help="Decides the moments.")
@click.option("--jobs", default=2, show_default=True, help="Runs that go on side by side.")
@click.option("--minutes", type=float, help="Begin no run after so long, however many kills there were.")
@click.option("--only", type=int, help="Only the run of this number.")
@click.option("--keep", type=click.Path(path_type=Path), help="Work in this new folder, and keep runs with failures.")
@click.option("--json", "as_json", is_flag=True)
def command(
    rounds: int,
    seed: int,
    *,
    database: str,
    sources: int,
    entries: int,
    jobs: int,
    minutes: float | None,
    only: int | None,
    keep: Path | None,
    as_json: bool,
) -> None:
    """Kill the program at random and at aimed moments and compare what it comes to with an undisturbed run."""
    with ExitStack() as stack:
        base = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dl-lit-prove-")))
        base.mkdir(exist_ok=True)
        began = time.monotonic()
        until = math.inf if minutes is None else began + 60.0 * minutes
        runs: list[Report] = []
        for run in side_by_side(Terms(base, sources, entries, seed, database), rounds, jobs, only=only, until=until):
            runs.append(run)
            tell(run, sum(one.phases.total() for one in runs))
        verdict = verdict_of(runs, seed, seconds=time.monotonic() - began)
    verdict.tell(as_json=as_json)


@dataclass(frozen=True, slots=True)
class Terms:
    """What all runs of a call have in common."""

    base: Path
    sources: int
    entries: int
    seed: int
    database: str = "sqlite"

    @property
    def older(self) -> Sequence[str]:
        """The schemas that databases may begin with: on PostgreSQL none was ever other than it is."""
        return OLDER if self.database == "sqlite" else ()


def side_by_side(
    terms: Terms, rounds: int, jobs: int, *, only: int | None = None, until: float = math.inf
) -> Iterator[Report]:
    """Runs as they end, until there are so many kills, or the monotonic second `until` is over; those begun are ended.

    With `only` it is the run of that number alone.
    """
    context, killed, number = multiprocessing.get_context("spawn"), 0, 0
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=(terms,)) as pool:
        if only is not None:
            yield pool.submit(_one_run, only).result()
            return
        under_way: dict[Future[Report], int] = {}  # with the kills that each is to make
        while True:
            while len(under_way) < jobs and killed + sum(under_way.values()) < rounds and time.monotonic() < until:
                number += 1
                under_way[pool.submit(_one_run, number)] = len(course(number, terms.seed, terms.older)[2])
            if not under_way:
                return
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                del under_way[future]
                killed += future.result().phases.total()
                yield future.result()


_here: tuple[Scene, Calm, Terms, Server | None] | None = None  # of this process
_open = ExitStack()


def _begin(terms: Terms) -> None:
    """Make this process's scene, which lasts as long as it does, and what undisturbed runs leave there."""
    # What a shell ignores for us, the program would ignore, too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    global _here  # noqa: PLW0603 - what a pool's process has is its own
    base = terms.base / multiprocessing.current_process().name
    base.mkdir()
    place = _open.enter_context(
        scene(
            base,
            terms.sources,
            entries=terms.entries,
            time_scale=_SCALE,
            workers=_WORKERS,
            latency_s=_LATENCY_S,
            closed_percent=_CLOSED_PERCENT,
        )
    )
    server = None
    if terms.database == "postgresql":
        from postgres_server import Server  # noqa: PLC0415 - needs the extra's driver

        server = _open.enter_context(Server(durable=True))
    _here = place, calm_runs(place, base, older=terms.older, server=server), replace(terms, base=base), server


def _one_run(number: int) -> Report:
    if _here is None:
        raise RuntimeError("there is no scene")
    place, calm, terms, server = _here
    return rough_run(place, terms.base, number, terms.seed, calm, server=server)
