"""`kill -9` at random moments of a real run, again and again; then nothing may be lost, doubled or left behind.

    scripts/prove crash [--rounds 25] [--sources 6] [--seed 1] [--json]

An undisturbed run of the same papers against the same replica is the measure: the disturbed one, finished at last, must
have the same entries in the same order, the same works, the same files, and no temporary file.
"""

from __future__ import annotations

import hashlib
import json
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
from benchmarks.pipeline import environment, replica_of
from benchmarks.workload import Workload

from db.reading.doctor import invariants
from db.reading.opening import reading
from dl_lit.replica.server import Replica

_FINISHED = {0, 3}
_ENTRIES = """
SELECT s.sha256, e.position, e.reference ->> '$.raw',
       coalesce(w.doi, w.title), f.reason, d.checksum_pdf, fd.reason
FROM entries AS e JOIN sources AS s ON s.id = e.source_id
LEFT JOIN works AS w ON w.id = e.work_id
LEFT JOIN failed_enrichments AS f ON f.entry_id = e.id
LEFT JOIN downloaded_references AS d ON d.work_id = e.work_id
LEFT JOIN failed_downloads AS fd ON fd.work_id = e.work_id
ORDER BY s.sha256, e.id
"""


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything a finished run left."""

    entries: list[tuple[Any, ...]]  # in the order of their rows: source, position, text, and what became of each
    works: list[str]
    files: dict[str, str]  # name: sha256
    rows: dict[str, str]  # file_path: sha256, as the database has them
    leftovers: list[str]


def picture(folder: Path) -> Picture:
    """Read what is in the folder of a finished run."""
    with closing(sqlite3.connect(folder / "bench.db")) as connection:
        entries = connection.execute(_ENTRIES).fetchall()
        works = [row[0] for row in connection.execute("SELECT coalesce(doi, title) FROM works ORDER BY 1")]
        rows = dict(connection.execute("SELECT file_path, checksum_pdf FROM downloaded_references"))
    library = folder / "library"
    files, leftovers = {}, []
    for path in sorted(library.rglob("*")):
        name = str(path.relative_to(library))
        if path.is_file() and name.endswith(".pdf") and not name.startswith("."):
            files[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        elif path.is_file():
            leftovers.append(name)
    return Picture(entries, works, files, rows, leftovers)


@click.command()
@click.option("--rounds", default=25, show_default=True, help="Kills.")
@click.option("--sources", default=6, show_default=True, help="Papers, of 30 entries each.")
@click.option("--seed", default=1, show_default=True, help="Decides the moments.")
@click.option("--keep", type=click.Path(path_type=Path), help="Work in this new folder, and keep it to look at.")
@click.option("--json", "as_json", is_flag=True)
def command(rounds: int, sources: int, seed: int, *, keep: Path | None, as_json: bool) -> None:
    """Kill a run at random moments and compare what it comes to with an undisturbed one."""
    workload = Workload.load()
    chance = random.Random(seed)
    with ExitStack() as stack:
        base = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dl-lit-prove-")))
        base.mkdir(exist_ok=True)
        pdfs, universe = workload.write(base, sources)
        runs: list[Path] = []
        restarts: list[float] = []
        kills = 0
        with replica_of(workload, universe) as replica:
            scene = Scene(workload, replica, pdfs)
            began = time.perf_counter()
            _finish(_start(scene, base / "calm"))
            longest_s = max(0.2, (time.perf_counter() - began) / 4)
            while kills < rounds or not runs:
                runs.append(base / f"rough-{len(runs)}")
                hit, took = _rough(scene, runs[-1], chance, rounds - kills, longest_s)
                kills += hit
                restarts += took
        expected = picture(base / "calm")
        result: dict[str, Any] = {
            "rounds": kills,
            "runs": len(runs),
            "entries": len(expected.entries),
            "files": len(expected.files),
            "lost": 0,
            "doubled": 0,
            "orphans": 0,
            "unequal": 0,
            "broken_invariants": [],
        }
        for folder in runs:
            _compare(expected, picture(folder), result)
            result["broken_invariants"] += _broken(folder)
    result["restart_s"] = round(statistics.median(restarts), 3) if restarts else None
    click.echo(json.dumps(result) if as_json else "\n".join(f"{name:18} {value}" for name, value in result.items()))
    sound = not (
        result["lost"] or result["doubled"] or result["orphans"] or result["unequal"] or result["broken_invariants"]
    )
    sys.exit(0 if sound else 1)


@dataclass(frozen=True, slots=True)
class Scene:
    """What every run of the proof has in common."""

    workload: Workload
    replica: Replica
    pdfs: Path


def _start(scene: Scene, folder: Path) -> subprocess.Popen[bytes]:
    folder.mkdir(exist_ok=True)
    command = [
        sys.executable,
        "-m",
        "dl_lit",
        "process-folder-concurrent",
        str(scene.pdfs),
        "--json",
        "--quiet",
        "--no-report",
    ]
    log = (folder / "stderr").open("ab")
    with log:
        return subprocess.Popen(
            command,
            env=environment(scene.workload, scene.replica, folder),
            stdout=subprocess.DEVNULL,
            stderr=log,
            start_new_session=True,
        )


def _finish(child: subprocess.Popen[bytes]) -> None:
    code = child.wait(timeout=600)
    if code not in _FINISHED:
        raise click.ClickException(f"a run ended with {code}")


def _rough(scene: Scene, folder: Path, chance: random.Random, kills: int, longest_s: float) -> tuple[int, list[float]]:
    """Start and kill until `kills` have hit or the run has ended in between; hits, and seconds to the first items."""
    hit, restarts = 0, []
    while hit < kills:
        began = time.time()
        child = _start(scene, folder)
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
        if child.returncode not in _FINISHED:
            raise click.ClickException(f"a run ended with {child.returncode}: see {folder / 'stderr'}")
        return hit, restarts
    _finish(_start(scene, folder))
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


def _compare(expected: Picture, found: Picture, result: dict[str, Any]) -> None:
    wanted, got = [entry[:3] for entry in expected.entries], [entry[:3] for entry in found.entries]
    result["lost"] += len(set(wanted) - set(got)) + len(set(expected.works) - set(found.works))
    result["lost"] += len(set(expected.files.values()) - set(found.files.values()))
    result["doubled"] += len(got) - len(set(got)) + len(found.works) - len(set(found.works))
    result["doubled"] += len(found.files) - len(set(found.files.values()))
    result["orphans"] += len(set(found.files) ^ set(found.rows)) + len(found.leftovers)
    result["unequal"] += sum(
        a != b for a, b in zip(sorted(expected.entries, key=str), sorted(found.entries, key=str), strict=False)
    )
    # Order: an entry's row number rises with its position, within each source.
    result["unequal"] += sum(a[0] == b[0] and a[1] >= b[1] for a, b in pairwise(got))


def _broken(folder: Path) -> list[str]:
    """The invariants that do not hold on the finished database."""
    with reading(folder / "bench.db") as connection:
        return [finding.name for finding in invariants(connection) if not finding.holds]
