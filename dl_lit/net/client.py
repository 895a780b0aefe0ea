"""Polite requests to the metadata services: the network's side of `core.ports.ServiceCalls`."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, urlencode, urljoin, urlsplit

import httpx
import structlog

from dl_lit.core.clock import Clock
from dl_lit.core.errors import FetchError, NeedsConfiguration, PdfError, ServiceError
from dl_lit.core.ports import Params, ServiceAnswer
from dl_lit.core.reasons import Reason
from dl_lit.core.services import Service
from dl_lit.core.shortage import SHORTAGE_S, shortage_of
from dl_lit.core.values import dataclass
from dl_lit.net.announced import said
from dl_lit.net.answers import REDIRECTS, judge, judge_elsewhere, leads_elsewhere
from dl_lit.net.bodies import whole
from dl_lit.net.connections import FOR_FILES
from dl_lit.net.consequences import acted_upon
from dl_lit.net.contacts import Contact, without_contact
from dl_lit.net.departures import purpose
from dl_lit.net.failures import NETWORK_ERRORS, is_worth_repeating, reason_of
from dl_lit.net.gate import ServiceGate
from dl_lit.net.guard import within
from dl_lit.net.identity import Identity, without_identity, without_key
from dl_lit.net.keys import KeyRefused, Keys, without_its_key
from dl_lit.net.politeness import Politeness
from dl_lit.net.report import Verdict

MAX_BODY_BYTES = 32_000_000
MAX_REDIRECTS = 5
MAX_REPEATS = 2
_ACCEPTED = {"Accept": "application/json, */*;q=0.5", "Accept-Encoding": "gzip, deflate"}  # which `bodies` unpacks
_CONNECT_S = 15.0
_WHOLE_REQUEST = 1.5  # a request may take this many times its time-out in all

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Upload:
    """A file to be sent as a field of a form. Its name is not told."""

    file: Path
    field: str
    form: Params


@dataclass(frozen=True, slots=True)
class _Body:
    """What a POST carries, as it is sent."""

    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class _Call:
    """One HTTP request that is to be made: a GET, or a POST where there is something to send."""

    service: Service
    gate: ServiceGate
    url: str
    headers: Mapping[str, str]
    lane: str
    credits: int
    sent: _Upload | _Body | None = None
    is_elsewhere: bool = False  # a redirect led to a host that is not the service's own


@dataclass(frozen=True, slots=True)
class _Raw:
    """One HTTP answer, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


