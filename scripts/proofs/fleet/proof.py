"""The same batch on SQLite with one daemon and on PostgreSQL with three: equal results, whatever is lost meanwhile.

    scripts/prove fleet [--json] [--short] [--only KIND] [--keep FOLDER]

The server is one of our own and durable (`scripts/postgres_server`), the daemons stand in network namespaces
(`benchmarks/fleet_places.py`); where there are none they are processes on loopback, and nobody is cut off. Papers and
library are in folders that all reach. Of the kinds, `pooler` is left out where there is no PgBouncer. What differs by
nature is named in `left.py`.
"""

from __future__ import annotations

import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from benchmarks.fleet_places import Places
from postgres_server import Missing, Pooler, Server
from proofs.fleet.crew import Ground, fleet
from proofs.fleet.kinds import KINDS, NEED_PLACES, Course
from proofs.fleet.left import judged
from proofs.picture import Differences, Picture
from proofs.scene import scene
from proofs.verdict import Verdict

_SCALE = 40  # how much faster than the real one the replica's time runs
# Services and hosts so slow, and so few workers, that each daemon has something in hand for seconds.
_LATENCY_S = {
    **dict.fromkeys(("openalex", "crossref", "datacite", "arxiv"), (4.0, 4.0)),
    **dict.fromkeys(("unpaywall", "europepmc"), (4.0, 4.0)),
    **dict.fromkeys(("publisher", "repository", "pmc"), (12.0, 24.0)),
}
_WORKERS = {"extraction": 1, "enrichment": 2, "queueing": 1, "download": 2}
_ENTRIES = 8


@click.command()
@click.option("--sources", type=int, help="Papers; 8, or 4 in short.")
@click.option("--only", type=click.Choice(list(KINDS)), multiple=True, help="Only this kind of disturbance.")
@click.option("--short", is_flag=True, help="Few papers, and a cut of some seconds with a short lease.")
@click.option("--keep", type=click.Path(path_type=Path), help="Work in this new folder, and keep it.")
@click.option("--json", "as_json", is_flag=True)
def command(*, sources: int | None, only: tuple[str, ...], short: bool, keep: Path | None, as_json: bool) -> None:
    """Run one batch on both databases and compare, with daemons, database and network lost."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # namespaces and daemons are to end with us
    lease_s, cut_s = (3.0, 8.0) if short else (20.0, 60.0)
    with ExitStack() as stack:
        base = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dl-lit-prove-")))
        base.mkdir(exist_ok=True)
        try:
            places = stack.enter_context(Places.made())
            server = stack.enter_context(Server(durable=True, listen=places.listen))
        except Missing as error:
            raise click.ClickException(str(error)) from error
        places.lead_to_loopback()
        place = stack.enter_context(
            scene(
                base,
                sources or (4 if short else 8),
                entries=_ENTRIES,
                time_scale=_SCALE,
                workers=_WORKERS,
                latency_s=_LATENCY_S,
            )
        )
        ground = Ground(place, places, server, daemons=3, lease_s=lease_s)
        verdict = prove(ground, base, only or tuple(KINDS), cut_s)
    verdict.tell(as_json=as_json)


def prove(ground: Ground, base: Path, kinds: tuple[str, ...], cut_s: float) -> Verdict:
    """All kinds of disturbances, one after the other, each with a batch of its own."""
    expected = on_sqlite(ground, base / "sqlite")
    figures: dict[str, Any] = {}
    failures: list[str] = []
    lost = doubled = disturbances = 0
    for kind in kinds:
        if kind in NEED_PLACES and not ground.places.are_apart:
            continue
        try:
            course, found, seconds = one_batch(ground, base / kind, kind, expected, cut_s)
        except Missing as error:
            click.echo(f"{kind:10} left out: {error}", err=True)
            continue
        except click.ClickException as error:  # the others are tried all the same
            failures.append(f"{kind}: {error.message}")
            click.echo(failures[-1], err=True)
            continue
        figures[kind] = {"seconds": round(seconds, 1), "equal": found.none, **course.figures()}
        lost, doubled = lost + found.lost, doubled + found.doubled
        disturbances += course.disturbances
        failures += [f"{kind}: {line}" for line in (*course.amiss, *found.told)]
        click.echo(f"{kind:10} {figures[kind]}", err=True)
    return Verdict(
        "fleet",
        tried=disturbances,
        lost=lost,
        doubled=doubled,
        untyped=0,
        failures=failures,
        more={
            "postgresql": ground.server.version if ground.server.running else "",
            "daemons": ground.daemons,
            "namespaces": ground.places.are_apart,
            "lease_s": ground.lease_s,
            "cut_s": cut_s,
            "entries": len(expected.entries),
            "works": len(expected.works),
            "files": len(expected.files),
            "kinds": figures,
        },
    )


def on_sqlite(ground: Ground, folder: Path) -> Picture:
    """What one daemon makes of the papers on SQLite."""
    ground.scene.finish(folder)
    return ground.scene.picture(folder)


def one_batch(
    ground: Ground, folder: Path, kind: str, expected: Picture, cut_s: float
) -> tuple[Course, Differences, float]:
    """How a batch went on PostgreSQL, how its result differs, and how long it took."""
    course, began = Course(), time.monotonic()
    with ExitStack() as stack:
        if kind == "pooler":
            pooler = stack.enter_context(Pooler(ground.server, listen=ground.places.listen))
            ground = replace(ground, pooler=pooler)
        crew = stack.enter_context(fleet(ground, folder, f"batch_{kind}"))
        KINDS[kind](crew, course, cut_s)
        course.amiss += crew.finish()
        seconds = time.monotonic() - began
        _, found = judged(crew, expected)
    return course, found, seconds
