"""HTTP connections that are closed when nothing asks for anything on them for too long, or others need their places."""

from __future__ import annotations

import asyncio
import logging
import resource
import sys
from http import HTTPStatus
from typing import Any

import h11
import msgspec
from uvicorn.protocols.http.h11_impl import H11Protocol

from dl_lit.web.framing import PlainConnection
from dl_lit.web.refusals import GUARDS

QUIET_S = 20.0
"""What a client has for a request's head, from connecting or from the answer before."""

UNREAD_S = 60.0
"""What a client has for reading what waits for it to be sent on."""

MOST = 1024
"""Connections at once. What is asked on them is bounded where it is handled."""

UNASKED_BYTES = 64 << 20
"""Of a body that still come in when its request has been answered: so many are thrown away, then it is hung up."""

_BROKEN = "this is no HTTP/1.1 request that can be read"
_TOO_LONG = "the head of the request is too long"


def most_connections() -> int:
    """`MOST`, or half of the files that the process may have open: the work needs some, too."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if soft == resource.RLIM_INFINITY else min(MOST, soft // 2)


class PatientProtocol(H11Protocol):
    """Uvicorn's, which itself waits for the first byte, and between single bytes of a head, for ever."""

    _deadline: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _unasked_bytes = 0

    def __init__(self, *given: Any, **named: Any) -> None:
        """As Uvicorn's; what others send that is no request does not fill the log."""
        super().__init__(*given, **named)
        self.conn = PlainConnection()
        self.logger = logging.getLogger("dl_lit.control.protocol")
        self.logger.setLevel(logging.ERROR)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request; where there are too many, the one goes on which nothing was asked for longest.

        Where all are being answered it is this one.
        """
        super().connection_made(transport)
        self._wait()
        if len(self.connections) > most_connections():
            idle = [one for one in self.connections if isinstance(one, PatientProtocol) and one.quiet_since is not None]
            min(idle, key=lambda one: one.quiet_since or 0.0).hang_up()

    @property
    def quiet_since(self) -> float | None:
        """The loop's time from which on a request has been waited for; None where one is being answered."""
        return None if self._deadline is None else self._deadline.when() - QUIET_S

    def hang_up(self) -> None:
        """Close it at once."""
        self._rest()
        if not self.transport.is_closing():
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take it in, where somebody wants it or there is not too much of it."""
        if self.conn.our_state is h11.DONE and self.conn.their_state is h11.SEND_BODY:
            self._unasked_bytes += len(data)
            if self._unasked_bytes > UNASKED_BYTES:
                self.hang_up()
                return
        super().data_received(data)

    def handle_events(self) -> None:
        """What has come in; once it is a request, its handler has the say."""
        super().handle_events()
        if self.cycle is not None and not self.cycle.response_complete:
            self._rest()

    def on_response_complete(self) -> None:
        """Wait for the next request, whatever of this one's body still comes in; it may be there already."""
        self._wait()
        self._unasked_bytes = 0
        super().on_response_complete()

    def pause_writing(self) -> None:
        """Wait for the client to read: whoever asks and reads nothing would hold its place for ever."""
        super().pause_writing()
        self._unread = self.loop.call_later(UNREAD_S, self.hang_up)

    def resume_writing(self) -> None:
        """It has read."""
        self._has_read()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._rest()
        self._has_read()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the error says more
        """Say in the one form of errors what came that is no request, where no answer has begun; hang up."""
        error = sys.exception()
        status = getattr(error, "error_status_hint", 400)
        if self.conn.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
            if self.cycle is not None:
                self.cycle.disconnected = True  # whoever reads the body is told; whatever it answers is not sent
            text, slug = (
                (_TOO_LONG, "head-too-long")
                if status == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
                else (_BROKEN, "bad-http")
            )
            body = msgspec.json.encode({"error": text if error is None else f"{text}: {error}", "reason": slug})
            headers = {
                "content-type": "application/json",
                "content-length": str(len(body)),
                "connection": "close",
            } | GUARDS
            for event in (
                h11.Response(status_code=status, headers=[*headers.items()], reason=HTTPStatus(status).phrase),
                h11.Data(data=body),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _should_upgrade(self) -> bool:
        return False  # there is nothing to upgrade to, and whoever asks for it is answered all the same

    def _has_read(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _wait(self) -> None:
        self._rest()
        self._deadline = self.loop.call_later(QUIET_S, self.hang_up)

    def _rest(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
