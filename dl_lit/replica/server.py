"""The replica's server: sites, limits, latency, faults and the log around the services' answers."""

from __future__ import annotations

import asyncio
import threading
import time
import traceback
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from dl_lit.core.services import Lane
from dl_lit.replica.access import Shares
from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.control import Control
from dl_lit.replica.faults import Fault, Faults, FaultyPdfs, Proper, faulty
from dl_lit.replica.hosts import BACKLOG, GUEST_GROUP, Guest, Hosts, guest_sites, listen, plan_sites
from dl_lit.replica.http import Connection, Exchange
from dl_lit.replica.language.model import Language
from dl_lit.replica.latency import PROFILES, Latency, Profile, latency_s
from dl_lit.replica.limits import REAL_LIMITS, Limiter
from dl_lit.replica.log import Entry, RequestLog
from dl_lit.replica.services import Settings, make_services
from dl_lit.replica.services.files import Files
from dl_lit.replica.site_rules import OPEN, SiteRules
from dl_lit.replica.universe import Universe
from dl_lit.replica.wire import Manner, Plan, Refusal, Response, Service, Site, html_response

_START_TIMEOUT_S = 30.0
_FLUSH_S = 0.2  # the log's file lags at most this far behind
_WITH_RULES = frozenset({"publisher", "repository", GUEST_GROUP})


