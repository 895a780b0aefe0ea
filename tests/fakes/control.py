"""The control surface on a real socket, in threads of the test's own process."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dl_lit.app.control_surface.surface import Surface
from dl_lit.core.clock import SystemClock
from dl_lit.core.control_address import Address, TcpAddress, UnixAddress
from dl_lit.settings import Settings, load
from dl_lit.web.application import Application
from dl_lit.web.listening import listening
from dl_lit.web.server import Server
from tests.fakes.databases import database_in

PDF = b"%PDF-1.7\n% a made-up paper\n"


def settings_in(folder: Path, **serve: Any) -> Settings:
    """The usual settings with everything in `folder`, where `Scenario` has its database."""
    env = {"HOME": str(folder), "DL_LIT_DB": str(database_in(folder)), "DL_LIT_LIBRARY": str(folder / "library")}
    loaded = load(env=env).settings
    return replace(loaded, serve=replace(loaded.serve, **serve), synchronous="NORMAL")


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=30)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(30)
        self.sock.connect(str(self._path))


@dataclass
class Running:
    """A served control surface."""

    address: Address
    where: str
    application: Application
    server: Server
    woken: list[int] = field(default_factory=list)

    def connection(self) -> http.client.HTTPConnection:
        if isinstance(self.address, UnixAddress):
            return _UnixConnection(self.address.path)
        host, _, port = self.where.removeprefix("http://").rpartition(":")
        return http.client.HTTPConnection(host.strip("[]"), int(port), timeout=30)

    def ask(self, method: str, path: str, body: bytes | str | None = None, **headers: str) -> Answer:
        """One request; underscores in names of headers are hyphens."""
        connection = self.connection()
        try:
            connection.request(method, path, body, {name.replace("_", "-"): text for name, text in headers.items()})
            response = connection.getresponse()
            names = {name.lower(): text for name, text in response.getheaders()}
            return Answer(response.status, names, response.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, **headers)

    def order(self, path: str, /, **document: Any) -> Answer:
        return self.ask("POST", path, json.dumps(document), content_type="application/json")

    def upload(self, content: bytes, query: str = "") -> Answer:
        return self.ask("POST", f"/process{query}", content, content_type="application/pdf")


@contextmanager
def running(settings: Settings, address: Address, *, folders: Sequence[Path] = ()) -> Iterator[Running]:
    """Serve at `address` until left."""
    woken: list[int] = []
    surface = Surface(settings, SystemClock(), address, folders=lambda: folders, wake=lambda: woken.append(1))
    with surface, listening(address) as (listener, where):
        made: list[Application] = []
        ready = threading.Event()

        def make() -> Application:
            made.append(surface.application())
            ready.set()
            return made[0]

        server = Server(make, listener)
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            assert ready.wait(10)
            yield Running(address, where, made[0], server, woken)
        finally:
            server.stop()
            thread.join(10)
            assert not thread.is_alive(), "it does not stop"


def on_socket(folder: Path) -> UnixAddress:
    """The usual socket, in a folder whose path is short enough."""
    return UnixAddress(folder / "c.sock")


FREE_PORT = TcpAddress("127.0.0.1", 0)
