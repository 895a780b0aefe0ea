"""What a run will take: requests, credits and minutes, for each service and in all, held against today's budget."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from dl_lit.core.clock import Clock
from dl_lit.core.errors import ServiceError
from dl_lit.core.model import Work
from dl_lit.core.ports import ServiceCalls
from dl_lit.core.reasons import Reason
from dl_lit.core.services import Lane
from dl_lit.core.values import dataclass
from dl_lit.settings import Settings
from stages.enrichment.forecast import Forecast
from stages.enrichment.supposed import Span
from stages.locators.registry import LOCATORS, Round
from stages.locators.settings import LocatorSettings

_ANSWER_S = 0.6  # what an answer is supposed to take where nothing else bounds the speed
_LOCATING = {
    "openalex": Span(expected=0.15, at_most=1.0, low=0.0, high=0.5),
    "pmc": Span(expected=0.05, at_most=2.0, low=0.0, high=0.3),
    "europepmc": Span(expected=0.4, at_most=2.0, low=0.0, high=0.8),
    "unpaywall": Span(expected=0.5, at_most=1.0, low=0.1, high=0.8),
    "osf": Span(expected=0.01, at_most=2.0, low=0.0, high=0.1),
    "figshare": Span(expected=0.01, at_most=1.0, low=0.0, high=0.1),
    "zenodo": Span(expected=0.02, at_most=2.0, low=0.0, high=0.2),
    # of the further round, where nothing is known
    "hal": Span(expected=0.37, at_most=1.0, low=0.05, high=0.7),
    "inspire": Span(expected=0.06, at_most=1.0, low=0.0, high=0.6),
    "biorxiv": Span(expected=0.02, at_most=2.0, low=0.0, high=0.3),
    "oapen": Span(expected=0.11, at_most=3.0, low=0.0, high=0.5),
    "doab": Span(expected=0.11, at_most=3.0, low=0.0, high=0.5),
    "internet_archive": Span(expected=0.02, at_most=4.0, low=0.0, high=0.3),
    "doaj": Span(expected=0.26, at_most=1.0, low=0.0, high=0.6),
    "scholar_archive": Span(expected=0.29, at_most=2.0, low=0.0, high=0.6),
    "semantic_scholar": Span(expected=0.3, at_most=1.0, low=0.0, high=0.6),
    "core": Span(expected=0.3, at_most=1.0, low=0.0, high=0.6),
}
"""Requests of each locator for one recognised work: scripts/bench requests, queueing, and runs on 46 other papers."""
_HOSTS = 40  # that files are supposed to come from, in turn


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOutlook:
    """One service's part."""

    requests: Span
    credits: Span
    seconds: Span  # that its limits make of it
    credits_left: float = math.inf  # of today's budget; infinity: none are counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """A run, told beforehand."""

    enrichment: Mapping[str, Span]
    queueing: Mapping[str, Span]
    services: Mapping[str, ServiceOutlook]
    requests: Span
    credits: Span
    minutes: Span
    waiting: Span  # entries that today's budget does not reach for
    resets_at: datetime | None = None  # when it is renewed; None where it reaches
    short_of: tuple[str, ...] = ()  # the services whose budget it is

    @property
    def verdict(self) -> str:
        """What happens with today's budget, in one line."""
        if not self.waiting.at_most:
            return "it fits into today's budget"
        until = f"{self.resets_at:%Y-%m-%d %H:%M} UTC" if self.resets_at else "the budget is renewed"
        if self.waiting.expected:
            up_to = f"up to {self.waiting.high:.0f}"
            said = f"about {self.waiting.expected:.0f} entries will wait until {until} ({up_to})"
            return f"{said}; they go on by themselves"
        if self.waiting.high:
            said = f"it may not fit: up to {self.waiting.high:.0f} entries would wait until {until}"
            return f"{said}; they go on by themselves"
        at_worst = f"at worst {self.waiting.at_most:.0f} entries wait until {until}"
        return f"it is expected to fit into today's budget; {at_worst}"


