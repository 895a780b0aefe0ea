"""Recognising one entry by searching for it, the cheapest service first, until a record is proven."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dl_lit.core.errors import RequestRefused, ServiceError
from dl_lit.core.items import MatchedAs
from dl_lit.core.model import Reference, Work
from dl_lit.core.reasons import Reason
from dl_lit.core.trail import Asked
from dl_lit.core.values import dataclass
from dl_lit.matching.containers import recognise
from dl_lit.matching.decide import Accepted, Ambiguous, Decision, Scored, decide
from stages.enrichment.asking import Told, recalled_search, search_key
from stages.enrichment.by_known import search_locally, without_identifiers
from stages.enrichment.desk import Desk
from stages.enrichment.entries import Entry, reply_of, shortened
from stages.enrichment.planning import search_order
from stages.enrichment.triage import as_searched
from stages.sources.registry import Source

WAIT_S = 10.0  # longer lines are not stood in: the entry comes back when its turn is near
MAX_CANDIDATES = 60  # records that one entry is compared with in all


@dataclass(frozen=True, slots=True)
class Searched:
    """What the searches came to, and which services did not answer."""

    decision: Decision
    matched_as: MatchedAs
    asked: int  # services that answered
    errors: tuple[ServiceError, ...]

    @property
    def is_final(self) -> bool:
        """Whether what was accepted stands whatever the others would say: the entry itself, not the book around it."""
        return self.matched_as is MatchedAs.WORK


def search(desk: Desk, entry: Entry) -> Searched:
    """Ask the imported metadata, then one service after the other, until a record is proven.

    Identifiers of the entry are left out of the comparison: they were looked up before and led nowhere. Where no record
    of a chapter is found the book that contains it counts.
    """
    printed = without_identifiers(entry.reference)
    asked_as = as_searched(printed)
    candidates = search_locally(desk, entry)
    decision = _decided(entry, printed, candidates)
    errors: list[ServiceError] = []
    refusals: list[ServiceError] = []
    told_already = [work for works in entry.searched.values() for work in works]
    candidates += [work for work in told_already if work not in candidates]
    asked = len(entry.searched)
    for source in [] if isinstance(decision, Accepted) else by_price(desk):
        if source.service in entry.searched:
            continue
        told = _ask(desk, source, asked_as)
        if told is None:
            continue
        found, error = told
        _note(entry, source, found, error)
        if isinstance(error, RequestRefused):
            refusals.append(error)  # it will never accept this query
            continue
        if error is not None:
            errors.append(error)
            continue
        asked += 1
        works = found.values.get(search_key(source, asked_as)) or []
        candidates += [work for work in works if work not in candidates][: MAX_CANDIDATES - len(candidates)]
        decision = _decided(entry, printed, candidates)
        if isinstance(decision, Accepted):
            break
    if isinstance(decision, Accepted):
        return Searched(decision, MatchedAs.WORK, asked, tuple(errors))
    if not asked:
        errors += refusals  # refused by all: that is no news of the work
    final = recognise(printed, [*candidates, *entry.books])
    return Searched(_held_back(entry, final.decision), final.matched_as, asked, tuple(errors))


def _decided(entry: Entry, printed: Reference, candidates: Sequence[Work]) -> Decision:
    """The decision; where a printed identifier could not be looked up, a record with another one proves nothing."""
    decision = decide(printed, candidates)
    if isinstance(decision, Accepted) and entry.contradicts(decision.work):
        named = decide(printed, [work for work in candidates if entry.names(work)])
        return named if isinstance(named, Accepted) else _held_back(entry, decision)
    return decision


def _held_back(entry: Entry, decision: Decision) -> Decision:
    """For a person to see, or for later: another version of the text has another identifier as well."""
    if isinstance(decision, Accepted) and entry.contradicts(decision.work):
        return Ambiguous((Scored(decision.work, decision.score, decision.evidence),))
    return decision


def by_price(desk: Desk) -> list[Source]:
    """The services that can search now, the cheapest first."""
    calls = desk.calls
    able = [source for source in desk.sources if source.search and calls.is_available(source.service)]
    return search_order(
        able,
        lambda source: calls.wait_s(source.service, source.search_lane),
        lambda source: calls.credits_left(source.service),
    )


def _ask(desk: Desk, source: Source, asked_as: Reference) -> tuple[Told[list[Work]], ServiceError | None] | None:
    """What one service told; None where it cannot be asked for this entry."""
    key = search_key(source, asked_as)
    wait_s = desk.calls.wait_s(source.service, source.search_lane)
    if WAIT_S < wait_s < math.inf and recalled_search(desk.calls, source, asked_as) is None:
        # A worker that stood in this line would be missed where there is none.
        return Told({}, {key: _busy(source.service, wait_s)}), _busy(source.service, wait_s)
    told = desk.asking.search(desk.calls, source, asked_as)
    desk.outages.note(source.service, told, desk.clock.monotonic())
    return (told, told.errors.get(key)) if key in told.values or key in told.errors else None


def _busy(service: str, wait_s: float) -> ServiceError:
    return ServiceError(service, Reason.RATE_LIMITED, "the line is long", after=wait_s, costs_attempt=False)


def _note(entry: Entry, source: Source, told: Told[list[Work]], error: ServiceError | None) -> None:
    works = [work for found in told.values.values() for work in found or []]
    entry.note(
        Asked(
            service=source.service,
            how="search",
            reply=reply_of(error, is_found=bool(works)),
            requests=told.requests,
            credits=told.credits,
            is_remembered=error is None and bool(told.remembered),
            detail=shortened(error) if error else f"{len(works)} record{'' if len(works) == 1 else 's'}",
        )
    )
