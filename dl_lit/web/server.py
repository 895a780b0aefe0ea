"""Serves an application on one address until it is told to stop."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette

from dl_lit.core.errors import BadInput, DlLitError

GRACE_S = 2
"""What requests under way get when the server stops."""


def is_private(host: str) -> bool:
    """Whether only this machine can reach the address `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def names_of(host: str) -> frozenset[str]:
    """What a browser on this machine may call the address `host`."""
    return frozenset({host.lower(), "localhost", "127.0.0.1", "::1"})


def listen(host: str, port: int) -> socket.socket:
    """A socket on that address; port 0 takes a free one. Raises `BadInput` or `DlLitError`."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:
        raise BadInput(f"{host!r} is no address of this machine: {error}") from error
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise DlLitError(
            f"cannot listen on {host} port {port}: {error.strerror}; choose another with --port"
        ) from error
    return listener


def serve(app: Starlette, listener: socket.socket, *, on_ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM, which uvicorn raises again when it has stopped. `on_ready` hears the address."""
    host, port = listener.getsockname()[:2]
    config = uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        lifespan="off",
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=30,
        limit_concurrency=64,
    )
    with listener:
        on_ready(f"http://{f'[{host}]' if ':' in host else host}:{port}/")
        uvicorn.Server(config).run(sockets=[listener])
