"""An entry on its way through the look-ups, and what is kept of the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dl_lit.core.errors import RequestRefused, ServiceError
from dl_lit.core.items import EntryItem, Resolved
from dl_lit.core.job import Claim
from dl_lit.core.model import Reference, Work
from dl_lit.core.reasons import Reason
from dl_lit.core.trail import Asked, Reply, Trail
from stages.enrichment.identifiers import printed_ids

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
    unheard: set[str] = field(default_factory=set)  # printed identifiers about which nobody told who should know
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

    def contradicts(self, work: Work) -> bool:
        """Whether the work has another identifier than the one printed, of which nobody could say what is behind it.

        An identifier that was looked up and led elsewhere is a misprint; before that it may well be right.
        """
        return any(theirs not in {None, mine} for mine, theirs in self._unheard_beside(work))

    def names(self, work: Work) -> bool:
        """Whether the work has one of those identifiers."""
        return any(mine == theirs for mine, theirs in self._unheard_beside(work))

    def _unheard_beside(self, work: Work) -> list[tuple[str, str | None]]:
        theirs = {"doi": work.doi, "arxiv": work.arxiv_id, "pmid": work.pmid, "pmcid": work.pmcid}
        return [(one, theirs.get(kind.name)) for kind, one in printed_ids(self.reference) if one in self.unheard]

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


def reply_of(error: ServiceError | None, *, is_found: bool) -> Reply:
    """What an answer or a failure came to, for a trail: offline nobody fails, since nobody is asked."""
    if error is None:
        return Reply.FOUND if is_found else Reply.ABSENT
    if error.reason is Reason.OFFLINE:
        return Reply.NOT_ASKED
    return Reply.REFUSED if isinstance(error, RequestRefused) else Reply.FAILED
