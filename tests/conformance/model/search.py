"""Letting the machine run: for its verdict, or until it finds what a mutant breaks."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conformance.model.mutants import Mutant
from tests.conformance.model.picture import Broken
from tests.conformance.model.whole import Make, Whole, machine_on


@dataclass(frozen=True)
class Found:
    """A sequence of steps after which something does not hold."""

    kind: str  # "lost", "doubled", "wrong", or "untyped" for an error of the product
    what: str
    steps: str  # that lead to it, as few as could be found


def search(machine: type[Whole], seed: int, runs: int, steps: int, *, shrinks: bool = True) -> Found | None:
    """The first thing that does not hold in `runs` sequences of at most `steps` steps; None where all does."""
    machine._hypothesis_internal_use_seed = seed  # type: ignore[attr-defined]
    chosen = settings(
        max_examples=runs,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        phases=[Phase.generate, Phase.shrink] if shrinks else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(machine, settings=chosen)
    except Exception as error:  # noqa: BLE001 - whatever the product raises is what was searched for
        kind = error.kind if isinstance(error, Broken) else "untyped"
        return Found(kind, f"{type(error).__name__}: {error}", "\n".join(getattr(error, "__notes__", ())))
    return None


def search_mutant(
    mutant: Mutant, kind: str, seed: int, runs: int, steps: int = 30, *, make: Make | None = None
) -> tuple[Found | None, int]:
    """What shows the mutant, and after how many steps; `make` as in `machine_on`."""
    machine = machine_on(kind, make, versions=("",), rules=mutant.rules)
    before = Whole.taken()
    with mutant.applied():
        found = search(machine, seed, runs, steps, shrinks=False)
    return found, Whole.taken() - before
