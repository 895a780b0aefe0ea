"""When a batch of work has ended: after work, nothing is left that is due soon."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from dl_lit.core.events import Batch
from dl_lit.core.model import StageName
from dl_lit.core.pulse import Pulse

QUIET_S = 5.0
"""Nothing has been in anybody's hands for so long before it is asked what is left."""

SOON_S = 300.0
"""What is due within this belongs to the batch; what was put off for longer does not keep it open."""

_FEW = 20
"""A batch without a paper and of fewer items is a second look by itself, which nobody waits for."""

_Failed = Mapping[StageName, Mapping[str, int]]


class Batches:
    """Watches the pulse for the end of a batch. For one thread."""

    def __init__(self, left_soon: Callable[[float], int]) -> None:
        """`left_soon` counts the items that may be worked on by a moment (epoch seconds); asked only at rest."""
        self._left_soon = left_soon
        self._done: Mapping[StageName, int] = {}
        self._failed: _Failed = {}
        self._began_at: float | None = None  # None: no batch is open
        self._moved_at = 0.0

    def look(self, pulse: Pulse) -> Batch | None:
        """The batch that has ended; None while there is none, or it goes on."""
        if self._is_at_work(pulse):
            if self._began_at is None:
                self._began_at = max(pulse.began_at, pulse.at - 1.0)
            self._moved_at = pulse.at
            return None
        if self._began_at is None or pulse.at - self._moved_at < QUIET_S or self._left_soon(pulse.at + SOON_S):
            return None
        return self._close(pulse)

    def end(self, pulse: Pulse) -> Batch | None:
        """The batch that ends with the process, whatever is left; None where nothing was done."""
        return None if self._began_at is None else self._close(pulse)

    def _is_at_work(self, pulse: Pulse) -> bool:
        stages = pulse.stages.values()
        return any(one.running or one.queued or one.seated or (one.moved_at or 0.0) > self._moved_at for one in stages)

    @staticmethod
    def _counts(pulse: Pulse) -> tuple[dict[StageName, int], _Failed]:
        return (
            {name: one.done for name, one in pulse.stages.items()},
            {name: dict(one.failed) for name, one in pulse.stages.items()},
        )

    def _close(self, pulse: Pulse) -> Batch | None:
        done, failed = self._counts(pulse)
        began_at = self._began_at or pulse.at
        batch = Batch(
            began_at=began_at,
            seconds=round(max(0.0, max(self._moved_at, began_at) - began_at), 1),
            done={name: number - self._done.get(name, 0) for name, number in done.items()},
            failed={name: _more(counts, self._failed.get(name, {})) for name, counts in failed.items()},
            waiting=sum(one.waiting for one in pulse.stages.values()),
        )
        self._done, self._failed, self._began_at = done, failed, None
        reads = batch.sources + sum(batch.failed.get(StageName.EXTRACTION, {}).values())
        return batch if reads or batch.items >= _FEW else None


def _more(now: Mapping[str, int], before: Mapping[str, int]) -> dict[str, int]:
    return dict(Counter(now) - Counter(before))
