"""How many requests and credits recognising some bibliographies will take, before anybody is asked.

What is known, imported or remembered is looked up for real and taken off. The rest goes through the same steps in the
same order as in `recognising`, with the same batches and prices (`planning`, `Source`); only what services will answer
is supposed: `expected` by the shares of `Supposed`, `at_most` as if nobody knew anything until everybody was asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from dl_lit.core.errors import ServiceError
from dl_lit.core.model import CitingWork, Reference
from stages.enrichment.asking import recalled_search, recalled_works
from stages.enrichment.by_known import known_works, local_works, matching_known, search_locally, without_identifiers
from stages.enrichment.desk import Desk
from stages.enrichment.entries import Entry
from stages.enrichment.identifiers import KINDS, Kind
from stages.enrichment.planning import (
    CITING_PER_REQUEST,
    NOTICES_PER_REQUEST,
    RECORDS_PER_REQUEST,
    SEARCHES_PER_REQUEST,
    batches,
    is_worth_a_list,
    is_worth_finding,
    is_worth_joining,
    may_be_asked,
    with_coordinates,
)
from stages.enrichment.triage import as_searched, has_identifier, why_not_a_work
from stages.sources.agencies import agency_of
from stages.sources.registry import Source
from stages.sources.together import is_telling

LISTS_FIRST = ("openalex", "crossref")


@dataclass(frozen=True, slots=True, kw_only=True)
class Supposed:
    """What services are supposed to know, as shares. Measured with `scripts/bench requests` on the sample papers."""

    identified: float = 0.93  # of printed identifiers, at the first service that may have them
    citing: float = 0.8  # of papers that print their DOI
    found: float = 0.5  # of papers that do not, by a search for their title
    listed: float = 0.8  # of the open entries of a paper that a service knows
    joined: float = 0.25  # of entries, by a search for many at once
    searched: float = 0.85  # of entries, by the first search


@dataclass(frozen=True, slots=True)
class Span:
    """A figure as it is expected, and what it can reach."""

    expected: float = 0.0
    at_most: float = 0.0

    def __add__(self, other: Span) -> Span:
        return Span(self.expected + other.expected, self.at_most + other.at_most)

    def times(self, factor: float) -> Span:
        """Both multiplied."""
        return Span(self.expected * factor, self.at_most * factor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A bibliography that is to be recognised."""

    citing: CitingWork
    references: tuple[Reference, ...]


@dataclass(slots=True)
class Forecast:
    """What is to be asked, by service and lane, and what need not be asked."""

    requests: dict[tuple[str, str], Span] = field(default_factory=lambda: defaultdict(Span))
    credits: dict[str, Span] = field(default_factory=lambda: defaultdict(Span))
    search_credits: dict[str, int] = field(default_factory=dict)  # what one search costs, by service
    searches: Span = Span()  # entries that are searched for by themselves
    without_request: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("not_a_work", "known", "local"), 0))
    remembered: int = 0  # answers about single identifiers or searches
    resolved: Span = Span()  # entries that are recognised

    def add(self, source: Source, requests: Span, *, lane: str = "", credits_each: float = 0.0) -> None:
        """Count requests to a service."""
        key = source.service, lane
        self.requests[key] = self.requests.get(key, Span()) + requests
        if credits_each:
            self.credits[source.service] = self.credits.get(source.service, Span()) + requests.times(credits_each)


@dataclass(frozen=True, slots=True)
class _Open:
    """What is still open of one bibliography at some step: these entries, of which so many are expected to be."""

    outline: Outline
    references: tuple[Reference, ...]
    expected: float

    @property
    def share(self) -> float:
        return self.expected / len(self.references) if self.references else 0.0

    def left(self, resolved_share: float) -> _Open:
        return _Open(self.outline, self.references, self.expected * (1.0 - resolved_share))


def forecast(desk: Desk, outlines: Sequence[Outline], full: int, supposed: Supposed | None = None) -> Forecast:
    """What recognising `outlines` takes; `full` entries make a plan. `desk.calls` must be offline.

    At most every bibliography is planned for by itself: they may come one after the other.
    """
    told, alone = Forecast(), Forecast()
    opened = list(_not_free(desk, outlines, told))
    for some, lots in ((told, _lots(opened, full)), (alone, _lots(opened, 1))):
        for lot in lots:
            _Course(desk, some, supposed or Supposed()).run(lot)
    for key, span in alone.requests.items():
        told.requests[key] = _at_most(told.requests.get(key, Span()), span)
    for service, span in alone.credits.items():
        told.credits[service] = _at_most(told.credits.get(service, Span()), span)
    return told


