"""The server's side of HTTP/1.1: one object per connection, written for little work per request."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Mapping
from typing import cast

from dl_lit.replica.wire import (
    MAX_BODY_BYTES,
    MAX_HEAD_BYTES,
    BadRequest,
    Manner,
    Request,
    Response,
    Site,
    head_bytes,
    parse_head,
)

_DRIP_PIECES = 32  # a dripped body comes in so many pieces
_TLS_HANDSHAKE = b"\x16"  # the first byte of who wants to speak TLS
_UNREAD_BYTES = 1_048_576  # of an endless body that wait for the client
_READ_S = 0.01  # before a reset, which throws away what the client has not read
_NO_MORE = frozenset({Manner.THEN_RESET, Manner.THEN_HANG})
_WITHOUT_END = frozenset({Manner.ENDLESS, Manner.ENDLESS_HEAD})


class Exchange:
    """One request on one connection, until it is answered or the client has gone."""

    __slots__ = ("connection", "done", "request", "timer")

    def __init__(self, connection: Connection, request: Request) -> None:
        """`done` is set by the application and called once with status and body bytes sent."""
        self.connection = connection
        self.request = request
        self.timer: asyncio.TimerHandle | None = None
        self.done: Callable[[int, int], None] | None = None

    def finish(self, status: int, sent: int) -> None:
        """Report the end, once."""
        done, self.done = self.done, None
        if done is not None:
            done(status, sent)

    def send(self, response: Response) -> None:
        """Put the response on the wire in its manner."""
        self.connection.send(self, response)


class Connection(asyncio.Protocol):
    """A client's connection to one site: reads requests one after the other, hands them on, writes the answers."""

    def __init__(
        self, site: Site, number: int, handle: Callable[[Exchange], None], gone: Callable[[Connection], None]
    ) -> None:
        """`handle` gets every request; `gone` is called when the connection has ended."""
        self.site = site
        self.number = number
        self._handle = handle
        self._gone = gone
        self._buffer = bytearray()
        self._exchange: Exchange | None = None
        self.client = ""  # its address
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the transport."""
        self._transport = cast("asyncio.Transport", transport)
        name = transport.get_extra_info("peername")
        self.client = str(name[0]) if name else ""

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone: an answer still due is dropped."""
        del exc
        self._transport = None
        exchange, self._exchange = self._exchange, None
        if exchange is not None:
            if exchange.timer is not None:
                exchange.timer.cancel()
            exchange.finish(0, 0)
        self._gone(self)

    def data_received(self, data: bytes) -> None:
        """Collect bytes until a request is whole."""
        if self._transport is not None and data[:1] == _TLS_HANDSHAKE and not self._buffer:
            self._transport.write(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n")
            self._transport.close()  # as servers do whose port does not speak TLS
            return
        self._buffer += data
        if self._exchange is None:
            self._read_request()

    @property
    def asks_for(self) -> str | None:
        """The target of the request that is not answered yet."""
        exchange = self._exchange
        return None if exchange is None else exchange.request.target

    def abort(self) -> None:
        """End the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    def send(self, exchange: Exchange, response: Response) -> None:
        """Write `response` and go on with the next request."""
        transport = self._transport
        if transport is None or self._exchange is not exchange:
            return
        if response.manner is Manner.HANG:
            return
        if response.manner is Manner.RESET:
            exchange.finish(0, 0)
            self._reset(transport)
            return
        if response.manner in _NO_MORE:
            transport.write(response.body)
            if response.manner is Manner.THEN_RESET:  # once the client has had time to read what there is
                exchange.timer = asyncio.get_running_loop().call_later(_READ_S, self._reset, transport)
            return
        if response.status == 0:
            exchange.finish(0, 0)
            transport.write(response.body)
            self._end(close=True)
            return
        close = response.close or exchange.request.headers.get("connection", "").lower() == "close"
        close = close or response.manner is Manner.CUT or response.declared_length is not None
        body = b"" if exchange.request.method == "HEAD" else response.body
        if response.manner is Manner.DRIP:
            transport.write(head_bytes(response, close=close))
            self._drip(exchange, response, 0)
            return
        if response.manner in _WITHOUT_END:
            transport.write(head_bytes(response, close=True))
            self._go_on(exchange, response, 0)
            return
        if response.manner is Manner.CUT:
            body = body[: len(body) // 2 if response.cut_at is None else response.cut_at]
        exchange.finish(response.status, len(body))  # before the bytes, so that who has the answer finds it in the log
        transport.write(head_bytes(response, close=close) + body)
        self._end(close=close)

    def _end(self, *, close: bool) -> None:
        """Be ready for the next request, or end the connection."""
        self._exchange = None
        if close:
            if self._transport is not None:
                self._transport.close()
        elif self._buffer:  # a client that did not wait for its answer; not by recursion, which it could exhaust
            asyncio.get_running_loop().call_soon(self._read_request)

    def _drip(self, exchange: Exchange, response: Response, start: int) -> None:
        """Write one piece and come back for the next."""
        if self._transport is None:
            return
        size = max(1, len(response.body) // _DRIP_PIECES)
        if start + size >= len(response.body):
            exchange.finish(response.status, len(response.body))
            self._transport.write(response.body[start:])
            self._end(close=response.close)
            return
        self._transport.write(response.body[start : start + size])
        loop = asyncio.get_running_loop()
        exchange.timer = loop.call_later(response.extra_delay_s, self._drip, exchange, response, start + size)

    def _go_on(self, exchange: Exchange, response: Response, sent: int) -> None:
        """Write the next piece of what never ends; a client that does not read it is given no more meanwhile."""
        if self._transport is None:  # the client has gone, and `connection_lost` has said so
            return
        if self._transport.get_write_buffer_size() < _UNREAD_BYTES:
            piece = response.body if response.manner is Manner.ENDLESS else b"x-more: %d\r\n" % sent
            self._transport.write(piece)
            sent += len(piece)
        loop = asyncio.get_running_loop()
        exchange.timer = loop.call_later(response.extra_delay_s, self._go_on, exchange, response, sent)

    def _reset(self, transport: asyncio.Transport) -> None:
        """Make the kernel send RST instead of FIN."""
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()

    def _read_request(self) -> None:
        """Hand on the next request when the buffer holds it whole."""
        if self._exchange is not None or self._transport is None:
            return
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > MAX_HEAD_BYTES:
                self.abort()
            return
        try:
            method, target, headers = parse_head(bytes(self._buffer[:end]))
            length = _body_length(headers)
        except (BadRequest, ValueError):
            self.abort()
            return
        start = end + 4
        if len(self._buffer) < start + length:
            return
        body = bytes(self._buffer[start : start + length])
        del self._buffer[: start + length]
        self._exchange = Exchange(self, Request(method, target, headers, body))
        self._handle(self._exchange)


def _body_length(headers: Mapping[str, str]) -> int:
    """The length of a request's body; raises `BadRequest` and `ValueError` where it is not told or too much."""
    length = int(headers.get("content-length", "0"))
    if length > MAX_BODY_BYTES or "transfer-encoding" in headers:
        raise BadRequest("body")
    return length
