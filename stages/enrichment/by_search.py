"""Recognising one entry by searching for its title or its text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dl_lit.core.errors import RequestRefused, ServiceError
from dl_lit.core.model import Reference, Work
from dl_lit.core.ports import ServiceCalls
from dl_lit.matching.decide import Accepted, Decision, NoMatch, decide
from stages.sources.registry import Search, Source


@dataclass(frozen=True, slots=True)
class Searched:
    """What the searches came to, and which services did not answer."""

    decision: Decision
    asked: int  # services that answered
    errors: tuple[ServiceError, ...]


def search(calls: ServiceCalls, sources: Sequence[Source], reference: Reference) -> Searched:
    """Ask one service after the other, the one whose permit comes soonest first, until a record is proven.

    Identifiers of the entry are left out of the comparison: they were looked up before and led nowhere.
    """
    printed = replace(reference, doi=None, arxiv_id=None, pmid=None)
    candidates: list[Work] = []
    decision: Decision = NoMatch()
    errors: list[ServiceError] = []
    asked = 0
    for _, ask in _by_turn(calls, sources):
        try:
            found = ask(calls, printed)
        except RequestRefused:
            asked += 1  # it will never accept this query: that is its answer
            continue
        except ServiceError as error:
            errors.append(error)
            continue
        if found is None:
            continue
        asked += 1
        candidates += [work for work in found if work not in candidates]
        decision = decide(printed, candidates)
        if isinstance(decision, Accepted):
            break
    return Searched(decision, asked, tuple(errors))


def _by_turn(calls: ServiceCalls, sources: Sequence[Source]) -> list[tuple[Source, Search]]:
    """Order the services that can search by how soon they can be asked, the price of the answer counted in."""
    able = [(source, source.search) for source in sources if source.search and calls.is_available(source.service)]
    return sorted(able, key=lambda pair: calls.wait_s(pair[0].service, pair[0].search_lane) + pair[0].search_handicap_s)
