"""Between the client and its connections: every exchange is kept, or given again instead of being made.

It stands where the ledger stands, so nothing is missed: services, hosts' rules, redirects, pages, files and errors.
Kept is what decides what comes of an answer, and nothing that says who asked: no key, no contact address, and no cookie
of an answer to who has a right of access.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from html import escape
from urllib.parse import quote, quote_plus

import httpx

from dl_lit.core.exchanges import Exchange, ExchangeKeeper, ExchangeSource
from dl_lit.net.failures import causes
from dl_lit.net.guard import NameNotResolved, Offline, UnsafeAddress
from dl_lit.net.identity import without_identity

MAX_BODY_BYTES = 256_000_000
"""Of one answer; what is longer is kept up to there."""

Through = Callable[[httpx.BaseTransport], httpx.BaseTransport]
"""What is put between the client and its connections."""

_DECIDING = ("accept", "range", "if-range")  # of a request's head
_LEFT_OUT = frozenset({"date", "alt-svc", "connection", "keep-alive", "transfer-encoding", "report-to", "nel"})
_RIGHTS = ("authorization", "cookie", "x-api-key")
_BENEATH: dict[str, type[Exception]] = {one.__name__: one for one in (NameNotResolved, UnsafeAddress, Offline)}


def request_key(request: httpx.Request) -> str:
    """What tells requests apart, whoever makes them."""
    words = [request.method, without_identity(str(request.url))]
    words += [f"{name}={request.headers[name]}" for name in _DECIDING if name in request.headers]
    if request.method != "GET":
        request.read()
        words.append(blake2b(request.content, digest_size=16).hexdigest())
    return " ".join(words)


def as_repeated(secrets: Sequence[str]) -> list[bytes]:
    """The secrets as an answer may repeat them: as they are, and as addresses and pages write them; longest first."""
    written = {form(one) for one in secrets if one for form in (str, quote_plus, _quoted, escape)}
    return [one.encode() for one in sorted(written, key=lambda one: (-len(one), one))]


def hidden(body: bytes, secrets: Sequence[bytes]) -> bytes:
    """The body with stars in the place of the secrets, as long as it was."""
    for secret in secrets:
        body = body.replace(secret, b"*" * len(secret))
    return body


def _quoted(secret: str) -> str:
    return quote(secret, safe="")


class RecordingTransport(httpx.BaseTransport):
    """Makes requests, and keeps what came of them. `secrets` are hidden wherever an answer repeats them."""

    def __init__(self, inner: httpx.BaseTransport, keeper: ExchangeKeeper, secrets: Sequence[str] = ()) -> None:
        self._inner = inner
        self._keeper = keeper
        self._secrets = as_repeated(secrets)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it on; the answer is kept when it has been read, or let go of."""
        key = hidden(request_key(request).encode(), self._secrets).decode()
        try:
            response = self._inner.handle_request(request)
        except httpx.PoolTimeout:
            raise  # it never left
        except httpx.TransportError as error:
            self._keeper.note(_broken(key, error))
            raise
        if isinstance(response.stream, httpx.SyncByteStream):
            has_rights = any(name in request.headers for name in _RIGHTS)
            has_rights |= not {value for _, value in request.headers.raw}.isdisjoint(self._secrets)
            response.stream = _Kept(response, self._keeper, key, self._secrets, has_rights=has_rights)
        return response

    def close(self) -> None:
        """Close what is beneath."""
        self._inner.close()


