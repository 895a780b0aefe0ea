"""A web server on 127.0.0.x for tests: real sockets, and every kind of misbehaviour on demand.

A route is a function `Seen -> Reply`; what was asked is kept in `seen` with the time it arrived: at this machine, as
the kernel noted it. However late a thread comes to look, it was no later.
"""

from __future__ import annotations

import contextlib
import io
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as it arrived."""

    target: str  # path and query
    headers: dict[str, str]  # lower-case names
    at: float  # time.monotonic() when its head was here
    peer: tuple[str, int]
    body: bytes = b""
    method: str = "GET"

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]


@dataclass(frozen=True, slots=True)
class Reply:
    """What to send: `raw` as it is, or a status, headers and body."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    length: int | None = None  # Content-Length to claim; None: the true one
    drip: tuple[int, float] | None = None  # send so many bytes, then pause so many seconds
    raw: bytes | None = None
    reset: bool = False  # end with a TCP reset
    close: bool = False  # end the connection afterwards
    wait: threading.Event | None = None  # hold the answer back until set

    def parts(self) -> Iterator[bytes]:
        if self.raw is not None:
            step = self.drip[0] if self.drip else len(self.raw) or 1
            yield from (self.raw[start : start + step] for start in range(0, len(self.raw), step))
            return
        length = len(self.body) if self.length is None else self.length
        headers = {"Content-Length": str(length), **self.headers}
        head = f"HTTP/1.1 {self.status} X\r\n" + "".join(f"{n}: {v}\r\n" for n, v in headers.items() if v != "-")
        whole = head.encode() + b"\r\n"
        if self.drip is None:
            yield whole + self.body
            return
        yield whole
        for start in range(0, len(self.body), self.drip[0]):
            yield self.body[start : start + self.drip[0]]


Route = Callable[[Seen], Reply]

_SO_TIMESTAMPNS = 35  # asm-generic/socket.h: what is received is told with the time it came
_TIME = struct.Struct("@qq")  # seconds and nanoseconds since the epoch


class _Arrivals(io.RawIOBase):
    """What comes over a connection, and when."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self.at = 0.0  # time.monotonic() of the latest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        count, told, _, _ = self._sock.recvmsg_into([buffer], socket.CMSG_SPACE(_TIME.size))
        self.at = time.monotonic()
        for level, kind, data in told:
            if (level, kind) == (socket.SOL_SOCKET, _SO_TIMESTAMPNS):
                seconds, rest = _TIME.unpack(data)
                self.at -= max(0.0, time.time() - seconds - rest / 1e9)
        return count


class LoopbackServer:
    """Serves `routes` (by path; "*" for all others) until closed."""

    def __init__(
        self, routes: dict[str, Route | Reply] | None = None, *, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.routes: dict[str, Route | Reply] = routes or {}
        self.seen: list[Seen] = []
        self.connections = 0
        self.open_now = 0
        self.open_peak = 0
        self.handling = 0
        self.handling_peak = 0
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._sockets: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server((host, port), backlog=128)
        with contextlib.suppress(OSError):  # a system that does not know it leaves us with when we look
            self._listener.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self.host = host
        self.port = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    @property
    def netloc(self) -> str:
        return f"{self.host}:{self.port}"

    def url(self, path: str = "/") -> str:
        return f"http://{self.netloc}{path}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            sockets = list(self._sockets)
        for sock in sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self._accepting.join(5)
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                sock, peer = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                self.open_now += 1
                self.open_peak = max(self.open_peak, self.open_now)
                self._sockets.add(sock)
            thread = threading.Thread(target=self._serve, args=(sock, peer), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket, peer: tuple[str, int]) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            with contextlib.suppress(OSError), sock:
                arrivals = _Arrivals(sock)
                reader = io.BufferedReader(arrivals)
                while not self._stopping.is_set() and self._answer(sock, reader, arrivals, peer):
                    pass
        finally:
            with self._lock:
                self.open_now -= 1
                self._sockets.discard(sock)

    def _answer(
        self, sock: socket.socket, reader: io.BufferedReader, arrivals: _Arrivals, peer: tuple[str, int]
    ) -> bool:
        line = reader.readline()
        if not line:
            return False
        at = arrivals.at
        headers = {}
        while (field_ := reader.readline()) not in {b"\r\n", b"\n", b""}:
            name, _, value = field_.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        body = reader.read(int(headers.get("content-length", "0")))
        method, target = line.decode("latin-1").split()[:2]
        seen = Seen(target, headers, at, peer, body, method)
        with self._lock:
            self.seen.append(seen)
            self.handling += 1
            self.handling_peak = max(self.handling_peak, self.handling)
        try:
            route = self.routes.get(seen.path) or self.routes.get("*") or Reply(404, body=b"not here")
            reply = route if isinstance(route, Reply) else route(seen)
            if reply.wait is not None:
                reply.wait.wait(20)
            for number, part in enumerate(reply.parts()):
                if number and reply.drip and self._stopping.wait(reply.drip[1]):
                    return False
                sock.sendall(part)
        finally:
            with self._lock:
                self.handling -= 1
        if reply.reset:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
            return False
        cut = reply.raw is not None or reply.length is not None or "-" in reply.headers.values()
        return not (cut or reply.close)
