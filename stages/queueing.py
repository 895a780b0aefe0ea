"""Queueing: from a recognised work to the open-access locations it can be fetched from.

Two phases: in the first one most works need no request at all; those of which nothing is known then go through the
further locators, which are slower, when no work waits for the first.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from dl_lit.core.clock import Clock, SystemClock
from dl_lit.core.errors import ServiceError
from dl_lit.core.items import Queued, WorkItem
from dl_lit.core.job import Again, Answer, Claim, Done, Reject, Retry, Snooze
from dl_lit.core.model import Location, StageName, Work, WorkType
from dl_lit.core.ports import KnownWorks, Located, Locating
from dl_lit.core.reasons import Reason
from dl_lit.core.trail import Asked, Reply, Trail
from stages.locators.patience import Patience
from stages.locators.search import number
from stages.outcomes import NOT_SET_UP_S, of_service_errors

FURTHER = "further"  # the second phase

_NOBODY_SET_UP = "no service that could name an open copy is switched on or set up"
_KNOWN = "known"  # our own database
_NOT_DOCUMENTS = frozenset({WorkType.DATASET, WorkType.SOFTWARE, WorkType.WEBPAGE})


@dataclass(slots=True)
class _Search:
    """What the locators came to for one work, in one round or in both."""

    work: Work
    told: Located
    unheard: tuple[str, ...] = ()  # who was waited for in vain

    def add(self, more: Located) -> None:
        """Take over what a further round came to."""
        told = self.told
        self.told = Located(
            locations=told.locations + more.locations,
            asked=told.asked + more.asked,
            errors=more.errors,
            embargoed=told.embargoed + more.embargoed,
            left_out=told.left_out + more.left_out,
            set_aside=told.set_aside + more.set_aside,
        )

    @property
    def is_heard(self) -> bool:
        """Whether any locator said what it knows, or that it will never know this work."""
        heard = {Reply.FOUND, Reply.ABSENT, Reply.REFUSED}
        return any(one.reply in heard and one.service not in self.told.left_out for one in self.told.asked)

    @property
    def is_taken(self) -> bool:
        """Whether any locator takes an identifier of the work."""
        return any(one.reply is not Reply.NOT_ASKED for one in self.told.asked)

    def trail(self, decision: str) -> Trail:
        """All of it, with what it came to in one line."""
        unheard = f"; not heard, and not waited for any longer: {', '.join(self.unheard)}" if self.unheard else ""
        return Trail(asked=self.told.asked, decision=decision + unheard)


class QueueingStage:
    """Sorts out duplicates and finds out where works are open."""

    def __init__(self, known: KnownWorks, locating: Locating, clock: Clock | None = None) -> None:
        """Ask `locating`; the clock bounds how long works wait for locators that cannot be asked."""
        self._known = known
        self._locating = locating
        self._patience = Patience(clock or SystemClock())
        self._lock = threading.Lock()
        self._firsts: dict[int, _Search] = {}  # of the claims that are between the phases

    @property
    def name(self) -> StageName:
        """The third stage."""
        return StageName.QUEUEING

    def batch_size(self, phase: str) -> int:
        """One: most works need no request at all."""
        del phase
        return 1

    def handle(self, claims: Sequence[Claim]) -> Iterator[tuple[Claim, Answer]]:
        """Answer every work."""
        for claim in claims:
            answer = self._answer(claim)
            if not isinstance(answer, Snooze | Again):
                self._patience.forget(claim.id)
            yield claim, answer

    def close(self) -> None:
        """Nothing is held open."""

    def _answer(self, claim: Claim) -> Answer:
        if not isinstance(claim.item, WorkItem):
            raise TypeError(f"queueing was handed {type(claim.item).__name__}")
        work = claim.item.work
        if claim.phase == FURTHER:
            return self._further(claim, work)
        duplicate = self._known.duplicate_of(claim.id, work)
        if duplicate:
            told = f"is w{duplicate.of_work_id} already, by {duplicate.matched_on}"
            asked = Asked(service=_KNOWN, how=duplicate.matched_on, reply=Reply.FOUND)
            return Done(duplicate, Trail(asked=(asked,), decision=told))
        if work.type in _NOT_DOCUMENTS and not _is_file(work):
            kind = f"a {work.type.value}"
            return Reject(Reason.NOT_A_DOCUMENT, kind, trail=Trail(decision=f"nobody was asked: {kind} has no PDF"))
        search = _Search(work, self._locating.first(work))
        if search.told.locations:
            return _ending(search)
        later = self._waiting(claim, search)
        if later is not None:
            return later
        with self._lock:
            self._firsts[claim.id] = search
        return Again(FURTHER)

    def _further(self, claim: Claim, work: Work) -> Answer:
        """The rest of what can be asked, after what the first phase came to."""
        with self._lock:
            search = self._firsts.pop(claim.id, None)
        if search is None:  # another run's first phase
            search = _Search(work, self._locating.first(work))
        search.add(self._locating.further(work, ()))
        later = None if search.told.locations else self._waiting(claim, search, is_further=True)
        return later or _ending(search)

    def _waiting(self, claim: Claim, search: _Search, *, is_further: bool = False) -> Retry | Snooze | None:
        """What to answer while somebody who might know has not been heard; None when all were, or long enough."""
        errors = search.told.errors
        awaited = self._patience.awaited(claim.id, errors, attempt=claim.attempt, is_further=is_further)
        search.unheard += tuple(one.service for one in _given_up(errors, awaited))
        if not awaited:
            return None
        answer = of_service_errors(awaited)
        if isinstance(answer, Retry):
            return replace(answer, trail=search.trail("nobody knows a location, and not all could be asked"))
        return answer


def _ending(search: _Search) -> Answer:
    """What to answer when everybody was heard who will be."""
    told, names = search.told, _identifiers(search.work)
    if told.locations:
        return Done(Queued(told.locations), search.trail(f"{number(told.locations)} to try, the best first"))
    if told.embargoed:
        return _embargoed(search, told.embargoed)
    if told.set_aside:
        detail = f"{number(told.set_aside)}, of a version or at a host that the settings refuse"
        return Reject(Reason.SKIP_POLICY, detail, trail=search.trail(f"set aside: {detail}"))
    if not search.is_taken and not (names and (told.left_out or search.unheard)):
        return Reject(Reason.NO_IDENTIFIER, trail=search.trail("no identifier to ask a locator by"))
    if told.left_out and not search.is_heard and not search.unheard:
        return Snooze(Reason.NOT_SET_UP, NOT_SET_UP_S, f"{_NOBODY_SET_UP}: {', '.join(told.left_out)}")
    asked_by = f"asked by {', '.join(names) or 'title'}"
    if told.left_out:
        asked_by += f"; not set up, so not asked: {', '.join(told.left_out)}"
    if search.unheard:
        asked_by += f"; not heard: {', '.join(search.unheard)}"
    return Reject(Reason.NO_OA_LOCATION, asked_by, trail=search.trail("nobody asked knows an open copy"))


def _embargoed(search: _Search, places: Sequence[Location]) -> Reject:
    """The day on which the first of the copies opens, for people and for who looks again."""
    opening = min((one.open_from for one in places if one.open_from), default=None)
    until = opening.isoformat() if opening else "a day that is not told"
    evidence = [{"url": one.url, "open_from": one.open_from.isoformat() if one.open_from else None} for one in places]
    told = search.trail(f"{number(places)}, none open before {until}")
    return Reject(Reason.EMBARGOED, f"until {until}", {"open_from": until, "locations": evidence}, told)


def _given_up(errors: Sequence[ServiceError], awaited: Sequence[ServiceError]) -> list[ServiceError]:
    waited_for = {one.service for one in awaited}
    return [one for one in errors if one.service not in waited_for]


def _is_file(work: Work) -> bool:
    """Whether the address it was cited by is that of a PDF: such a page of the web is a document."""
    try:
        return work.type is WorkType.WEBPAGE and urlsplit(work.url or "").path.lower().endswith(".pdf")
    except ValueError:
        return False


def _identifiers(work: Work) -> list[str]:
    ids = {
        "DOI": work.doi,
        "arXiv": work.arxiv_id,
        "PMID": work.pmid,
        "PMCID": work.pmcid,
        "OpenAlex": work.openalex_id,
        "ISBN": work.isbn,
        "address": work.url if _is_file(work) else None,
    }
    return [name for name, value in ids.items() if value]
