"""A million references in one database: what is done and asked all day costs what it does at ten thousand.

    scripts/prove scale [--rounds 15] [--entries 1000000] [--few 10000] [--forms jsonl] [--rows 200000]
        [--no-whole] [--keep DIR] [--json]

Both databases are filled by SQL, proven possible by doctor, and asked in turn; what is told are medians of processor
time. The statements that run are caught and their plans asked for: none may read a growing table from end to end, but
for those that are named with a reason.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from proofs.scale import plans
from proofs.scale.figures import Subject, command_s, interleaved
from proofs.scale.filling import broken, fill
from proofs.scale.memory import peaks
from proofs.scale.whole import KINDS, wholes
from proofs.verdict import Verdict

MOST_RATIO = 1.3
"""How much more something may take with a hundred times as much in the database."""

_LEAST_S = 20e-6  # differences below this are of the clock and of one level more in a tree
FORMS = ("bibtex", "ris", "csl_json", "csv_table", "jsonl")


def told(few_s: float, many_s: float) -> dict[str, Any]:
    """The figures of one thing."""
    return {"few_ms": round(few_s * 1e3, 4), "many_ms": round(many_s * 1e3, 4), "ratio": round(many_s / few_s, 2)}


def _say(name: str, few_s: float, many_s: float) -> None:
    click.echo(f"{name}: {few_s * 1e3:.3f} ms, {many_s * 1e3:.3f} ms", err=True)


def too_slow(name: str, few_s: float, many_s: float) -> str | None:
    """A line where the ratio is not held."""
    if many_s <= MOST_RATIO * few_s or many_s - few_s < _LEAST_S:
        return None
    return f"{name}: {few_s * 1e3:.3f} ms with few, {many_s * 1e3:.3f} ms with many, {many_s / few_s:.2f} times"


def prove(
    folder: Path, entries: int, few: int, rounds: int, *, forms: Sequence[str], rows: int, has_whole: bool
) -> Verdict:
    """All of it."""
    began = time.perf_counter()
    more: dict[str, Any] = {"ratio_at_most": MOST_RATIO}
    failures: list[str] = []
    paths = {}
    for name, number in (("few", few), ("many", entries)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        paths[name] = folder / name / "scale.db"
        if not paths[name].exists():
            more[name] = fill(paths[name], number)
            failures += [f"{name}: doctor: {line}" for line in broken(paths[name])]
    with plans.caught() as statements:
        subjects = {name: Subject(paths[name], number) for name, number in (("few", few), ("many", entries))}
        figures = interleaved(
            subjects["few"], subjects["many"], rounds, _say, lambda one, other: bool(too_slow("", one, other))
        )
        for subject in subjects.values():
            subject.close()
    more["figures"] = {name: told(one, other) for name, (one, other, _) in figures.items()}
    failures += [line for name, (one, other, held) in figures.items() if held and (line := too_slow(name, one, other))]
    failures += [f"plan: {line}" for line in plans.complaints(paths["many"], statements)]
    for words in (("status",), ("status", "--json")):
        one, other = (command_s(paths[name], *words, rounds=3) for name in ("few", "many"))
        more["figures"]["dl-lit " + " ".join(words)] = told(one, other)
        failures += [line] if (line := too_slow("dl-lit " + " ".join(words), one, other)) else []
        _say("dl-lit " + " ".join(words), one, other)
    more["memory_mb"] = peaks(paths["few"], paths["many"], forms, rows)
    for what, pair in more["memory_mb"].items():
        if pair["ratio"] > MOST_RATIO:
            failures.append(f"memory: {what}: {pair['few_mb']} MB with few, {pair['many_mb']} MB with many")
    for form in forms:
        pair = more["memory_mb"][f"export {form}"]
        more["figures"][f"exported row, {form}"] = told(pair["few_s"], pair["many_s"])
        line = too_slow(f"exported row, {form}", pair["few_s"], pair["many_s"])
        failures += [line] if line else []
    click.echo(json.dumps(more["memory_mb"]), err=True)
    if has_whole:
        more["whole"] = wholes(paths["few"], paths["many"], (few, entries), KINDS)
        failures += [
            f"memory: {what}: {pair['few_mb']} MB with few, {pair['many_mb']} MB with many"
            for what, pair in more["whole"].items()
            if pair["many_mb"] > MOST_RATIO * pair["few_mb"]
        ]
    for name in ("few", "many"):
        failures += [f"{name}, after all this: doctor: {line}" for line in broken(paths[name])]
    more["statements"] = len({plans.shape(one) for one in statements})
    more["exceptions"] = dict(plans.EXCEPTIONS)
    more["seconds"] = round(time.perf_counter() - began, 1)
    return Verdict("scale", tried=len(more["figures"]), lost=0, doubled=0, untyped=0, failures=failures, more=more)


@click.command()
@click.option("--rounds", default=15, show_default=True, help="Times that each thing is done on each database.")
@click.option("--seed", default=1, show_default=True, help="Decides nothing here: what is written is told by numbers.")
@click.option("--entries", default=1_000_000, show_default=True, help="References in the large database.")
@click.option("--few", default=10_000, show_default=True, help="References in the small one.")
@click.option("--forms", default=",".join(FORMS), show_default=True, help="Formats in which everything is exported.")
@click.option("--rows", default=200_000, show_default=True, help="Of each format, written at most.")
@click.option("--whole/--no-whole", "has_whole", default=True, help="Also doctor, backup, retention and upgrades.")
@click.option("--keep", type=click.Path(path_type=Path), help="Work in this folder, and keep it.")
@click.option("--json", "as_json", is_flag=True)
def command(
    *,
    rounds: int,
    seed: int,
    entries: int,
    few: int,
    forms: str,
    rows: int,
    has_whole: bool,
    keep: Path | None,
    as_json: bool,
) -> None:
    """Prove that a million references cost no more than ten thousand."""
    del seed
    folder = keep or Path(tempfile.mkdtemp(prefix="dl-lit-scale-"))
    try:
        wanted = [one for one in forms.split(",") if one]
        verdict = prove(folder, entries, few, rounds, forms=wanted, rows=rows, has_whole=has_whole)
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    verdict.tell(as_json=as_json)
