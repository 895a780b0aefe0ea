"""One request for a file: in the turn of its host or service, counted and logged, in bounded time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field

import httpx
import structlog

from dl_lit.core.errors import FetchError
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass
from dl_lit.net.bodies import BodyLimits
from dl_lit.net.connections import FOR_FILES
from dl_lit.net.credentials import HostCredentials, headers_for
from dl_lit.net.departures import purpose
from dl_lit.net.file_services import FileService
from dl_lit.net.gate import Verdict
from dl_lit.net.guard import within
from dl_lit.net.hosts import HostTurns
from dl_lit.net.meter import Meter, ServiceUse
from dl_lit.net.resuming import Carried

LONG_PARK_S = 3_600.0
"""A host that sends us away for longer costs the item an attempt."""

_PARK_429_S = 600.0  # for a host that says 429 without a time
_HOP_CHARACTERS = 500  # of an address that is kept only to be told
_COOKIE = "Cookie"
_CONNECTING = "connection.connect_tcp.started"
_SENT = "http11.send_request_headers.started"
_ROBOTS = "robots"  # what questions about a host's rules are called in the ledger

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What one fetch may use."""

    body: BodyLimits = field(default_factory=BodyLimits)
    total_s: float = 300.0  # all hops and the body together
    head_s: float = 60.0  # until an answer has begun, however slowly its headers drip
    connect_s: float = 15.0
    read_s: float = 30.0  # between two pieces


@dataclass(slots=True)
class Trace:
    """What became of one request."""

    started: float  # time.monotonic()
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    size_bytes: int = 0
    is_connected_anew: bool = False  # not on a connection that was kept from a request before

    @property
    def verdict(self) -> Verdict:
        """What it tells about the health of a service."""
        if self.status is None or self.status >= 500:
            return Verdict.FAILED
        return Verdict.SAYS_NOTHING if self.status == 429 else Verdict.ANSWERED


@dataclass(slots=True)
class Turn:
    """Whose turn a request goes in."""

    key: str  # what the visitor is after
    ticket: float | None = None
    gap_s: float = 0.0  # what the host asks for


@dataclass(slots=True)
class Visit:
    """One fetch on its way through redirects."""

    key: str
    ticket: float | None
    deadline: float  # time.monotonic()
    known: Mapping[str, Reason] = field(default_factory=dict)  # addresses that are not asked
    licence: str | None = None
    jar: httpx.Cookies = field(default_factory=httpx.Cookies)
    been: set[tuple[str, str]] = field(default_factory=set)
    hops: list[tuple[str, int]] = field(default_factory=list)
    is_sent_on: bool = False  # a service that rules its own files sent us to where it keeps them
    carried: Carried | None = None  # of the file at the present address
    is_cut: bool = False  # an answer had begun to come
    was_idle: bool = False  # the connection was an old one, and died before any answer
    is_anew: bool = False  # it was asked for once more

    @property
    def left_s(self) -> float:
        """What is left of its time."""
        return max(0.0, self.deadline - time.monotonic())

    @contextmanager
    def noted(self, url: str, trace: Trace) -> Iterator[None]:
        """Keep where the visit was and what it was answered, however that ends."""
        try:
            yield
        finally:
            self.hops.append((url[:_HOP_CHARACTERS], trace.status or 0))


