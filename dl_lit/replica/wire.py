"""Requests and responses of the replica: HTTP/1.1 as bytes in and bytes out."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from email.utils import formatdate
from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl, unquote

from dl_lit.core.values import dataclass

if TYPE_CHECKING:
    from dl_lit.replica.faults import Fault

_REASONS = {status.value: status.phrase for status in HTTPStatus}
MAX_HEAD_BYTES = 65_536  # of a request line and headers
MAX_BODY_BYTES = 64 * 1024 * 1024  # of a request: GROBID is sent whole papers

Header = tuple[str, str]


class BadRequest(Exception):
    """The bytes are no HTTP/1.1 request the replica understands; the connection is closed."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came in."""

    method: str
    target: str  # path and query as sent
    headers: Mapping[str, str]  # lower-case names
    body: bytes = b""

    @property
    def raw_path(self) -> str:
        """The path as sent, still percent-encoded."""
        return self.target.partition("?")[0]

    @property
    def path(self) -> str:
        """The path, decoded."""
        return unquote(self.raw_path)

    @property
    def raw_query(self) -> str:
        """The query string as sent."""
        return self.target.partition("?")[2]

    def params(self) -> dict[str, str]:
        """The query's parameters, decoded; the last of a repeated one."""
        return dict(parse_qsl(self.raw_query, keep_blank_values=True))

    def form(self) -> dict[str, str]:
        """The parameters of a form-encoded body."""
        return dict(parse_qsl(self.body.decode(errors="replace"), keep_blank_values=True))

    @property
    def user_agent(self) -> str:
        """The User-Agent header, or empty."""
        return self.headers.get("user-agent", "")


class Manner(Enum):
    """How a response's bytes reach the client."""

    WHOLE = "whole"
    CUT = "cut"  # `cut_at` bytes of the body, half of it unless set, then the connection closes
    DRIP = "drip"  # a few bytes at a time
    RESET = "reset"  # no answer: the connection is reset
    HANG = "hang"  # no answer while the client waits
    THEN_RESET = "then-reset"  # the body as it stands, head and all; then the connection is reset
    THEN_HANG = "then-hang"  # likewise, and then nothing more
    ENDLESS = "endless"  # the body again and again, `extra_delay_s` between the pieces, until the client goes
    ENDLESS_HEAD = "endless-head"  # one header after the other, likewise


@dataclass(frozen=True, slots=True)
class Response:
    """One response; Date, Content-Length and Connection are added on writing."""

    status: int
    body: bytes = b""
    headers: Sequence[Header] = ()
    manner: Manner = Manner.WHOLE
    close: bool = False  # end the connection after it
    declared_length: int | None = None  # a Content-Length other than the body's
    extra_delay_s: float = 0.0  # before the first byte, or between the pieces of a drip; unscaled
    cut_at: int | None = None  # bytes of the body that CUT sends


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not let in: `rate` or `concurrency`, and when the window has room again."""

    why: str
    wait_s: float


@dataclass(frozen=True, slots=True)
class Site:
    """One address the replica answers at."""

    name: str  # a service's name, or "publisher-3", "repository-1"
    group: str  # the service's name, or "publisher", "repository"
    address: str  # 127.0.x.y


@dataclass(slots=True)
class Tally:
    """A number that the handlers count up: how often each URL was asked."""

    counts: dict[str, int] = field(default_factory=dict)

    def next(self, key: str) -> int:
        """Count `key` once more and say which time this is, from 1."""
        number = self.counts.get(key, 0) + 1
        self.counts[key] = number
        return number


def parse_head(head: bytes) -> tuple[str, str, dict[str, str]]:
    """Method, target and headers of a request's head (without the empty line); raises `BadRequest`."""
    lines = head.decode("latin-1").split("\r\n")
    parts = lines[0].split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        raise BadRequest(lines[0][:80])
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if not colon:
            raise BadRequest(line[:80])
        headers[name.strip().lower()] = value.strip()
    target = parts[1]
    if target.startswith("http://"):  # absolute form, as sent to proxies
        target = "/" + target.removeprefix("http://").partition("/")[2]
    return parts[0], target, headers


class _Stamp:
    """The Date header, formatted once a second."""

    def __init__(self) -> None:
        self._second = 0
        self._text = ""

    def text(self) -> str:
        second = int(time.time())
        if second != self._second:
            self._second = second
            self._text = formatdate(second, usegmt=True)
        return self._text


_STAMP = _Stamp()


def head_bytes(response: Response, *, close: bool) -> bytes:
    """Status line and headers of `response`; an endless one has no length, and no end of its head where that is it."""
    length = len(response.body) if response.declared_length is None else response.declared_length
    lines = [f"HTTP/1.1 {response.status} {_REASONS.get(response.status, 'Unknown')}"]
    lines += [f"{name}: {value}" for name, value in response.headers]
    lines.append(f"date: {_STAMP.text()}")
    if response.manner is Manner.ENDLESS_HEAD:
        return ("\r\n".join(lines) + "\r\n").encode("latin-1", errors="replace")
    if response.status not in {204, 304} and not (
        response.manner is Manner.ENDLESS and response.declared_length is None
    ):
        lines.append(f"content-length: {length}")
    lines.append("connection: close" if close else "connection: keep-alive")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", errors="replace")


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object that a body is; empty where it is none."""
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def json_response(
    value: Any, headers: Sequence[Header] = (), *, status: int = 200, content_type: str = "application/json"
) -> Response:
    """`value` as a JSON body."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status, body, (("content-type", content_type), *headers))


def text_response(
    text: str, content_type: str, headers: Sequence[Header] = (), *, status: int = 200, close: bool = False
) -> Response:
    """A body of text."""
    return Response(status, text.encode(), (("content-type", content_type), *headers), close=close)


def html_response(html: str, headers: Sequence[Header] = (), *, status: int = 200) -> Response:
    """A page."""
    return text_response(html, "text/html; charset=utf-8", headers, status=status)


def _refuse(refusal: Refusal) -> Response:
    del refusal
    return html_response(
        "<html><body><h1>429 Too Many Requests</h1>\n"
        "You have sent too many requests in a given amount of time.\n</body></html>\n",
        status=429,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a service makes of a request before it answers."""

    kind: str  # record, batch, search, pdf, landing, file, other
    answer: Callable[[], Response]
    lane: str | None = None  # the limit it falls under, None without
    refuse: Callable[[Refusal], Response] = _refuse
    charge: Callable[[], Response | None] | None = None  # takes what the call costs, or answers that it is too much
    credits: int = 0
    about: str = ""  # what tells requests to one URL apart, for the log, latencies and faults
    spoil: Callable[[Fault], Response | None] | None = None  # the service's own way of going wrong; None: the usual one


def plain(response: Response, *, kind: str = "other") -> Plan:
    """An answer that is known at once and falls under no limit."""
    return Plan(kind=kind, answer=lambda: response)


class Service(Protocol):
    """What answers at one site."""

    def plan(self, request: Request) -> Plan:
        """What the request is, under which limit it falls, and its answer when the time has come."""
