"""A file as web servers send it: whole, in part, or not at all where the client has it already. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.utils import formatdate
from hashlib import blake2b

from dl_lit.replica.wire import Header, Request, Response

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_MODIFIED = 1_767_225_600  # 2026-01-01


def etag_of(body: bytes) -> str:
    """The strong validator of a file."""
    return f'"{blake2b(body, digest_size=8).hexdigest()}"'


def file_response(
    request: Request, body: bytes, headers: Sequence[Header] = (), *, etag: str | None = None
) -> Response:
    """The answer to a GET of `body`: 200, 206 for a range, 304 for who has it, 416 for a range beyond its end.

    `etag` is the file's own unless given.
    """
    validator, modified = etag or etag_of(body), formatdate(_MODIFIED, usegmt=True)
    usual = (("accept-ranges", "bytes"), ("etag", validator), ("last-modified", modified), *headers)
    asked = request.headers
    if asked.get("if-none-match") in {validator, "*"} or (
        "if-none-match" not in asked and asked.get("if-modified-since") == modified
    ):
        return Response(304, b"", usual)
    found = _RANGE.fullmatch(asked.get("range", "").replace(" ", ""))
    if found is None or asked.get("if-range", validator) not in {validator, modified} or found.groups() == ("", ""):
        return Response(200, body, usual)
    first, last = _span(found.group(1), found.group(2), len(body))
    if first > last:
        return Response(416, b"", (*usual, ("content-range", f"bytes */{len(body)}")))
    told = ("content-range", f"bytes {first}-{last}/{len(body)}")
    return Response(206, body[first : last + 1], (*usual, told))


def _span(first: str, last: str, length: int) -> tuple[int, int]:
    """The first and last byte that are asked for; the first beyond the last where there are none."""
    if not first:
        return max(0, length - int(last)), length - 1
    if int(first) >= length:
        return 1, 0
    return int(first), min(int(last) if last else length - 1, length - 1)