class Exchanges:
    """Makes the requests of a fetcher. Thread-safe."""

    def __init__(
        self,
        client: httpx.Client,
        turns: HostTurns,
        limits: FetchLimits,
        services: Sequence[FileService] = (),
        credentials: Sequence[HostCredentials] = (),
    ) -> None:
        """Ask through `client`; `credentials` go to the hosts they are for, each service's key to that service."""
        self.limits = limits
        self._client = client
        self._turns = turns
        self._services = tuple(services)
        self._credentials = tuple(credentials)
        self._meter = Meter()
        self._in_flight = 0
        self._lock = threading.Lock()

    def service_of(self, url: str) -> FileService | None:
        """The service one of whose files this is; None where it is a host like any other."""
        return next((one for one in self._services if one.serves(url)), None)

    def has_leave(self, url: str) -> bool:
        """Whether the user has an agreement with the host: a key for it."""
        return bool(headers_for(url, self._credentials))

    def use(self) -> ServiceUse:
        """What was asked so far."""
        with self._lock:
            return self._meter.use(trips=0, credits_used=0, order_violations=0)

    @contextmanager
    def turn(self, url: str, turn: Turn) -> Iterator[Trace]:
        """Hold the host's connection, or the service's where the address is one of a service."""
        service = self.service_of(url)
        if service is None:
            with (
                self._turns.turn(host_of(url), turn.key, turn.ticket, gap_s=turn.gap_s),
                self._traced(url) as trace,
            ):
                yield trace
            return
        with (
            self._turns.turn(service.line, turn.key, turn.ticket, policy=service.policy),
            service.permit() as permit,
            self._traced(url) as trace,
        ):
            try:
                yield trace
            finally:
                permit.end(
                    trace.verdict, trace.status, time.monotonic() - trace.started, trace.size_bytes, trace.headers
                )

    @contextmanager
    def response(
        self, url: str, trace: Trace, visit: Visit, headers: Mapping[str, str], *, is_about_rules: bool = False
    ) -> Iterator[httpx.Response]:
        """The answer, its body yet to come; all of it ends with the visit's time."""
        limits, service = self.limits, self.service_of(url)
        keys = {**headers_for(url, self._credentials), **(service.headers() if service is not None else {})}
        about = _ROBOTS if is_about_rules else service.name if service is not None else ""
        request = self._client.build_request(
            "GET",
            url,
            headers={"Accept-Encoding": "identity", **headers, **{n: v for n, v in keys.items() if n != _COOKIE}},
            timeout=httpx.Timeout(limits.read_s, connect=limits.connect_s, pool=limits.total_s),
            extensions={**FOR_FILES, **(purpose(about) if about else {}), "trace": self._watch(url, trace)},
        )
        if not is_about_rules:
            visit.jar.set_cookie_header(request)
        if keys.get(_COOKIE):
            request.headers[_COOKIE] = "; ".join(filter(None, [request.headers.get(_COOKIE), keys[_COOKIE]]))
        with within(min(visit.left_s, limits.head_s)):
            response = self._client.send(request, stream=True)
        try:
            trace.status = response.status_code
            trace.headers = {name.lower(): value for name, value in response.headers.items()}
            with within(visit.left_s):
                yield response
        finally:
            response.close()

    def heed(self, url: str, trace: Trace, error: FetchError) -> None:
        """Leave a host alone that says so, in words or by challenges; `error` is told how long, and at what cost."""
        service = self.service_of(url)
        host = host_of(url) if service is None else service.line
        if error.reason is Reason.BLOCKED_CAPTCHA:
            self._turns.challenged(host)
        elif service is not None and trace.status is not None:
            service.heed(trace.status, trace.headers, error)
            if error.reason is Reason.HTTP_429:
                error.costs_attempt = self._turns.rest(host, error.after or 0.0)
        elif error.reason is Reason.HTTP_429:
            error.after = error.after if error.after is not None else _PARK_429_S
            error.costs_attempt = self._turns.rest(host, error.after, costs_attempt=error.after > LONG_PARK_S)
        elif error.reason is Reason.HTTP_5XX and error.after:
            self._turns.rest(host, min(error.after, LONG_PARK_S))

    def asks_for(self, url: str, gap_s: float) -> None:
        """The host's rules ask for so many seconds between two requests."""
        if self.service_of(url) is None:
            self._turns.asks_for(host_of(url), gap_s)

    def welcomed(self, url: str) -> None:
        """The host gave what was asked for."""
        service = self.service_of(url)
        self._turns.welcomed(host_of(url) if service is None else service.line)

    def _watch(self, url: str, trace: Trace) -> Callable[[str, object], None]:
        """What httpcore calls as a request goes on: https://www.encode.io/httpcore/extensions/#trace."""
        service = self.service_of(url)
        line = host_of(url) if service is None else service.line

        def tell(event: str, _about: object) -> None:
            if event == _CONNECTING:
                trace.is_connected_anew = True
            elif event == _SENT:
                self._turns.sent(line)

        return tell

    @contextmanager
    def _traced(self, url: str) -> Iterator[Trace]:
        """Count and log one request."""
        with self._lock:
            self._in_flight += 1
            self._meter.concurrency_peak = max(self._meter.concurrency_peak, self._in_flight)
        trace = Trace(time.monotonic())
        try:
            yield trace
        finally:
            seconds = time.monotonic() - trace.started
            with self._lock:
                self._in_flight -= 1
                self._meter.answered(status=trace.status, latency_s=seconds, size_bytes=trace.size_bytes)
            log.debug(
                "file_request", url=url, status=trace.status, seconds=round(seconds, 3), size_bytes=trace.size_bytes
            )


def host_of(url: str) -> str:
    """What politeness counts as one host: name and port, the usual ports left out."""
    parsed = httpx.URL(url)
    name = parsed.host.lower().rstrip(".")
    return name if parsed.port is None else f"{name}:{parsed.port}"
