"""Faults of the machine under the real program, each for a while: nothing may be lost, and each has its word.

    scripts/prove machine [--rounds N] [--kind KIND]... [--seed 1] [--keep DIR] [--json]

Decision 25 has the table of faults, one module here has each kind. Disks are real ones, mounted in a namespace of this
proof's own; where that is not to be had, their rows are told as skipped with the reason. An undisturbed run of the same
papers is the measure, as for `scripts/prove crash`, and whatever the program says must be a word of ours.
"""

from __future__ import annotations

import importlib
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import click
from proofs.machine import writes
from proofs.machine.course import Ground
from proofs.machine.disk import Skipped, start_inside
from proofs.machine.home import Home
from proofs.machine.row import Trial, verdict
from proofs.scene import Scene, scene
from proofs.shim.loaded import NoCompiler
from proofs.verdict import Verdict

_ROWS = {"damaged-at-work": ("damaged", "rows_at_work")}
KINDS = (
    *("full", "away", "locked", "leftover", "descriptors", "memory"),
    *("damaged", "damaged-at-work", "twice", "beside", "writes"),
)
_PAPERS, _ENTRIES, _SCALE = 3, 5, 20
_WORKERS = {"extraction": 1, "enrichment": 2, "queueing": 1, "download": 6}
_FEW_WORKERS = {"extraction": 1, "enrichment": 2, "queueing": 1, "download": 4}


@click.command()
@click.option("--rounds", default=100, show_default=True, help="Pairs of daemons, and writes that fail by number.")
@click.option("--seed", default=1, show_default=True, help="Decides moments, bytes and pages.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="All unless said.")
@click.option("--keep", type=click.Path(path_type=Path), help="Work in this new folder, and keep it to look at.")
@click.option("--json", "as_json", is_flag=True)
def command(rounds: int, seed: int, kinds: Sequence[str], *, keep: Path | None, as_json: bool) -> None:
    """Let disks, locks, descriptors and memory fail under the program, and compare with an undisturbed run."""
    if (code := start_inside(sys.argv[1:])) is not None:
        sys.exit(code)
    with ExitStack() as stack:
        base = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dl-lit-prove-")))
        base.mkdir(exist_ok=True)
        result = prove(base, rounds, seed, kinds or KINDS)
    result.tell(as_json=as_json)


def prove(base: Path, rounds: int, seed: int, kinds: Sequence[str]) -> Verdict:
    """Every trial of these kinds."""
    trials: list[Trial] = []
    skipped: dict[str, str] = {}
    began = time.monotonic()
    with ExitStack() as stack:
        made = stack.enter_context(scene(base, _PAPERS, entries=_ENTRIES, time_scale=_SCALE, workers=_WORKERS))
        for trial in _trials(made, base, rounds, seed, kinds, skipped):
            trials.append(trial)
            _say(trial, time.monotonic() - began)
    return verdict("machine", trials, skipped=skipped, seconds=round(time.monotonic() - began))


def _trials(  # noqa: PLR0917 - what is asked for
    made: Scene, base: Path, rounds: int, seed: int, kinds: Sequence[str], skipped: dict[str, str]
) -> Iterator[Trial]:
    calm = Home(base / "calm", made).made()
    calm.finish()
    ground = Ground(made, calm.picture(), base, seed, rounds)
    for kind in kinds:
        try:
            if kind == "writes":
                yield from _writes(base / kind, rounds, seed)
            else:
                module, rows = _ROWS.get(kind, (kind, "rows"))
                yield from getattr(importlib.import_module(f"proofs.machine.{module}"), rows)(ground)
        except (Skipped, NoCompiler) as why:
            skipped[kind] = str(why)


def _writes(base: Path, rounds: int, seed: int) -> Iterator[Trial]:
    base.mkdir()
    with scene(base, 2, entries=6, time_scale=50, workers=_FEW_WORKERS) as made:
        yield from writes.trials(made, base, rounds, random.Random(seed))


def _say(trial: Trial, seconds: float) -> None:
    word = "failed" if trial.failures else "holds"
    click.echo(f"{seconds:6.0f} s  {word:6}  {trial.row}: {trial.hit}: {'; '.join(trial.saw)}", err=True)
    for line in trial.told:
        click.echo(f"          {line}", err=True)
