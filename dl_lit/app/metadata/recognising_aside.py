"""Recognising references that are in no database: by the same stage, for whoever wants the records alone."""

from __future__ import annotations

import random
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace

from dl_lit.app.metadata.local_metadata import open_local_index
from dl_lit.app.network import Network
from dl_lit.core.clock import Clock
from dl_lit.core.items import EntryItem, Resolved
from dl_lit.core.job import Again, Answer, Claim, Done, Reject, Retry, Snooze
from dl_lit.core.model import Reference, StageName, Work
from dl_lit.core.values import dataclass
from dl_lit.settings import Settings
from stages.enrichment import EnrichmentStage, Habits
from stages.sources.registry import ordered

ROUNDS = 3
"""How often a reference is tried that a service could not answer for."""

LONGEST_WAIT_S = 30.0
"""What is put off for longer is told so instead."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one reference turned out to be."""

    reference: Reference
    work: Work | None
    matched_by: str | None = None
    score: float | None = None
    reason: str | None = None  # why there is no work
    detail: str = ""


def recognise_aside(
    settings: Settings,
    references: Sequence[Reference],
    clock: Clock,
    *,
    on_told: Callable[[int], None] = lambda _done: None,
) -> tuple[list[Told], dict[str, int]]:
    """What each reference is, in their order, and how many requests that took of each service."""
    with (
        Network(settings, clock=clock, chance=random.Random()) as network,
        closing(open_local_index(settings.local_index)) as local,
    ):
        stage = EnrichmentStage(
            network.calls,
            ordered(settings.sources.order),
            local=local,
            clock=clock,
            habits=Habits(
                use_citing_lists=False,
                check_retractions=settings.enrichment.check_retractions,
                together=settings.enrichment.together,
                attempts=ROUNDS,
            ),
        )
        told = _Round(stage, references, on_told).all()
        requests = {name: use.requests for name, use in network.usage().items() if use.requests}
    return told, requests


class _Round:
    def __init__(self, stage: EnrichmentStage, references: Sequence[Reference], on_told: Callable[[int], None]) -> None:
        self._stage = stage
        self._references = references
        self._on_told = on_told
        self._told: dict[int, Told] = {}
        self._waiting: dict[str, deque[Claim]] = defaultdict(deque)  # by phase
        self._later: list[tuple[float, Claim]] = []
        self._pause = threading.Event()  # a wait that a signal ends

    def all(self) -> list[Told]:
        for number, one in enumerate(self._references):
            self._waiting[""].append(Claim(StageName.ENRICHMENT, number, EntryItem(0, one)))
        while self._waiting or self._later:
            self._work()
            if self._later:
                self._pause.wait(max(after for after, _ in self._later))
                for _, claim in self._later:
                    self._waiting[""].append(claim)
                self._later = []
        return [self._told[number] for number in range(len(self._references))]

    def _work(self) -> None:
        while self._waiting:
            phase = next(iter(self._waiting))
            claims = self._waiting[phase]
            lot = [claims.popleft() for _ in range(min(len(claims), self._stage.batch_size(phase)))]
            if not claims:
                del self._waiting[phase]
            for claim, answer in self._stage.handle(lot):
                self._take(claim, answer)
                self._on_told(len(self._told))

    def _take(self, claim: Claim, answer: Answer) -> None:
        reference = self._references[claim.id]
        match answer:
            case Done(facts=Resolved() as found):
                self._told[claim.id] = Told(reference, found.work, found.matched_by, found.score)
            case Again():
                self._waiting[answer.phase].append(replace(claim, phase=answer.phase))
            case Retry() | Snooze() if claim.attempt < ROUNDS and (answer.after or 0.0) <= LONGEST_WAIT_S:
                self._later.append((answer.after or 1.0, replace(claim, phase="", attempt=claim.attempt + 1)))
            case Retry() | Snooze() | Reject():
                self._told[claim.id] = Told(reference, None, reason=answer.reason.value, detail=answer.detail)
            case Done():
                raise TypeError(f"enrichment found {type(answer.facts).__name__}")
