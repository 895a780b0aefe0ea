"""All rules as one machine, on each kind of database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import getmembers
from pathlib import Path
from typing import Any

from hypothesis.stateful import RULE_MARKER

from tests.conformance.model.arriving import Arriving
from tests.conformance.model.deciding import Deciding
from tests.conformance.model.dying import Dying
from tests.conformance.model.filing import Filing
from tests.conformance.model.machine import Machine
from tests.fakes.backends import BACKENDS, Backend
from tests.fakes.engine import ManualClock


class Whole(Arriving, Deciding, Dying, Filing):
    """Everything that can happen to one database."""


Make = Callable[[Path, ManualClock], Backend]


def machine_on(
    kind: str, make: Make | None = None, *, versions: tuple[str, ...] = Machine.versions, rules: Sequence[str] = ()
) -> type[Whole]:
    """The machine on one kind of database, which `versions` may have written before; with these rules, or with all.

    `make` makes one, where that takes more than a folder.
    """
    made: dict[str, object] = {"make": staticmethod(make or BACKENDS[kind]), "versions": versions}
    for name, one in getmembers(Whole):
        if rules and hasattr(one, RULE_MARKER) and name not in rules:
            made[name] = _step(one)
    return type(f"On{kind.title()}", (Whole,), made)


def _step(rule: Callable[..., None]) -> Callable[..., None]:
    """What a rule does, as a step of other rules alone."""

    def step(*arguments: Any, **named: Any) -> None:
        rule(*arguments, **named)

    return step
