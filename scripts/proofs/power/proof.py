"""The power goes at any moment of a run, and of what was not synced the disk keeps what it likes.

    scripts/prove power [--rounds 100] [--deeds 20] [--seed 1] [--json]

Runs are recorded: every call that changes the disk, with its data, in order. A round takes a moment of such a run and
makes the disk as it may stand when the power went there. On it nothing may be missing that was promised, and the
program, started again, must come to what the undisturbed run came to. So it is tried with what people do beside it:
a PDF handed in, a file kept or refused, a better copy, a backup restored; each is done again where it was not done.
"""

from __future__ import annotations

import math
import random
import shutil
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import click
from proofs.machine.row import Trial
from proofs.picture import differences
from proofs.power import judging
from proofs.power.after_deeds import all_tried
from proofs.power.after_deeds import record as record_deed
from proofs.power.deeds import DEEDS
from proofs.power.disk import Kept, Outage, materialise, remains
from proofs.power.moments import cuts
from proofs.power.recorded import STDERR, Recorded, amiss, doctor, record, resume, run
from proofs.power.ways import WAYS
from proofs.said import outbursts, said
from proofs.scene import FINISHED, Scene, scene
from proofs.shim.loaded import Shim, build
from proofs.verdict import Verdict

from dl_lit import logs

PAPERS = 2
ENTRIES = 6
TIME_SCALE = 50
WORKERS = {"extraction": 1, "enrichment": 2, "queueing": 1, "download": 4}
_DOCTORS = 1 / 8  # of the rounds that the command itself looks at; its checks are made in all of them


@click.command()
@click.option("--rounds", default=100, show_default=True, help="Power cuts after each of which the run is finished.")
@click.option(
    "--looks", default=20, show_default=True, help="Further cuts for each round whose disk is only looked at."
)
@click.option("--deeds", default=20, show_default=True, help="Cuts in each thing that people do without a pipeline.")
@click.option("--seed", default=1, show_default=True, help="Decides the moments and what the disk keeps.")
@click.option("--minutes", type=float, help="Begin no round after so long.")
@click.option("--keep", type=click.Path(path_type=Path), help="Work in this new folder, and keep it to look at.")
@click.option("--json", "as_json", is_flag=True)
def command(
    rounds: int, looks: int, deeds: int, *, seed: int, minutes: float | None, keep: Path | None, as_json: bool
) -> None:
    """Cut the power at any moment, on a disk that has lost what was not synced."""
    with ExitStack() as stack:
        base = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dl-lit-prove-")))
        base.mkdir(exist_ok=True)
        shim = build(base)
        made = stack.enter_context(scene(base, PAPERS, entries=ENTRIES, time_scale=TIME_SCALE, workers=WORKERS))
        verdict = prove(made, shim, base, Terms(rounds, looks, deeds, seed, (minutes or math.inf) * 60))
    verdict.tell(as_json=as_json)


@dataclass(frozen=True, slots=True)
class Terms:
    """How much is tried."""

    rounds: int
    looks: int  # further cuts a round
    deeds: int  # cuts of each deed
    seed: int
    seconds: float = math.inf


def prove(scene: Scene, shim: Shim, base: Path, terms: Terms) -> Verdict:
    """Record the runs, cut the power so often, and judge what is left."""
    logs.configure(level="critical", form="json", file=None)  # of the deeds, which are done again in this process
    runs = [record(scene, way, base / way.name.replace(" ", "-"), shim) for way in WAYS]
    click.echo(f"recorded {', '.join(f'{len(one.calls)} calls ({one.way.name})' for one in runs)}", err=True)
    trials: list[Trial] = []
    looked = 0
    sources = [cuts(recorded.calls, random.Random(f"{terms.seed} {recorded.way.name}")) for recorded in runs]
    end = time.monotonic() + terms.seconds
    for number, (recorded, source) in zip(range(terms.rounds), cycle(zip(runs, sources, strict=True)), strict=False):
        if time.monotonic() > end:
            break
        for _ in range(terms.looks):
            aim, outage = next(source)
            looked += 1
            lost, wrong = _looked_at(recorded, outage)
            if wrong:
                trials.append(_told(Trial(recorded.way.name, f"{aim}: {outage}", lost=lost, failures=tuple(wrong))))
        aim, outage = next(source)
        trials.append(_told(_tried(recorded, shim, aim, outage, random.Random(f"{terms.seed} {number}"))))
        if number % 10 == 9:
            click.echo(f"{number + 1} rounds, {looked} disks looked at", err=True)
    for deed in DEEDS:
        trials += map(
            _told, all_tried(record_deed(deed, base / deed.name.replace(" ", "-"), shim), terms.deeds, terms.seed)
        )
        click.echo(f"{terms.deeds} cuts: {deed.name}", err=True)
    return verdict_of(trials, looked, runs)