class _Kept(httpx.SyncByteStream):
    """An answer's body on its way, kept at its end."""

    def __init__(
        self,
        response: httpx.Response,
        keeper: ExchangeKeeper,
        key: str,
        secrets: Sequence[bytes],
        *,
        has_rights: bool,
    ) -> None:
        assert isinstance(response.stream, httpx.SyncByteStream)  # noqa: S101 - for the types: the caller has looked
        self._inner = response.stream
        self._keeper = keeper
        self._key = key
        self._secrets = secrets
        self._status = response.status_code
        left_out = {*_LEFT_OUT, *(["set-cookie"] if has_rights else [])}
        self._headers = [(name.lower(), value) for name, value in response.headers.multi_items()]
        self._headers = [(name, value) for name, value in self._headers if name not in left_out]
        self._pieces: list[bytes] = []
        self._size = 0
        self._is_noted = False

    def __iter__(self) -> Iterator[bytes]:
        try:
            for piece in self._inner:
                if self._size < MAX_BODY_BYTES:
                    self._pieces.append(piece)
                    self._size += len(piece)
                yield piece
        except httpx.TransportError as error:
            self._note(error)
            raise

    def close(self) -> None:
        self._note(None)
        self._inner.close()

    def _note(self, error: httpx.TransportError | None) -> None:
        if self._is_noted:
            return
        self._is_noted = True
        packed, self._pieces = b"".join(self._pieces), []
        headers = dict(self._headers)
        body = _unpacked(packed, headers.get("content-encoding", ""))
        without = {"content-encoding"}
        if headers.get("content-length", "").isdigit() and len(packed) == int(headers["content-length"]):
            without.add("content-length")  # of what was read whole: it is that of the body again
        kept = [(name, self._hide(value)) for name, value in self._headers if name not in without]
        if "content-length" in without:
            kept.append(("content-length", str(len(body))))
        body = hidden(body, self._secrets)
        self._keeper.note(
            Exchange(
                request=self._key,
                status=self._status,
                headers=tuple(kept),
                body=body,
                error=None if error is None else type(error).__name__,
                detail="" if error is None else str(error)[:200],
            )
        )

    def _hide(self, value: str) -> str:
        for secret in self._secrets:
            value = value.replace(secret.decode(), "*" * len(secret))
        return without_identity(value)


class ReplayTransport(httpx.BaseTransport):
    """Answers from what was kept; what was not asked then is not asked now, and is told."""

    def __init__(self, source: ExchangeSource, on_missing: Callable[[str], None]) -> None:
        """`on_missing` is told each request that is not there."""
        self._source = source
        self._on_missing = on_missing
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The kept answer, or the kept failure; raises `httpx.ConnectError` over `Offline` for what is not there."""
        key = request_key(request)
        kept = self._source.answer(key)
        if kept is None:
            with self._lock:
                self._on_missing(key)
            raise httpx.ConnectError("not in the bundle", request=request) from Offline("not in the bundle")
        if kept.status is None:
            raise _error(kept, request)
        return httpx.Response(kept.status, headers=list(kept.headers), stream=_Given(kept, request), request=request)


class _Given(httpx.SyncByteStream):
    """A kept body, with what broke it off."""

    def __init__(self, kept: Exchange, request: httpx.Request) -> None:
        self._kept = kept
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        body = self._kept.body
        for start in range(0, len(body), 65_536):
            yield body[start : start + 65_536]
        if self._kept.error is not None:
            raise _error(self._kept, self._request)


def _broken(key: str, error: httpx.TransportError) -> Exchange:
    names = [type(one).__name__ for one in causes(error)]
    beneath = next((name for name in names if name in _BENEATH), None)
    return Exchange(
        request=key, status=None, error=type(error).__name__, beneath=beneath, detail=without_identity(str(error)[:200])
    )


def _error(kept: Exchange, request: httpx.Request) -> httpx.TransportError:
    kind = getattr(httpx, kept.error or "", httpx.ConnectError)
    if not (isinstance(kind, type) and issubclass(kind, httpx.TransportError)):
        kind = httpx.ConnectError
    error = kind(kept.detail, request=request)
    if kept.beneath in _BENEATH:
        error.__cause__ = _BENEATH[kept.beneath](kept.detail)
    return error


def _unpacked(body: bytes, encoding: str) -> bytes:
    """The body as it is without its packing; what cannot be unpacked stays as it came."""
    if encoding.strip().lower() not in {"gzip", "x-gzip", "deflate"}:
        return body
    for window in (47, -15):
        try:
            return zlib.decompressobj(window).decompress(body, MAX_BODY_BYTES)
        except zlib.error:
            continue
    return body
