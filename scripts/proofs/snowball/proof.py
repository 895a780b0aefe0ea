"""Snowballing on a folder of papers whose references cite each other: bounded as planned, nothing fetched twice.

    scripts/prove snowball [--sources 20] [--depth 2] [--budget 40] [--works 800] [--giant 400] [--kills 4] [--json]

The replica serves PDFs that print references: circles of all lengths, works that cite people's own papers, and one
giant. The program runs once undisturbed, and once more on a fresh database while it is killed with SIGKILL again and
again; both have to end with the same works read at the same levels. Everything is counted once more from the rows:
the choice of each level, the budgets, PRISMA's numbers, doctor's invariants; and in the replica's log, that no file was
served twice. "tried" are the sources that were read, "doubled" the files that were fetched twice.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from proofs.snowball.judging import Picture, Plan, picture, problems
from proofs.snowball.world import Size, World, world
from proofs.verdict import Verdict

_LONGEST_S = 900.0
_FINISHED = frozenset({0, 3})


@dataclass(slots=True)
class Found:
    """What came of it."""

    failures: list[str] = field(default_factory=list)
    doubled: int = 0
    more: dict[str, Any] = field(default_factory=dict)


@click.command()
@click.option("--sources", default=20, show_default=True, help="People's own papers.")
@click.option("--depth", default=2, show_default=True, help="Levels of works that are read.")
@click.option("--budget", default=40, show_default=True, help="Works that are read at each.")
@click.option("--works", default=800, show_default=True, help="Works there are.")
@click.option("--giant", default=400, show_default=True, help="Works that the giant cites.")
@click.option("--kills", default=4, show_default=True, help="Of the disturbed run; 0: there is none.")
@click.option("--seed", default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True)
def command(**options: Any) -> None:
    """Snowball through a world that cites itself, undisturbed and killed, and count everything once more."""
    as_json = options.pop("as_json")
    with tempfile.TemporaryDirectory(prefix="dl-lit-prove-") as temporary:
        proven(Path(temporary), **options).tell(as_json=as_json)


def proven(
    base: Path, *, sources: int, depth: int, budget: int, works: int, giant: int, kills: int, seed: int
) -> Verdict:
    """What came of a world of this size."""
    plan = Plan(depth=depth, per_level=budget, max_references=max(1, giant // 4))
    found = Found()
    with world(base, Size(sources=sources, works=works, giant=giant, seed=seed)) as place:
        began = time.monotonic()
        calm = _run(place, base / "calm", plan, found, ())
        found.more["seconds"] = round(time.monotonic() - began, 1)
        if kills:
            place.replica.reset()
            chance = random.Random(seed)
            moments = [chance.uniform(0.15, 0.85) * found.more["seconds"] / 2 for _ in range(kills)]
            rough = _run(place, base / "killed", plan, found, moments)
            found.failures += _differences(calm, rough)
    return Verdict(
        "snowball",
        tried=sum(calm.sources.values()),
        lost=0,
        doubled=found.doubled,
        untyped=0,
        failures=found.failures,
        more={
            "sources_by_level": {str(level): number for level, number in sorted(calm.sources.items())},
            "works": calm.works,
            "references": calm.entries,
            "left_out_of_the_giant": calm.cut,
            **found.more,
        },
    )


def _run(place: World, folder: Path, plan: Plan, found: Found, kills: Sequence[float]) -> Picture:
    """One run to its end, killed on the way; what it left, held against the plan."""
    folder.mkdir()
    killed = sum(_killed(_start(place, folder, plan), after_s) for after_s in kills)
    began = time.monotonic()
    with _start(place, folder, plan) as process:
        output, _ = process.communicate(timeout=_LONGEST_S)
    if process.returncode not in _FINISHED:
        raise click.ClickException(f"a run ended with {process.returncode}: {(folder / 'stderr').read_text()[-2000:]}")
    document = json.loads(output)
    name = folder.name
    found.more[f"{name}_run_s"] = round(time.monotonic() - began, 1)
    if kills:
        found.more["kills"] = killed
        # The next run tells the one that was killed before it.
        if killed and not document["runs_killed"]:
            found.failures.append(f"{name}: the run before was killed, and nobody says so")
    database = folder / "bench.db"
    found.failures += [f"{name}: {problem}" for problem in problems(database, plan, document["run"])]
    twice = {work: times for work, times in place.fetched().items() if times > 1}
    # A file that was on its way when the process was killed is fetched again: that is not the same file twice.
    found.doubled += 0 if kills else len(twice)
    found.more[f"{name}_fetched_twice"] = len(twice)
    if kills and len(twice) > killed * place.workload.raw["workers"]["download"]:
        found.failures.append(
            f"{name}: {len(twice)} files were fetched twice, more than were in hand at {killed} kills"
        )
    found.more[f"{name}_files"] = len(place.fetched())
    found.more[f"{name}_levels"] = [
        {key: level[key] for key in ("level", "sources", "new_works", "works", "next", "stopped")}
        for level in document["levels"]
    ]
    return picture(database)


def _start(place: World, folder: Path, plan: Plan) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "dl_lit", "process-folder-concurrent", str(place.papers), "--json", "--quiet"]
    words += ["--no-report", "--depth", str(plan.depth), "--level-budget", str(plan.per_level)]
    env = place.environment(folder) | {
        "DL_LIT_SNOWBALL_MAX_REFERENCES": str(plan.max_references),
        "DL_LIT_SNOWBALL_LEAST_NEW": "0",
    }
    with (folder / "stderr").open("ab") as log:
        return subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=log, start_new_session=True)


def _killed(process: subprocess.Popen[bytes], after_s: float) -> bool:
    """Kill the whole program after so long; whether it was still at work."""
    with process:
        try:
            process.communicate(timeout=after_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return True
    return False


def _differences(calm: Picture, rough: Picture) -> list[str]:
    """What the disturbed run read otherwise."""
    found = []
    for level in sorted({*calm.levels, *rough.levels}):
        one, other = calm.levels.get(level, frozenset()), rough.levels.get(level, frozenset())
        if one != other:
            found.append(
                f"level {level}: {len(one - other)} works are not read after kills, {len(other - one)} others are"
            )
    return found
