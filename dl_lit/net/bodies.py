"""Reads the body of a fetched file in pieces: bounded in size, in time, and in what it unpacks to."""

from __future__ import annotations

import errno
import hashlib
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from dl_lit.core.clock import Clock
from dl_lit.core.errors import FetchError
from dl_lit.core.reasons import Reason

_START_BYTES = 4_096  # enough to tell what it is
_PIECE_BYTES = 65_536
_FULL_DISK = frozenset({errno.ENOSPC, errno.EDQUOT})
_DISK_PAUSE_S = 60.0


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """What one body may be."""

    max_bytes: int = 200_000_000
    slow_after_s: float = 30.0  # speed is measured over stretches of this length
    min_bytes_per_s: float = 1_000.0


def read_start(
    response: httpx.Response, headers: Mapping[str, str], limits: BodyLimits, clock: Clock
) -> tuple[bytes, Iterator[bytes]]:
    """The first kilobytes of the body, decoded, and an iterator over what follows."""
    declared = headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared) > limits.max_bytes:
        raise FetchError(Reason.TOO_LARGE, f"{declared} bytes announced")
    pieces = _decoded(_timely(response, limits, clock), headers.get("content-encoding", ""), limits)
    start = b""
    for piece in pieces:
        start += piece
        if len(start) >= _START_BYTES:
            break
    return start, pieces


def save(start: bytes, rest: Iterator[bytes], into: Path, limits: BodyLimits) -> tuple[str, int]:
    """Write the body to `into`; returns its sha256 and size. A full disk and the like are `FetchError`s."""
    digest, size_bytes = hashlib.sha256(), 0
    try:
        with into.open("wb") as file:
            for piece in _with(start, rest):
                size_bytes += len(piece)
                if size_bytes > limits.max_bytes:
                    raise FetchError(Reason.TOO_LARGE, f"more than {limits.max_bytes} bytes")
                digest.update(piece)
                file.write(piece)
    except OSError as error:
        reason = Reason.DISK_FULL if error.errno in _FULL_DISK else Reason.WRITE_ERROR
        raise FetchError(reason, str(error), after=_DISK_PAUSE_S, costs_attempt=False) from error
    return digest.hexdigest(), size_bytes


def _with(start: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield start
    yield from rest


def _timely(response: httpx.Response, limits: BodyLimits, clock: Clock) -> Iterator[bytes]:
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
                raise FetchError(Reason.TIMEOUT_READ, f"{received} bytes in {elapsed:.0f} s")
            since, received = clock.monotonic(), 0
    except httpx.RemoteProtocolError as error:
        raise FetchError(Reason.TRUNCATED, str(error)[:200]) from error


def _decoded(pieces: Iterator[bytes], encoding: str, limits: BodyLimits) -> Iterator[bytes]:
    """The pieces, unpacked where the server packed them though asked not to."""
    encoding = encoding.strip().lower()
    if encoding in {"", "identity"}:
        yield from pieces
        return
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise FetchError(Reason.BAD_ENCODING, encoding[:40])
    unpacker, size_bytes = zlib.decompressobj(wbits=47), 0  # 47: gzip or zlib, by its head
    try:
        for piece in pieces:
            packed = piece
            while packed:
                unpacked = unpacker.decompress(packed, _PIECE_BYTES)
                packed = unpacker.unconsumed_tail
                size_bytes += len(unpacked)
                if size_bytes > limits.max_bytes:
                    raise FetchError(Reason.TOO_LARGE, f"unpacks to more than {limits.max_bytes} bytes")
                yield unpacked
        while unpacked := unpacker.decompress(b"", _PIECE_BYTES):
            yield unpacked
    except zlib.error as error:
        raise FetchError(Reason.BAD_ENCODING, str(error)) from error
    if not unpacker.eof:
        raise FetchError(Reason.TRUNCATED, "the packed body ends early")
