"""The stage: whole bibliographies together as far as that goes; what is left is searched for, one by one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from dl_lit.core.clock import Clock, SystemClock
from dl_lit.core.errors import ServiceError
from dl_lit.core.items import Resolved
from dl_lit.core.job import Again, Answer, Claim, Done, Reject, Retry, Snooze
from dl_lit.core.language import Decisions, Judge
from dl_lit.core.model import StageName
from dl_lit.core.ports import Bibliographies, LocalIndex, ServiceCalls
from dl_lit.core.reasons import Reason
from dl_lit.core.trail import Reply
from dl_lit.matching.decide import Accepted, Ambiguous, Vetoed
from stages.enrichment.by_search import Searched, by_price, search
from stages.enrichment.desk import Desk, Habits, NoBibliographies, NoLocalIndex
from stages.enrichment.entries import Entry, entry_of
from stages.enrichment.gathering import Gathering
from stages.enrichment.identifiers import printed_ids
from stages.enrichment.judging import after_judgement
from stages.enrichment.outages import awaited, is_given_up
from stages.enrichment.planning import NOTICES_PER_REQUEST
from stages.enrichment.recognising import is_to_be_asked
from stages.enrichment.retractions import check
from stages.enrichment.trails import evidence_of, told_of
from stages.enrichment.triage import has_identifier, why_not_a_work
from stages.outcomes import NOT_SET_UP_S, of_service_errors
from stages.sources.registry import SOURCES, Source

SEARCH = "search"
"""The phase of entries whose identifiers, if any, led nowhere."""

SEARCH_INSTEAD = "search-instead"
"""The phase of entries whose identifiers no service could be asked for: found, or left for later, but not given up."""

NOTICES = "notices"
"""The phase of entries that a search recognised: their works are checked for retractions, many to a request."""

BATCH = 50  # claims taken together; what is open of their bibliographies is planned with them
OUTAGE_RESTS = 4.0  # rests of an open breaker to let pass before all services are searched again
_HEARD = frozenset({Reply.FOUND, Reply.ABSENT, Reply.REFUSED})
DOWN_SNOOZE_S = 1.0  # at least so long is an outage waited out (seconds)
UNASKED_SNOOZE_S = 600.0  # until the identifiers of an entry are tried again (seconds)


class EnrichmentStage:
    """Finds out which work every entry is. Thread-safe: any number of workers may share it."""

    def __init__(
        self,
        calls: ServiceCalls,
        sources: Sequence[Source] = SOURCES,
        *,
        bibliographies: Bibliographies | None = None,
        local: LocalIndex | None = None,
        clock: Clock | None = None,
        habits: Habits | None = None,
        judge: Judge | None = None,
        decisions: Decisions | None = None,
    ) -> None:
        """Ask through `calls`; without `bibliographies` every entry is planned for with those handed in beside it.

        `judge` is asked about what matching leaves open, unless a person has decided on it (`decisions`).
        """
        self._desk = Desk(
            calls=calls,
            sources=tuple(sources),
            bibliographies=bibliographies or NoBibliographies(),
            local=local or NoLocalIndex(),
            clock=clock or SystemClock(),
            habits=habits or Habits(),
            judge=judge,
            decisions=decisions,
        )
        self._gathering = Gathering(self._desk)

    @property
    def name(self) -> StageName:
        """The second stage."""
        return StageName.ENRICHMENT

    def batch_size(self, phase: str) -> int:
        """Many for what is asked for many together, one for a search."""
        return {"": BATCH, NOTICES: NOTICES_PER_REQUEST}.get(phase, 1)

    def handle(self, claims: Sequence[Claim]) -> Iterator[tuple[Claim, Answer]]:
        """Answer every entry, each as soon as its answer is known."""
        entries = [entry_of(claim) for claim in claims]
        by_id = {claim.id: claim for claim in claims}
        phase = claims[0].phase if claims else ""
        if phase == NOTICES:
            yield from self._checked(entries, by_id)
        elif phase:
            for entry in entries:
                yield by_id[entry.id], self._search(self._gathering.kept(entry), by_id[entry.id])
        else:
            yield from self._planned(entries, by_id)

    def close(self) -> None:
        """Nothing is held open."""

    def _planned(self, entries: Sequence[Entry], claims: dict[int, Claim]) -> Iterator[tuple[Claim, Answer]]:
        asked = []
        for entry in entries:
            if is_to_be_asked(entry):
                asked.append(entry)
            else:
                why = why_not_a_work(entry.reference) or ""
                yield claims[entry.id], Reject(Reason.NOT_A_WORK, why, trail=entry.trail(f"not a work: {why}"))
        for entry in self._gathering.found_for(asked):
            answer = _done(entry) if entry.resolved else _after_look_ups(entry, claims[entry.id].attempt)
            yield claims[entry.id], self._kept(entry, answer)

    def _checked(self, entries: Sequence[Entry], claims: dict[int, Claim]) -> Iterator[tuple[Claim, Answer]]:
        found = [self._gathering.kept(entry) for entry in entries]
        check(self._desk, [entry for entry in found if entry.resolved])
        for entry in found:
            # What was found and then forgotten, since too much was kept, is searched for again: it is remembered.
            yield claims[entry.id], _done(entry) if entry.resolved else Again(SEARCH)

    def _search(self, entry: Entry, claim: Claim) -> Answer:
        if claim.phase == SEARCH_INSTEAD:
            entry.unheard |= {one for kind, one in printed_ids(entry.reference) if kind.name != "isbn"}
        found = search(self._desk, entry)
        entry.candidates = evidence_of(found.decision)
        if isinstance(found.decision, Accepted) and (found.is_final or not _awaited(self._desk, entry, claim, found)):
            work, score = found.decision.work, found.decision.score
            entry.why = "" if found.is_final else _unheard(_failures(entry, found))
            entry.resolved = Resolved(work=work, matched_by="search", score=score, matched_as=found.matched_as)
            return self._recognised(entry)
        answer = _after_search(self._desk, entry, claim, found)
        if not isinstance(answer, Reject) or answer.reason is not Reason.AMBIGUOUS_MATCH:
            return answer
        return after_judgement(self._desk, entry, found, answer) or self._recognised(entry)

    def _recognised(self, entry: Entry) -> Answer:
        if not self._desk.habits.check_retractions:
            return _done(entry)
        return self._kept(entry, Again(NOTICES))

    def _kept(self, entry: Entry, answer: Answer) -> Answer:
        if isinstance(answer, Again):
            self._gathering.keep(entry)
        return answer


def _done(entry: Entry) -> Done:
    resolved = entry.resolved
    if resolved is None:
        raise ValueError(f"entry {entry.id} is not recognised")
    return Done(resolved, entry.trail(told_of(resolved, entry.why)))


def _after_look_ups(entry: Entry, attempt: int) -> Answer:
    """What follows for an entry that was recognised neither by an identifier nor by a list."""
    reference, errors = entry.reference, entry.errors
    if not has_identifier(reference):
        return Again(SEARCH)
    why = why_not_a_work(reference)
    if not (entry.is_answered or errors) and why:
        return Snooze(Reason.NOT_SET_UP, NOT_SET_UP_S, "no service that could look the identifier up is switched on")
    if entry.is_answered or not errors:
        if why:
            detail = f"no record of the identifier, and nothing to search for: {why}"
            return Reject(Reason.NO_MATCH, detail, trail=entry.trail(detail))
        return Again(SEARCH)
    is_first_blow = attempt == 1 and any(error.costs_attempt for error in errors)
    is_rate = all(error.reason is Reason.RATE_LIMITED for error in errors)
    if is_first_blow or is_rate or why:
        return _later(entry, of_service_errors(errors))
    return Again(SEARCH_INSTEAD)


def _after_search(desk: Desk, entry: Entry, claim: Claim, found: Searched) -> Answer:
    """What follows for an entry that no search proved."""
    offline = [error for error in (*entry.errors, *found.errors) if error.reason is Reason.OFFLINE]
    if offline and claim.phase == SEARCH_INSTEAD:
        return of_service_errors(offline)
    if claim.phase == SEARCH_INSTEAD and not all(is_given_up(desk, error) for error in entry.errors):
        return Snooze(Reason.SERVICE_DOWN, UNASKED_SNOOZE_S, "no service could be asked for the identifier")
    errors = _failures(entry, found)
    if not found.asked and not errors:
        return Snooze(Reason.NOT_SET_UP, NOT_SET_UP_S, _who_is_missing(desk))
    waits_for = _awaited(desk, entry, claim, found)
    if waits_for:
        return _later(entry, _asked_again(of_service_errors(waits_for), is_repeated=found.asked > 0))
    unheard = _unheard(errors)
    decision, candidates = found.decision, list(entry.candidates)
    if isinstance(decision, Vetoed):
        veto = decision.candidates[0].evidence.veto or ""
        return Reject(Reason.VETOED, veto, candidates, entry.trail(f"vetoed: {veto}"))
    if isinstance(decision, Ambiguous):
        near = f"{len(candidates)} near, none proven"
        if any(map(entry.contradicts, (one.work for one in decision.candidates))):
            near = "the printed identifier could not be looked up, and the record found has another"
        return Reject(Reason.AMBIGUOUS_MATCH, f"{near}; {unheard}" if unheard else near, candidates, entry.trail(near))
    down = [error for error in errors if math.isinf(desk.calls.wait_s(error.service)) and not is_given_up(desk, error)]
    if down:
        return Snooze(Reason.SERVICE_DOWN, DOWN_SNOOZE_S, f"nothing is final while it is down: {down[0]}")
    if errors:
        # No match is only said where everybody could be asked; a retry puts this back.
        told = f"the other services know no such work; {unheard}"
        return Reject(errors[0].reason, told, trail=entry.trail(told))
    heard = len({one.service for one in entry.asked if one.reply in _HEARD})
    asked = f"{heard} service{'' if heard == 1 else 's'} asked"
    return Reject(Reason.NO_MATCH, trail=entry.trail(f"{asked}, no record fits"))


def _who_is_missing(desk: Desk) -> str:
    if by_price(desk):
        return "no service that is switched on can be searched for an entry like this"
    return "no service that can search is switched on"


def _failures(entry: Entry, found: Searched) -> list[ServiceError]:
    """Who failed, one error each: when it was searched, or before that when it was asked for the identifier."""
    return list({error.service: error for error in (*entry.errors, *found.errors)}.values())


def _awaited(desk: Desk, entry: Entry, claim: Claim, found: Searched) -> list[ServiceError]:
    """The failures without which nothing is final; all of them where nobody was heard."""
    errors = _failures(entry, found)
    return awaited(desk, errors, claim.attempt) if found.asked else errors


def _unheard(errors: Sequence[ServiceError]) -> str:
    return f"without {'; '.join(map(str, errors))}" if errors else ""


def _asked_again(answer: Retry | Snooze, *, is_repeated: bool) -> Retry | Snooze:
    """The same, but later where an outage would have those who answered be asked the same again every minute."""
    if is_repeated and isinstance(answer, Snooze) and answer.reason is Reason.SERVICE_DOWN:
        later_s = min(answer.after * OUTAGE_RESTS, UNASKED_SNOOZE_S)
        return replace(answer, after=max(answer.after, later_s, DOWN_SNOOZE_S))
    return answer


def _later(entry: Entry, answer: Retry | Snooze) -> Retry | Snooze:
    return replace(answer, trail=entry.trail(answer.detail)) if isinstance(answer, Retry) else answer
