"""Foreign exceptions of the network, mapped once to our reasons."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

import httpx

from dl_lit.core.errors import FetchError
from dl_lit.core.reasons import Reason
from dl_lit.core.shortage import SHORTAGE_S, shortage_of
from dl_lit.net.guard import NameNotResolved, Offline, UnsafeAddress

MAPPED: tuple[tuple[type[Exception], Reason], ...] = (
    (httpx.ConnectTimeout, Reason.TIMEOUT_CONNECT),
    (httpx.PoolTimeout, Reason.TIMEOUT_CONNECT),
    (httpx.ReadTimeout, Reason.TIMEOUT_READ),
    (httpx.WriteTimeout, Reason.TIMEOUT_READ),
    (httpx.TimeoutException, Reason.TIMEOUT_READ),
    (httpx.NetworkError, Reason.CONNECTION_RESET),  # ConnectError, ReadError, WriteError, CloseError
    (httpx.RemoteProtocolError, Reason.CONNECTION_RESET),
    (httpx.LocalProtocolError, Reason.INVALID_URL),
    (httpx.ProtocolError, Reason.CONNECTION_RESET),
    (httpx.ProxyError, Reason.CONNECTION_RESET),
    (httpx.UnsupportedProtocol, Reason.INVALID_URL),
    (httpx.TransportError, Reason.CONNECTION_RESET),
    (httpx.DecodingError, Reason.BAD_ENCODING),
    (httpx.TooManyRedirects, Reason.TOO_MANY_REDIRECTS),
    (httpx.RequestError, Reason.CONNECTION_RESET),
    (httpx.HTTPStatusError, Reason.HTTP_4XX),
    (httpx.HTTPError, Reason.CONNECTION_RESET),
    (httpx.InvalidURL, Reason.INVALID_URL),
    (httpx.CookieConflict, Reason.BLOCKED_COOKIE),
    (httpx.StreamError, Reason.INTERNAL_ERROR),  # we used a response twice
)

NETWORK_ERRORS = (httpx.HTTPError, httpx.InvalidURL, httpx.CookieConflict)
"""What a request can raise; `httpx.StreamError` is a bug of ours and is left to the pool."""


def reason_of(error: Exception) -> Reason:
    """The word for a network exception, by what lies beneath it where that says more."""
    if shortage_of(error) is not None:
        return Reason.WRITE_ERROR
    for cause in causes(error):
        if isinstance(cause, Offline):
            return Reason.OFFLINE
        if isinstance(cause, UnsafeAddress):
            return Reason.UNSAFE_URL
        if isinstance(cause, NameNotResolved):
            return Reason.DNS_ERROR
        if isinstance(cause, ssl.SSLError):
            return Reason.TLS_ERROR
        if isinstance(cause, httpx.InvalidURL) and isinstance(error, httpx.RemoteProtocolError):
            return Reason.BAD_REDIRECT  # httpx reads the address of a redirect even if it is not to follow it
    return next((reason for kind, reason in MAPPED if isinstance(error, kind)), Reason.INTERNAL_ERROR)


def failed(error: Exception) -> FetchError:
    """What a network exception means to who fetches; where the machine lacks something it costs nothing."""
    if (lacking := shortage_of(error)) is not None:
        return FetchError(Reason.WRITE_ERROR, lacking, after=SHORTAGE_S, costs_attempt=False)
    return FetchError(reason_of(error), str(error)[:200])


def is_worth_repeating(error: Exception) -> bool:
    """Whether a GET that ended so may be repeated at once: it never arrived, or an idle connection died."""
    return isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.RemoteProtocolError) and (
        reason_of(error)
        not in {Reason.UNSAFE_URL, Reason.TLS_ERROR, Reason.BAD_REDIRECT, Reason.OFFLINE, Reason.WRITE_ERROR}
    )


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """The exception and what lies beneath it, to a depth of eight."""
    for _ in range(8):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__
