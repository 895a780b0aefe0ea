"""The address guard: enforced where connections are made, so every redirect and every new connection passes it.

A name is resolved once, every address is checked, and the connection goes to an address that was checked; TLS still
verifies the name. A deadline for the whole request is kept here too, because a server can send one byte before each
time-out for ever.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from ipaddress import ip_address
from typing import Any

import httpcore

from dl_lit.core.hosts import AddressRules
from dl_lit.net.interrupting import interrupt_of_this_thread

Resolver = Callable[[str, int], list[str]]

_SocketOptions = Iterable[tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]]

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)  # time.monotonic() of this thread's request


class UnsafeAddress(httpcore.ConnectError):
    """The host resolves to an address, or names a port, that must not be connected to."""


class Offline(httpcore.ConnectError):
    """Nothing may leave the machine: no name is looked up and no connection made."""


class NameNotResolved(httpcore.ConnectError):
    """The name system does not know the host."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Give all network operations of this thread, together, at most `seconds`.

    Real time, not the injected clock: what hangs, hangs in real time.
    """
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def resolve(host: str, port: int) -> list[str]:
    """All addresses of `host`, in the order to try them."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NameNotResolved(f"{host}: {error}") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedBackend(httpcore.NetworkBackend):
    """Connects only to addresses that the rules allow."""

    def __init__(
        self, rules: AddressRules, *, resolver: Resolver = resolve, only: Collection[tuple[str, int]] | None = None
    ) -> None:
        """Guard by `rules`; `resolver` names the addresses of a host.

        With `only` (hosts in lower case with their ports) no other host is even looked up, and these only answer from
        this machine itself: the work is done offline.
        """
        self._rules = rules
        self._resolver = resolver
        self._only = None if only is None else frozenset(only)
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: _SocketOptions | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of `host` that answers, if all of them are allowed."""
        if self._only is not None and (host.lower(), port) not in self._only:
            raise Offline(f"{host}: offline")
        addresses = self._resolver(host, port)
        for address in addresses:
            if self._only is not None and not ip_address(address).is_loopback:
                raise Offline(f"{host} is {address}: offline")
            if not self._rules.allows(host, ip_address(address), port):
                raise UnsafeAddress(f"{host} is {address} port {port}")
        failure: httpcore.ConnectError | httpcore.ConnectTimeout = NameNotResolved(f"{host}: no address")
        for address in addresses:
            try:
                limit = _limit(timeout, httpcore.ConnectTimeout)
                return _TimedStream(self._inner.connect_tcp(address, port, limit, local_address, socket_options or ()))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


class _TimedStream(httpcore.NetworkStream):
    """A connection whose operations also end at the request's deadline."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        limit = _limit(timeout, httpcore.ReadTimeout)
        if (interrupt := interrupt_of_this_thread()) is None:
            return self._inner.read(max_bytes, limit)
        with interrupt.during(self._inner, httpcore.ReadError):
            return self._inner.read(max_bytes, limit)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        limit = _limit(timeout, httpcore.WriteTimeout)
        if (interrupt := interrupt_of_this_thread()) is None:
            self._inner.write(buffer, limit)
            return
        with interrupt.during(self._inner, httpcore.WriteError):
            self._inner.write(buffer, limit)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        limit = _limit(timeout, httpcore.ConnectTimeout)
        return _TimedStream(self._inner.start_tls(ssl_context, server_hostname, limit))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _limit(timeout: float | None, error: type[httpcore.TimeoutException]) -> float | None:
    deadline = _deadline.get()
    if deadline is None:
        return timeout
    rest = deadline - time.monotonic()
    if rest <= 0:
        raise error("the time for the whole request is over")
    return rest if timeout is None else min(timeout, rest)
