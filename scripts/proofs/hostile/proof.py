"""Bad PDFs, each read as the daemon reads them and a share of them by the daemon itself; and our parsers fuzzed.

    scripts/prove hostile [--rounds 200] [--seed 1] [--alive 20] [--files DIR]... [--fuzz-minutes 0] [--json]

A round is one file made by one of the families of `made`, from the demo's papers and from those of `--files`, which are
read as they are as well. Every `--alive`-th file and one of each family go through the running daemon: watched, split,
downloaded. The proof fails where a file comes to anything but a bibliography or one of the reasons a file may be given
("untyped"), takes longer or more memory than allowed, where a sound paper cannot be read after it ("lost"), a child
outlives its reader, or the daemon's own process is touched; and, when fuzzing, where a parser of ours raises what it
does not declare, or takes more than a second or 300 MB for one input.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from proofs.hostile.reading import Outcome, complaints, outcomes_of
from proofs.verdict import Verdict

_ROOT = Path(__file__).resolve().parents[3]
_SAMPLES = _ROOT / "dl_lit" / "demo" / "samples"
_BROKEN = _ROOT / "dl_lit" / "demo" / "broken"
_ROUNDS = 200


@click.command()
@click.option("--rounds", type=click.IntRange(min=0), help="Files that are made; 200, or none where there are --files.")
@click.option("--seed", default=1, show_default=True, help="Decides what is made, and what is fuzzed.")
@click.option(
    "--files", "folders", type=click.Path(path_type=Path, exists=True), multiple=True, help="Folders of PDFs."
)
@click.option("--workers", default=2, show_default=True, help="Files read at the same time.")
@click.option("--timeout", "timeout_s", default=30.0, show_default=True, help="Seconds a file may take.")
@click.option("--step", default=1, show_default=True, help="Read every n-th file of the folders only.")
@click.option("--alive", default=20, show_default=True, help="Each n-th made file goes through the daemon; 0: none.")
@click.option("--fuzz-minutes", default=0.0, show_default=True, help="All targets together.")
@click.option("--target", "targets", multiple=True, help="Fuzz these only.")
@click.option("--keep", type=click.Path(path_type=Path), help="Work in this new folder, and keep it to look at.")
@click.option("--json", "as_json", is_flag=True)
def command(
    *,
    rounds: int | None,
    seed: int,
    folders: tuple[Path, ...],
    workers: int,
    timeout_s: float,
    step: int,
    alive: int,
    fuzz_minutes: float,
    targets: tuple[str, ...],
    keep: Path | None,
    as_json: bool,
) -> None:
    """Read hostile files and prove that each ends in one typed outcome, within its limits."""
    rounds = (0 if folders or fuzz_minutes else _ROUNDS) if rounds is None else rounds
    given = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())[::step]
    if folders and not given:
        raise click.UsageError(f"no file in {', '.join(map(str, folders))}: nothing would be proven")
    began = time.monotonic()
    failures: list[str] = []
    more: dict[str, Any] = {}
    outcomes: list[Outcome] = []
    with ExitStack() as stack:
        base = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dl-lit-prove-")))
        base.mkdir(exist_ok=True)
        chosen: list[Path] = []
        if given or rounds:
            paths = _paths(given, base, chosen, rounds=rounds, seed=seed, alive=alive)
            outcomes = outcomes_of(paths, workers=workers, timeout_s=timeout_s, sound=_sound_paper())
            failures += complaints(outcomes, timeout_s)
        if alive and chosen:
            from proofs.hostile.living import lived  # noqa: PLC0415 - brings the replica of the web
            from proofs.hostile.verbs import all_done  # noqa: PLC0415

            more["orders"], found = all_done(chosen, base / "orders", timeout_s=timeout_s)
            failures += found
            life = lived(chosen, base / "daemon", sound=_sound_paper())
            failures += life.failures
            more["daemon"] = life.figures
        if fuzz_minutes:
            from proofs.hostile.fuzz.running import fuzzed  # noqa: PLC0415 - brings all parsers
            from proofs.hostile.fuzz.targets import TARGETS  # noqa: PLC0415

            fuzz = fuzzed(targets or list(TARGETS), fuzz_minutes, seed, base / "fuzz")
            failures += fuzz.failures
            more["fuzz"] = {"engine": fuzz.engine, "minutes": fuzz_minutes, "inputs": dict(fuzz.inputs)}
    more["seconds"] = round(time.monotonic() - began, 1)
    _verdict(outcomes, failures, more).tell(as_json=as_json)


def _verdict(outcomes: list[Outcome], failures: list[str], more: dict[str, Any]) -> Verdict:
    kinds = Counter(each.outcome for each in outcomes)
    fuzz = more.get("fuzz", {"inputs": {}})
    return Verdict(
        "hostile",
        tried=len(outcomes) + sum(fuzz["inputs"].values()),
        lost=kinds["unread"] + sum(" lost: " in one for one in failures),
        doubled=0,
        untyped=sum(": raised: " in one or ": untyped" in one or ": parser-crashed" in one for one in failures),
        failures=failures,
        more={
            "files": len(outcomes),
            "outcomes": dict(kinds.most_common()),
            "peak_mb": max((each.peak_mb for each in outcomes), default=0),
            "most_memory": [asdict(each) for each in sorted(outcomes, key=lambda each: -each.peak_mb)[:5]],
            "slowest": [asdict(each) for each in sorted(outcomes, key=lambda each: -each.seconds)[:5]],
            **more,
        },
    )


def _paths(given: list[Path], base: Path, chosen: list[Path], *, rounds: int, seed: int, alive: int) -> Iterator[Path]:
    """The files as they are, the demo's broken ones, and those made; some of the latter are `chosen`."""
    from proofs.hostile.made import made  # noqa: PLC0415 - nothing is made of nothing

    yield from given
    if not rounds:
        return
    yield from sorted(_BROKEN.glob("*.pdf"))
    folder = base / "made"
    folder.mkdir(exist_ok=True)
    sound = [*sorted(_SAMPLES.glob("*.pdf")), *given]
    known: set[str] = set()
    for number, one in enumerate(made(rounds, seed, sound)):
        path = folder / f"{number:05d}-{one.family}-{one.name}.pdf"
        path.write_bytes(one.data)
        if alive and (number % alive == 0 or one.family not in known):
            chosen.append(path)
        known.add(one.family)
        yield path


def _sound_paper() -> Path:
    return min(_SAMPLES.glob("*.pdf"))
