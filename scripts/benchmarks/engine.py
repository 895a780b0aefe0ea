"""The engine alone: its speed beside huey's and beside a bare loop's, what a kill -9 costs, how its memory grows.

    scripts/bench engine [--json] [--items 10000] [--rounds 3] [--kills 5] [--memory]

Everything runs in child processes of its own; rounds are interleaved, so that a busy machine is busy for all, and
medians are reported. CPU figures are those of the process that works, from the first claim to the last commit; the wall
clock is good for ratios within one run only.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from db.connect import open_database
from db.intake import add_sources
from dl_lit.core.clock import SystemClock
from dl_lit.core.store import NewSource

_HUEY_SHARE = 10  # it is given so many times fewer items: its rate does not depend on their number, our patience does
_PATIENCE_S = 600.0


def prepared(folder: Path, items: int) -> Path:
    """A database with `items` PDFs to work on, in a fresh folder."""
    folder.mkdir(parents=True)
    engine = open_database(folder / "engine.db")
    add_sources(engine, (NewSource(f"/papers/{n}.pdf", f"{n:064x}", 1) for n in range(items)), SystemClock())
    engine.dispose()
    return folder


def child(module: str, *arguments: object, may_be_done: bool = False) -> dict[str, Any]:
    """The figures that the module prints; unless it `may_be_done` already, it has to finish something."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_PATIENCE_S)
    if done.returncode != 0:
        raise click.ClickException(f"{module} ended with {done.returncode}: {done.stderr[-2000:]}")
    figures: dict[str, Any] = json.loads(done.stdout)
    if not figures["done"] and not may_be_done:
        raise click.ClickException(f"{module} finished nothing: there is nothing to compare")
    return figures


def killed(module: str, *arguments: object, after: int) -> None:
    """Start the module, and kill it once it has told of more than `after` outcomes."""
    reader, writer = os.pipe()
    command = [sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments), "--told", str(writer)]
    with (
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=(writer,)) as process,
        os.fdopen(reader, encoding="ascii") as told,
    ):
        os.close(writer)
        for line in told:
            if int(line) > after:
                process.kill()
                break
        process.wait(_PATIENCE_S)


@dataclass(slots=True)
class Kills:
    """What several kills in the middle came to."""

    lost: int = 0
    doubled: int = 0
    interrupted: int = 0  # items that were in hand and ran again
    recovery_cpu_s: list[float] = field(default_factory=list)


