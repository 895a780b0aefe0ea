"""Rows on their way into a room: what stages have found that is not written down yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from dl_lit.core.items import Duplicate, Extracted
from dl_lit.core.job import Done
from dl_lit.core.model import StageName
from dl_lit.core.store import Finished

AHEAD: dict[StageName, StageName] = {
    StageName.EXTRACTION: StageName.ENRICHMENT,
    StageName.ENRICHMENT: StageName.QUEUEING,
    StageName.QUEUEING: StageName.DOWNLOAD,
}
"""Which stage's room the finds of a stage go to."""


class Arriving:
    """How many rows each room gets when all is written that was handed in; whoever calls it holds a lock.

    While the database is slow this is what the rooms will be, and they would overflow if only rows were counted.
    """

    def __init__(self) -> None:
        """Nothing is on its way."""
        self._rows: Counter[StageName] = Counter()

    def add(self, finished: Finished) -> None:
        """It was handed in."""
        self._count(finished, 1)

    def remove(self, group: Iterable[Finished]) -> None:
        """They are written, or never will be."""
        for one in group:
            self._count(one, -1)

    def _count(self, finished: Finished, sign: int) -> None:
        room = AHEAD.get(finished.claim.stage)
        if room is not None:
            self._rows[room] += sign * _rows_of(finished)

    def at(self, stage: StageName) -> int:
        """Rows that `stage` gets."""
        return self._rows[stage]


def _rows_of(finished: Finished) -> int:
    """How many rows it brings the room ahead, at most: entries of a work that is known bring none."""
    outcome = finished.outcome
    if not isinstance(outcome, Done) or isinstance(outcome.facts, Duplicate):
        return 0
    return len(outcome.facts.bibliography.references) if isinstance(outcome.facts, Extracted) else 1
