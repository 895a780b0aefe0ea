"""What others are told of: that a batch has ended, that something is wrong, that it is well again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from dl_lit.core.conditions import Condition
from dl_lit.core.model import StageName
from dl_lit.core.values import dataclass


class Occasion(StrEnum):
    """Why somebody is told; the words of the setting notify.on."""

    BATCH = "batch"
    TROUBLE = "trouble"
    RECOVERY = "recovery"
    TEST = "test"  # somebody tries whether it works


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Some work, from the first item until nothing was left to do. Counts are of this batch alone."""

    began_at: float  # epoch seconds
    seconds: float
    done: Mapping[StageName, int]
    failed: Mapping[StageName, Mapping[str, int]] = field(default_factory=dict)  # by reason
    waiting: int = 0  # items that were put off for later

    @property
    def sources(self) -> int:
        """PDFs that were read."""
        return self.done.get(StageName.EXTRACTION, 0)

    @property
    def recognised(self) -> int:
        """References whose works were found."""
        return self.done.get(StageName.ENRICHMENT, 0)

    @property
    def unrecognised(self) -> int:
        """References whose works were not."""
        return sum(self.failed.get(StageName.ENRICHMENT, {}).values())

    @property
    def downloaded(self) -> int:
        """Files that came."""
        return self.done.get(StageName.DOWNLOAD, 0)

    @property
    def missing(self) -> int:
        """Works whose file could not be had."""
        return sum(sum(self.failed.get(one, {}).values()) for one in (StageName.QUEUEING, StageName.DOWNLOAD))

    @property
    def items(self) -> int:
        """All that was worked on, in all stages."""
        return sum(self.done.values()) + sum(sum(one.values()) for one in self.failed.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing to be told."""

    id: str  # the same whenever it is told again
    occasion: Occasion
    at: float  # epoch seconds
    says: str  # in one or two sentences
    condition: Condition | None = None  # of trouble and recovery
    batch: Batch | None = None
