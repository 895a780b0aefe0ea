"""An entry on its way through the look-ups, and what is kept of the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dl_lit.core.errors import ServiceError
from dl_lit.core.items import EntryItem, Resolved
from dl_lit.core.job import Claim
from dl_lit.core.model import Reference, Work
from dl_lit.core.trail import Asked, Trail

MAX_ASKED = 40  # of one attempt: what is asked after that is not kept
MAX_CANDIDATES = 8
_DETAIL = 200  # characters


@dataclass(slots=True, kw_only=True)
class Entry:
    """One entry of a bibliography. It is in one thread's hands at a time."""

    id: int
    source_id: int
    reference: Reference
    asked: list[Asked] = field(default_factory=list)
    is_answered: bool = False  # a service said whether it has a record of an identifier that is printed
    errors: list[ServiceError] = field(default_factory=list)  # of those asked for such an identifier
    searched: dict[str, list[Work]] = field(default_factory=dict)  # by service: what searches for many gave for it
    resolved: Resolved | None = None
    books: list[Work] = field(default_factory=list)  # under a printed ISBN: perhaps what the entry is a chapter of
    candidates: tuple[Any, ...] = ()
    why: str = ""  # on what evidence, in one line
    is_first: bool = True  # it was never tried before: its whole bibliography may be waiting as well
    planned_at: float = 0.0  # monotonic seconds

    @property
    def is_settled(self) -> bool:
        """Whether asking the same again would tell the same."""
        return self.resolved is not None or not self.errors

    def note(self, asked: Asked) -> None:
        """Keep what was asked for this entry."""
        if len(self.asked) < MAX_ASKED:
            self.asked.append(asked)

    def trail(self, decision: str, candidates: Sequence[Any] = ()) -> Trail:
        """All that was asked, with what it came to in one line."""
        shown = tuple(candidates or self.candidates)[:MAX_CANDIDATES]
        return Trail(asked=tuple(self.asked), candidates=shown, decision=decision[:_DETAIL])


def entry_of(claim: Claim) -> Entry:
    """Unpack a claim; one of another stage is a bug and raises `TypeError`."""
    item = claim.item
    if not isinstance(item, EntryItem):
        raise TypeError(f"enrichment was handed {type(item).__name__}")
    is_first = claim.attempt == 1 and claim.ticket is None
    return Entry(id=claim.id, source_id=item.source_id, reference=item.reference, is_first=is_first)


def shortened(text: object) -> str:
    """A detail as it is kept in a trail."""
    return str(text)[:_DETAIL]
