"""`kill -9` at random moments of a real run, again and again; then nothing may be lost, doubled or left behind.

    scripts/prove crash [--rounds 25] [--sources 6] [--seed 1] [--json]

An undisturbed run of the same papers against the same replica is the measure: the disturbed one, finished at last, must
have the same entries in the same order, the same works, the same files, and no temporary file.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import click
from proofs.picture import broken_promises, differences
from proofs.scene import FINISHED, Scene, scene
from proofs.verdict import Verdict


@click.command()
@click.option("--rounds", default=25, show_default=True, help="Kills.")
@click.option("--sources", default=6, show_default=True, help="Papers, of 30 entries each.")
@click.option("--seed", default=1, show_default=True, help="Decides the moments.")
@click.option("--keep", type=click.Path(path_type=Path), help="Work in this new folder, and keep it to look at.")
@click.option("--json", "as_json", is_flag=True)
def command(rounds: int, sources: int, seed: int, *, keep: Path | None, as_json: bool) -> None:
    """Kill a run at random moments and compare what it comes to with an undisturbed one."""
    with ExitStack() as stack:
        base = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dl-lit-prove-")))
        base.mkdir(exist_ok=True)
        verdict = prove(stack.enter_context(scene(base, sources)), base, rounds, random.Random(seed))
    verdict.tell(as_json=as_json)


def prove(scene: Scene, base: Path, rounds: int, chance: random.Random) -> Verdict:
    """Kill so many times, in as many runs as that takes."""
    runs: list[Path] = []
    restarts: list[float] = []
    kills = 0
    began = time.perf_counter()
    scene.finish(base / "calm")
    longest_s = max(0.2, (time.perf_counter() - began) / 4)
    while kills < rounds or not runs:
        runs.append(base / f"rough-{len(runs)}")
        hit, took = _rough(scene, runs[-1], chance, rounds - kills, longest_s)
        kills += hit
        restarts += took
    expected = scene.picture(base / "calm")
    found = [(folder, differences(expected, scene.picture(folder))) for folder in runs]
    failures = [f"{folder.name}: {line}" for folder, one in found for line in one.told]
    failures += [
        f"{folder.name}: broken: {name}" for folder in runs for name in broken_promises(scene.database(folder))
    ]
    return Verdict(
        "crash",
        tried=kills,
        lost=sum(one.lost for _, one in found),
        doubled=sum(one.doubled for _, one in found),
        untyped=0,
        failures=failures,
        more={
            "runs": len(runs),
            "entries": len(expected.entries),
            "files": len(expected.files),
            "restart_s": round(statistics.median(restarts), 3) if restarts else None,
        },
    )


def _rough(scene: Scene, folder: Path, chance: random.Random, kills: int, longest_s: float) -> tuple[int, list[float]]:
    """Start and kill until `kills` have hit or the run has ended in between; hits, and seconds to the first items."""
    hit, restarts = 0, []
    while hit < kills:
        began = time.time()
        child = scene.start(folder)
        # One kill in eight comes while the program is still getting up.
        if chance.random() > 1 / 8:
            first = _first_item_after(folder / "log.jsonl", began, child)
            restarts += [first - began] if first is not None else []
        try:
            child.wait(timeout=chance.uniform(0.0, longest_s))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            hit += 1
            continue
        if child.returncode not in FINISHED:
            raise click.ClickException(f"a run ended with {child.returncode}: see {folder / 'stderr'}")
        return hit, restarts
    scene.finish(folder)
    return hit, restarts


def _first_item_after(log: Path, began: float, child: subprocess.Popen[bytes]) -> float | None:
    """When (epoch seconds) the run wrote down its first item; None when it ended without one."""
    offset = log.stat().st_size if log.exists() else 0
    while child.poll() is None and time.time() - began < 60:
        if log.exists():
            with log.open("rb") as file:
                file.seek(offset)
                if b'"item"' in file.read():
                    return time.time()
        time.sleep(0.01)
    return None
