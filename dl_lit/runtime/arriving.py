"""Rows on their way into a room: what stages have found that is not written down yet."""

from __future__ import annotations

from collections.abc import Iterable

from dl_lit.core.items import Extracted, Queued, Resolved
from dl_lit.core.job import Done
from dl_lit.core.model import StageName
from dl_lit.core.store import Finished

AHEAD: dict[StageName, StageName] = {
    StageName.EXTRACTION: StageName.ENRICHMENT,
    StageName.ENRICHMENT: StageName.QUEUEING,
    StageName.QUEUEING: StageName.DOWNLOAD,
}
"""Which stage's room the finds of a stage go to."""

_BEHIND = {ahead: stage for stage, ahead in AHEAD.items()}


class Arriving:
    """How many rows each room gets when all is written that was handed in; whoever calls it holds a lock.

    While the database is slow this is what the rooms will be, and they would overflow if only rows were counted.
    """

    def __init__(self) -> None:
        """Nothing is on its way."""
        self._from = dict.fromkeys(StageName, 0)

    def add(self, finished: Finished) -> None:
        """It was handed in."""
        rows = _rows_of(finished)
        if rows:
            self._from[finished.claim.stage] += rows

    def remove(self, group: Iterable[Finished]) -> None:
        """They are written, or never will be."""
        for one in group:
            rows = _rows_of(one)
            if rows:
                self._from[one.claim.stage] -= rows

    def at(self, stage: StageName) -> int:
        """Rows that `stage` gets."""
        before = _BEHIND.get(stage)
        return 0 if before is None else self._from[before]


def _rows_of(finished: Finished) -> int:
    """How many rows it brings the room ahead, at most: entries of a work that is known bring none."""
    outcome = finished.outcome
    if not isinstance(outcome, Done):
        return 0
    facts = outcome.facts
    return len(facts.bibliography.references) if isinstance(facts, Extracted) else isinstance(facts, (Resolved, Queued))
