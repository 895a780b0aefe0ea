"""A fetcher with servers on this machine, for tests of what it makes of all that hosts can do."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from dl_lit.core.clock import Clock, SystemClock
from dl_lit.core.errors import FetchError
from dl_lit.core.hosts import AddressRules
from dl_lit.core.memory import Departure, NetworkLedger
from dl_lit.core.ports import Fetched, Page
from dl_lit.net.connections import shared_client, user_agent
from dl_lit.net.download import HttpFetcher
from dl_lit.net.guard import Resolver, resolve
from dl_lit.net.hosts import HostPolicy, HostTurns
from tests.fakes.loopback_server import LoopbackServer, Reply

PDF = b"%PDF-1.5\n" + b"x" * 20_000 + b"\n%%EOF\n"
HTML = {"Content-Type": "text/html; charset=utf-8"}
AS_PDF = {"Content-Type": "application/pdf"}
LOOPBACK = ("127.0.0.0/8",)


class Ledger:
    """`core.memory.NetworkLedger` in memory."""

    def __init__(self) -> None:
        self.purposes: list[str] = []

    def note(self, departure: Departure) -> None:
        self.purposes += [departure.purpose] * departure.requests

    def flush(self) -> None: ...

    def close(self) -> None: ...


class Bench:
    """A fetcher that may reach this machine, and the folder it fetches into."""

    def __init__(
        self,
        folder: Path,
        *,
        allow: tuple[str, ...] = LOOPBACK,
        gap_s: float = 0.0,
        host_wait_s: float = 1.0,
        resolver: Resolver = resolve,
        ledger: NetworkLedger | None = None,
        turns_clock: Clock | None = None,
        **more: object,
    ) -> None:
        self.folder = folder
        self.servers: list[LoopbackServer] = []
        rules = AddressRules(allow)
        self.client = shared_client(
            user_agent=user_agent("1.0"),
            trusted=AddressRules(LOOPBACK),
            public=rules,
            resolver=resolver,
            ledger=ledger,
        )
        self.turns = HostTurns(
            clock=turns_clock or SystemClock(),
            rng=random.Random(1),
            policy=HostPolicy(gap_s),
            host_wait_s=host_wait_s,
        )
        self.fetcher = HttpFetcher(self.client, self.turns, rules, clock=SystemClock(), **more)

    def serve(self, routes: dict[str, Reply | Callable] | Reply, host: str = "127.0.0.1") -> LoopbackServer:
        self.servers.append(LoopbackServer({"*": routes} if isinstance(routes, Reply) else routes, host=host))
        return self.servers[-1]

    def fetch(self, url: str, **more: object) -> Fetched | Page:
        return self.fetcher.fetch_pdf(url, self.folder / "file.part", **more)

    def failure(self, url: str, **more: object) -> FetchError:
        with pytest.raises(FetchError) as raised:
            self.fetch(url, **more)
        return raised.value

    def close(self) -> None:
        self.fetcher.stop()
        self.client.close()
        for server in self.servers:
            server.close()
