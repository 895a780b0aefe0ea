"""Fetches PDFs from anywhere on the web: guarded, polite, bounded. The network's side of `core.ports.Fetcher`."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx
import structlog

from dl_lit.core.backoff import retry_after_s
from dl_lit.core.clock import Clock
from dl_lit.core.errors import FetchError
from dl_lit.core.hosts import AddressRules
from dl_lit.core.ports import Fetched, Page
from dl_lit.core.reasons import Reason
from dl_lit.net.answers import REDIRECTS
from dl_lit.net.bodies import BodyLimits, read_start, save
from dl_lit.net.connections import FOR_FILES
from dl_lit.net.failures import NETWORK_ERRORS, reason_of
from dl_lit.net.file_services import FileService
from dl_lit.net.gate import Verdict
from dl_lit.net.guard import within
from dl_lit.net.hosts import HostTurns, HostUse
from dl_lit.net.meter import Meter, ServiceUse
from dl_lit.net.redirected import Redirected
from dl_lit.net.refusals import refusal
from dl_lit.net.walls import wall_of_address, wall_of_page

MAX_REDIRECTS = 8
MAX_PAGE_BYTES = 4_000_000
_PARK_429_S = 600.0  # for a host that says 429 without a time
_HOP_CHARACTERS = 500  # of an address that is kept only to be told
_BUSY = frozenset({Reason.HOST_BUSY, Reason.HOST_PARKED})
_STALE = frozenset({Reason.HTTP_401, Reason.BLOCKED_FORBIDDEN, Reason.HTTP_404, Reason.HTTP_410, Reason.HTTP_4XX})
_LONG_PARK_S = 3_600.0  # a host that parks us for longer costs the item an attempt

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What one fetch may use."""

    body: BodyLimits = field(default_factory=BodyLimits)
    total_s: float = 300.0  # all hops and the body together, waiting for turns apart
    connect_s: float = 15.0
    read_s: float = 30.0  # between two pieces


@dataclass(slots=True)
class _Visit:
    """One fetch on its way through redirects."""

    key: str
    ticket: float | None
    deadline: float  # time.monotonic()
    known: Mapping[str, Reason] = field(default_factory=dict)  # addresses that are not asked
    jar: httpx.Cookies = field(default_factory=httpx.Cookies)
    been: set[tuple[str, str]] = field(default_factory=set)
    hops: list[tuple[str, int]] = field(default_factory=list)


@dataclass(slots=True)
class _Trace:
    """What became of one request."""

    started: float
    status: int | None = None
    size_bytes: int = 0

    @property
    def verdict(self) -> Verdict:
        if self.status is None or self.status >= 500:
            return Verdict.FAILED
        return Verdict.SAYS_NOTHING if self.status == 429 else Verdict.ANSWERED


@contextmanager
def _noted(visit: _Visit, target: str, trace: _Trace) -> Iterator[None]:
    """Keep where the visit was and what it was answered, however that ends."""
    try:
        yield
    finally:
        visit.hops.append((target[:_HOP_CHARACTERS], trace.status or 0))