def outlook(settings: Settings, calls: ServiceCalls, told: Forecast, *, references: int, clock: Clock) -> Outlook:
    """The whole run: recognising as `told`, then looking for open copies, then the files."""
    queueing = _queueing(settings, calls, told)
    requests: dict[str, Span] = {}
    seconds: dict[str, Span] = {}
    for (service, lane), span in told.requests.items():
        requests[service] = requests.get(service, Span()) + span
        seconds[service] = _longer(seconds.get(service, Span()), _seconds(settings, service, lane, span))
    for service, span in queueing.items():
        requests[service] = requests.get(service, Span()) + span
    services = {
        service: ServiceOutlook(
            requests=span,
            credits=told.credits.get(service, Span()),
            seconds=_longer(seconds.get(service, Span()), _seconds(settings, service, "", span)),
            credits_left=calls.credits_left(service),
        )
        for service, span in sorted(requests.items())
        if span.at_most
    }
    in_all = _sum(span for span in requests.values())
    waiting, short_of = _waiting(services, told)
    return Outlook(
        enrichment=_by_service(told),
        queueing={service: span for service, span in queueing.items() if span.at_most},
        services=services,
        requests=in_all,
        credits=_sum(one.credits for one in services.values()),
        minutes=_minutes(settings, services, told, references),
        waiting=waiting,
        resets_at=_midnight(clock.now()) if short_of else None,
        short_of=short_of,
    )


def _queueing(settings: Settings, calls: ServiceCalls, told: Forecast) -> dict[str, Span]:
    searched, all_of_them = told.searches, told.resolved.at_most
    recognised = told.resolved + Span(searched.expected, 0.0, searched.low, searched.high)
    recognised = recognised.each(lambda works: min(works, all_of_them))
    able = dict.fromkeys(locator.service for locator in LOCATORS if calls.is_available(locator.service))
    found = {
        service: recognised.beside(_LOCATING[service], lambda works, each: works * each)
        for service in able
        if service in _LOCATING
    }
    for service, count in _unlocated(settings, calls, told.works).items():
        found[service] = found.get(service, Span()) + Span(count, count, 0.0, count)
    return found


def _unlocated(settings: Settings, calls: ServiceCalls, works: Sequence[Work]) -> Counter[str]:
    """Questions about open copies of `works` whose answers are not remembered, by service. `calls` is offline."""
    base_urls = {name: one.service.base_url for name, one in settings.services.items()}
    addresses, missing = LocatorSettings.from_base_urls(base_urls), Counter[str]()
    for work in works:
        known = work.locations
        for locator in LOCATORS:
            if locator.round is not Round.FIRST:
                continue
            if not locator.is_worth_asking(work, known) or not calls.is_available(locator.service):
                continue
            try:
                known += locator.locate(calls, work, addresses)
            except ServiceError as error:
                missing[locator.service] += error.reason is Reason.OFFLINE
    return missing


def _seconds(settings: Settings, service: str, lane: str, requests: Span) -> Span:
    """What the limits of a service make of so many requests."""
    decided = settings.services[service]
    limits: Lane = decided.lanes.get(lane, decided.lane) if lane else decided.lane
    buffer = settings.http.rate_limit_buffer
    each = max((one.seconds / one.permits / buffer for one in limits.windows if one.seconds < 3_600.0), default=0.0)
    return requests.times(max(each, _ANSWER_S / limits.concurrency))


def _minutes(settings: Settings, services: Mapping[str, ServiceOutlook], told: Forecast, references: int) -> Span:
    """The busiest service bounds the run, or the workers that search, or the hosts that files come from."""
    busiest = _most(one.seconds for one in services.values())
    searching = told.searches.times(_ANSWER_S / settings.workers.enrichment)
    files = references * settings.host.gap_s / _HOSTS
    longest = _most((busiest, searching, Span(files * 0.5, files, 0.0, files)))
    return longest.times(1 / 60)


def _waiting(services: Mapping[str, ServiceOutlook], told: Forecast) -> tuple[Span, tuple[str, ...]]:
    """How many entries the budgets do not reach for, and whose budgets these are: what is dear is a search."""
    waiting, short_of = Span(), []
    for name, one in services.items():
        if one.credits.at_most <= one.credits_left:
            continue
        short_of.append(name)
        each = max(1, told.search_credits.get(name, 1))
        waiting = _longer(waiting, one.credits.each(partial(_left_over, left=one.credits_left, each=each)))
    return waiting, tuple(short_of)


def _left_over(needed: float, *, left: float, each: int) -> float:
    """The searches, at so many credits each, that the credits left do not reach for."""
    return math.ceil(max(0.0, needed - left) / each)


def _midnight(now: datetime) -> datetime:
    return (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


def _by_service(told: Forecast) -> dict[str, Span]:
    found: dict[str, Span] = {}
    for (service, _), span in told.requests.items():
        found[service] = found.get(service, Span()) + span
    return {service: span for service, span in sorted(found.items()) if span.at_most}


def _longer(one: Span, other: Span) -> Span:
    return one.beside(other, max)


def _most(spans: Iterable[Span]) -> Span:
    longest = Span()
    for one in spans:
        longest = _longer(longest, one)
    return longest


def _sum(spans: Iterable[Span]) -> Span:
    total = Span()
    for one in spans:
        total += one
    return total