def _at_most(one: Span, other: Span) -> Span:
    return Span(one.expected, max(one.at_most, other.at_most))


def _not_free(desk: Desk, outlines: Sequence[Outline], told: Forecast) -> Iterator[_Open]:
    """What has to be asked for at all."""
    everything = [one for outline in outlines for one in outline.references]
    known, local = known_works(desk, everything), local_works(desk, everything)
    for outline in outlines:
        rest = []
        for one in outline.references:
            if why_not_a_work(one) and not has_identifier(one):
                told.without_request["not_a_work"] += 1
            elif matching_known(one, known):
                told.without_request["known"] += 1
            elif matching_known(one, local) or (not has_identifier(one) and _is_local(desk, one)):
                told.without_request["local"] += 1
            else:
                rest.append(one)
        if rest:
            yield _Open(outline, tuple(rest), float(len(rest)))


def _is_local(desk: Desk, reference: Reference) -> bool:
    entry = Entry(id=0, source_id=0, reference=reference)
    search_locally(desk, entry)
    return entry.resolved is not None


def _lots(opened: Sequence[_Open], full: int) -> Iterator[list[_Open]]:
    """Bibliographies as they come together in plans."""
    lot: list[_Open] = []
    for one in opened:
        lot.append(one)
        if sum(len(each.references) for each in lot) >= full:
            yield lot
            lot = []
    if lot:
        yield lot