class HttpFetcher:
    """Fetches files over HTTP. Thread-safe."""

    def __init__(
        self,
        client: httpx.Client,
        turns: HostTurns,
        rules: AddressRules,
        *,
        clock: Clock,
        limits: FetchLimits | None = None,
        file_services: Sequence[FileService] = (),
    ) -> None:
        """Fetch through `client`, in the turns of each host, from addresses that `rules` allow."""
        self._client = client
        self._turns = turns
        self._rules = rules
        self._clock = clock
        self._limits = limits or FetchLimits()
        self._file_services = tuple(file_services)
        self._redirected = Redirected(clock)
        self._meter = Meter()
        self._in_flight = 0
        self._lock = threading.Lock()

    def fetch_pdf(
        self,
        url: str,
        into: Path,
        *,
        ticket: float | None = None,
        found_on: str | None = None,
        known: Mapping[str, Reason] | None = None,
    ) -> Fetched | Page:
        """Stream `url` to the file `into`; a `Page` when it is HTML; see `core.ports.Fetcher`."""
        target = url.strip()
        visit = _Visit(found_on or url, ticket, time.monotonic() + self._limits.total_s, known=known or {})
        if (halt := self._redirected.take(url)) is not None:
            goes_on = replace(visit, jar=halt.jar, hops=list(halt.hops), been=set())
            try:
                return self._visit(url, halt.target, into, goes_on)
            except FetchError as error:
                if error.reason not in _STALE:
                    raise  # else what led here may lead elsewhere by now
        return self._visit(url, target, into, visit)

    def _visit(self, url: str, target: str, into: Path, visit: _Visit) -> Fetched | Page:
        """Follow redirects from `target` on; a visit that is put off on the way goes on from there the next time."""
        try:
            for _ in range(MAX_REDIRECTS + 1):
                self._check(target, visit)
                answer = self._hop(target, into, visit)
                if not isinstance(answer, str):
                    return replace(answer, hops=tuple(visit.hops))
                target = answer
        except FetchError as error:
            error.final_url = error.final_url or target
            error.hops = tuple(visit.hops)
            if error.reason in _BUSY and target != url.strip():
                self._redirected.keep(url, target, visit.jar, error.hops)
            raise
        endless = FetchError(Reason.TOO_MANY_REDIRECTS, f"more than {MAX_REDIRECTS}", final_url=target)
        endless.hops = tuple(visit.hops)
        raise endless

    def stop(self) -> None:
        """End all waits for turns at once."""
        self._turns.stop()

    def use(self) -> tuple[ServiceUse, HostUse]:
        """What was fetched so far, and what the hosts saw of it."""
        with self._lock:
            use = self._meter.use(trips=0, credits_used=0, order_violations=0)
        return use, self._turns.use()

    def _check(self, target: str, visit: _Visit) -> None:
        """Refuse what must not or need not be asked for."""
        is_first = not visit.been
        try:
            parts, url = urlsplit(target), httpx.URL(target)
            host, port = url.host, parts.port or (443 if url.scheme == "https" else 80)
        except (ValueError, httpx.InvalidURL) as error:
            raise FetchError(Reason.INVALID_URL if is_first else Reason.BAD_REDIRECT, str(error)[:200]) from error
        if url.scheme not in {"http", "https"} or not host:
            raise FetchError(Reason.INVALID_URL if is_first else Reason.BAD_REDIRECT, target[:200])
        if parts.username or parts.password or not self._rules.allows(host, None, port):
            raise FetchError(Reason.UNSAFE_URL, target[:200])
        if (wall := wall_of_address(target)) is not None:
            raise FetchError(wall, target[:200])
        if (reason := visit.known.get(target)) is not None:
            raise FetchError(reason, "asked before", final_url=target)
        state = (target, "; ".join(sorted(f"{cookie.name}={cookie.value}" for cookie in visit.jar.jar)))
        if state in visit.been:
            raise FetchError(Reason.REDIRECT_LOOP, target[:200])
        visit.been.add(state)

    def _hop(self, target: str, into: Path, visit: _Visit) -> Fetched | Page | str:
        """One request: the file, the page, or the address it leads on to."""
        host = _host(target)
        with self._turn(target, host, visit) as trace, _noted(visit, target, trace):
            try:
                with within(max(0.0, visit.deadline - trace.started)), self._response(target, visit) as response:
                    trace.status = response.status_code
                    visit.jar.extract_cookies(response)
                    if trace.status in REDIRECTS:
                        return _led_on(target, response)
                    answer = self._taken(target, response, into)
                    trace.size_bytes = answer.size_bytes if isinstance(answer, Fetched) else len(answer.html)
            except NETWORK_ERRORS as error:
                raise FetchError(reason_of(error), str(error)[:200]) from error
            except FetchError as error:
                self._park_if_told(host, error)
                raise
        self._turns.welcomed(host)  # a redirect alone is no welcome: it may lead to the challenge
        return answer

    @contextmanager
    def _turn(self, target: str, host: str, visit: _Visit) -> Iterator[_Trace]:
        """Hold the host's connection, or the service's where the address is one of a service."""
        service = next((one for one in self._file_services if target.startswith(one.prefixes)), None)
        if service is None:
            with self._turns.turn(host, visit.key, visit.ticket), self._traced(target) as trace:
                yield trace
            return
        with (
            self._turns.turn(service.line, visit.key, visit.ticket, policy=service.policy),
            service.permit() as permit,
            self._traced(target) as trace,
        ):
            try:
                yield trace
            finally:
                permit.end(trace.verdict, trace.status, time.monotonic() - trace.started, trace.size_bytes)

    @contextmanager
    def _traced(self, target: str) -> Iterator[_Trace]:
        """Count and log one request."""
        with self._lock:
            self._in_flight += 1
            self._meter.concurrency_peak = max(self._meter.concurrency_peak, self._in_flight)
        trace = _Trace(time.monotonic())
        try:
            yield trace
        finally:
            seconds = time.monotonic() - trace.started
            with self._lock:
                self._in_flight -= 1
                self._meter.answered(status=trace.status, latency_s=seconds, size_bytes=trace.size_bytes)
            log.debug(
                "file_request",
                url=target,
                status=trace.status,
                seconds=round(seconds, 3),
                size_bytes=trace.size_bytes,
            )

    @contextmanager
    def _response(self, target: str, visit: _Visit) -> Iterator[httpx.Response]:
        limits = self._limits
        request = self._client.build_request(
            "GET",
            target,
            headers={"Accept": "application/pdf, text/html;q=0.8, */*;q=0.5", "Accept-Encoding": "identity"},
            timeout=httpx.Timeout(limits.read_s, connect=limits.connect_s, pool=limits.total_s),
            extensions=FOR_FILES,
        )
        visit.jar.set_cookie_header(request)
        response = self._client.send(request, stream=True)
        try:
            yield response
        finally:
            response.close()

    def _taken(self, target: str, response: httpx.Response, into: Path) -> Fetched | Page:
        """The answer's body: saved if it is a PDF, returned if it is a page."""
        status, headers = response.status_code, {name.lower(): value for name, value in response.headers.items()}
        if status != 200:
            retry_after = retry_after_s(headers.get("retry-after"), self._clock.time())
            raise refusal(status, headers, self._told(response, headers), target, retry_after)
        start, rest = read_start(response, headers, self._limits.body, self._clock)
        content_type = headers.get("content-type", "")
        if b"%PDF-" in start[:1024]:
            sha256, size_bytes = save(start, rest, into, self._limits.body)
            return Fetched(path=into, sha256=sha256, size_bytes=size_bytes, final_url=target, content_type=content_type)
        if not start:
            raise FetchError(Reason.EMPTY_BODY)
        is_html = content_type.lower().startswith(("text/html", "application/xhtml"))
        if not is_html and not _looks_like_html(start):
            raise FetchError(Reason.WRONG_MIMETYPE, f"{content_type or 'no type'}: {start[:16]!r}")
        html = _page(start, rest, content_type)
        if (wall := wall_of_page(html, target)) is not None:
            raise FetchError(wall, "status 200")
        if not is_html:
            raise FetchError(Reason.HTML_AS_PDF, content_type)
        return Page(target, html, headers)

    def _told(self, response: httpx.Response, headers: Mapping[str, str]) -> bytes:
        """The beginning of an error page; empty where it cannot be read."""
        try:
            return read_start(response, headers, self._limits.body, self._clock)[0]
        except FetchError:
            return b""

    def _park_if_told(self, host: str, error: FetchError) -> None:
        """Leave a host alone that says so, in words or by challenges."""
        if error.reason is Reason.BLOCKED_CAPTCHA:
            self._turns.challenged(host)
        elif error.reason is Reason.HTTP_429:
            error.after = error.after if error.after is not None else _PARK_429_S
            self._turns.park(host, error.after, costs_attempt=error.after > _LONG_PARK_S)
            error.costs_attempt = error.after > _LONG_PARK_S
        elif error.reason is Reason.HTTP_5XX and error.after:
            self._turns.park(host, min(error.after, _LONG_PARK_S))


