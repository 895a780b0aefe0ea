"""`kill -9` at every moment of the real program's life, again and again; then nothing may be lost, doubled or left.

    scripts/prove crash [--rounds 25] [--seed 1] [--minutes M] [--only RUN] [--json]

A run is one home: papers come in by a folder, a watched folder or uploads, the database is new or of an older release,
and the program is killed and started again until all is done. The parent is killed, a child, all children, or all of
them; at random moments, and at those that a phase is known by (`phases.py`). To aim, the program is stopped, looked at,
and killed where it is, or let go on. The measure is an undisturbed run of the same papers against the same replica.
"""

from __future__ import annotations

import math
import random
import shutil
import signal
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import click
from proofs.crash.aims import AT_WORK, Aiming, plan
from proofs.crash.findings import bad_backups, leftovers, names_in, schema, untyped, unwell
from proofs.crash.life import Life, born
from proofs.crash.phases import Home, Phase
from proofs.crash.ways import OLDER, Household, Way, older_database
from proofs.picture import Picture, differences
from proofs.scene import Scene, scene
from proofs.verdict import Verdict

from db.connect import open_database

_SCALE = 40  # how much faster than the real one the replica's time runs


@click.command()
@click.option("--rounds", default=25, show_default=True, help="Kills.")
@click.option("--sources", default=2, show_default=True, help="Papers.")
@click.option("--entries", default=15, show_default=True, help="Of each paper.")
@click.option("--seed", default=1, show_default=True, help="Decides the moments.")
@click.option("--minutes", type=float, help="Begin no run after so long, however many kills there were.")
@click.option("--only", type=int, help="Only the run of this number.")
@click.option("--keep", type=click.Path(path_type=Path), help="Work in this new folder, and keep runs with failures.")
@click.option("--json", "as_json", is_flag=True)
def command(
    rounds: int,
    sources: int,
    entries: int,
    seed: int,
    *,
    minutes: float | None,
    only: int | None,
    keep: Path | None,
    as_json: bool,
) -> None:
    """Kill the program at random and at aimed moments and compare what it comes to with an undisturbed run."""
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # what a shell ignores for us, the program would ignore, too
    with ExitStack() as stack:
        base = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dl-lit-prove-")))
        base.mkdir(exist_ok=True)
        place = stack.enter_context(scene(base, sources, entries=entries, time_scale=_SCALE))
        until = math.inf if minutes is None else time.monotonic() + 60.0 * minutes
        verdict = prove(place, base, rounds, seed, only=only, until=until)
    verdict.tell(as_json=as_json)


@dataclass(frozen=True, slots=True)
class Calm:
    """What undisturbed runs leave."""

    picture: Picture
    names: dict[Way, set[str]]
    schemas: dict[str | None, dict[str, str]]  # by the schema that the database began with


@dataclass
class Rough:
    """One disturbed run, and what came of it."""

    number: int
    household: Household
    strikes: list[str] = field(default_factory=list)
    phases: Counter[str] = field(default_factory=Counter)
    targets: Counter[str] = field(default_factory=Counter)
    restarts: list[float] = field(default_factory=list)
    lost: int = 0
    doubled: int = 0
    untyped: int = 0
    failures: list[str] = field(default_factory=list)


def prove(
    place: Scene, base: Path, rounds: int, seed: int, *, only: int | None = None, until: float = math.inf
) -> Verdict:
    """Kill so many times, in as many runs as that takes; none begins after the monotonic second `until`."""
    calm = calm_runs(place, base)
    runs: list[Rough] = []
    kills = 0
    while not runs or (only is None and kills < rounds and time.monotonic() < until):
        number = len(runs) + 1 if only is None else only
        run = rough_run(place, base, number, random.Random(f"{seed}/{number}"), calm, most=rounds - kills)
        kills += run.phases.total()
        runs.append(run)
        _say(run, kills)
    restarts = [one for run in runs for one in run.restarts]
    return Verdict(
        "crash",
        tried=kills,
        lost=sum(run.lost for run in runs),
        doubled=sum(run.doubled for run in runs),
        untyped=sum(run.untyped for run in runs),
        failures=[
            f"seed {seed}, run {run.number} ({', '.join(run.strikes)}): {line}" for run in runs for line in run.failures
        ],
        more={
            "seed": seed,
            "runs": len(runs),
            "ways": dict(Counter(run.household.way.value for run in runs)),
            "older_databases": sum(run.household.older is not None for run in runs),
            "phases": dict(sum((run.phases for run in runs), Counter()).most_common()),
            "targets": dict(sum((run.targets for run in runs), Counter()).most_common()),
            "entries": len(calm.picture.entries),
            "files": len(calm.picture.files),
            "restarts": len(restarts),
            "restart_cpu_s": round(statistics.median(restarts), 3) if restarts else None,
            "restart_cpu_s_least": round(min(restarts), 3) if restarts else None,
            "restart_cpu_s_worst": round(max(restarts), 3) if restarts else None,
        },
    )


