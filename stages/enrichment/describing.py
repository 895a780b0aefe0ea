"""Entries of lists that say nothing but a DOI are looked up before the lists are aligned, those of a plan together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dl_lit.core.model import Work
from dl_lit.core.trail import Asked, Reply
from stages.citing import CitedLists, bare_dois, described
from stages.enrichment.desk import Desk
from stages.enrichment.entries import Entry
from stages.enrichment.trails import divided
from stages.sources.agencies import agency_of, may_have


def describe(
    desk: Desk, by_source: Mapping[int, Sequence[Entry]], lists: Mapping[int, CitedLists]
) -> Mapping[int, CitedLists]:
    """The lists, with the records of what could be compared by nothing; as they are where nothing is open any more."""
    dois = {
        source_id: bare_dois(cited, _known_dois(by_source[source_id]))
        for source_id, cited in lists.items()
        if any(entry.resolved is None for entry in by_source[source_id])
    }
    wanted = list(dict.fromkeys(doi for many in dois.values() for doi in many))
    if not wanted:
        return lists
    waiting = [
        entry for source_id, many in dois.items() if many for entry in by_source[source_id] if entry.resolved is None
    ]
    works = _records(desk, wanted, waiting)
    return {source_id: described(cited, works) for source_id, cited in lists.items()}


def _records(desk: Desk, dois: Sequence[str], waiting: Sequence[Entry]) -> dict[str, Work]:
    """The records of `dois`: our own first, then those of the sources in turn; what was asked goes to `waiting`."""
    known = desk.bibliographies.known_works([("doi", doi) for doi in dois])
    works = {doi: work for (_, doi), work in known.items()}
    agencies = agency_of(desk.calls, [doi for doi in dois if doi not in works])
    settled = set(works)
    for source in desk.sources:
        wanted = [doi for doi in dois if doi not in settled and may_have(source.agencies, agencies.get(doi))]
        if source.by_dois is None or not wanted or not desk.calls.is_available(source.service):
            continue
        told = desk.asking.look_up(desk.calls, source.service, "doi", wanted, source.by_dois)
        found = {doi: work for doi, work in told.values.items() if work is not None}
        works |= found
        # The agency that registered a DOI is the last to be asked for it.
        settled |= told.values.keys() if source.agencies is not None else found.keys()
        asked = Asked(
            service=source.service,
            how="citing-list",
            reply=Reply.FOUND if found else Reply.FAILED if told.errors else Reply.ABSENT,
            requests=told.requests,
            credits=told.credits,
            is_remembered=not told.requests,
            detail=f"{len(found)} of {len(wanted)} listed DOIs described",
        )
        for entry in waiting:
            entry.note(divided(asked, len(waiting)))
    return works


def _known_dois(entries: Sequence[Entry]) -> set[str]:
    """What is printed, and what the works found are known by: these align by themselves."""
    printed = {entry.reference.doi for entry in entries if entry.reference.doi}
    return printed | {entry.resolved.work.doi for entry in entries if entry.resolved and entry.resolved.work.doi}
