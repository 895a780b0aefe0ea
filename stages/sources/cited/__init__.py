"""Lists of cited works: what a service says a work cites, for several citing works at once, each list fetched once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field

import msgspec

from dl_lit.core.errors import ServiceError
from dl_lit.core.identifiers import doi_of_arxiv_id
from dl_lit.core.model import CitedList, CitingWork
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.values import dataclass

_decode = msgspec.json.Decoder(CitedList).decode


@dataclass(frozen=True, slots=True)
class Cost:
    """One citing work's share of what was asked."""

    requests: float = 0.0
    credits: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.requests + other.requests, self.credits + other.credits)


@dataclass(frozen=True, slots=True)
class CitedLookUp:
    """What a service has for several citing works, by `CitingWork.source_id`.

    A citing work in neither `lists` nor `unanswered` is positively unknown at the service. Both may hold one: its list
    came, what is on it could not be asked for.
    """

    lists: Mapping[int, CitedList] = field(default_factory=dict)
    unanswered: Mapping[int, ServiceError] = field(default_factory=dict)
    costs: Mapping[int, Cost] = field(default_factory=dict)  # those that are not here were answered from memory


@dataclass(frozen=True, slots=True)
class Fetched:
    """What asking for the lists of some DOIs gave; a DOI in neither mapping is unknown at the service."""

    lists: Mapping[str, CitedList] = field(default_factory=dict)
    unanswered: Mapping[str, ServiceError] = field(default_factory=dict)
    cost: Cost = Cost()


def dois_of(citing: CitingWork) -> list[str]:
    """The DOIs a citing work may be known by: its own, and the one that arXiv registers."""
    own = [citing.doi] if citing.doi else []
    return list(dict.fromkeys([*own, *([doi_of_arxiv_id(citing.arxiv_id)] if citing.arxiv_id else [])]))


def cited_lists(
    calls: ServiceCalls, service: str, citing: Sequence[CitingWork], fetch: Callable[[Sequence[str]], Fetched]
) -> CitedLookUp:
    """The lists of `citing`: those remembered, then what `fetch` gets for the DOIs nothing is remembered of.

    Of a citing work known by two DOIs the longer list is taken.
    """
    wanted = {one.source_id: dois_of(one) for one in citing}
    known = _recalled(calls, service, list(dict.fromkeys(doi for dois in wanted.values() for doi in dois)))
    missing = list(dict.fromkeys(doi for dois in wanted.values() for doi in dois if doi not in known))
    fetched = fetch(missing) if missing else Fetched()
    settled = {doi: fetched.lists.get(doi) for doi in missing if doi not in fetched.unanswered}
    _remember(calls, service, settled)
    known |= settled
    lists: dict[int, CitedList] = {}
    unanswered: dict[int, ServiceError] = {}
    costs: dict[int, Cost] = {}
    for source_id, dois in wanted.items():
        found = [one for doi in dois if (one := known.get(doi))]
        errors = [fetched.unanswered[doi] for doi in dois if doi in fetched.unanswered]
        asked = sum(doi in missing for doi in dois) / max(1, len(missing))
        if asked:
            costs[source_id] = Cost(fetched.cost.requests * asked, fetched.cost.credits * asked)
        if found:
            lists[source_id] = max(found, key=lambda one: len(one.entries))
        elif errors:
            unanswered[source_id] = errors[0]
    return CitedLookUp(lists, unanswered, costs)


def _recalled(calls: ServiceCalls, service: str, dois: Sequence[str]) -> dict[str, CitedList | None]:
    keys = {_key(doi): doi for doi in dois}
    found: dict[str, CitedList | None] = {}
    for key, body in calls.recall(service, list(keys)).items():
        try:
            found[keys[key]] = None if body is None else _decode(body)
        except msgspec.MsgspecError:  # kept by another version of dl_lit: as if nothing were remembered
            continue
    return found


def _remember(calls: ServiceCalls, service: str, lists: Mapping[str, CitedList | None]) -> None:
    if lists:
        calls.remember(
            service, {_key(doi): None if one is None else msgspec.json.encode(one) for doi, one in lists.items()}
        )


def _key(doi: str) -> str:
    return f"cited:doi:{doi}"