def calm_runs(place: Scene, base: Path, ways: Sequence[Way] = tuple(Way), older: Sequence[str] = OLDER) -> Calm:
    """Each way once, left alone; and databases of older releases, brought up to date."""
    names: dict[Way, set[str]] = {}
    schemas: dict[str | None, dict[str, str]] = {}
    chance = random.Random(0)
    for way in ways:
        household = Household(Home(base / f"calm-{way}"), way, place)
        household.furnish()
        life = born(place, household.home, household.words, chance, **household.settings)
        if (code := household.finish(life)) not in household.may_end_with(life):
            raise click.ClickException(f"an undisturbed run ended with {code}: see {household.home.path / 'stderr'}")
        names[way] = names_in(household.home)
        schemas[None] = schema(household.home.database)
    for version in older:
        path = base / f"calm-{version}.db"
        older_database(path, version, ())
        open_database(path).dispose()
        schemas[version] = schema(path)
    return Calm(place.picture(base / f"calm-{Way.FOLDER}"), names, schemas)


def rough_run(place: Scene, base: Path, number: int, chance: random.Random, calm: Calm, *, most: int) -> Rough:
    """Kill at most so many times, let it finish, and look at what it left."""
    way = chance.choices(list(Way), weights=(6, 3, 2))[0]
    older = chance.choice(OLDER) if way is Way.FOLDER and chance.random() < 1 / 3 else None
    run = Rough(number, Household(Home(base / f"rough-{number}"), way, place, older))
    run.household.furnish()
    aims = plan(chance, way, is_old=older is not None)
    disturb(run, aims[:most], chance)
    judge(run, calm)
    run.failures += unwell(place.environment(run.household.home.path))
    if not run.failures:
        shutil.rmtree(run.household.home.path)
    return run


def disturb(run: Rough, aims: Sequence[Phase | None], chance: random.Random) -> None:
    """Kill at each of the aims, with as many lives as that takes, then let the last one finish."""
    household, aiming = run.household, Aiming(run.household, chance)
    life: Life | None = None
    is_restart = False
    for aim in aims:
        if life is None:
            if aim in AT_WORK and household.is_done():
                continue
            life = _born(run, chance)
        struck = aiming.strike(life, aim)
        if struck is None:
            _ended(run, life, life.process.wait(), is_restart=is_restart)
            told, life = life.is_told_to_end, None
            if not told:  # all is done
                break
            continue
        run.phases[struck.phase.value] += 1
        run.targets[struck.target.value] += 1
        run.strikes.append(f"{struck.phase.value}: {struck.target.value}")
        if struck.is_over:
            _ended(run, life, None, is_restart=is_restart)
            life, is_restart = None, True
    if life is None or life.is_told_to_end:
        if life is not None:
            _ended(run, life, life.process.wait(), is_restart=is_restart)
        life = _born(run, chance)
    code = household.finish(life)
    if code is None:
        life.process.kill()
        life.process.wait()
        run.untyped += 1
        run.failures.append("the last run does not come to an end")
    _ended(run, life, code, is_restart=is_restart)


def judge(run: Rough, calm: Calm) -> None:
    """Compare what the run left with what an undisturbed one does."""
    household, home = run.household, run.household.home
    # Reports are no leftovers; what is one, anywhere in the home, is found by its name.
    found = differences(calm.picture, replace(household.scene.picture(home.path), leftovers=[]))
    run.lost, run.doubled = run.lost + found.lost, run.doubled + found.doubled
    run.failures += found.told
    strange = list(untyped(home))
    run.untyped += len(strange)
    run.failures += strange
    run.failures += leftovers(home, calm.names[household.way])
    run.failures += bad_backups(home, household.older, len(household.papers()))
    if schema(home.database) != calm.schemas[household.older]:
        run.failures.append(f"the schema differs from that of a database brought up from {household.older} at one go")


def _born(run: Rough, chance: random.Random) -> Life:
    household = run.household
    return born(
        household.scene,
        household.home,
        household.words,
        chance,
        may_be_old=household.older is not None,
        **household.settings,
    )


def _ended(run: Rough, life: Life, code: int | None, *, is_restart: bool) -> None:
    """A life is over: by a kill (None), or by itself."""
    if is_restart and life.first_cpu_s is not None:
        run.restarts.append(life.first_cpu_s)
    run.failures += [f"child {one.pid} outlived its parent" for one in life.survivors()]
    if code is not None and code not in run.household.may_end_with(life):
        run.untyped += 1
        run.failures.append(f"it ended with {code}")


def _say(run: Rough, kills: int) -> None:
    what = run.household.way.value + (f" from {run.household.older}" if run.household.older else "")
    click.echo(f"run {run.number:3} {what:16} {kills:4} kills  {'; '.join(run.strikes)}", err=True)
    for line in run.failures:
        click.echo(f"      {line}", err=True)
