"""The store's verbs in whatever order, against a model of what DESIGN promises; and stores that are broken on purpose.

    scripts/prove state [--rounds 200] [--seed 1] [--steps 80] [--mutants] [--database sqlite|postgresql] [--json]

A round is one life of a database, of up to `--steps` steps, chosen by hypothesis: claims, answers of every kind by
every stage, sudden deaths, late finishers, retries, reviews, merges told apart, files handed in and lost, clocks that
leap. After each step all tables are read with plain queries and held against the model (`tests/conformance/model`).
The proof fails with the shortest sequence that it can find where something is "lost" or "doubled" by it, or where a
step ends in an error that is none of ours ("untyped"). `tried` is the number of steps.

On PostgreSQL each life has a database of its own on a server of ours, and a step costs several times as much.

With `--mutants` the store is broken in one line at a time, some fifty times over: each has to be found.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from proofs.verdict import Verdict

from tests.conformance.model.mutants import MUTANTS, Mutant
from tests.conformance.model.search import search, search_mutant
from tests.conformance.model.whole import Make, Whole, machine_on

_LOT = 100
"""Rounds that hypothesis is given at once: each lot has a seed of its own and tells one failure."""

_MOST_RUNS = 200
"""Rounds in which a mutant has to be found."""


@click.command()
@click.option("--rounds", default=200, show_default=True, help="Lives of a database.")
@click.option("--seed", default=1, show_default=True, help="Decides everything that chance decides.")
@click.option("--steps", default=80, show_default=True, help="Steps of one life at most.")
@click.option("--database", default="sqlite", show_default=True, type=click.Choice(["sqlite", "postgresql"]))
@click.option("--mutants", "with_mutants", is_flag=True, help="Break the store in one line at a time, and find it.")
@click.option("--json", "as_json", is_flag=True)
def command(*, rounds: int, seed: int, steps: int, database: str, with_mutants: bool, as_json: bool) -> None:
    """Take the store through lives of every kind and hold each step against a model."""
    with ExitStack() as stack:
        kind = Kind(database, on_server(stack) if database == "postgresql" else None)
        verdict = mutants_found(MUTANTS, seed, kind) if with_mutants else proven(rounds, seed, steps, kind)
    verdict.tell(as_json=as_json)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of database."""

    name: str
    make: Make | None = None  # where one takes more than a folder

    @property
    def machine(self) -> type[Whole]:
        """What lives on it; on PostgreSQL none was ever of an older schema."""
        return machine_on(self.name) if self.make is None else machine_on(self.name, self.make, versions=("",))


def on_server(stack: ExitStack) -> Make:
    """Makes databases on a server that lasts as long as the stack."""
    from postgres_server import Server  # noqa: PLC0415 - needs the extra's driver

    from tests.fakes.postgres_backend import postgres_backend  # noqa: PLC0415 - as above

    server = stack.enter_context(Server())
    run = Path(stack.enter_context(TemporaryDirectory(prefix="dl-lit-prove-")))
    return lambda folder, clock: postgres_backend(folder, clock, run, server)


def proven(rounds: int, seed: int, steps: int, kind: Kind) -> Verdict:
    """What came of so many lives."""
    began, before = time.monotonic(), Whole.taken()
    kinds: Counter[str] = Counter()
    failures = []
    for lot, first in enumerate(range(0, rounds, _LOT)):
        # A seed names its lot: `--rounds 100 --seed N` tries one again.
        number = seed + lot
        found = search(kind.machine, number, min(_LOT, rounds - first), steps)
        if found is not None:
            kinds[found.kind] += 1
            failures.append(f"seed {number}: {found.what}\n{found.steps}")
    return Verdict(
        "state",
        tried=Whole.taken() - before,
        lost=kinds["lost"],
        doubled=kinds["doubled"],
        untyped=kinds["untyped"],
        failures=failures,
        more={"database": kind.name, "rounds": rounds, "seconds": round(time.monotonic() - began, 1)},
    )


def mutants_found(mutants: Sequence[Mutant], seed: int, kind: Kind, runs: int = _MOST_RUNS) -> Verdict:
    """Whether each broken store is found, and after how many steps."""
    after: dict[str, str] = {}
    failures = []
    for mutant in mutants:
        found, steps = search_mutant(mutant, kind.name, seed, runs, make=kind.make)
        click.echo(f"{steps:6} steps  {mutant.name}: {found.kind if found else 'not found'}", err=True)
        if found is None:
            failures.append(f"seed {seed}: not found in {steps} steps: {mutant.name}")
        else:
            after[mutant.name] = f"{found.kind} after {steps} steps"
    return Verdict(
        "state-mutants",
        tried=len(mutants),
        lost=0,
        doubled=0,
        untyped=0,
        failures=failures,
        more={"database": kind.name, "found": after},
    )