def _told(trial: Trial) -> Trial:
    """Tell at once what has failed: a long proof may be given up."""
    for line in trial.told:
        click.echo(line, err=True)
    return trial


def verdict_of(trials: list[Trial], looked: int, runs: list[Recorded]) -> Verdict:
    """The figures of all power cuts."""
    return Verdict(
        "power",
        tried=sum(bool(one.saw) for one in trials),
        lost=sum(one.lost for one in trials),
        doubled=sum(one.doubled for one in trials),
        untyped=sum(one.untyped for one in trials),
        failures=[line for one in trials for line in one.told],
        more={
            "looked_at": looked,
            "calls": {recorded.way.name: len(recorded.calls) for recorded in runs},
            "entries": {recorded.way.name: len(recorded.expected.entries) for recorded in runs},
            "files": {recorded.way.name: len(recorded.expected.files) for recorded in runs},
            "cuts": dict(Counter(f"{one.row}: {one.hit.partition(':')[0]}" for one in trials if one.saw)),
            "deeds": dict(Counter(one.row for one in trials if one.saw and one.row in {deed.name for deed in DEEDS})),
            "saw": dict(Counter(word for one in trials for word in one.saw)),
        },
    )


def _restored(recorded: Recorded, outage: Outage) -> None:
    """Make the run's folder as the outage leaves it."""
    shutil.rmtree(recorded.root)
    materialise(recorded.tape, remains(recorded.tape, outage), recorded.root)


def _looked_at(recorded: Recorded, outage: Outage) -> tuple[int, list[str]]:
    _restored(recorded, outage)
    return judging.at_once(recorded, outage.cut)


def _tried(recorded: Recorded, shim: Shim, aim: str, outage: Outage, chance: random.Random) -> Trial:
    """Cut, look, start again and compare; now and then the power goes a second time."""
    hit = f"{aim}: {outage}"
    lost, wrong = _looked_at(recorded, outage)
    if chance.random() < 1 / 6:
        second, again = _interrupted(recorded, shim, outage.cut, chance)
        hit += f", then {second}"
        lost += again[0]
        wrong += again[1]
    code = run(recorded.scene, recorded.way, recorded.root)
    log, errors = _texts(recorded.root)
    untyped = outbursts(log, errors)
    wrong += untyped
    if code not in FINISHED:
        wrong.append(f"ended with {code}: {errors.strip()[-200:]}")
    found = differences(recorded.expected, recorded.scene.picture(recorded.root))
    wrong += found.told
    wrong += amiss(recorded.scene, recorded.root)
    if chance.random() < _DOCTORS:
        checked = doctor(recorded.scene, recorded.root)
        if checked.returncode:
            wrong.append(f"doctor is not content: {checked.stdout[-300:]}{checked.stderr[-200:]}")
    gone = judging.papers_gone(recorded)
    wrong += [f"lost: paper {name}" for name in gone]
    return Trial(
        recorded.way.name,
        hit,
        saw=(f"exit {code}", *said(log, errors)),
        lost=lost + found.lost + len(gone),
        doubled=found.doubled,
        untyped=len(untyped),
        failures=tuple(dict.fromkeys(wrong)),
    )


def _interrupted(
    recorded: Recorded, shim: Shim, cut: int, chance: random.Random
) -> tuple[Outage, tuple[int, list[str]]]:
    """Start again on the disk as it is, and cut the power a second time."""
    try:
        resumed = resume(recorded, shim, judging.reported_by(recorded, cut))
    except click.ClickException as error:
        return Outage(0, is_strict=True, names=Kept.ALL, bytes=Kept.ALL, seed=0), (0, [str(error)])
    _, outage = next(cuts(resumed.calls, chance))
    _restored(resumed, outage)
    return outage, judging.at_once(resumed, outage.cut)


def _texts(root: Path) -> tuple[str, str]:
    """The log and the standard error of what ran in the folder."""
    return tuple(
        path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
        for path in (root / "log.jsonl", root / STDERR)
    )  # type: ignore[return-value]
