"""Serves the control surface on one socket until it is told to stop: no signals of its own, and no ticking."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from socket import socket
from typing import Any

import structlog
import uvicorn

from dl_lit.core.shortage import shortage_of
from dl_lit.web.application import Application
from dl_lit.web.patience import QUIET_S, PatientProtocol

GRACE_S = 2
"""What requests under way get when the server stops."""

ACCEPTED_AT_ONCE = 8
"""Connections that are accepted before those that are there are looked at again: a hundred that come together would
make everybody else wait until each of them has been read."""

_WAITING_TO_BE_ACCEPTED = 512
_ASK_S = 0.5

LOOK_S = 5.0
"""How often it is looked whether clients can still find the socket."""

log = structlog.get_logger("dl_lit.control")


class Server:
    """One server; `run` in one thread, `stop` from any."""

    def __init__(
        self, make: Callable[[], Application], listener: socket, *, stands: Callable[[], bool] = lambda: True
    ) -> None:
        """`make` is called in the event loop; `listener` is bound, and closed at the end.

        `stands` is asked every `LOOK_S` whether clients can still find the listener; where they cannot `run` ends.
        """
        self._stands = stands
        self._make = make
        self._listener = listener
        self._loop: asyncio.AbstractEventLoop | None = None
        self._told = asyncio.Event()
        self._is_told = False

    def run(self, *, should_stop: Callable[[], bool] | None = None) -> None:
        """Serve until `stop`, until `should_stop` says so, which is asked twice a second, or until nobody finds it."""
        with self._listener:
            asyncio.run(self._serve(should_stop))

    def stop(self) -> None:
        """Let `run` end soon; harmless before and after."""
        self._is_told = True
        if self._loop is not None:
            try:
                self._loop.call_soon_threadsafe(self._told.set)
            except RuntimeError:  # it has ended meanwhile
                return

    async def _serve(self, should_stop: Callable[[], bool] | None) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(_Unforeseen().tell)
        if self._is_told:
            return
        application = self._make()
        config = uvicorn.Config(
            application.asgi,
            http=PatientProtocol,
            access_log=False,
            log_config=None,
            log_level="warning",
            lifespan="off",
            ws="none",
            server_header=False,
            date_header=False,
            backlog=ACCEPTED_AT_ONCE,
            timeout_graceful_shutdown=GRACE_S,
            timeout_keep_alive=int(QUIET_S),
            proxy_headers=False,
        )
        server = _Quiet(config, self._told, should_stop, self._stands)
        server.on_stop = application.events.close
        await server.serve(sockets=[self._listener])


class _Unforeseen:
    """Tells once that nobody is let in for want of a descriptor; asyncio does so each second, with a traceback."""

    def __init__(self) -> None:
        self._is_told = False

    def tell(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """As `asyncio.loop.set_exception_handler` has it."""
        lacking = shortage_of(context.get("exception"))
        if lacking is None:
            loop.default_exception_handler(context)
        elif not self._is_told:
            self._is_told = True
            log.warning("control_waits", error=lacking)


class _Quiet(uvicorn.Server):
    """Uvicorn's server without its signal handlers, and without waking up ten times a second."""

    on_stop: Callable[[], None]

    def __init__(
        self,
        config: uvicorn.Config,
        told: asyncio.Event,
        should_stop: Callable[[], bool] | None,
        stands: Callable[[], bool],
    ) -> None:
        super().__init__(config)
        self._stands = stands
        self._told = told
        self._should_stop = should_stop

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        await self.on_tick(0)
        look_s = LOOK_S if self._should_stop is None else _ASK_S
        while self._should_stop is None or not self._should_stop():
            with suppress(TimeoutError):
                async with asyncio.timeout(look_s):
                    await self._told.wait()
                    return
            if not self._stands():
                log.warning("control_socket_gone")
                return

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        for listener in sockets or ():  # the loop has told the system its own small number
            listener.listen(_WAITING_TO_BE_ACCEPTED)

    async def shutdown(self, sockets: Any = None) -> None:
        self.on_stop()
        await super().shutdown(sockets)
