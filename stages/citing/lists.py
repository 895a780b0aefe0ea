"""The lists of cited works that all services together have for some citing works, merged, with what was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dl_lit.core.errors import ServiceError
from dl_lit.core.identifiers import arxiv_id_of_doi
from dl_lit.core.model import CitedList, CitingWork, Listed
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.trail import Asked, Reply
from dl_lit.core.values import dataclass
from stages.citing.merging import merge
from stages.sources.cited import CitedLookUp, Cost, dois_of
from stages.sources.registry import Source

HOW = "citing-list"
FIRST = ("openalex", "crossref")
"""Asked for every citing work: several at once, for next to nothing. The others only where these list nothing for a
work that one of them knows, or could not be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedLists:
    """What is listed for one citing work."""

    citing: CitingWork
    lists: tuple[CitedList, ...] = ()  # as each service gave it
    entries: tuple[Listed, ...] = ()  # all of them merged: one for each cited work
    asked: tuple[Asked, ...] = ()  # shares of requests and credits are those of this citing work
    errors: tuple[ServiceError, ...] = ()  # of services that did not answer: later there may be more


@dataclass(slots=True)
class _Gathered:
    citing: CitingWork
    lists: list[CitedList]
    asked: list[Asked]
    errors: list[ServiceError]

    @property
    def may_be_elsewhere(self) -> bool:
        """Whether another service may have a list: nobody has one so far, though the work itself is known."""
        is_known = bool(self.lists or self.errors or self.citing.arxiv_id or arxiv_id_of_doi(self.citing.doi))
        return is_known and not any(one.entries for one in self.lists)


def lists_for(calls: ServiceCalls, sources: Sequence[Source], citing: Sequence[CitingWork]) -> Mapping[int, CitedLists]:
    """What the services list for each of `citing`, by `source_id`; those without DOI and arXiv identifier are left out.

    Never raises `ServiceError`: what a service does not answer is in `errors`, and the others' lists count.
    """
    gathered = [_Gathered(one, [], [], []) for one in citing if dois_of(one)]
    able = [source for source in sources if source.cited_by or source.cited_by_many]
    for source in sorted(able, key=lambda source: source.service not in FIRST):
        wanted = gathered if source.service in FIRST else [one for one in gathered if one.may_be_elsewhere]
        if wanted and calls.is_available(source.service):
            _ask(calls, source, wanted)
    return {
        one.citing.source_id: CitedLists(
            citing=one.citing,
            lists=tuple(one.lists),
            entries=merge(one.lists),
            asked=tuple(one.asked),
            errors=tuple(one.errors),
        )
        for one in gathered
    }


def _ask(calls: ServiceCalls, source: Source, wanted: Sequence[_Gathered]) -> None:
    citing = [one.citing for one in wanted]
    found = source.cited_by_many(calls, citing) if source.cited_by_many else _one_by_one(calls, source, citing)
    for one in wanted:
        source_id = one.citing.source_id
        cited, error = found.lists.get(source_id), found.unanswered.get(source_id)
        cost = found.costs.get(source_id)
        if cited:
            one.lists.append(cited)
        if error:
            one.errors.append(error)
        one.asked.append(
            Asked(
                service=source.service,
                how=HOW,
                reply=_reply(cited, error),
                requests=cost.requests if cost else 0.0,
                credits=cost.credits if cost else 0.0,
                is_remembered=cost is None,
                detail=_detail(cited, error),
            )
        )


def _one_by_one(calls: ServiceCalls, source: Source, citing: Sequence[CitingWork]) -> CitedLookUp:
    """Ask for each list by itself; the first error ends the asking."""
    lists: dict[int, CitedList] = {}
    unanswered: dict[int, ServiceError] = {}
    costs: dict[int, Cost] = {}
    error: ServiceError | None = None
    for one in citing:
        if error is None and source.cited_by is not None:
            costs[one.source_id] = Cost(requests=1)
            try:
                cited = source.cited_by(calls, one)
            except ServiceError as problem:
                error = problem
            else:
                if cited:
                    lists[one.source_id] = cited
                continue
        if error is not None:
            unanswered[one.source_id] = error
    return CitedLookUp(lists, unanswered, costs)


def _reply(cited: CitedList | None, error: ServiceError | None) -> Reply:
    if cited and cited.entries:
        return Reply.FOUND
    return Reply.FAILED if error else Reply.ABSENT


def _detail(cited: CitedList | None, error: ServiceError | None) -> str:
    if cited is None:
        return str(error) if error else "the citing work is not known there"
    if cited.is_held_back:
        return "the publisher holds the list back"
    told = f"{len(cited.entries)} listed"
    return f"{told}; {error}" if error else told
