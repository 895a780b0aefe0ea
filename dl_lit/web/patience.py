"""HTTP connections that are closed when nothing asks for anything on them for too long."""

from __future__ import annotations

import asyncio
import resource

from uvicorn.protocols.http.h11_impl import H11Protocol

QUIET_S = 20.0
"""What a client has for a request's head, from connecting or from the answer before."""


MOST = 1024
"""Connections at once. What is asked on them is bounded where it is handled."""


def most_connections() -> int:
    """`MOST`, or half of the files that the process may have open: the work needs some, too."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if soft == resource.RLIM_INFINITY else min(MOST, soft // 2)


class PatientProtocol(H11Protocol):
    """Uvicorn's, which itself waits for the first byte, and between single bytes of a head, for ever."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request; hang up on one connection too many."""
        super().connection_made(transport)
        if len(self.connections) > most_connections():
            transport.abort()
            return
        self._wait()

    def handle_events(self) -> None:
        """What has come in; once it is a request, its handler has the say."""
        super().handle_events()
        if self.cycle is not None and not self.cycle.response_complete:
            self._rest()

    def on_response_complete(self) -> None:
        """Wait for the next request, whatever of this one's body still comes in."""
        super().on_response_complete()
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._rest()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._rest()
        self._deadline = self.loop.call_later(QUIET_S, self._late)

    def _rest(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _late(self) -> None:
        if not self.transport.is_closing():
            self.transport.abort()
