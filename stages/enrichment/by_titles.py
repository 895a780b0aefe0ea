"""Searching for many entries in one request, where a service's queries can be joined."""

from __future__ import annotations

from collections.abc import Sequence

from dl_lit.core.items import Resolved
from dl_lit.core.trail import Asked
from dl_lit.matching.decide import Accepted, decide
from stages.enrichment.asking import search_key
from stages.enrichment.by_known import without_identifiers
from stages.enrichment.desk import Desk
from stages.enrichment.entries import Entry, reply_of, shortened
from stages.enrichment.planning import is_worth_joining
from stages.enrichment.trails import evidence_of
from stages.enrichment.triage import as_searched, why_not_a_work
from stages.sources.together import is_telling


def recognise_by_titles(desk: Desk, entries: Sequence[Entry]) -> None:
    """Search for all that is open; what was found is kept for the entries that this does not prove."""
    for source in desk.sources:
        if source.search_many is None or not desk.calls.is_available(source.service):
            continue
        wanted = {
            entry.id: as_searched(without_identifiers(entry.reference))
            for entry in entries
            if entry.resolved is None and is_to_be_searched(entry)
        }
        if not is_worth_joining(len(wanted)):
            continue
        told = desk.asking.search_many(desk.calls, source, wanted.values(), source.search_many)
        desk.outages.note(source.service, told, desk.clock.monotonic())
        for entry in entries:
            printed = wanted.get(entry.id)
            key = search_key(source, printed) if printed else ""
            if printed is None or (key not in told.values and key not in told.errors):
                continue
            error, works = told.errors.get(key), told.values.get(key) or []
            requests, credits_ = told.share_of(key)
            entry.note(
                Asked(
                    service=source.service,
                    how="search",
                    reply=reply_of(error, is_found=bool(works)),
                    requests=requests,
                    credits=credits_,
                    is_remembered=told.is_remembered(key),
                    detail=shortened(error) if error else f"{len(works)} with a title like it",
                )
            )
            if error is not None:
                continue
            entry.searched[source.service] = works
            decision = decide(printed, works)
            if isinstance(decision, Accepted) and not entry.contradicts(decision.work):
                entry.resolved = Resolved(work=decision.work, matched_by="search", score=decision.score)
                entry.candidates = evidence_of(decision)


def is_to_be_searched(entry: Entry) -> bool:
    """Whether a search for the entry would follow, and can be joined with others."""
    is_unanswered = bool(entry.errors) and not entry.is_answered
    return not is_unanswered and is_telling(as_searched(entry.reference)) and why_not_a_work(entry.reference) is None
