"""The network side of a run, opened as the settings say and closed again."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import fields, replace
from types import TracebackType
from typing import Any, Self

from db.machine.states import KeptStates, states_at
from dl_lit import __version__
from dl_lit.app.memory import Memory, lifetimes, reading_stamp
from dl_lit.app.wire import Wire
from dl_lit.core.bottleneck import HOSTS
from dl_lit.core.clock import Clock
from dl_lit.core.hosts import AddressRules, host_and_port
from dl_lit.core.memory import AnswerCache, NetworkLedger
from dl_lit.core.model import StageName
from dl_lit.core.pulse import ServicePulse
from dl_lit.core.services import Service
from dl_lit.core.sharing import SharedStates
from dl_lit.net.bodies import BodyLimits
from dl_lit.net.client import HttpServiceCalls
from dl_lit.net.connections import shared_client, user_agent
from dl_lit.net.credentials import HostCredentials
from dl_lit.net.download import FetchLimits, HttpFetcher
from dl_lit.net.file_services import file_services
from dl_lit.net.gate import TimeoutBounds
from dl_lit.net.hosts import HostPolicy, HostTurns
from dl_lit.net.identity import Identity
from dl_lit.net.meter import ServiceUse
from dl_lit.net.neighbours import Neighbours
from dl_lit.net.offline import OfflineFetcher, on_this_machine
from dl_lit.net.partial_files import PartialFiles
from dl_lit.net.politeness import Politeness
from dl_lit.net.remembering import RememberingCalls
from dl_lit.net.site_rules import SiteRulebook
from dl_lit.settings import ServiceSettings, Settings
from dl_lit.settings.model import MB


class Network:
    """One client, one set of gates, and what asks and fetches through them.

    `calls` remember what was answered; `direct` asks each time.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock,
        chance: random.Random,
        before: Network | None = None,
        is_fresh: bool = False,
        wire: Wire | None = None,
    ) -> None:
        """Open the client; no connection is made yet. `is_fresh`: nothing that was remembered before is used.

        `before` is the one whose place this takes when settings were read again: it shares what is on disk with it, so
        it is retired, not closed, and what was asked through it counts on. `wire` stands between us and the network.
        """
        services = [_service(one) for one in settings.services.values() if one.service.base_url]
        keys = {name: one.key for name, one in settings.services.items() if one.key}
        self.identity = Identity(settings.contact_email, keys, clock)
        self._before = before
        self._earlier: tuple[dict[str, ServiceUse], dict[str, int]] = ({}, {})
        self._states: KeptStates = before._states if before else states_at(settings.shared_state, clock)  # noqa: SLF001 - ours
        self.politeness = Politeness(
            services,
            clock=clock,
            rng=chance,
            has_contact=settings.contact_email is not None,
            keyed=keys,
            permit_wait_s=settings.http.permit_wait_s,
            failures_to_open=settings.http.breaker_failures,
            open_s=settings.http.breaker_open_s,
            buffer=settings.http.rate_limit_buffer,
            identity=self.identity,
            states=self._states,
            bounds=TimeoutBounds(settings.http.timeout_least_s, settings.http.timeout_most),
        )
        self._memory: Memory = before._memory if before else Memory(settings, clock, beat=self._states.beat)  # noqa: SLF001 - ours
        self._cache = wire.memory_of(self._memory.cache) if wire else self._memory.cache
        ours = on_this_machine(one.base_url for one in services if one.is_own)
        public = AddressRules(settings.allow_hosts)
        self.client = shared_client(
            user_agent=user_agent(__version__, project_page=settings.project_url, contact_email=settings.contact_email),
            # The operator's own base addresses are trusted for calls, never for what an answer points to.
            trusted=AddressRules([*settings.allow_hosts, *(host_and_port(one.base_url) for one in services)]),
            public=public,
            connections=max(settings.http.pool_size, settings.workers.download + settings.workers.enrichment),
            kept_alive=settings.http.keepalive,
            timeout_s=settings.http.timeout_s,
            ledger=self._memory.ledger,
            through=wire.through if wire else None,
            only=ours if settings.offline else None,
        )
        self.direct = HttpServiceCalls(
            self.client,
            self.politeness,
            services,
            clock=clock,
            rng=chance,
            identity=self.identity,
            disabled=[
                name for name, one in settings.services.items() if not one.available or _is_out_of_reach(one, settings)
            ],
        )
        self.calls = RememberingCalls(
            self.direct,
            self._cache,
            lifetimes(settings),
            clock=clock,
            reading=reading_stamp(),
            is_offline=settings.offline,
            not_before=clock.time() if is_fresh and not settings.offline else 0.0,
        )
        self.fetcher: HttpFetcher | OfflineFetcher = (
            OfflineFetcher()
            if settings.offline
            else HttpFetcher(
                self.client,
                HostTurns(
                    clock=clock,
                    rng=chance,
                    policy=HostPolicy(gap_s=settings.host.gap_s),
                    host_wait_s=settings.host.wait_s,
                    neighbours=Neighbours(self._states, clock),
                ),
                public,
                clock=clock,
                limits=FetchLimits(
                    body=BodyLimits(max_bytes=settings.download.max_pdf_mb * MB), total_s=settings.download.timeout_s
                ),
                file_services=file_services(
                    services, self.politeness, is_polite=True, identity=self.identity, clock=clock
                ),
                credentials=[HostCredentials(host, headers) for host, headers in settings.access.keys.items()],
                rulebook=SiteRulebook(clock, self._cache, crawl_delay_most_s=settings.host.crawl_delay_most_s),
                tdm=settings.download.tdm,
                partial_files=PartialFiles(
                    settings.cache_folder / "partial", clock, max_bytes=settings.download.partial_mb * MB
                ),
            )
        )

    def usage(self) -> dict[str, ServiceUse]:
        """What was asked of each service so far."""
        now, earlier = self.politeness.snapshot(), self._earlier[0] if self._before is None else self._before.usage()
        together = {name: _added(use, earlier[name]) if name in earlier else use for name, use in now.items()}
        return {**earlier, **together}

    def pulse(self) -> dict[str, ServicePulse]:
        """Who holds permits and who waits for what, by service; under `HOSTS` the hosts that files come from."""
        pulses = self.politeness.pulse()
        hosts = self.fetcher.pulse()
        return {**pulses, HOSTS: hosts} if hosts.requests or hosts.waiting or hosts.turned_away else pulses

    def waiting_hands(self, stage: StageName) -> tuple[int, int]:
        """How many workers of a stage wait now: for permits of services, and for turns at hosts."""
        return self.politeness.waiting_of(stage.value), self.fetcher.waiting_of(stage.value)

    @property
    def states(self) -> SharedStates:
        """What all dl_lit processes of the machine know of services."""
        return self._states

    @property
    def cache(self) -> AnswerCache | None:
        """What remembers answers; None where nothing is to be remembered."""
        return self._cache

    @property
    def ledger(self) -> NetworkLedger:
        """What is told of every request that leaves."""
        return self._memory.ledger

    def remembered(self) -> dict[str, int]:
        """How many answers came from memory so far, by service."""
        earlier = self._earlier[1] if self._before is None else self._before.remembered()
        return dict(Counter(self.calls.remembered()) + Counter(earlier))

    def retire(self) -> None:
        """Close all connections of one whose place another has taken; what it shares with that one stays open."""
        self.stop()
        self.client.close()

    def outlive(self) -> None:
        """The one before has been retired: keep its counts alone."""
        if self._before is not None:
            self._earlier, self._before = (self._before.usage(), self._before.remembered()), None

    def stop(self) -> None:
        """End all waits for permits and turns at once."""
        self.direct.stop()
        self.fetcher.stop()
        self.politeness.stop()

    def close(self) -> None:
        """Break what is still under way and close all connections."""
        self.retire()
        self._memory.close()
        self._states.close()

    def __enter__(self) -> Self:
        self._memory.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        self._memory.__exit__(kind, error, trace)


