"""Requests to one Zotero: the program that runs on this machine, or zotero.org. One after the other, never two at once.

What it is asked to wait (`Backoff`, `Retry-After`) is waited before the next request. A refusal that may pass is tried
again a few times; what else it answers is the caller's to read. Headers and statuses as in
https://www.zotero.org/support/dev/web_api/v3/basics and .../local_api (read 2026-11-23).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlencode, urlsplit

import httpx

from dl_lit.core.backoff import retry_after_s
from dl_lit.core.clock import Clock
from dl_lit.core.errors import FetchError, ServiceError
from dl_lit.core.hosts import AddressRules, host_and_port
from dl_lit.core.memory import NetworkLedger
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass
from dl_lit.net.bodies import whole
from dl_lit.net.connections import FOR_FILES, shared_client
from dl_lit.net.departures import purpose
from dl_lit.net.failures import NETWORK_ERRORS, is_worth_repeating, reason_of
from dl_lit.net.guard import within
from dl_lit.net.offline import on_this_machine

PURPOSE = "zotero"
"""How the ledger tells these requests from others."""

MOST_WAIT_S = 120.0
"""Whoever asks for a longer pause is not waited for: the push ends, and goes on when it is begun again."""

_MOST_BODY_BYTES = 64_000_000
_AGAIN_S = (1.0, 4.0, 15.0)  # before the second, third and fourth try of what may pass
_PASSING = frozenset({409, 429, 500, 502, 503, 504})  # 409: the library is locked for the moment
_PIECE_BYTES = 1 << 16
_FILE_TIMES = 10.0  # what a file may take, as many times as long as another request


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoteroAnswer:
    """One answer, read whole. Header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def says(self) -> str:
        """Its text for a message, cut."""
        return " ".join(self.body[:300].decode("utf-8", "replace").split())


class Unheard(ServiceError):
    """No answer came, or none that says whether it was done: what was sent may have arrived, or not."""