class _Course:
    """One plan, as `recognising.recognise` would go about it."""

    def __init__(self, desk: Desk, told: Forecast, supposed: Supposed) -> None:
        self._desk = desk
        self._told = told
        self._supposed = supposed

    def run(self, lot: list[_Open]) -> None:
        count = sum(len(one.references) for one in lot)
        lot = self._by_identifiers(lot)
        if self._desk.habits.use_citing_lists:
            lot = self._by_lists(lot)
        self._by_coordinates(lot)
        lot = self._by_titles(lot)
        still_open = sum(one.expected for one in lot)
        self._check(Span(count - still_open, count))
        self._by_search(lot)

    def _able(self) -> Iterator[Source]:
        return (source for source in self._desk.sources if self._desk.calls.is_available(source.service))

    # --- identifiers

    def _by_identifiers(self, lot: list[_Open]) -> list[_Open]:
        for kind in KINDS:
            self._look_up(kind, [found for some in lot for one in some.references if (found := kind.printed(one))])
        after = []
        for some in lot:
            named = sum(has_identifier(one) for one in some.references)
            after.append(some.left(self._supposed.identified * named / len(some.references)))
        return after

    def _look_up(self, kind: Kind, ids: list[str]) -> None:
        """Ask the sources in turn: expected are those that the ones before are not supposed to have."""
        share = 1.0
        waiting, settled = list(dict.fromkeys(ids)), set[str]()
        agencies = agency_of(self._desk.calls, waiting) if kind.name == "doi" else {}
        for source in self._able():
            if kind.look_up_of(source) is None or not waiting:
                continue
            routed = [one for one in waiting if may_be_asked(source, agencies.get(one), is_settled=one in settled)]
            remembered = recalled_works(self._desk.calls, source.service, kind.name, routed)
            self._told.remembered += len(remembered)
            asked = [one for one in routed if one not in remembered]
            if source.agencies is not None:
                settled |= set(routed)
            waiting = [one for one in waiting if remembered.get(one) is None]
            size = source.per_request
            expected = share * len(asked)
            self._told.add(
                source,
                Span(batches(round(expected), size), batches(len(asked), size)),
                lane=source.list_lane,
                credits_each=source.list_credits,
            )
            if len(routed) > len(waiting) / 2:  # a broad one: those after it get what it does not have
                share *= 1.0 - self._supposed.identified

    # --- lists

    def _by_lists(self, lot: list[_Open]) -> list[_Open]:
        after, known, entries = [], Span(), Span()
        for some in lot:
            citing = some.outline.citing
            has_doi = bool(citing.doi or citing.arxiv_id)
            is_worth = is_worth_a_list(round(some.expected))
            may_be_worth = is_worth_a_list(len(some.references))
            share = self._supposed.citing if has_doi else self._supposed.found
            if not has_doi:
                is_worth = is_worth and is_worth_finding(round(some.expected)) and bool(citing.title)
                may_be_worth = may_be_worth and is_worth_finding(len(some.references)) and bool(citing.title)
                self._search_for_citing(Span(float(is_worth), float(may_be_worth)))
            known += Span(float(is_worth) * (1.0 if has_doi else share), float(may_be_worth))
            entries += Span(len(some.references) * share * is_worth, len(some.references) * may_be_worth)
            after.append(some.left(share * self._supposed.listed) if is_worth else some)
        for source in self._able():
            if source.service not in LISTS_FIRST or not (source.cited_by or source.cited_by_many):
                continue
            lists = Span(
                batches(round(known.expected), CITING_PER_REQUEST), batches(round(known.at_most), CITING_PER_REQUEST)
            )
            self._told.add(source, lists, lane=source.list_lane, credits_each=source.list_credits)
            if source.list_credits:  # its lists are of identifiers: the records come in further ones
                records = Span(
                    *(batches(round(one), RECORDS_PER_REQUEST) for one in (entries.expected, entries.at_most))
                )
                self._told.add(source, records, lane=source.list_lane, credits_each=source.list_credits)
        return after

    def _search_for_citing(self, count: Span) -> None:
        for source in self._able():
            if source.service == "crossref":
                self._told.add(source, count, lane=source.search_lane)

    # --- for many at once

    def _by_coordinates(self, lot: Sequence[_Open]) -> None:
        placed = with_coordinates(as_searched(one) for some in lot for one in some.references)
        share = sum(some.expected for some in lot) / max(1, sum(len(some.references) for some in lot))
        for source in self._able():
            if source.by_coordinates is not None and placed:
                size = source.per_request
                self._told.add(source, Span(batches(round(share * len(placed)), size), 2 * batches(len(placed), size)))

    def _by_titles(self, lot: list[_Open]) -> list[_Open]:
        telling = [one for some in lot for one in some.references if is_telling(as_searched(one))]
        share = sum(some.expected for some in lot) / max(1, sum(len(some.references) for some in lot))
        after = lot
        for source in self._able():
            if source.search_many is None:
                continue
            expected, at_most = (n if is_worth_joining(n) else 0 for n in (round(share * len(telling)), len(telling)))
            self._told.add(
                source, Span(batches(expected, SEARCHES_PER_REQUEST), batches(at_most, SEARCHES_PER_REQUEST))
            )
            if expected:
                after = [some.left(self._supposed.joined) for some in after]
        return after

    def _check(self, resolved: Span) -> None:
        for source in self._able():
            if source.service == "crossref" and self._desk.habits.check_retractions:
                requests = Span(
                    *(batches(round(n), NOTICES_PER_REQUEST) for n in (resolved.expected, resolved.at_most))
                )
                self._told.add(source, requests, lane=source.list_lane)
        self._told.resolved += resolved

    # --- one by one

    def _by_search(self, lot: Sequence[_Open]) -> None:
        """At most all services that can be asked for an entry are; expected is that the cheapest mostly has it."""
        for some in lot:
            self._told.searches += Span(some.expected, float(len(some.references)))
            for reference in some.references:
                if why_not_a_work(reference):
                    continue
                self._search(as_searched(without_identifiers(reference)), some.share)

    def _search(self, reference: Reference, share: float) -> None:
        expected = share
        for source in self._by_price():
            if not self._can_search(source, reference):
                continue
            if recalled_search(self._desk.calls, source, reference) is not None:
                self._told.remembered += 1
                continue
            self._told.search_credits[source.service] = source.search_credits
            self._told.add(source, Span(expected, 1.0), lane=source.search_lane, credits_each=source.search_credits)
            expected *= 1.0 - self._supposed.searched

    def _by_price(self) -> list[Source]:
        return sorted((source for source in self._able() if source.search), key=lambda source: source.search_handicap_s)

    def _can_search(self, source: Source, reference: Reference) -> bool:
        """Whether the service would be asked for this entry: offline, trying to is told as an error."""
        try:
            return source.search is not None and source.search(self._desk.calls, reference) is not None
        except ServiceError:
            return True


def in_batches(count: Span, size: int) -> Span:
    """The requests for `count`, `size` to each."""
    return Span(batches(round(count.expected), size), batches(round(count.at_most), size))
