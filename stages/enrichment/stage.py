"""The stage: identifiers first, many entries to a request; what is left is searched for, one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from dl_lit.core.errors import ServiceError
from dl_lit.core.items import Resolved
from dl_lit.core.job import Again, Answer, Claim, Done, Reject, Retry, Snooze
from dl_lit.core.model import StageName
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.reasons import Reason
from dl_lit.matching.decide import Accepted, Ambiguous, Scored, Vetoed
from stages.enrichment.by_identifier import Entry, entries_of, resolve
from stages.enrichment.by_search import search
from stages.enrichment.triage import has_identifier, why_not_a_work
from stages.outcomes import of_service_errors
from stages.sources.registry import SOURCES, Source

SEARCH = "search"
"""The phase of entries whose identifiers, if any, led nowhere."""

SEARCH_INSTEAD = "search-instead"
"""The phase of entries whose identifiers no service could be asked for: found, or left for later, but not given up."""

PATIENCE = 3  # from this attempt on, the answer of the other services counts without the failing one
BATCH = 50  # entries to one round of look-ups: what one list request of OpenAlex takes
OUTAGE_RESTS = 4.0  # rests of an open breaker to let pass before all services are searched again
UNASKED_SNOOZE_S = 600.0  # until the identifiers of an entry are tried again (seconds)


class EnrichmentStage:
    """Finds out which work every entry is. Holds nothing that changes, so any number of workers may share it."""

    def __init__(self, calls: ServiceCalls, sources: Sequence[Source] = SOURCES) -> None:
        self._calls = calls
        self._sources = tuple(sources)

    @property
    def name(self) -> StageName:
        """The second stage."""
        return StageName.ENRICHMENT

    def batch_size(self, phase: str) -> int:
        """Many for the identifiers, one for a search."""
        return 1 if phase else BATCH

    def handle(self, claims: Sequence[Claim]) -> Iterator[tuple[Claim, Answer]]:
        """Answer every entry, each as soon as its answer is known."""
        entries = entries_of(claims)
        if claims and claims[0].phase:
            for entry in entries:
                yield entry.claim, self._search(entry)
            return
        for entry, resolved in resolve(self._calls, self._sources, entries):
            yield entry.claim, Done(resolved)
        for entry in entries:
            if not entry.is_resolved:
                yield entry.claim, _after_look_ups(entry)

    def close(self) -> None:
        """Nothing is held open."""

    def _search(self, entry: Entry) -> Answer:
        is_instead = entry.claim.phase == SEARCH_INSTEAD
        found = search(self._calls, self._sources, entry.reference)
        if isinstance(found.decision, Accepted):
            return Done(Resolved(work=found.decision.work, matched_by="search", score=found.decision.score))
        if is_instead:
            return Snooze(Reason.SERVICE_DOWN, UNASKED_SNOOZE_S, "no service could be asked for the identifier")
        if not found.asked and not found.errors:
            return Snooze(Reason.SERVICE_DOWN, UNASKED_SNOOZE_S, "no service that can search is switched on")
        awaited = [error for error in found.errors if not found.asked or _is_awaited(error, entry.claim.attempt)]
        if awaited:
            return _asked_again(of_service_errors(awaited), is_repeated=found.asked > 0)
        unasked = "; ".join(str(error) for error in found.errors)
        if isinstance(found.decision, Vetoed):
            veto = found.decision.candidates[0].evidence.veto or ""
            return Reject(Reason.VETOED, veto, [_as_evidence(one) for one in found.decision.candidates])
        if isinstance(found.decision, Ambiguous):
            candidates = [_as_evidence(one) for one in found.decision.candidates]
            near = f"{len(candidates)} near, none proven"
            return Reject(Reason.AMBIGUOUS_MATCH, f"{near}; {unasked}" if unasked else near, candidates)
        if found.errors:
            # No match is only said where everybody could be asked; a retry puts this back.
            return Reject(found.errors[0].reason, f"the other services know no such work; {unasked}")
        return Reject(Reason.NO_MATCH)


def _after_look_ups(entry: Entry) -> Answer:
    """What follows for an entry that no identifier resolved."""
    reference, errors = entry.reference, entry.errors
    if not has_identifier(reference):
        why = why_not_a_work(reference)
        return Reject(Reason.NOT_A_WORK, why) if why else Again(SEARCH)
    if entry.is_answered or not errors:
        why = why_not_a_work(reference)
        if why:
            return Reject(Reason.NO_MATCH, f"no record of the identifier, and nothing to search for: {why}")
        return Again(SEARCH)
    is_first_blow = entry.claim.attempt == 1 and any(error.costs_attempt for error in errors)
    is_rate = all(error.reason is Reason.RATE_LIMITED for error in errors)
    if is_first_blow or is_rate or why_not_a_work(reference):
        return of_service_errors(errors)
    return Again(SEARCH_INSTEAD)


def _is_awaited(error: ServiceError, attempt: int) -> bool:
    """Whether nothing is final without this service: one that was asked and failed has so many tries, others all."""
    return not error.costs_attempt or attempt < PATIENCE


def _asked_again(answer: Retry | Snooze, *, is_repeated: bool) -> Retry | Snooze:
    """The same, but later where an outage would have those who answered be asked the same again every minute."""
    if is_repeated and isinstance(answer, Snooze) and answer.reason is Reason.SERVICE_DOWN:
        return Snooze(answer.reason, answer.after * OUTAGE_RESTS, answer.detail)
    return answer


def _as_evidence(one: Scored) -> dict[str, Any]:
    """A candidate as JSON, for the person who decides."""
    work, evidence = one.work, one.evidence
    return {
        "score": one.score,
        "title": work.title,
        "authors": [person.sort_key for person in work.authors[:5]],
        "year": work.year,
        "container_title": work.container_title,
        "type": work.type.value,
        "doi": work.doi,
        "openalex_id": work.openalex_id,
        "arxiv_id": work.arxiv_id,
        "pmid": work.pmid,
        "source": work.metadata_source,
        "veto": evidence.veto,
        "agreement": {
            "title": round(evidence.title, 4),
            "author": evidence.author.value,
            "year": evidence.year.value,
            "container": evidence.container.value,
            "volume": evidence.volume.value,
            "first_page": evidence.first_page.value,
        },
    }