class ZoteroLine:
    """A line to one Zotero. For one thread; to be closed."""

    def __init__(
        self,
        url: str,
        *,
        user_agent: str,
        clock: Clock,
        wait: Callable[[float], object],
        timeout_s: float,
        is_local: bool,
        ledger: NetworkLedger | None = None,
        offline: bool = False,
    ) -> None:
        """Nothing is asked yet. `wait` sleeps; where `is_local`, this machine and that port alone are reached."""
        self._url = url.rstrip("/")
        self._clock, self._wait, self._timeout_s = clock, wait, timeout_s
        self._is_local = is_local
        self._rest_until = 0.0  # by the clock's monotonic time
        self._client = shared_client(
            user_agent=user_agent,
            trusted=AddressRules([host_and_port(url)]),
            public=AddressRules(),
            connections=2,
            kept_alive=2,
            timeout_s=timeout_s,
            connect_timeout_s=min(timeout_s, 10.0),
            ledger=ledger,
            only=on_this_machine([url]) if offline or is_local else None,
            encrypts=not is_local,
        )

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Sequence[tuple[str, str]] = (),
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
        is_first: bool = False,
    ) -> ZoteroAnswer:
        """The answer to one request, whatever its status, below 500 and not 409 or 429.

        Where it `is_first`, nobody need be there: silence is not waited out.
        Raises `ServiceError` where it refuses for the moment and `Unheard` where it cannot be told what it did.
        """
        url = f"{self._url}{path}" + (f"?{urlencode(params)}" if params else "")
        sent = self._headers(headers)
        limit_s = timeout_s or self._timeout_s
        for again_s in (*_AGAIN_S, None):
            self._rest()
            try:
                answer = self._once(method, url, sent, body, limit_s)
            except NETWORK_ERRORS as error:
                if again_s is None or is_first or not (method == "GET" and is_worth_repeating(error)):
                    raise Unheard("zotero", reason_of(error), "no answer", costs_attempt=False) from error
                self._wait(again_s)
                continue
            if answer.status not in _PASSING:
                return answer
            self._put_off(answer, again_s)
        raise AssertionError("the last try returns or raises")

    def send_file(
        self,
        url: str,
        file: Path,
        *,
        content_type: str,
        prefix: bytes = b"",
        suffix: bytes = b"",
        also: Mapping[str, str] | None = None,
    ) -> ZoteroAnswer:
        """POST a file to where Zotero wants it, without any key. Raises as `ask`, and `OSError` of the file.

        On this machine only the path of `url` counts; elsewhere it has to be one of the internet, by https. `also` are
        further headers.
        """
        target = self._target(url)
        is_theirs = target.startswith(f"{self._url}/")
        extensions: dict[str, object] = {**purpose(PURPOSE), **({} if is_theirs else FOR_FILES)}
        limit_s = self._timeout_s * _FILE_TIMES
        with file.open("rb") as opened:
            size = file.stat().st_size
            length = len(prefix) + size + len(suffix)
            headers = {"Content-Type": content_type, "Content-Length": str(length), **(also or {})}

            def pieces() -> Iterator[bytes]:
                yield prefix
                while piece := opened.read(_PIECE_BYTES):
                    yield piece
                yield suffix

            self._rest()
            try:
                with (
                    within(limit_s),
                    self._client.stream(
                        "POST", target, content=pieces(), headers=headers, timeout=limit_s, extensions=extensions
                    ) as response,
                ):
                    return self._read(response)
            except NETWORK_ERRORS as error:
                raise Unheard("zotero", reason_of(error), "the file was not taken", costs_attempt=False) from error

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _once(self, method: str, url: str, headers: Mapping[str, str], body: bytes, limit_s: float) -> ZoteroAnswer:
        with (
            within(limit_s),
            self._client.stream(
                method, url, content=body or None, headers=dict(headers), timeout=limit_s, extensions=purpose(PURPOSE)
            ) as response,
        ):
            return self._read(response)

    def _read(self, response: httpx.Response) -> ZoteroAnswer:
        try:
            body = whole(response, _MOST_BODY_BYTES)
        except FetchError as error:
            raise ServiceError("zotero", Reason.BAD_ANSWER, error.detail) from error
        answer = ZoteroAnswer(
            status=response.status_code,
            headers={name.lower(): value for name, value in response.headers.items()},
            body=body,
        )
        if (rest_s := retry_after_s(answer.headers.get("backoff"), self._clock.time())) is not None:
            self._rest_until = self._clock.monotonic() + min(rest_s, MOST_WAIT_S)
        return answer

    def _rest(self) -> None:
        """Wait as long as it asked for."""
        if (rest_s := self._rest_until - self._clock.monotonic()) > 0:
            self._rest_until = 0.0
            self._wait(rest_s)

    def _put_off(self, answer: ZoteroAnswer, again_s: float | None) -> None:
        """Wait before the next try; raise where there is none, or the wait would be too long."""
        asked_s = retry_after_s(answer.headers.get("retry-after"), self._clock.time())
        if again_s is None or (asked_s or 0.0) > MOST_WAIT_S:
            reason = Reason.SERVICE_DOWN if answer.status >= 500 else Reason.RATE_LIMITED
            kind = Unheard if answer.status >= 500 else ServiceError
            raise kind("zotero", reason, f"HTTP {answer.status} {answer.says}", after=asked_s, costs_attempt=False)
        self._wait(again_s if asked_s is None else asked_s)

    def _headers(self, headers: Mapping[str, str] | None) -> dict[str, str]:
        own = {"Zotero-API-Version": "3", "Accept-Encoding": "gzip, deflate"}
        if self._is_local:  # what looks like a browser is turned away without it
            own["Zotero-Allowed-Request"] = "1"
        return {**own, **(headers or {})}

    def _target(self, url: str) -> str:
        parts = urlsplit(url)
        if self._is_local:
            return f"{self._url}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        if parts.scheme != "https" and not url.startswith(f"{self._url}/"):
            raise ServiceError("zotero", Reason.BAD_ANSWER, "it wants the file sent unencrypted")
        return url
