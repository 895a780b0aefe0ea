"""Queueing: from a recognised work to the open-access locations it can be fetched from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from dl_lit.core.errors import RequestRefused, ServiceError
from dl_lit.core.items import Queued, WorkItem
from dl_lit.core.job import Answer, Claim, Done, Reject, Retry, Snooze
from dl_lit.core.model import Location, StageName, Work, WorkType
from dl_lit.core.ports import KnownWorks, ServiceCalls
from dl_lit.core.reasons import Reason
from dl_lit.core.trail import Asked, Reply, Trail
from stages.enrichment.metered import Metered
from stages.locators.rank import rank
from stages.locators.registry import LOCATORS, Locator
from stages.locators.settings import LocatorSettings
from stages.outcomes import NOT_SET_UP_S, of_service_errors

_HOW = "locations"
_NOBODY_SET_UP = "no service that could name an open copy is switched on or set up"
_KNOWN = "known"  # our own database
_DETAIL = 200  # characters
_NOT_DOCUMENTS = frozenset({WorkType.DATASET, WorkType.SOFTWARE, WorkType.WEBPAGE})


@dataclass(slots=True)
class _Search:
    """What the locators came to for one work."""

    locations: tuple[Location, ...] = ()
    errors: list[ServiceError] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)  # services that are not set up, and might have known more

    @property
    def is_heard(self) -> bool:
        """Whether any locator said what it knows, or that it will never know this work."""
        told = {Reply.FOUND, Reply.ABSENT, Reply.REFUSED}
        return any(one.reply in told and one.service not in self.left_out for one in self.asked)

    def skip(self, service: str, why: str) -> None:
        """Keep that a locator was not asked."""
        self.asked.append(Asked(service=service, how=_HOW, reply=Reply.NOT_ASKED, detail=why))

    def note(self, service: str, through: Metered, reply: Reply, detail: str) -> None:
        """Keep what a locator said and what that cost."""
        self.asked.append(
            Asked(
                service=service,
                how=_HOW,
                reply=reply,
                requests=through.requests,
                credits=through.credits,
                is_remembered=bool(through.remembered) and not through.requests,
                detail=detail[:_DETAIL],
            )
        )

    def trail(self, decision: str) -> Trail:
        """All of it, with what it came to in one line."""
        return Trail(asked=tuple(self.asked), decision=decision)


class QueueingStage:
    """Sorts out duplicates and finds out where works are open. Holds nothing that changes."""

    def __init__(
        self,
        known: KnownWorks,
        calls: ServiceCalls,
        settings: LocatorSettings | None = None,
        locators: Sequence[Locator] = LOCATORS,
    ) -> None:
        self._known = known
        self._calls = calls
        self._settings = settings or LocatorSettings()
        self._locators = tuple(locators)

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
            yield claim, self._answer(claim)

    def close(self) -> None:
        """Nothing is held open."""

    def _answer(self, claim: Claim) -> Answer:
        if not isinstance(claim.item, WorkItem):
            raise TypeError(f"queueing was handed {type(claim.item).__name__}")
        work = claim.item.work
        duplicate = self._known.duplicate_of(claim.id, work)
        if duplicate:
            told = f"is w{duplicate.of_work_id} already, by {duplicate.matched_on}"
            asked = Asked(service=_KNOWN, how=duplicate.matched_on, reply=Reply.FOUND)
            return Done(duplicate, Trail(asked=(asked,), decision=told))
        if work.type in _NOT_DOCUMENTS:
            kind = f"a {work.type.value}"
            return Reject(Reason.NOT_A_DOCUMENT, kind, trail=Trail(decision=f"nobody was asked: {kind} has no PDF"))
        search = self._locate(work)
        if search.locations:
            return Done(Queued(search.locations), search.trail(f"{_number(search.locations)} to try, the best first"))
        if not _identifiers(work):
            return Reject(Reason.NO_IDENTIFIER, trail=search.trail("no identifier to ask a locator by"))
        if search.errors:
            answer = of_service_errors(search.errors)
            if isinstance(answer, Retry):
                return replace(answer, trail=search.trail("nobody knows a location, and not all could be asked"))
            return answer
        if search.left_out and not search.is_heard:
            return Snooze(Reason.NOT_SET_UP, NOT_SET_UP_S, f"{_NOBODY_SET_UP}: {', '.join(search.left_out)}")
        asked_by = f"asked by {', '.join(_identifiers(work))}"
        if search.left_out:
            asked_by += f"; not set up, so not asked: {', '.join(search.left_out)}"
        return Reject(Reason.NO_OA_LOCATION, asked_by, trail=search.trail("nobody asked knows an open copy"))

    def _locate(self, work: Work) -> _Search:
        """Ask the locators in turn, each only where it can add something; a dead one costs only its own share."""
        search = _Search()
        for locator in self._locators:
            service = locator.service
            if not locator.is_worth_asking(work, search.locations):
                search.skip(
                    service, "nothing to add to what is known" if search.locations else "no identifier it takes"
                )
                continue
            if not self._calls.is_available(service):
                search.skip(service, "not set up: it is switched off, or lacks a contact address or key that it takes")
                search.left_out.append(service)
                continue
            through = Metered(self._calls)
            try:
                found = locator.locate(through, work, self._settings)
            except RequestRefused as error:
                search.note(service, through, Reply.REFUSED, str(error))  # it will never take this identifier
            except ServiceError as error:
                if not self._calls.is_available(service):  # it will not have us: go on as if it were not set up
                    search.note(service, through, Reply.REFUSED if through.requests else Reply.NOT_ASKED, str(error))
                    search.left_out.append(service)
                    continue
                reply = Reply.NOT_ASKED if error.reason is Reason.OFFLINE else Reply.FAILED
                search.note(service, through, reply, str(error))
                search.errors.append(error)
            else:
                search.locations += found
                search.note(service, through, Reply.FOUND if found else Reply.ABSENT, _number(found) if found else "")
        search.locations = rank(search.locations)
        return search


def _number(locations: Sequence[Location]) -> str:
    files = sum(one.is_pdf for one in locations)
    return f"{len(locations)} location{'' if len(locations) == 1 else 's'}, {files} of a PDF"


def _identifiers(work: Work) -> list[str]:
    ids = {
        "DOI": work.doi,
        "arXiv": work.arxiv_id,
        "PMID": work.pmid,
        "PMCID": work.pmcid,
        "OpenAlex": work.openalex_id,
    }
    return [name for name, value in ids.items() if value]
