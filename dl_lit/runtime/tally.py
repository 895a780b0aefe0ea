"""What has been recorded since the start, by stage and reason. Written by the recorder alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from dl_lit.core.items import Downloaded
from dl_lit.core.job import Done, Reject, Retry, Snooze
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from dl_lit.core.store import Finished


@dataclass(slots=True)
class StageTally:
    """One stage's outcomes."""

    done: int = 0
    retried: int = 0
    snoozed: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0  # the sum of how long the items took, waiting for permits included

    @property
    def items(self) -> int:
        """Items that left the room."""
        return self.done + self.rejected.total()


class Tally:
    """All stages' outcomes."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self.stages: dict[StageName, StageTally] = {stage: StageTally() for stage in StageName}

    def add(self, group: Sequence[Finished]) -> None:
        """Count a recorded group."""
        for one in group:
            tally = self.stages[one.claim.stage]
            tally.seconds += one.seconds
            match one.outcome:
                case Done(Downloaded() as facts) if facts.is_in_quarantine:
                    tally.rejected[Reason.NEEDS_REVIEW.value] += 1
                case Done():
                    tally.done += 1
                case Retry():
                    tally.retried += 1
                case Snooze():
                    tally.snoozed += 1
                case Reject(reason):
                    tally.rejected[reason.value] += 1