def _led_on(target: str, response: httpx.Response) -> str:
    location = str(response.headers.get("location", "")).strip()
    if not location:
        raise FetchError(Reason.BAD_REDIRECT, f"HTTP {response.status_code} without an address")
    try:
        return urldefrag(urljoin(target, location)).url
    except ValueError as error:
        raise FetchError(Reason.BAD_REDIRECT, location[:200]) from error


def _host(target: str) -> str:
    """What politeness counts as one host: name and port, the usual ports left out."""
    url = httpx.URL(target)
    return str(url.host) if url.port is None else f"{url.host}:{url.port}"


def _looks_like_html(start: bytes) -> bool:
    beginning = start[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return beginning.startswith((b"<!doctype html", b"<html", b"<head", b"<!--", b"<script")) or (
        beginning.startswith(b"<?xml") and b"<html" in start[:2048].lower()
    )


def _page(start: bytes, rest: Iterator[bytes], content_type: str) -> str:
    body = bytearray(start)
    for piece in rest:
        body += piece
        if len(body) >= MAX_PAGE_BYTES:
            break
    _, _, charset = content_type.lower().partition("charset=")
    try:
        return body.decode(charset.split(";")[0].strip(" \"'") or "utf-8", "replace")
    except LookupError:
        return body.decode("utf-8", "replace")
