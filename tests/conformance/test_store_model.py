"""The store against a model of what DESIGN promises, in whatever order its verbs are called: `model` has the rules.

`scripts/prove state` runs the same machine for as long as wished.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conformance.model.mutants import MUTANTS, Mutant
from tests.conformance.model.search import search_mutant
from tests.conformance.model.whole import machine_on
from tests.fakes.backends import BACKENDS
from tests.fakes.engine import ManualClock

SOON_FOUND = (
    "a recognised entry still waits",
    "a recognised work waits nowhere",
    "attempts are logged twice",
)
"""The others take the machine longer, and are left to `scripts/prove state --mutants`."""


def _case(kind: str) -> type:
    """The machine on one database, as a test case: other lives every time."""
    case: type = machine_on(kind, versions=("", "", "", "0005")).TestCase
    case.settings = settings(  # type: ignore[attr-defined]
        max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
    )
    return case


TestOnSqlite = _case("sqlite")


def test_on_postgresql(request: pytest.FixtureRequest) -> None:
    """A few short lives each time: every step asks a server, and each life has a database of its own."""
    run, server = request.getfixturevalue("postgres_run"), request.getfixturevalue("postgres")
    from tests.fakes.postgres_backend import PostgresBackend, postgres_backend  # noqa: PLC0415 - needs the extra's driver

    def make(folder: Path, clock: ManualClock) -> PostgresBackend:
        return postgres_backend(folder, clock, run, server)

    machine = machine_on("postgresql", make, versions=("",))
    few = settings(max_examples=3, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(machine, settings=few)


@pytest.mark.parametrize("kind", BACKENDS)
@pytest.mark.parametrize("mutant", [one for one in MUTANTS if one.name in SOON_FOUND], ids=lambda one: one.name)
def test_a_store_that_breaks_a_rule_is_found(mutant: Mutant, kind: str) -> None:
    """A model that finds nothing wrong with these proves nothing with its silence."""
    found, _ = search_mutant(mutant, kind, seed=1, runs=200)
    assert found is not None


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name)
def test_every_mutant_has_its_line(mutant: Mutant) -> None:
    """The lines that are broken on purpose are still lines of the product."""
    with mutant.applied():
        pass
