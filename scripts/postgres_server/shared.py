"""One server for all processes of a run of the tests: whoever asks first starts it, the last one's end ends it."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from postgres_server.server import Server

_PLACE = "postgres-server"


def shared_server(run: Path) -> Server:
    """The server of the run whose processes share the folder `run`. Raises `Missing` and `StartError`."""
    with _alone(run):
        place = run / _PLACE
        found = Server.attached(Path(place.read_text(encoding="utf-8"))) if place.exists() else None
        if found is not None and found.running:
            return found
        server = Server()
        server.start()
        server.share()
        place.write_text(str(server.folder), encoding="utf-8")
        return server


def shared_template(run: Path, server: Server, name: str, make: Callable[[str], None]) -> str:
    """The database `name` to copy from, filled once a run by `make(address)`, which leaves no connection open."""
    with _alone(run):
        if not server.has_database(name):
            half = f"{name}_half"
            server.drop_database(half)
            server.new_database(half)
            make(server.url(half))  # a pooler would keep its connections
            server.rename_database(half, name)
    return name


@contextmanager
def _alone(run: Path) -> Iterator[None]:
    with (run / f"{_PLACE}.lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
