"""Reads the body of a fetched file in pieces: bounded in size, in time, and in what it unpacks to."""

from __future__ import annotations

import errno
import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from io import FileIO
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from dl_lit.core.clock import Clock
from dl_lit.core.errors import FetchError
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass

if TYPE_CHECKING:
    from hashlib import _Hash

_START_BYTES = 4_096  # enough to tell what it is
_PIECE_BYTES = 65_536
_BLOCK_BYTES = 1 << 20
_GZIP, _ZLIB_OR_GZIP, _RAW_DEFLATE = b"\x1f\x8b", 47, -15
_FULL_DISK = frozenset({errno.ENOSPC, errno.EDQUOT})
_DISK_PAUSE_S = 60.0


class TooSlow(FetchError):
    """The bytes came, but too few of them: the host is not asked to go on at once."""


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """What one body may be."""

    max_bytes: int = 200_000_000
    slow_after_s: float = 30.0  # speed is measured over stretches of this length
    min_bytes_per_s: float = 1_000.0


@dataclass(slots=True)
class Received:
    """What of a file is on the disk so far."""

    size_bytes: int = 0
    digest: _Hash = field(default_factory=hashlib.sha256)

    def take(self, piece: bytes) -> None:
        """One more piece was written."""
        self.size_bytes += len(piece)
        self.digest.update(piece)

    @classmethod
    def of(cls, path: Path) -> Received:
        """What is in the file. Raises `OSError`."""
        found = cls()
        with path.open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                found.take(block)
        return found


def read_start(
    response: httpx.Response, headers: Mapping[str, str], limits: BodyLimits, clock: Clock
) -> tuple[bytes, Iterator[bytes]]:
    """The first kilobytes of the body, decoded, and an iterator over what follows."""
    declared = headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared) > limits.max_bytes:
        raise FetchError(Reason.TOO_LARGE, f"{declared} bytes announced")
    pieces = _decoded(timely(response, limits, clock), headers.get("content-encoding", ""), limits)
    start = b""
    for piece in pieces:
        start += piece
        if len(start) >= _START_BYTES:
            break
    return start, pieces


def save(pieces: Iterable[bytes], into: Path, limits: BodyLimits, received: Received) -> None:
    """Write the pieces to `into`, behind what was received; a full disk and the like are `FetchError`s.

    `received` is true at any moment, so that whoever goes on after a break knows where.
    """
    try:
        with into.open("r+b" if received.size_bytes else "wb", buffering=0) as file:
            if received.size_bytes:
                file.seek(received.size_bytes)
                file.truncate()
            for piece in pieces:
                if received.size_bytes + len(piece) > limits.max_bytes:
                    raise FetchError(Reason.TOO_LARGE, f"more than {limits.max_bytes} bytes")
                _write(file, piece)
                received.take(piece)
    except OSError as error:
        reason = Reason.DISK_FULL if error.errno in _FULL_DISK else Reason.WRITE_ERROR
        raise FetchError(reason, str(error), after=_DISK_PAUSE_S, costs_attempt=False) from error


def limited(pieces: Iterable[bytes], max_bytes: int) -> bytes:
    """The beginning of a body, at most `max_bytes` long."""
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) >= max_bytes:
            break
    return bytes(body[:max_bytes])


def whole(response: httpx.Response, max_bytes: int) -> bytes:
    """All of a body, unpacked a little at a time; raises `FetchError` where it is, or unpacks to, more than that.

    httpx would unpack each piece whole before anybody can look at its size: a thousand times what was sent.
    """
    body, limits, raw = bytearray(), BodyLimits(max_bytes=max_bytes), response.iter_raw()
    if not (first := next(raw, b"")):
        return b""  # whatever it says to be packed as
    for piece in _decoded(chain([first], raw), response.headers.get("content-encoding", ""), limits):
        body += piece
        if len(body) > max_bytes:
            raise FetchError(Reason.TOO_LARGE, f"more than {max_bytes} bytes")
    return bytes(body)


def timely(response: httpx.Response, limits: BodyLimits, clock: Clock) -> Iterator[bytes]:
    """The raw pieces as they come (httpx would gather them for a size asked for), ended when they come too slowly."""
    since, received = clock.monotonic(), 0
    try:
        for piece in response.iter_raw():
            yield piece
            received += len(piece)
            elapsed = clock.monotonic() - since
            if elapsed < limits.slow_after_s:
                continue
            if received < limits.min_bytes_per_s * elapsed:
                raise TooSlow(Reason.TIMEOUT_READ, f"{received} bytes in {elapsed:.0f} s")
            since, received = clock.monotonic(), 0
    except httpx.RemoteProtocolError as error:
        raise FetchError(Reason.TRUNCATED, str(error)[:200]) from error


def _write(file: FileIO, piece: bytes) -> None:
    """All of the piece: an unbuffered file may take a part."""
    view = memoryview(piece)
    while view:
        view = view[file.write(view) :]


def _decoded(pieces: Iterable[bytes], encoding: str, limits: BodyLimits) -> Iterator[bytes]:
    """The pieces, unpacked where the server packed them though asked not to; packed twice is no encoding we know."""
    encoding = encoding.strip().lower()
    if encoding in {"", "identity"}:
        yield from pieces
        return
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise FetchError(Reason.BAD_ENCODING, encoding[:40])
    size_bytes = 0
    try:
        for unpacked in _unpacked(pieces, is_gzip=encoding != "deflate"):
            size_bytes += len(unpacked)
            if size_bytes > limits.max_bytes:
                raise FetchError(Reason.TOO_LARGE, f"unpacks to more than {limits.max_bytes} bytes")
            yield unpacked
    except zlib.error as error:
        raise FetchError(Reason.BAD_ENCODING, str(error)) from error


def _unpacked(pieces: Iterable[bytes], *, is_gzip: bool) -> Iterator[bytes]:
    """A little at a time, however much a piece unpacks to; gzip may come in several members, one after the other."""
    pieces = iter(pieces)
    first = next(pieces, b"")
    unpacker = _unpacker(first, is_gzip=is_gzip)
    for piece in chain([first], pieces):
        packed = piece
        while packed:
            if unpacker.eof:
                if not (is_gzip and packed.startswith(_GZIP)):
                    return  # padding
                unpacker = zlib.decompressobj(wbits=_ZLIB_OR_GZIP)
            yield unpacker.decompress(packed, _PIECE_BYTES)
            packed = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
    while not unpacker.eof and (rest := unpacker.decompress(b"", _PIECE_BYTES)):
        yield rest
    if not unpacker.eof:
        raise FetchError(Reason.TRUNCATED, "the packed body ends early")


def _unpacker(first: bytes, *, is_gzip: bool) -> zlib._Decompress:
    """For `deflate` some servers send it bare: https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1.2."""
    if is_gzip or first.startswith(_GZIP):
        return zlib.decompressobj(wbits=_ZLIB_OR_GZIP)
    is_zlib = len(first) > 1 and first[0] & 0x0F == 8 and (first[0] * 256 + first[1]) % 31 == 0
    return zlib.decompressobj(wbits=zlib.MAX_WBITS if is_zlib else _RAW_DEFLATE)
