"""How a stage is asked and what it may answer.

A stage gets claims and answers each: `Done`, `Retry`, `Snooze`, `Reject`, or `Again` when the same claim should come
back at once in another phase. Exceptions are for surprises; only the pool catches them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field
from typing import Any, Protocol

from dl_lit.core.items import Facts, Item
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from dl_lit.core.trail import Trail
from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Claim:
    """One row in the hands of one worker."""

    stage: StageName
    id: int  # of the source, entry or work
    item: Item
    attempt: int = 1  # this one; the first is 1
    ticket: float | None = None  # the due time (epoch s) a `Snooze` gave it: its turn in a service's or host's line
    phase: str = ""  # what `Again` asked for; empty at first


@dataclass(frozen=True, slots=True)
class Done:
    """The stage found what it was asked for."""

    facts: Facts
    trail: Trail | None = None  # kept with the attempt, for whoever asks how it came to this


@dataclass(frozen=True, slots=True)
class Retry:
    """It failed in a way that may pass: costs an attempt. `after` in seconds; None lets the back-off decide."""

    reason: Reason
    detail: str = ""
    after: float | None = None
    trail: Trail | None = None


@dataclass(frozen=True, slots=True)
class Snooze:
    """It is not this item's turn (rate, budget, breaker): comes back in `after` seconds, costs no attempt."""

    reason: Reason
    after: float
    detail: str = ""
    line: str = ""  # what it waits in, if it may be called before: a host's line that moves faster than expected


@dataclass(frozen=True, slots=True)
class Reject:
    """It will not work, and why. `evidence` is stored as JSON (candidates with scores, locations tried)."""

    reason: Reason
    detail: str = ""
    evidence: Any = field(default=None)
    trail: Trail | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """The same claim, in another phase, without touching the database."""

    phase: str


Outcome = Done | Retry | Snooze | Reject
Answer = Outcome | Again


class Stage(Protocol):
    """One stage of the pipeline."""

    @property
    def name(self) -> StageName:
        """Which of the four it is."""

    def batch_size(self, phase: str) -> int:
        """How many claims of this phase one worker may take at once."""

    def handle(self, claims: Sequence[Claim]) -> Iterable[tuple[Claim, Answer]]:
        """Answer every claim, each as soon as its answer is known. All claims are of one phase."""

    def close(self) -> None:
        """Give back what the stage holds open (children, connections)."""
