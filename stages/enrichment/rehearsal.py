"""Going through some bibliographies with nobody to ask: what our database, imported metadata and memory settle.

It is the very course of `recognising` and `by_search`, with the door to the network closed: what is recognised so needs
no request, and what is not tells by its trail who has answered already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from dl_lit.core.items import Resolved
from dl_lit.core.model import CitingWork, Work
from dl_lit.core.trail import Asked, Reply
from dl_lit.core.values import dataclass
from dl_lit.matching.decide import Accepted
from stages.citing import find_citing_doi, lists_for
from stages.enrichment.by_search import search
from stages.enrichment.desk import Desk
from stages.enrichment.entries import Entry
from stages.enrichment.outages import Outages
from stages.enrichment.recognising import is_to_be_asked, recognise
from stages.enrichment.retractions import check
from stages.enrichment.triage import has_identifier, why_not_a_work
from stages.notices import HOW

_SILENT = frozenset({Reply.FAILED, Reply.NOT_ASKED})
_OURS = frozenset({"known", "local"})


@dataclass(frozen=True, slots=True, kw_only=True)
class UnaskedLists:
    """What has to be asked about the list of what a source cites; nothing where all of it is remembered."""

    has_doi: bool = True  # its own DOI is printed or remembered; False: it has to be searched for
    services: frozenset[str] | None = None  # that have to be asked for the list; None: all that have such lists


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    """What the rehearsal came to."""

    still_open: frozenset[int]  # the entries, by id, about which somebody has to be asked
    works: tuple[Work, ...] = ()  # what the entries are that are recognised, each once
    answers: int = 0  # remembered ones that were of use
    unchecked: int = 0  # recognised entries whose notices have to be asked for
    lists: Mapping[int, UnaskedLists] = field(default_factory=dict)  # by source; of the others there are none


def rehearse(desk: Desk, entries: Sequence[Entry], citing: Mapping[int, CitingWork]) -> Rehearsed:
    """Recognise what can be without asking; `desk.calls` must be offline. The entries are filled in on the way."""
    desk = replace(desk, outages=Outages())
    asked = [entry for entry in entries if is_to_be_asked(entry)]
    for _ in recognise(desk, asked, citing) if asked else ():
        pass
    still_open = {entry.id for entry in asked if entry.resolved is None and not _is_settled(desk, entry)}
    with_open = {entry.source_id for entry in entries if entry.id in still_open}
    lists = {source_id: _unasked_lists(desk, citing[source_id]) for source_id in with_open if source_id in citing}
    return Rehearsed(
        still_open=frozenset(still_open),
        works=tuple({_name(one.resolved.work): one.resolved.work for one in asked if one.resolved}.values()),
        answers=sum(_is_of_use(one) for entry in asked for one in entry.asked),
        unchecked=sum(any(one.how == HOW and one.reply in _SILENT for one in entry.asked) for entry in asked),
        lists={source_id: found for source_id, found in lists.items() if found is not None},
    )


def has_answered(entry: Entry, service: str, how: str) -> bool:
    """Whether the service is remembered to have answered so about the entry."""
    return any((one.service, one.how) == (service, how) and one.is_remembered for one in entry.asked)


def _is_settled(desk: Desk, entry: Entry) -> bool:
    """Whether what is remembered proves the entry, or all who would be asked are remembered not to know it."""
    if has_identifier(entry.reference) and entry.errors:
        return False
    if why_not_a_work(entry.reference):
        return True
    found = search(desk, entry)
    if isinstance(found.decision, Accepted) and (found.is_final or not found.errors):
        work, score = found.decision.work, found.decision.score
        entry.resolved = Resolved(work=work, matched_by="search", score=score, matched_as=found.matched_as)
        check(desk, [entry])
        return True
    return not found.errors


def _unasked_lists(desk: Desk, citing: CitingWork) -> UnaskedLists | None:
    """What is not remembered of the source's list; None where it is remembered that its DOI cannot be found."""
    found = find_citing_doi(desk.calls, citing)
    if found.doi is None:
        return UnaskedLists(has_doi=False) if found.error else None
    told = lists_for(desk.calls, desk.sources, [replace(citing, doi=found.doi)])
    return UnaskedLists(services=frozenset(error.service for one in told.values() for error in one.errors))


def _is_of_use(asked: Asked) -> bool:
    """Whether it is an answer that somebody is remembered to have given about what they were asked."""
    return asked.is_remembered and asked.service not in _OURS and asked.reply not in _SILENT


def _name(work: Work) -> str:
    return work.doi or work.openalex_id or work.arxiv_id or work.pmid or work.title
