"""A client that says anything: bytes as they are, over TCP or a Unix socket, and what came back taken apart."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

PATIENCE_S = 10.0
"""What an answer may take before it counts as none."""

PDF = b"%PDF-1.7\n% made for a proof\n"

_BODILESS = frozenset({204, 304})


class Unreadable(ValueError):
    """What came back is no HTTP, or is cut off."""


@dataclass(frozen=True)
class Answer:
    """One answer."""

    status: int
    headers: Mapping[str, str]  # names in small letters; of several the last
    body: bytes

    @cached_property
    def document(self) -> Any:
        """Its JSON; None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def reason(self) -> str:
        """The slug of an error; "" where there is none."""
        return str(self.document.get("reason", "")) if isinstance(self.document, dict) else ""


@dataclass(frozen=True, slots=True)
class Door:
    """Where a control surface listens, and what is shown there."""

    where: tuple[str, int] | Path
    token: str | None = field(default=None, repr=False)  # None: a socket that asks for none

    @property
    def host(self) -> str:
        """What an honest client sends as Host."""
        return "localhost" if isinstance(self.where, Path) else f"{self.where[0]}:{self.where[1]}"

    def connected(self) -> socket.socket:
        """A connection."""
        family = socket.AF_UNIX if isinstance(self.where, Path) else socket.AF_INET
        connection = socket.socket(family, socket.SOCK_STREAM)
        connection.settimeout(PATIENCE_S)
        goal, deadline = str(self.where) if isinstance(self.where, Path) else self.where, time.monotonic() + PATIENCE_S
        try:
            while True:
                try:
                    connection.connect(goal)
                except BlockingIOError:  # a Unix socket says at once that too many wait to be accepted
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.05)
                else:
                    return connection
        except BaseException:
            connection.close()
            raise

    def said(self, sent: bytes, *, quiet_s: float = PATIENCE_S, ends: bool = False) -> bytes:
        """All that comes back for these bytes until it is hung up, or nothing has come for `quiet_s` seconds.

        `ends` tells the other side that no more will come.
        """
        with closing(self.connected()) as connection:
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(sent)
                if ends:
                    connection.shutdown(socket.SHUT_WR)
            return received(connection, quiet_s)

    def ask(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        token: bool = True,
        patience_s: float = PATIENCE_S,
        **headers: str,
    ) -> Answer:
        """One request as honest clients write it; `_` in names of headers is `-`, and `Host` may be another."""
        sent = {"Host": self.host, "Connection": "close"}
        if token and self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if body or method in {"POST", "PUT", "PATCH"}:
            sent["Content-Length"] = str(len(body))
        sent |= {name.replace("_", "-"): text for name, text in headers.items()}
        head = "".join(f"{name}: {text}\r\n" for name, text in sent.items())
        request = f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode("utf-8", "surrogateescape") + body
        found = answers(self.said(request, quiet_s=patience_s), [method])
        if not found:
            raise Unreadable(f"no answer to {method} {target[:80]}")
        return found[0]


def received(connection: socket.socket, quiet_s: float) -> bytes:
    """What comes until it is hung up, or nothing has come for so long."""
    found = bytearray()
    connection.settimeout(quiet_s)
    with suppress(TimeoutError, ConnectionResetError, BrokenPipeError):
        while block := connection.recv(65_536):
            found += block
    return bytes(found)


def answers(stream: bytes, methods: list[str] | None = None) -> list[Answer]:
    """The answers in it, one behind the other; `methods` are those that were asked with. Raises `Unreadable`."""
    return list(_answers(stream, methods or []))


def _answers(stream: bytes, methods: list[str]) -> Iterator[Answer]:
    number = 0
    while stream:
        head, sign, rest = stream.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        status = re.fullmatch(r"HTTP/1\.1 (\d{3})(?: .*)?", lines[0])
        if not sign or status is None:
            raise Unreadable(f"no HTTP came back: {stream[:80]!r}")
        code = int(status[1])
        headers = {name.lower(): text.strip() for name, _, text in (line.partition(":") for line in lines[1:])}
        if code == 100:
            stream = rest
            continue
        is_bodiless = code in _BODILESS or methods[number : number + 1] == ["HEAD"]
        body, stream = (b"", rest) if is_bodiless else _body(headers, rest)
        number += 1
        yield Answer(code, headers, body)


def _body(headers: Mapping[str, str], rest: bytes) -> tuple[bytes, bytes]:
    """The body, and what comes behind it."""
    if "chunked" in headers.get("transfer-encoding", ""):
        found = bytearray()
        while True:
            size, sign, rest = rest.partition(b"\r\n")
            if not sign:
                return bytes(found), b""  # a stream that was left
            length = int(size.partition(b";")[0], 16)
            found += rest[:length]
            rest = rest[length + 2 :]
            if not length:
                return bytes(found), rest
    if "content-length" not in headers:
        return rest, b""
    length = int(headers["content-length"])
    if len(rest) < length:
        raise Unreadable(f"{len(rest)} bytes of {length} came back")
    return rest[:length], rest[length:]


def until(condition: Any, patience_s: float, step_s: float = 0.05) -> bool:
    """Whether it came true in time."""
    deadline = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(step_s)
    return True
