"""Answers that go wrong on the wire or in their bodies: what a fault makes of the proper answer."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace

from dl_lit.replica.wire import Header, Manner, Request, Response, head_bytes

BIG_HEAD_BYTES = 1_048_576
HUGE_JSON_BYTES = 40_000_000
_DEPTH = 100_000
_LINE_BYTES = 8_000  # of the headers of a big head
_TRICKLE_S = 0.02

Spoil = Callable[[Response, Request], Response]


def _half(body: bytes) -> bytes:
    return body[: len(body) // 2]


def _whole(response: Response) -> bytes:
    return head_bytes(response, close=False) + response.body


def _then(manner: Manner, sent: bytes) -> Response:
    return Response(200, sent, manner=manner)


def _packed(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=31)
    return packer.compress(body) + packer.flush()


def _kept(response: Response, *names: str) -> tuple[Header, ...]:
    return tuple(header for header in response.headers if header[0].lower() not in names)


def _chunked(response: Response, sent: bytes) -> Response:
    """The answer announced in chunks, `sent` for its body as it stands; then the connection closes."""
    lines = [f"HTTP/1.1 {response.status} OK", *(f"{name}: {value}" for name, value in response.headers)]
    lines += ["transfer-encoding: chunked", "", ""]
    return Response(0, "\r\n".join(lines).encode("latin-1", "replace") + sent, close=True)


def _gzipped(response: Response, body: bytes) -> Response:
    headers = (*_kept(response, "content-encoding"), ("content-encoding", "gzip"))
    return Response(response.status, body, headers, close=response.close)


def _flipped(packed: bytes) -> bytes:
    middle = len(packed) // 2
    return packed[:middle] + bytes([packed[middle] ^ 0xFF, packed[middle + 1] ^ 0xFF]) + packed[middle + 2 :]


def _other_charset(response: Response, _request: Request) -> Response:
    """The same text in UTF-16, said to be UTF-8."""
    kind = next((value for name, value in response.headers if name.lower() == "content-type"), "application/json")
    kind = f"{kind.partition(';')[0]}; charset=utf-8"
    body = response.body.decode("utf-8", "replace").encode("utf-16")
    return Response(response.status, body, (*_kept(response, "content-type"), ("content-type", kind)))


def _json(body: bytes) -> Spoil:
    return lambda _response, _request: Response(200, body, (("content-type", "application/json"),))


def _huge(_response: Response, _request: Request) -> Response:
    body = b'{"message":"' + b"a" * HUGE_JSON_BYTES + b'"}'
    return Response(200, body, (("content-type", "application/json"),))


def _big_head(response: Response, _request: Request) -> Response:
    cookies = tuple(
        ("set-cookie" if number % 2 else f"x-more-{number}", f"c{number}=" + "x" * _LINE_BYTES)
        for number in range(BIG_HEAD_BYTES // _LINE_BYTES)
    )
    return replace(response, headers=(*response.headers, *cookies), close=True)


def _led_on(_response: Response, request: Request) -> Response:
    """Every address leads on to another one."""
    bare, _, number = request.target.partition("hop=")
    joined = bare if number else f"{bare}{'&' if '?' in bare else '?'}"
    return Response(302, b"", (("location", f"{joined}hop={int(number) + 1 if number.isdigit() else 1}"),))


def _to(location: str | None) -> Spoil:
    return lambda _response, _request: Response(302, b"", (("location", location),) if location else ())


def _bad_length(response: Response, _request: Request) -> Response:
    head = f"HTTP/1.1 {response.status} OK\r\ncontent-type: application/json\r\ncontent-length: -12\r\n\r\n"
    return Response(0, head.encode() + response.body, close=True)


SPOILT: Mapping[str, Spoil] = {
    # The connection.
    "reset-in-head": lambda one, _: _then(Manner.THEN_RESET, _half(head_bytes(one, close=False))),
    "reset-in-body": lambda one, _: _then(Manner.THEN_RESET, head_bytes(one, close=False) + _half(one.body)),
    "stalled-head": lambda one, _: _then(Manner.THEN_HANG, _half(head_bytes(one, close=False))),
    "stalled-body": lambda one, _: _then(Manner.THEN_HANG, head_bytes(one, close=False) + _half(one.body)),
    "trickled-head": lambda one, _: replace(one, manner=Manner.ENDLESS_HEAD, extra_delay_s=_TRICKLE_S),
    "closed": lambda _one, _: Response(0, b"", close=True),
    # Its framing.
    "longer-length": lambda one, _: _then(
        Manner.THEN_HANG, _whole(replace(one, declared_length=len(one.body) + 1_000))
    ),
    "shorter-length": lambda one, _: replace(one, declared_length=len(one.body) // 2),
    "bad-length": _bad_length,
    "broken-chunks": lambda one, _: _chunked(one, b"zz\r\n" + one.body + b"\r\n0\r\n\r\n"),
    "cut-chunks": lambda one, _: _chunked(one, b"%x\r\n" % (len(one.body) + 1) + one.body),
    "http-0.9": lambda one, _: Response(0, one.body or b"<html></html>", close=True),
    "big-head": _big_head,
    # Its packing and letters.
    "damaged-gzip": lambda one, _: _gzipped(one, _flipped(_packed(one.body))),
    "cut-gzip": lambda one, _: _gzipped(one, _half(_packed(one.body))),
    "no-gzip": lambda one, _: _gzipped(one, one.body),
    "unknown-encoding": lambda one, _: replace(
        one, headers=(*_kept(one, "content-encoding"), ("content-encoding", "zstd"))
    ),
    "other-charset": _other_charset,
    # What is said.
    "other-shape": _json(b'{"status":"ok","result":[1,2,{"a":null}],"message":"fine","results":"many"}'),
    "empty-object": _json(b"{}"),
    "empty-list": _json(b"[]"),
    "null": _json(b"null"),
    "html-as-json": _json(b"<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1><hr>nginx</body></html>"),
    "error-as-json": _json(b'{"error":{"code":500,"message":"Internal error"}}'),
    "huge-json": _huge,
    "deep-json": _json(b"[" * _DEPTH + b"]" * _DEPTH),
    # Where it leads.
    "redirect-endless": _led_on,
    "redirect-file": _to("file:///etc/passwd"),
    "redirect-nowhere": _to(None),
    "redirect-nonsense": _to("http://[::1/%zz:99999/"),
}
"""By the word of the fault: what it makes of the proper answer."""
