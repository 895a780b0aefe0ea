"""How many requests and credits recognising some bibliographies will take, before anybody is asked.

What is known, imported or remembered is gone through for real (`rehearsal`) and taken off. The rest goes through the
same steps in the same order as in `recognising`, with the same batches and prices (`planning`, `Source`); only what
services will answer is supposed: by the shares of `Supposed`, those expected and those at best and at worst between
which a run ends most likely, and `at_most` as if nobody knew anything until everybody was asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from dl_lit.core.errors import ServiceError
from dl_lit.core.model import CitingWork, Reference, Work
from dl_lit.core.values import dataclass
from stages.enrichment.asking import recalled_search, recalled_works
from stages.enrichment.by_known import known_works, local_works, matching_known, search_locally, without_identifiers
from stages.enrichment.desk import Desk
from stages.enrichment.entries import Entry
from stages.enrichment.identifiers import KINDS, Kind
from stages.enrichment.planning import (
    CITING_PER_REQUEST,
    COORDINATES_FROM,
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
from stages.enrichment.rehearsal import Rehearsed, UnaskedLists, rehearse
from stages.enrichment.supposed import AT_BEST, AT_WORST, EXPECTED, Span, Supposed
from stages.enrichment.triage import as_searched, has_identifier, why_not_a_work
from stages.sources.agencies import agency_of
from stages.sources.registry import Source
from stages.sources.together import is_telling

LISTS_FIRST = ("openalex", "crossref")
_FREE = ("not_a_work", "known", "local", "remembered")


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
    searches: Span = field(default_factory=Span)  # entries that are searched for by themselves
    without_request: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_FREE, 0))
    remembered: int = 0  # answers that are of use
    works: tuple[Work, ...] = ()  # what entries are recognised as without a request, each once
    resolved: Span = field(default_factory=Span)  # entries that are recognised by asking, before they are searched for

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
    entries: tuple[Entry, ...]
    expected: float

    @property
    def references(self) -> list[Reference]:
        return [entry.reference for entry in self.entries]

    @property
    def share(self) -> float:
        return self.expected / len(self.entries) if self.entries else 0.0

    def left(self, resolved_share: float) -> _Open:
        return _Open(self.outline, self.entries, self.expected * (1.0 - resolved_share))


def forecast(desk: Desk, outlines: Sequence[Outline], full: int) -> Forecast:
    """What recognising `outlines` takes; `full` entries make a plan. `desk.calls` must be offline.

    At most every bibliography is planned for by itself: they may come one after the other.
    """
    told = Forecast()
    opened, rehearsed = _not_free(desk, outlines, told)
    together = list(_lots(opened, full))
    expected, at_best, at_worst = (
        _courses(desk, together, rehearsed, supposed) for supposed in (EXPECTED, AT_BEST, AT_WORST)
    )
    alone = _courses(desk, list(_lots(opened, 1)), rehearsed, EXPECTED)
    every = (expected, at_best, at_worst, alone)
    for key in dict.fromkeys(key for one in every for key in one.requests):
        told.requests[key] = _joined(*(one.requests[key] for one in every))
    for service in dict.fromkeys(service for one in every for service in one.credits):
        told.credits[service] = _joined(*(one.credits[service] for one in every))
    told.search_credits = expected.search_credits
    told.searches = _joined(*(one.searches for one in every))
    told.resolved = _joined(expected.resolved, at_worst.resolved, at_best.resolved, expected.resolved)
    return told


def _courses(desk: Desk, lots: Sequence[list[_Open]], rehearsed: Rehearsed, supposed: Supposed) -> Forecast:
    told = Forecast()
    course = _Course(desk, told, supposed, rehearsed.lists)
    for lot in lots:
        course.run(lot)
    course.check(Span(rehearsed.unchecked, rehearsed.unchecked))
    return told


def _joined(expected: Span, low: Span, high: Span, alone: Span) -> Span:
    """One figure of the courses under several suppositions."""
    at_most = max(expected.at_most, alone.at_most)
    figures = sorted((low.expected, expected.expected, high.expected))
    return Span(expected.expected, at_most, figures[0], min(figures[-1], at_most))


def _not_free(desk: Desk, outlines: Sequence[Outline], told: Forecast) -> tuple[list[_Open], Rehearsed]:
    """What has to be asked for at all."""
    sources = [(outline, reference) for outline in outlines for reference in outline.references]
    entries = [
        Entry(id=number, source_id=outline.citing.source_id, reference=reference)
        for number, (outline, reference) in enumerate(sources)
    ]
    rehearsed = rehearse(desk, entries, {outline.citing.source_id: outline.citing for outline in outlines})
    everything = [reference for _, reference in sources]
    known, local = known_works(desk, everything), local_works(desk, everything)
    told.remembered, told.works = rehearsed.answers, rehearsed.works
    opened: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        one = entry.reference
        if why_not_a_work(one) and not has_identifier(one):
            told.without_request["not_a_work"] += 1
        elif matching_known(one, known):
            told.without_request["known"] += 1
        elif matching_known(one, local) or (not has_identifier(one) and _is_local(desk, one)):
            told.without_request["local"] += 1
        elif entry.id not in rehearsed.still_open:
            told.without_request["remembered"] += 1
        else:
            opened[entry.source_id].append(entry)
    found = [
        _Open(outline, tuple(some), float(len(some)))
        for outline in outlines
        if (some := opened.get(outline.citing.source_id))
    ]
    return found, rehearsed


def _is_local(desk: Desk, reference: Reference) -> bool:
    entry = Entry(id=0, source_id=0, reference=reference)
    search_locally(desk, entry)
    return entry.resolved is not None


def _lots(opened: Sequence[_Open], full: int) -> Iterator[list[_Open]]:
    """Bibliographies as they come together in plans."""
    lot: list[_Open] = []
    for one in opened:
        lot.append(one)
        if sum(len(each.entries) for each in lot) >= full:
            yield lot
            lot = []
    if lot:
        yield lot


class _Course:
    """One plan, as `recognising.recognise` would go about it."""

    def __init__(self, desk: Desk, told: Forecast, supposed: Supposed, lists: Mapping[int, UnaskedLists]) -> None:
        self._desk = desk
        self._told = told
        self._supposed = supposed
        self._lists = lists

    def run(self, lot: list[_Open]) -> None:
        count = sum(len(one.entries) for one in lot)
        lot = self._by_identifiers(lot)
        if self._desk.habits.use_citing_lists:
            lot = self._by_lists(lot)
        self._by_coordinates(lot)
        lot = self._by_titles(lot)
        still_open = sum(one.expected for one in lot)
        self.check(Span(count - still_open, count))
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
            after.append(some.left(self._supposed.identified * named / len(some.entries)))
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
        after, entries, known = [], Span(), defaultdict[str, Span](Span)
        asked = [source for source in self._able() if source.cited_by or source.cited_by_many]
        for some in lot:
            unasked = self._lists.get(some.outline.citing.source_id)
            if unasked is None or unasked.services == frozenset():
                after.append(some)  # all that is to be had of its list is remembered, and has recognised the others
                continue
            is_worth, may_be_worth = is_worth_a_list(round(some.expected)), is_worth_a_list(len(some.entries))
            share = self._supposed.citing if unasked.has_doi else self._supposed.found
            if not unasked.has_doi:
                is_worth = is_worth and is_worth_finding(round(some.expected))
                may_be_worth = may_be_worth and is_worth_finding(len(some.entries))
                self._search_for_citing(Span(float(is_worth), float(may_be_worth)))
            one = Span(float(is_worth) * (1.0 if unasked.has_doi else share), float(may_be_worth))
            unlisted = Span(one.expected * (1.0 - share * self._supposed.listed), one.at_most)
            for source in asked:
                if unasked.services is None or source.service in unasked.services:
                    known[source.service] += one if source.service in LISTS_FIRST else unlisted
            entries += Span(len(some.entries) * share * is_worth, len(some.entries) * may_be_worth)
            after.append(some.left(share * self._supposed.listed) if is_worth else some)
        for source in asked:
            count = known[source.service]
            lists = _in_batches(count, CITING_PER_REQUEST) if source.cited_by_many else count
            self._told.add(source, lists, lane=source.list_lane, credits_each=source.list_credits)
            if source.list_credits and count.at_most:  # its lists are of identifiers: the records come in further ones
                records = _in_batches(entries, RECORDS_PER_REQUEST)
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
            if source.by_coordinates is not None and len(placed) >= COORDINATES_FROM:
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
            self._told.add(source, _in_batches(Span(expected, at_most), SEARCHES_PER_REQUEST))
            if expected:
                after = [some.left(self._supposed.joined) for some in after]
        return after

    def check(self, resolved: Span) -> None:
        """Count the questions about notices of so many works."""
        for source in self._able():
            if source.service == "crossref" and self._desk.habits.check_retractions:
                requests = _in_batches(resolved, NOTICES_PER_REQUEST)
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


def _in_batches(count: Span, size: int) -> Span:
    """The requests for `count`, `size` to each."""
    return count.each(lambda one: batches(round(one), size))


def _share(lot: Sequence[_Open]) -> float:
    """The part of the entries that is expected to be open."""
    return sum(some.expected for some in lot) / max(1, sum(len(some.entries) for some in lot))
