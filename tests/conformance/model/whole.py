"""All rules as one machine, on each kind of database."""

from __future__ import annotations

from tests.conformance.model.arriving import Arriving
from tests.conformance.model.deciding import Deciding
from tests.conformance.model.dying import Dying
from tests.conformance.model.filing import Filing
from tests.conformance.model.machine import Machine
from tests.fakes.backends import BACKENDS


class Whole(Arriving, Deciding, Dying, Filing):
    """Everything that can happen to one database."""


def machine_on(kind: str, *, versions: tuple[str, ...] = Machine.versions) -> type[Whole]:
    """The machine on one kind of database, which `versions` may have written before."""
    made = {"make": staticmethod(BACKENDS[kind]), "versions": versions}
    return type(f"On{kind.title()}", (Whole,), made)