def _added(one: ServiceUse, earlier: ServiceUse) -> ServiceUse:
    """What was asked through two networks: counts add up, the rest is as it has been lately."""
    if not one.requests:
        one = replace(one, latency_mean_s=earlier.latency_mean_s, latency_p95_s=earlier.latency_p95_s)
    sums: dict[str, Any] = {}
    for field in fields(ServiceUse):
        now, then = getattr(one, field.name), getattr(earlier, field.name)
        if field.name.startswith("latency_"):
            continue
        if isinstance(now, dict):
            sums[field.name] = {key: now.get(key, 0) + then.get(key, 0) for key in sorted({*now, *then})}
        elif isinstance(now, int | float):
            sums[field.name] = max(now, then) if field.name.endswith("_peak") else now + then
    return replace(one, **sums)


def _is_out_of_reach(one: ServiceSettings, settings: Settings) -> bool:
    """Offline a server of the operator's own is used where it runs on this machine."""
    return settings.offline and one.service.is_own and not on_this_machine([one.service.base_url])


def _service(one: ServiceSettings) -> Service:
    """The service with the limits that were decided for us, whoever we are to it."""
    return replace(
        one.service,
        polite=one.lane,
        anonymous=one.unproven,
        keyed=None,
        lanes=tuple((name, lane, one.unproven_lanes[name]) for name, lane in one.lanes.items()),
        credits_per_day=_least(one.credits_per_day, one.service.credits_per_day),
        credits_per_day_keyed=one.credits_per_day,
    )


def _least(*numbers: int | None) -> int | None:
    """The least of those that are known; what is left when a service does not take our key."""
    return min((number for number in numbers if number is not None), default=None)
