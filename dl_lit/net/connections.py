"""The shared HTTP client: pooled connections through the guard, no proxies, no cookies kept, no HTTP/2."""

from __future__ import annotations

import itertools
import ssl
from collections.abc import Collection, Sequence
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpcore
import httpx

from dl_lit.core.hosts import AddressRules
from dl_lit.core.memory import NetworkLedger
from dl_lit.net.departures import LedgerTransport
from dl_lit.net.guard import GuardedBackend, Resolver, resolve
from dl_lit.net.recording import Through

_KEEP_ALIVE_S = 15.0
_FILES = "dl_lit.files"


class _InTurn(httpcore.ConnectionPool):
    """Several pools that are asked in turn: httpcore looks at all connections of a pool, once for each that is idle.

    With fifty of them that takes more than the rest of a request: https://github.com/encode/httpx/issues/3215 (read
    2026-11-23).
    """

    def __init__(self, pools: Sequence[httpcore.ConnectionPool]) -> None:
        super().__init__(max_connections=0)
        self._pools = pools
        self._turns = itertools.count()

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        return self._pools[next(self._turns) % len(self._pools)].handle_request(request)

    def close(self) -> None:
        for pool in self._pools:
            pool.close()


class GuardedTransport(httpx.HTTPTransport):
    """httpx's transport with our network backend beneath its pool."""

    def __init__(
        self,
        rules: AddressRules,
        *,
        tls: ssl.SSLContext,
        connections: int,
        kept_alive: int,
        resolver: Resolver = resolve,
        only: Collection[tuple[str, int]] | None = None,
        pools: int = 1,
    ) -> None:
        """Use up to `connections` at once and keep up to `kept_alive` of them open between requests.

        Several `pools` may each use as many: for callers that never have more requests than that under way.
        """
        super().__init__(verify=tls, trust_env=False)
        made = [
            httpcore.ConnectionPool(
                ssl_context=tls,
                max_connections=connections,
                max_keepalive_connections=kept_alive,
                keepalive_expiry=_KEEP_ALIVE_S,
                network_backend=GuardedBackend(rules, resolver=resolver, only=only),
            )
            for _ in range(pools)
        ]
        self._pool = made[0] if pools == 1 else _InTurn(made)


class _TwoPools(httpx.BaseTransport):
    """API calls and files use connections of their own.

    The services' addresses are trusted for calls only; a pool for both would lend a connection made for a call to a
    file address of strangers.
    """

    def __init__(self, calls: GuardedTransport, files: GuardedTransport) -> None:
        self._calls = calls
        self._files = files

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        pool = self._files if request.extensions.get(_FILES) else self._calls
        return pool.handle_request(request)

    def close(self) -> None:
        self._calls.close()
        self._files.close()


FOR_FILES = {_FILES: True}
"""Request extension: this request goes to an address that strangers named."""


def shared_client(
    *,
    user_agent: str,
    trusted: AddressRules,
    public: AddressRules,
    connections: int = 20,
    kept_alive: int = 20,
    timeout_s: float = 45.0,
    connect_timeout_s: float = 15.0,
    resolver: Resolver = resolve,
    ledger: NetworkLedger | None = None,
    only: Collection[tuple[str, int]] | None = None,
    pools: int = 1,
    encrypts: bool = True,
    through: Through | None = None,
) -> httpx.Client:
    """The one client of the process; `trusted` guards API calls, `public` everything marked `FOR_FILES`.

    `ledger` is told of every request that leaves. With `only` the work is done offline: API calls reach these hosts
    (name and port) on this machine, and nothing else is reached at all. `pools` is for calls: see `GuardedTransport`.
    `through` is put before all connections.
    Without `encrypts` no certificates are read, which takes longer than all the rest; https then reaches nothing.
    """
    tls = _trusting() if encrypts else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    calls, files = (
        GuardedTransport(
            rules,
            tls=tls,
            connections=connections,
            kept_alive=kept_alive,
            resolver=resolver,
            only=reachable,
            pools=many,
        )
        for rules, reachable, many in ((trusted, only, pools), (public, None if only is None else (), 1))
    )
    transport: httpx.BaseTransport = _TwoPools(calls, files)
    if through is not None:
        transport = through(transport)
    return httpx.Client(
        transport=transport if ledger is None else LedgerTransport(transport, ledger),
        headers={"User-Agent": user_agent},
        timeout=httpx.Timeout(timeout_s, connect=connect_timeout_s),
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        trust_env=False,
        follow_redirects=False,
    )


@cache
def _trusting() -> ssl.SSLContext:
    """Who is trusted, read once in a process: to read all certificates takes longer than the rest of a client."""
    return httpx.create_ssl_context(trust_env=False)


def user_agent(version: str, *, project_page: str | None = None, contact_email: str | None = None) -> str:
    """How we present ourselves: "dl_lit/0.1.0 (+https://page; mailto:me@university.edu)"."""
    about = [f"+{project_page}"] if project_page else []
    about += [f"mailto:{contact_email}"] if contact_email else []
    return f"dl_lit/{version}" + (f" ({'; '.join(about)})" if about else "")