class Replica:
    """The scholarly web on this machine's loopback; a context manager that serves in a thread of its own."""

    def __init__(
        self,
        universe: Universe,
        *,
        seed: int = 0,
        latency: str | Latency | Profile = "none",
        time_scale: float = 1.0,
        hosts: int = 40,
        port: int = 0,
        shares: Shares | None = None,
        limits: Mapping[str, Lane | None] | None = None,
        enforce_limits: bool = True,
        faults: Iterable[Fault] = (),
        settings: Settings | None = None,
        log_path: Path | None = None,
        rules: Mapping[str, SiteRules] | None = None,
        guests: Sequence[Guest] = (),
    ) -> None:
        """Nothing is bound before `start`.

        `latency` is a profile's name, one latency for all, or latencies by `group/kind`, group or `*`. `time_scale`
        divides every latency and every window. `hosts` is how many publishers and repositories there are together.
        `limits` replaces single lanes of `REAL_LIMITS` (None lifts one). `rules` is what publishers' and repositories'
        hosts ask of programs, by site; all others allow everything. `guests` are further hosts.
        """
        self.universe = universe
        self.seed = seed
        self.time_scale = time_scale
        self.log = RequestLog(log_path)
        self.faults = Faults(seed, list(faults))
        self.problems: list[str] = []  # tracebacks of errors in the replica itself; empty in a sound run
        self._profile = _profile(latency)
        sites, self._publishers, self._repositories = plan_sites(hosts)
        self._guests = tuple(guests)
        self._sites = (*sites, *guest_sites(self._guests))
        self._rules = {**(rules or {}), **{guest.name: guest.rules for guest in self._guests}}
        self._wanted_port = port
        self._shares = shares or Shares()
        lanes = {**REAL_LIMITS, **(limits or {})} if enforce_limits else {}
        self._lanes = {name: lane for name, lane in lanes.items() if lane is not None}
        self._settings = settings or Settings()
        self.language = Language(self._settings.models, time_scale)
        self._hosts: Hosts | None = None
        self._catalogue: Catalogue | None = None
        self._services: dict[str, Service] = {}
        self._limiter = Limiter(self._lanes, time_scale)
        self._in_flight: dict[str, int] = {}
        self._ahead_s = 0.0
        self._requests = 0
        self._connections: set[Connection] = set()
        self._connection_count = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._stopping: asyncio.Event | None = None
        self._pdfs: FaultyPdfs | None = None

    @property
    def in_flight(self) -> int:
        """Requests that wait for their answer now."""
        return sum(list(self._in_flight.values()))

    # Starting and stopping

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Bind all addresses and serve in a thread; returns when requests are answered. Raises `OSError`."""
        self._ready.clear()
        sockets, port = listen(self._sites, self._wanted_port)
        self._hosts = Hosts(self._sites, self._publishers, self._repositories, port)
        self._catalogue = Catalogue(
            self.universe,
            seed=self.seed,
            shares=self._shares,
            publishers=self._publishers,
            repositories=self._repositories,
            bases=self._hosts.bases(),
        )
        files = Files(self._catalogue, self._settings)
        self._pdfs = FaultyPdfs(encrypted=files.encrypted, damaged=files.damaged, other=files.other)
        self._fill_services(files)
        self._thread = threading.Thread(target=self._serve, args=(sockets,), name="replica", daemon=True)
        self._thread.start()
        if not self._ready.wait(_START_TIMEOUT_S):
            raise OSError("the replica did not start")

    def stop(self) -> None:
        """End all connections and the thread; the log stays readable."""
        if self._loop is not None and self._stopping is not None:
            with suppress(RuntimeError):  # the loop has ended by itself
                self._loop.call_soon_threadsafe(self._stopping.set)
        if self._thread is not None:
            self._thread.join(_START_TIMEOUT_S)
            self._thread = None
        self.log.close()

    def _serve(self, sockets: list[tuple[Site, object]]) -> None:
        asyncio.run(self._run(sockets))

    async def _run(self, sockets: list[tuple[Site, object]]) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        servers = [
            await self._loop.create_server(partial(self._connected, site), sock=listener, backlog=BACKLOG)  # type: ignore[call-overload]
            for site, listener in sockets
        ]
        flushing = self._loop.create_task(self._flush_log())
        self._ready.set()
        await self._stopping.wait()
        flushing.cancel()
        for server in servers:
            server.close()
        for connection in list(self._connections):
            connection.abort()
        await asyncio.sleep(0)
        for server in servers:
            await server.wait_closed()

    async def _flush_log(self) -> None:
        while True:
            await asyncio.sleep(_FLUSH_S)
            self.log.flush()

    # What others ask

    @property
    def hosts(self) -> Hosts:
        """The addresses; only while it serves."""
        if self._hosts is None:
            raise RuntimeError("the replica has not been started")
        return self._hosts

    @property
    def catalogue(self) -> Catalogue:
        """The records with what was derived for them; only while it serves."""
        if self._catalogue is None:
            raise RuntimeError("the replica has not been started")
        return self._catalogue

    @property
    def control_url(self) -> str:
        """The address below which `/__replica__/log` and its siblings answer."""
        return self.hosts.bases()["control"]

    def env(self) -> dict[str, str]:
        """The `DL_LIT_*` settings that point dl_lit at this replica."""
        return self.hosts.env()

    def url(self, site: str) -> str:
        """The address of a site: a service's name, "publisher-0", "repository-0"."""
        return self.hosts.bases()[site]

    def rules_of(self, site: Site) -> SiteRules | None:
        """What a host asks of programs; None for services."""
        return self._rules.get(site.name, OPEN) if site.group in _WITH_RULES else None

    def asked_gap_s(self, site: str, user_agent: str = "dl_lit") -> float:
        """Seconds between two requests that a host's robots.txt asks a client for; 0 where it says nothing."""
        return self._rules.get(site, OPEN).gap_s(user_agent)

    def asked_for(self, client: str) -> list[str]:
        """The targets of the requests of a client, by its address, that are not answered yet."""
        while True:
            try:
                known = [one.asks_for for one in tuple(self._connections) if one.client == client]
            except RuntimeError:  # one came or went meanwhile
                continue
            return [target for target in known if target is not None]

    def add_fault(self, fault: Fault) -> None:
        """Put one more rule in force."""
        self.faults.rules = [*self.faults.rules, fault]

    def set_latency(self, latency: str | Latency | Profile) -> None:
        """From now on requests take so long; see `__init__`."""
        self._profile = _profile(latency)

    def go_ahead(self, seconds: float) -> None:
        """Let so many seconds pass at once, for clients whose clocks do the same: windows fill up meanwhile."""
        self._ahead_s += seconds

    def reset(self) -> None:
        """Forget the log, all faults, and what the windows and budgets have counted."""
        self.log.clear()
        self.faults.clear()
        self.language.reset()
        self._limiter = Limiter(self._lanes, self.time_scale)
        if self._catalogue is not None:
            self._fill_services(Files(self._catalogue, self._settings))

    def _fill_services(self, files: Files) -> None:
        self._services = make_services(self.catalogue, self._settings, files, self.language, self.time_scale)
        self._services["control"] = Control(self)
        self._services.update((guest.name, guest.service) for guest in self._guests)

    # Serving

    def _connected(self, site: Site) -> Connection:
        self._connection_count += 1
        connection = Connection(site, self._connection_count, self._handle, self._connections.discard)
        self._connections.add(connection)
        return connection

    def _handle(self, exchange: Exchange) -> None:
        """Decide what the request gets, and when."""
        site = exchange.connection.site
        request = exchange.request
        if request.target.startswith("/__replica__/"):
            exchange.send(self._services["control"].plan(request).answer())
            return
        started = time.monotonic()
        arrived = started + self._ahead_s
        service = self._services.get(site.name) or self._services.get(site.group)
        rules = self.rules_of(site)
        try:
            plan = (rules.plan(request) if rules else None) or (service.plan(request) if service else _nothing_here())
        except Exception:  # noqa: BLE001 - a broken answer must not end the server; tests look at `problems`
            plan = Plan(kind="other", answer=partial(self._broken, traceback.format_exc()))
        limiter = self._limiter
        refusal = limiter.admit(plan.lane, arrived)
        refused, fault = "", None
        if refusal is not None:
            answer, refused = partial(plan.refuse, refusal), refusal.why
        else:
            too_dear = plan.charge() if plan.charge else None
            if too_dear is not None:
                answer, refused = partial(_same, too_dear), "key" if too_dear.status == 401 else "budget"
            else:
                fault = self.faults.strike(site, plan.kind, request.target, about=plan.about, body=request.body)
                if fault is not None and fault.as_date:  # by the clock of clients that leapt ahead with us
                    fault = replace(fault, retry_after_s=(fault.retry_after_s or 0.0) + self._ahead_s)
                answer = partial(self._answer, exchange, plan, fault)
        self._in_flight[site.name] = self._in_flight.get(site.name, 0) + 1
        self._requests += 1
        number, concurrency = self._requests, self._in_flight[site.name]

        def done(status: int, sent: int) -> None:
            self._in_flight[site.name] -= 1
            if refusal is None:
                limiter.leave(plan.lane)
            self.log.add(
                Entry(
                    number=number,
                    at=arrived,
                    wall=time.time() - (time.monotonic() - started),
                    group=site.group,
                    site=site.name,
                    host=f"{site.address}:{self.hosts.port}",
                    connection=exchange.connection.number,
                    method=request.method,
                    target=request.target,
                    kind=plan.kind,
                    status=status,
                    bytes_sent=sent,
                    duration=time.monotonic() - started,
                    concurrency=concurrency,
                    user_agent=request.user_agent,
                    refused=refused,
                    fault=fault.kind.value if fault else "",
                    credits=0 if refused else plan.credits,
                    about=plan.about,
                    forbidden=rules is not None and rules.forbids(request),
                    client=exchange.connection.client,
                )
            )

        exchange.done = done
        delay_s = 0.0
        if not refused:
            url = site.name + request.target + plan.about
            delay_s = latency_s(self._profile, self.seed, site.group, plan.kind, url) / self.time_scale
        self._later(exchange, delay_s, partial(self._send, exchange, answer, rules))

    def _later(self, exchange: Exchange, delay_s: float, action: partial[None]) -> None:
        if delay_s <= 0.0 or self._loop is None:
            action()
        else:
            exchange.timer = self._loop.call_later(delay_s, action)

    def _send(self, exchange: Exchange, answer: partial[Response], rules: SiteRules | None) -> None:
        try:
            response = answer()
        except Exception:  # noqa: BLE001 - as above
            response = self._broken(traceback.format_exc())
        if rules is not None and (more := rules.headers()):
            response = replace(response, headers=(*response.headers, *more))
        if response.extra_delay_s and response.manner is not Manner.DRIP:
            self._later(exchange, response.extra_delay_s, partial(exchange.send, response))
        else:
            exchange.send(response)

    def _answer(self, exchange: Exchange, plan: Plan, fault: Fault | None) -> Response:
        if fault is None or self._pdfs is None:
            return plan.answer()
        spoilt = plan.spoil(fault) if plan.spoil else None
        if spoilt is not None:
            return spoilt
        proper = Proper(plan.answer, lambda: plan.refuse(Refusal("rate", fault.retry_after_s or 1.0)))
        return faulty(fault, exchange.request, exchange.connection.site, proper, self._pdfs)

    def _broken(self, trace: str) -> Response:
        self.problems.append(trace)
        return html_response("<html><body><h1>500 Internal Server Error</h1></body></html>", status=500)


def _same(response: Response) -> Response:
    return response


def _nothing_here() -> Plan:
    return Plan(
        kind="other", answer=lambda: html_response("<html><body><h1>404 Not Found</h1></body></html>", status=404)
    )


def _profile(latency: str | Latency | Profile) -> Profile:
    if isinstance(latency, str):
        return PROFILES[latency]
    return {"*": latency} if isinstance(latency, Latency) else latency
