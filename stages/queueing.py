"""Queueing: from a recognised work to the open-access locations it can be fetched from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dl_lit.core.errors import RequestRefused, ServiceError
from dl_lit.core.items import Queued, WorkItem
from dl_lit.core.job import Answer, Claim, Done, Reject
from dl_lit.core.model import Location, StageName, Work, WorkType
from dl_lit.core.ports import KnownWorks, ServiceCalls
from dl_lit.core.reasons import Reason
from stages.locators.rank import rank
from stages.locators.registry import LOCATORS, Locator
from stages.locators.settings import LocatorSettings
from stages.outcomes import of_service_errors

_NOT_DOCUMENTS = frozenset({WorkType.DATASET, WorkType.SOFTWARE, WorkType.WEBPAGE})


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
            return Done(duplicate)
        if work.type in _NOT_DOCUMENTS:
            return Reject(Reason.NOT_A_DOCUMENT, f"a {work.type.value}")
        locations, errors = self._locate(work)
        if locations:
            return Done(Queued(locations))
        if not _identifiers(work):
            return Reject(Reason.NO_IDENTIFIER)
        if errors:
            return of_service_errors(errors)
        return Reject(Reason.NO_OA_LOCATION, f"asked by {', '.join(_identifiers(work))}")

    def _locate(self, work: Work) -> tuple[tuple[Location, ...], list[ServiceError]]:
        """Ask the locators in turn, each only where it can add something; a dead one costs only its own share."""
        known: tuple[Location, ...] = ()
        errors: list[ServiceError] = []
        for locator in self._locators:
            if not locator.is_worth_asking(work, known) or not self._calls.is_available(locator.service):
                continue
            try:
                known += locator.locate(self._calls, work, self._settings)
            except RequestRefused:
                continue  # it will never take this identifier: it has no location
            except ServiceError as error:
                errors.append(error)
        return rank(known), errors


def _identifiers(work: Work) -> list[str]:
    ids = {
        "DOI": work.doi,
        "arXiv": work.arxiv_id,
        "PMID": work.pmid,
        "PMCID": work.pmcid,
        "OpenAlex": work.openalex_id,
    }
    return [name for name, value in ids.items() if value]
