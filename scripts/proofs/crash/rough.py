"""One run that is killed again and again, and one that is not; and what of the first is not as in the second."""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from proofs.crash.aims import AT_WORK, Aiming, plan
from proofs.crash.database import FileDatabase
from proofs.crash.findings import bad_backups, leftovers, names_in, untyped, unwell
from proofs.crash.home import Home
from proofs.crash.life import Life, born
from proofs.crash.phases import Phase
from proofs.crash.report import Report
from proofs.crash.ways import GAVE_UP, OLDER, Household, Way, older_database
from proofs.picture import Picture, differences
from proofs.scene import Scene

from db.connect import open_database

if TYPE_CHECKING:
    from postgres_server import Server


@dataclass(frozen=True, slots=True)
class Calm:
    """What undisturbed runs leave."""

    picture: Picture
    names: dict[Way, set[str]]
    schemas: dict[str | None, dict[str, str]]  # by the schema that the database began with


@dataclass
class Rough:
    """One disturbed run."""

    household: Household
    report: Report

    @classmethod
    def of(cls, number: int, household: Household) -> Rough:
        """One to which nothing has been done."""
        older = f" from {household.older}" if household.older else ""
        is_there = household.home.server is not None
        return cls(household, Report(number=number, what=household.way.value + older, on_server=is_there))


def course(
    number: int, seed: int, older: Sequence[str] = OLDER
) -> tuple[Way, str | None, list[Phase | None], random.Random]:
    """How papers come in in the run of this number, the schema it begins with, its aims, and what decides the rest.

    Four runs have every way, and a database of an `older` release where there is one.
    """
    chance = random.Random(f"{seed}/{number}")
    way = (Way.FOLDER, Way.WATCH, Way.UPLOAD, Way.FOLDER)[number % 4]
    before = chance.choice(older) if older and number % 4 == 0 else None
    return way, before, plan(chance, way, is_old=before is not None), chance


def calm_runs(
    place: Scene,
    base: Path,
    ways: Sequence[Way] = tuple(Way),
    older: Sequence[str] = OLDER,
    server: Server | None = None,
) -> Calm:
    """Each way once, left alone; and databases of older releases, brought up to date."""
    pictures: dict[Way, Picture] = {}
    names: dict[Way, set[str]] = {}
    schemas: dict[str | None, dict[str, str]] = {}
    chance = random.Random(0)
    for way in ways:
        household = Household(Home(base / f"calm-{way}", server), way, place)
        household.furnish()
        life = born(place, household.home, household.words, chance, **household.settings)
        if (code := household.finish(life)) not in household.may_end_with(life):
            raise click.ClickException(f"an undisturbed run ended with {code}: see {household.home.path / 'stderr'}")
        names[way] = names_in(household.home)
        pictures[way] = household.picture()
        schemas[None] = household.home.database.schema()
        household.home.database.close()
    for version in older:
        path = base / f"calm-{version}.db"
        older_database(path, version, ())
        open_database(path).dispose()
        schemas[version] = FileDatabase(path).schema()
    return Calm(pictures[Way.FOLDER], names, schemas)


def rough_run(place: Scene, base: Path, number: int, seed: int, calm: Calm, *, server: Server | None = None) -> Report:
    """Kill at each aim of the run's course, let it finish, and look at what it left."""
    way, older, aims, chance = course(number, seed, OLDER if server is None else ())
    run = Rough.of(number, Household(Home(base / f"rough-{number}", server), way, place, older))
    run.household.furnish()
    disturb(run, aims, chance)
    judge(run, calm)
    run.report.failures += unwell({**place.environment(run.household.home.path), **run.household.home.settings})
    run.household.home.database.close()
    if not run.report.failures:
        shutil.rmtree(run.household.home.path)
    return run.report


def disturb(run: Rough, aims: Sequence[Phase | None], chance: random.Random) -> None:
    """Kill at each of the aims, with as many lives as that takes, then let the last one finish."""
    household, aiming = run.household, Aiming(run.household, chance)
    life: Life | None = None
    is_restart = False
    for aim in aims:
        if aim in AT_WORK and not household.may_come(aim):
            continue
        life = life or _born(run, chance)
        struck = aiming.strike(life, aim)
        if struck is None:
            code = life.process.wait()
            _ended(run, life, code, is_restart=is_restart)
            is_done, life = not life.is_told_to_end and code != GAVE_UP, None
            if is_done:
                break
            continue
        run.report.phases[struck.phase.value] += 1
        run.report.targets[struck.target.value] += 1
        run.report.strikes.append(f"{struck.phase.value}: {struck.target.value}")
        if struck.is_over:
            _ended(run, life, None, is_restart=is_restart)
            life, is_restart = None, True
    if life is None or life.is_told_to_end:
        if life is not None:
            _ended(run, life, life.process.wait(), is_restart=is_restart)
        life = _born(run, chance)
    code = household.finish(life)
    if code == GAVE_UP and household.may_give_up(life):
        _ended(run, life, code, is_restart=is_restart)
        life = _born(run, chance)
        code = household.finish(life)
    if code is None:
        life.process.kill()
        life.process.wait()
        run.report.untyped += 1
        run.report.failures.append("the last run does not come to an end")
    _ended(run, life, code, is_restart=is_restart)


def judge(run: Rough, calm: Calm) -> None:
    """Compare what the run left with what an undisturbed one does."""
    household, home = run.household, run.household.home
    # Reports are no leftovers; what is one, anywhere in the home, is found by its name.
    found = differences(calm.picture, replace(household.picture(), leftovers=[]))
    report = run.report
    report.entries, report.files = len(calm.picture.entries), len(calm.picture.files)
    report.lost, report.doubled = report.lost + found.lost, report.doubled + found.doubled
    report.failures += found.told
    strange = list(untyped(home))
    report.untyped += len(strange)
    report.failures += strange
    report.failures += leftovers(home, calm.names[household.way])
    report.failures += bad_backups(home, household.older, len(household.papers()))
    report.failures += home.database.left()
    if home.database.schema() != calm.schemas[household.older]:
        report.failures.append(
            f"the schema differs from that of a database brought up from {household.older} at one go"
        )


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
        run.report.restarts.append(life.first_cpu_s)
    run.report.failures += [f"child {one.pid} outlived its parent" for one in life.survivors()]
    run.report.gave_up += code == GAVE_UP
    if code is not None and code not in run.household.may_end_with(life):
        run.report.untyped += 1
        run.report.failures.append(f"it ended with {code}")