class HttpServiceCalls:
    """Asks services over HTTP, each through its gate. Thread-safe.

    `services` carry the base addresses to use; `keys` maps service names to API keys; `disabled` names the ones that
    are switched off.
    """

    def __init__(
        self,
        client: httpx.Client,
        politeness: Politeness,
        services: Iterable[Service],
        *,
        clock: Clock,
        rng: random.Random,
        contact_email: str | None = None,
        keys: Mapping[str, str] | None = None,
        disabled: Collection[str] = (),
        max_body_bytes: int = MAX_BODY_BYTES,
        identity: Identity | None = None,
    ) -> None:
        """Ask through `client`, keeping to `politeness`; `identity` stands for contact address and keys together."""
        self._client = client
        self._politeness = politeness
        self._services = {service.name: service for service in services}
        self._clock = clock
        self._rng = rng
        self._identity = identity or Identity(contact_email, keys or {})
        self._keys = Keys(self._identity)
        self._contact = Contact(self._identity)
        self._disabled = frozenset(disabled)
        self._max_body_bytes = max_body_bytes
        self._stopping = threading.Event()

    @property
    def contact_email(self) -> str | None:
        """The configured contact address."""
        return self._identity.contact_email

    def is_available(self, service: str) -> bool:
        """Whether the service is switched on and has what it needs."""
        policy = self._services.get(service)
        return (
            policy is not None
            and bool(policy.base_url)
            and service not in self._disabled
            and (bool(self._identity.contact_email) or not policy.needs_contact)
            and (self._identity.has_key(service) or not policy.needs_key)
            and not self._contact.is_refused(policy, self._politeness.gate(service))
        )

    def wait_s(self, service: str, lane: str = "") -> float:
        """Seconds a call would wait for its permit now; infinity while the breaker is open or the budget gone."""
        return self._politeness.gate(service).wait_s(lane)

    def credits_left(self, service: str) -> float:
        """Credits left of the service's budget for today; infinity where it counts none."""
        return self._politeness.gate(service).credits_left()

    def get(
        self,
        service: str,
        path: str,
        params: Params = (),
        *,
        lane: str = "",
        credits: int = 0,
        headers: Mapping[str, str] | None = None,
        is_kept_by_identifier: bool = False,
    ) -> ServiceAnswer:
        """GET `path` below the service's base address; see `core.ports.ServiceCalls`."""
        del is_kept_by_identifier  # nothing is kept here
        policy, gate, url = self._route(service, path)
        query = self._query(service, params)
        for hop in range(MAX_REDIRECTS + 1):
            cost = credits if hop == 0 else 0
            elsewhere = _host(url) != _host(policy.base_url)
            call = _Call(policy, gate, _with_query(url, query), headers or {}, lane, cost, is_elsewhere=elsewhere)
            raw = self._ask(call)
            if raw.status not in REDIRECTS:
                return ServiceAnswer(raw.status, raw.headers, raw.body, url)
            url, query = self._redirected(policy, url, raw, query)
        raise ServiceError(service, Reason.BAD_ANSWER, f"more than {MAX_REDIRECTS} redirects")

    def post_file(
        self,
        service: str,
        path: str,
        file: Path,
        *,
        field: str,
        form: Params = (),
        headers: Mapping[str, str] | None = None,
    ) -> ServiceAnswer:
        """POST `file` below the service's base address; see `core.ports.FileCalls`."""
        policy, gate, url = self._route(service, path)
        return self._posted(_Call(policy, gate, url, headers or {}, "", 0, _Upload(file, field, form)))

    def post(
        self,
        service: str,
        path: str,
        body: bytes,
        *,
        content_type: str,
        params: Params = (),
        lane: str = "",
        credits: int = 0,
        headers: Mapping[str, str] | None = None,
    ) -> ServiceAnswer:
        """POST `body` below the service's base address; see `core.ports.ServiceCalls`."""
        policy, gate, url = self._route(service, path)
        url = _with_query(url, self._query(service, params))
        return self._posted(_Call(policy, gate, url, headers or {}, lane, credits, _Body(body, content_type)))

    def recall(self, service: str, keys: Sequence[str]) -> Mapping[str, bytes | None]:
        """Nothing is remembered here; see `core.ports.ServiceCalls`."""
        del service, keys
        return {}

    def remember(self, service: str, answers: Mapping[str, bytes | None]) -> None:
        """Nothing is remembered here; see `core.ports.ServiceCalls`."""

    @property
    def is_offline(self) -> bool:
        """Never: this is the network."""
        return False

    def stop(self) -> None:
        """End all waits at once and refuse new requests."""
        self._stopping.set()
        self._politeness.stop()

    def _route(self, service: str, path: str) -> tuple[Service, ServiceGate, str]:
        """Whom a request goes through, and its address without the query."""
        if self._identity.is_refused(service) and self._services[service].needs_key:
            raise without_its_key(service)
        if (known := self._services.get(service)) and self._contact.is_refused(known, self._politeness.gate(service)):
            raise without_contact(service)
        if not self.is_available(service):
            raise NeedsConfiguration(f"the service {service} is switched off or lacks its address, contact or key")
        policy = self._services[service]
        return policy, self._politeness.gate(service), f"{policy.base_url.rstrip('/')}/{path.lstrip('/')}"

    def _posted(self, call: _Call) -> ServiceAnswer:
        raw = self._ask(call)
        if raw.status in REDIRECTS:
            raise ServiceError(call.service.name, Reason.BAD_ANSWER, f"HTTP {raw.status} for what was sent")
        return ServiceAnswer(raw.status, raw.headers, raw.body, call.url.partition("?")[0])

    def _query(self, service: str, params: Params) -> list[tuple[str, str]]:
        return [*params, *self._identity.parameters(service)]

    def _redirected(
        self, service: Service, url: str, raw: _Raw, query: list[tuple[str, str]]
    ) -> tuple[str, list[tuple[str, str]]]:
        """Where the same service sends us; our contact parameter is put back, for redirects drop it."""
        target = urljoin(url, raw.headers.get("location", ""))
        is_ours = _host(target) == _host(service.base_url)
        if target == url or not (is_ours or (leads_elsewhere(service) and target.startswith(("https://", "http://")))):
            raise ServiceError(service.name, Reason.BAD_ANSWER, f"HTTP {raw.status} to {target[:200]}")
        bare, _, theirs = target.partition("?")
        names = {pair.partition("=")[0] for pair in theirs.split("&")}
        kept = [(name, value) for name, value in query if name not in names] if theirs else query
        return (f"{bare}?{theirs}" if theirs else bare), kept

    def _ask(self, call: _Call) -> _Raw:
        """One request, made again at most twice where it did not get through at all."""
        for repeat in range(MAX_REPEATS + 1):
            try:
                return self._exchange(call)
            except KeyRefused as error:
                self._keys.refused(call.service, call.gate, error)
                call = replace(call, url=without_key(call.url, call.service.name))
            except NETWORK_ERRORS as error:
                if self._stopping.is_set():  # we broke it off ourselves: neither item nor service is to blame
                    name = call.service.name
                    raise ServiceError(name, Reason.RATE_LIMITED, "stopping", after=0.0, costs_attempt=False) from error
                if call.is_elsewhere:
                    raise ServiceError(call.service.name, Reason.BAD_ANSWER, _told(error)) from error
                if repeat == MAX_REPEATS or not is_worth_repeating(error):
                    reason = _service_reason(error)
                    costs = reason not in _OURS
                    after = SHORTAGE_S if reason is Reason.WRITE_ERROR else None
                    raise ServiceError(
                        call.service.name, reason, _told(error), after=after, costs_attempt=costs
                    ) from error
                call.gate.count_retry()
                self._stopping.wait(self._rng.uniform(0.05, 0.25) * (repeat + 1))
        raise AssertionError("the last repeat returns or raises")

    def _exchange(self, call: _Call) -> _Raw:
        self._keys.try_again(call.service, call.gate)
        permit = call.gate.acquire(call.lane, call.credits)
        timeout_s = call.gate.timeout_s(permit)
        started = time.monotonic()
        verdict, raw, refused, heard, is_overdue = Verdict.SAYS_NOTHING, None, None, None, False
        try:
            raw = self._read(call, timeout_s)
            heard = None if call.is_elsewhere else said(call.service, raw.headers, self._clock.time())
            if not call.is_elsewhere and self._keys.is_refused(call.service, raw.status, raw.body):
                raise KeyRefused(raw.status)
            judged = judge_elsewhere if call.is_elsewhere else judge
            refused = judged(call.service, raw.status, raw.headers, raw.body, self._clock.time())
            verdict = Verdict.ANSWERED if refused is None else refused.verdict
        except (*NETWORK_ERRORS, ServiceError) as error:
            is_ours = call.is_elsewhere or shortage_of(error) is not None
            verdict = Verdict.SAYS_NOTHING if is_ours else Verdict.FAILED
            is_overdue = isinstance(error, httpx.TimeoutException)
            raise
        finally:
            latency_s = time.monotonic() - started
            call.gate.release(
                permit,
                verdict,
                status=raw.status if raw else None,
                latency_s=latency_s,
                size_bytes=len(raw.body) if raw else 0,
                retry_after_s=refused.retry_after_s if refused else None,
                is_overdue=is_overdue,
                said=heard,
            )
            log.debug(
                "service_request",
                service=call.service.name,
                url=without_identity(call.url),
                status=raw.status if raw else None,
                seconds=round(latency_s, 4),
                waited_s=round(permit.waited_s, 4),
            )
        if not call.is_elsewhere:
            self._contact.heard(call.service, call.gate, refused, raw.body)
        if refused is not None:
            raise acted_upon(call.gate, refused, costs_credits=call.credits > 0)
        if not call.is_elsewhere:
            self._keys.taken(call.service, call.gate, heard)
        return raw

    def _read(self, call: _Call, timeout_s: float) -> _Raw:
        service = call.service
        headers = {**_ACCEPTED, **call.headers, **self._identity.headers(service.name)}
        timeout = httpx.Timeout(timeout_s, connect=min(_CONNECT_S, timeout_s))
        with within(timeout_s * _WHOLE_REQUEST), ExitStack() as opened:
            request = self._request(call, headers, timeout, opened)
            response = self._client.send(request, stream=True)
            try:
                body = whole(response, self._max_body_bytes)
            except FetchError as error:
                raise ServiceError(service.name, Reason.BAD_ANSWER, f"{error.reason.value}: {error.detail}") from error
            finally:
                response.close()
        return _Raw(response.status_code, _headers(response), body, call.url)

    def _request(
        self, call: _Call, headers: Mapping[str, str], timeout: httpx.Timeout, opened: ExitStack
    ) -> httpx.Request:
        marks = {**(FOR_FILES if call.is_elsewhere else {}), **purpose(call.service.name)}
        build = partial(self._client.build_request, url=call.url, timeout=timeout, extensions=marks)
        sent = call.sent
        if sent is None:
            return build("GET", headers=headers)
        if isinstance(sent, _Body):
            return build("POST", headers={**headers, "Content-Type": sent.content_type}, content=sent.content)
        parts = {sent.field: ("input.pdf", _opened(sent, opened), "application/pdf")}
        return build("POST", headers=headers, data=dict(sent.form), files=parts)


_OURS = frozenset({Reason.OFFLINE, Reason.WRITE_ERROR})
"""No fault of the service's: the network is not to be used, or the machine has no descriptor left."""


def _opened(upload: _Upload, opened: ExitStack) -> BinaryIO:
    try:
        return opened.enter_context(upload.file.open("rb"))
    except OSError as error:
        raise PdfError(Reason.UNREADABLE_FILE, error.strerror or str(error)) from error


def _service_reason(error: Exception) -> Reason:
    """A service that cannot be reached is down; an answer that cannot be decoded is a bad one."""
    reason = reason_of(error)
    if reason in _OURS:
        return reason
    return (
        Reason.BAD_ANSWER
        if reason in {Reason.BAD_ENCODING, Reason.INVALID_URL, Reason.BAD_REDIRECT}
        else Reason.SERVICE_DOWN
    )


def _told(error: Exception) -> str:
    return f"{reason_of(error).value}: {error}"[:300]


def _headers(response: httpx.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower()


def _with_query(url: str, query: Params) -> str:
    if not query:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(list(query), quote_via=quote)}"
