"""How much is done at once for the sections that models read, and for how long: pure."""

from __future__ import annotations

from enum import StrEnum

from dl_lit.core.values import dataclass

MEMORY_PATIENCE_S = 10.0
"""Above the hard mark nothing begins for so long; then one does, lest memory that never sinks stop all for good."""

GRACE_S = 2.0
"""Beyond the time of splits and uploads: what bounds itself by the same time ends by itself, and says more of why."""


class SectionWork(StrEnum):
    """The kinds of work, each with a limit and a time of its own."""

    TASKS = "tasks"  # a section: split, upload, ask, clean up
    SPLITS = "splits"  # its pages taken out of the PDF
    UPLOADS = "uploads"  # ... and sent


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionLimits:
    """What the settings say."""

    tasks: int = 5
    splits: int = 4
    uploads: int = 3
    task_s: float = 600.0  # all tries of a section together
    split_s: float = 120.0
    upload_s: float = 300.0
    is_concurrent: bool = True  # False: everything one after the other
    watches_memory: bool = True
    most_memory_mb: float = 1_024.0  # nothing begins above this
    throttle_memory_mb: float = 768.0  # one at a time above this
    tries: int = 3  # of a section that ended in a trouble that may pass
    base_s: float = 1.0  # before the second; doubles

    def most(self, kind: SectionWork) -> int:
        """How many of the kind there may be at once, over all sources."""
        if not self.is_concurrent:
            return 1
        return max(
            1,
            {SectionWork.TASKS: self.tasks, SectionWork.SPLITS: self.splits, SectionWork.UPLOADS: self.uploads}[kind],
        )

    def time_s(self, kind: SectionWork) -> float:
        """How long one of the kind may take before nobody waits for it any more."""
        return {
            SectionWork.TASKS: self.task_s,
            SectionWork.SPLITS: self.split_s + GRACE_S,
            SectionWork.UPLOADS: self.upload_s + GRACE_S,
        }[kind]

    def may_begin(self, kind: SectionWork, running: int, memory_mb: float, short_s: float) -> bool:
        """Whether one more of the kind may begin beside those that run.

        `memory_mb` is what this process and its children have; `short_s` for how long that was above the hard mark
        while nothing of the kind ran. Uploads take no memory to speak of.
        """
        if running >= self.most(kind):
            return False
        if not self.watches_memory or kind is SectionWork.UPLOADS or memory_mb < self.lower_mark_mb:
            return True
        return running == 0 and (memory_mb < self.most_memory_mb or short_s >= MEMORY_PATIENCE_S)

    @property
    def lower_mark_mb(self) -> float:
        """Above this, one at a time: never beyond the hard mark."""
        return min(self.throttle_memory_mb, self.most_memory_mb)


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionUse:
    """What became of one kind of work so far."""

    limit: int = 0
    running: int = 0
    most: int = 0  # high-water mark
    waiting: int = 0
    done: int = 0  # that ended by themselves, well or not
    given_up: int = 0  # that took longer than they may
