"""What recognising needs at hand: whom to ask, through what, and what is known already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from dl_lit.core.clock import Clock, SystemClock
from dl_lit.core.language import Decisions, Judge
from dl_lit.core.model import CitingWork, Reference, Work
from dl_lit.core.ports import Bibliographies, LocalIndex, ServiceCalls
from dl_lit.core.values import dataclass
from stages.enrichment.asking import Asking
from stages.enrichment.outages import Outages
from stages.sources.registry import SOURCES, Source


class NoBibliographies:
    """Obeys `Bibliographies` where there is no database: every entry stands alone."""

    def citing_works(self, source_ids: Sequence[int]) -> Mapping[int, CitingWork]:
        """None."""
        del source_ids
        return {}

    def open_entries(self, source_ids: Sequence[int]) -> Mapping[int, tuple[tuple[int, Reference], ...]]:
        """None."""
        del source_ids
        return {}

    def next_sources(self, entries: int) -> Sequence[int]:
        """None."""
        del entries
        return ()

    def known_works(self, keys: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], Work]:
        """None."""
        del keys
        return {}


class NoLocalIndex:
    """Obeys `LocalIndex` where nothing was imported."""

    @property
    def is_empty(self) -> bool:
        """It is."""
        return True

    def by_ids(self, kind: str, ids: Sequence[str]) -> Mapping[str, Work]:
        """None."""
        del kind, ids
        return {}

    def search(self, reference: Reference, limit: int) -> list[Work]:
        """None."""
        del reference, limit
        return []


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What the operator may switch off, and how much is taken together."""

    use_citing_lists: bool = True  # read the lists of cited works that services have for a citing work
    check_retractions: bool = True  # ask Crossref for notices about the works that were recognised
    together: int = 400  # entries of one plan at most
    attempts: int = 5  # that an entry has; at the last one the answer of the other services counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Shared by all workers of the stage; nothing in it changes but what owns its lock."""

    calls: ServiceCalls
    sources: tuple[Source, ...] = SOURCES
    bibliographies: Bibliographies = field(default_factory=NoBibliographies)
    local: LocalIndex = field(default_factory=NoLocalIndex)
    clock: Clock = field(default_factory=SystemClock)
    habits: Habits = Habits()
    asking: Asking = field(default_factory=Asking)
    outages: Outages = field(default_factory=Outages)
    judge: Judge | None = None  # of what matching leaves open
    decisions: Decisions | None = None  # of people, which nobody judges anew