def kill_ours(folder: Path, items: int, chance: random.Random, kills: Kills) -> None:
    """Kill the engine in the middle, start it again, and count."""
    prepared(folder, items)
    killed("engine_ours", folder, "--ran", folder / "ran-1", after=chance.randrange(items // 2, 3 * items))
    before = _done(folder)
    # A quick machine may have finished by the time that the signal comes.
    figures = child("engine_ours", folder, "--ran", folder / "ran-2", may_be_done=True)
    after, again = _done(folder), _ran(folder / "ran-2")
    reached = {item for stage, item in after if stage == "download"}
    kills.lost += items - len(reached)
    # Done twice: written twice, or asked about again although the first answer was durable, or twice in one process.
    kills.doubled += sum(count - 1 for count in after.values())
    kills.doubled += sum(count for what, count in again.items() if what in before)
    kills.doubled += sum(count - 1 for count in again.values())
    kills.interrupted += len(again.keys() & _ran(folder / "ran-1").keys() - before.keys())
    if figures["first_cpu_s"] is not None:
        kills.recovery_cpu_s.append(figures["first_cpu_s"])


def _done(folder: Path) -> Counter[tuple[str, int]]:
    connection = sqlite3.connect(folder / "engine.db")
    try:
        rows = connection.execute("SELECT stage, item_id FROM attempts WHERE outcome = 'done'").fetchall()
        (files,) = connection.execute("SELECT count(*) FROM downloaded_references").fetchone()
    finally:
        connection.close()
    found = Counter((str(stage), int(item)) for stage, item in rows)
    logged = sum(1 for stage, _ in found if stage == "download")
    if logged != files:
        raise click.ClickException(f"{logged} downloads are logged, but {files} files are in the table")
    return found


def _ran(path: Path) -> Counter[tuple[str, int]]:
    if not path.exists():
        return Counter()
    pairs = (line.split() for line in path.read_text(encoding="ascii").splitlines())
    return Counter((stage, int(item)) for stage, item in pairs)


def kill_huey(folder: Path, items: int, chance: random.Random) -> int:
    """Kill huey in the middle, start it again; how many chains never ended."""
    folder.mkdir(parents=True)
    after = chance.randrange(items // 4, 3 * items // 4)
    killed("engine_huey", folder, "--items", items, "--expected", items, after=after)
    return items - int(child("engine_huey", folder, "--expected", items, "--patience-s", 3)["done"])


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="dl-lit-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(items: int, rounds: int, kills: int, *, memory: bool) -> dict[str, Any]:
    """All figures."""
    few = max(50, items // _HUEY_SHARE)
    runs: dict[str, list[dict[str, float]]] = {"ours": [], "normal": [], "floor": [], "huey": []}
    with scratch() as folder:
        for number in range(rounds):
            place = folder / f"round-{number}"
            runs["ours"].append(child("engine_ours", prepared(place / "full", items)))
            runs["huey"].append(child("engine_huey", _made(place / "huey"), "--items", few, "--expected", few))
            runs["floor"].append(child("engine_floor", _made(place / "floor"), "--items", items))
            runs["normal"].append(child("engine_ours", prepared(place / "normal", items), "--synchronous", "NORMAL"))
            shutil.rmtree(place)
            _say(number, runs)
        deaths, chance = Kills(), random.Random(20261122)
        for number in range(kills):
            kill_ours(folder / f"kill-{number}", few, chance, deaths)
        lost_by_huey = kill_huey(folder / "huey-kill", few, chance) if kills else 0
        peaks = {count: _peak_mb(folder / f"memory-{count}", count) for count in ((1_000, 100_000) if memory else ())}
    for name, expected in (("ours", items), ("normal", items), ("floor", items), ("huey", few)):
        deaths.lost += 0 if name == "huey" else sum(expected - int(run["done"]) for run in runs[name])
    result: dict[str, Any] = {
        "schema": "dl-lit/bench-engine/1",
        "items": items,
        "synchronous": "FULL",
        **_figures(runs["ours"]),
        "floor_cpu_ms_per_item": _figures(runs["floor"])["cpu_ms_per_item"],
        "floor_items_per_s": _figures(runs["floor"])["items_per_s"],
        "normal": {"synchronous": "NORMAL", **_figures(runs["normal"])},
        "huey": {"items": few, **_figures(runs["huey"]), "lost": lost_by_huey},
        "ratio_to_huey": round(
            statistics.median(_rate(ours) / _rate(huey) for ours, huey in zip(runs["ours"], runs["huey"], strict=True)),
            2,
        ),
        "kills": kills,
        "lost": deaths.lost,
        "doubled": deaths.doubled,
        "interrupted": deaths.interrupted,
        "recovery_cpu_s": round(statistics.median(deaths.recovery_cpu_s), 3) if deaths.recovery_cpu_s else None,
    }
    return result | {f"memory_mb_{count}": round(peak, 1) for count, peak in peaks.items()}


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def _peak_mb(folder: Path, items: int) -> float:
    return float(child("engine_ours", prepared(folder, items))["peak_mb"])


def _rate(run: dict[str, float]) -> float:
    return run["done"] / run["seconds"]


def _figures(runs: list[dict[str, float]]) -> dict[str, float]:
    return {
        "items_per_s": round(statistics.median(map(_rate, runs)), 1),
        "cpu_ms_per_item": round(statistics.median(run["cpu_s"] / run["done"] * 1_000 for run in runs), 4),
    }


def _say(number: int, runs: dict[str, list[dict[str, float]]]) -> None:
    told = ", ".join(
        f"{name} {_rate(done[-1]):.0f}/s {done[-1]['cpu_s'] / done[-1]['done'] * 1_000:.3f} ms"
        for name, done in runs.items()
    )
    click.echo(f"round {number + 1}: {told}", err=True)


@click.command()
@click.option("--items", default=10_000, show_default=True, help="Items through the four stages.")
@click.option("--rounds", default=3, show_default=True, help="Interleaved rounds; medians are told.")
@click.option("--kills", default=5, show_default=True, help="How often it is killed in the middle.")
@click.option("--memory", is_flag=True, help="Measure memory at 1,000 and 100,000 items, too.")
@click.option("--json", "as_json", is_flag=True)
def command(items: int, rounds: int, kills: int, *, memory: bool, as_json: bool) -> None:
    """Measure the engine with stages that do nothing."""
    result = measure(items, rounds, kills, memory=memory)
    if as_json:
        click.echo(json.dumps(result, indent=1))
        return
    for name, value in result.items():
        click.echo(f"{name:24} {json.dumps(value) if isinstance(value, dict) else value}")
