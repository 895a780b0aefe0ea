"""The body of POST /process on its way to the disk: a PDF as it is, a form with a PDF in it, or the name of a file.

At most a mebibyte of it is in memory. A sender may be slow, but not for ever.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, Request

from dl_lit.core.values import dataclass
from dl_lit.web.contract import LONGEST_NAME, PRIORITIES, Document, Draft, Hands, Orders, Refused, Wanted
from dl_lit.web.form import Form

BLOCK = 1 << 20
"""Bytes that are written at once."""

ORDER_BYTES = 1 << 16
"""Of a JSON order."""

FORM_BYTES = 1 << 17
"""What a form may have around its file."""

CROWDED_S = 3.0
"""A sender that sends nothing for so long goes, where others wait for its place."""

_PRIORITY = re.compile(r"[+-]?[0-9]{1,9}")
_RAW = frozenset({"", "application/pdf", "application/x-pdf", "application/octet-stream"})
_CURL = "application/x-www-form-urlencoded"  # what curl --data-binary says of anything


@dataclass(frozen=True, slots=True)
class Pace:
    """How slow a sender may be."""

    idle_s: float = 15.0  # without a byte
    start_s: float = 20.0  # before its mean rate counts
    least_rate: float = 10_000.0  # bytes a second
    crowded_s: float = CROWDED_S


def _nobody_waits() -> bool:
    return False


async def paced(
    request: Request, pace: Pace, *, most_bytes: int, others_wait: Callable[[], bool] = _nobody_waits
) -> AsyncIterator[bytes]:
    """The body as it comes in, at most `most_bytes` of it; less patiently where `others_wait`.

    Raises `Refused` where it is too long or too slow, `ClientDisconnect` where it ends early.
    """
    loop = asyncio.get_running_loop()
    began, seen, is_more = loop.time(), 0, True
    while is_more:
        block, is_more = await _next(request, pace, others_wait)
        seen += len(block)
        if seen > most_bytes:
            raise _too_large(most_bytes)
        took = loop.time() - began
        if took > pace.start_s and seen < took * pace.least_rate:
            raise _too_slow()
        if block:
            yield block


async def _next(request: Request, pace: Pace, others_wait: Callable[[], bool]) -> tuple[bytes, bool]:
    """What has come in next, and whether there is more to come."""
    left_s = pace.idle_s
    while True:
        at_once_s = min(pace.crowded_s, left_s)
        try:
            async with asyncio.timeout(at_once_s):
                message = await request.receive()
        except TimeoutError:
            left_s -= at_once_s
            if left_s <= 0 or others_wait():
                raise _too_slow() from None
            continue
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        return message.get("body", b""), message.get("more_body", False)


def _too_slow() -> Refused:
    return Refused(408, "too-slow", "the body came too slowly")


def _too_large(most_bytes: int) -> Refused:
    if most_bytes <= ORDER_BYTES:
        return Refused(413, "too-large", "this is too long for an order")
    return Refused(413, "too-large", f"more than {most_bytes >> 20} MB, see serve.max_upload_mb")


async def order(request: Request, pace: Pace) -> dict[str, Any]:
    """The JSON object in the body; an empty body is an empty one. Raises `Refused`."""
    kind = media_type(request)
    if kind not in {"", "application/json", _CURL}:
        raise Refused(415, "unsupported-type", "send JSON, as Content-Type: application/json")
    body = b""
    async for block in paced(request, pace, most_bytes=ORDER_BYTES):
        body += block
    try:
        found = msgspec.json.decode(body) if body.strip() else {}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(400, "bad-request", f"the body is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise Refused(400, "bad-request", "the body is to be a JSON object")
    return found


def media_type(request: Request) -> str:
    """What the sender says that the body is, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def priority_of(text: object) -> int:
    """The priority somebody asks for; 0 where they do not. Raises `Refused`."""
    least, most = PRIORITIES
    number = 0 if text is None else int(str(text)) if _PRIORITY.fullmatch(str(text)) else most + 1
    if not least <= number <= most:
        raise Refused(400, "bad-request", f"priority is to be a whole number from {least} to {most}")
    return number


def _whole(value: object) -> str:
    """A whole JSON number as text: 6.0 is one as 6 is, "6", true and null are none. Raises `Refused`."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused(400, "bad-request", "priority is to be a whole number")
    return str(value)


async def process(
    request: Request,
    orders: Orders,
    hands: Hands,
    *,
    most_bytes: int,
    pace: Pace,
    others_wait: Callable[[], bool] = _nobody_waits,
) -> Document:
    """Take what the request brings or names: a file of at most `most_bytes`.

    Raises `Refused`, or `ClientDisconnect` where its sender has gone.
    """
    kind = media_type(request)
    query = request.query_params
    if kind == "application/json":
        asked = await order(request, pace)
        path = asked.get("path")
        if not isinstance(path, str) or not path or set(asked) - {"path", "priority"}:
            raise Refused(400, "bad-request", 'the body is to be {"path": "/…/x.pdf"}, with "priority" if wished')
        given = _whole(asked["priority"]) if "priority" in asked else query.get("priority")
        wanted = Wanted(priority=priority_of(given))
        return await hands.do(partial(orders.take_path, path, wanted))
    form = Form(request.headers["content-type"]) if kind == "multipart/form-data" else None
    if form is None and kind not in _RAW and kind != _CURL:
        raise Refused(415, "unsupported-type", "send a PDF (application/pdf), a form with one in it, or JSON")
    priority_of(query.get("priority"))
    if len(query.get("name", "")) > LONGEST_NAME:
        raise Refused(400, "bad-request", f"name is to have at most {LONGEST_NAME} characters")
    size = request.headers.get("content-length")
    told = int(size) if size is not None and size.isascii() and size.isdigit() else None
    most_bytes += FORM_BYTES if form else 0
    if told is not None and told > most_bytes:
        raise _too_large(most_bytes)
    body = paced(request, pace, most_bytes=most_bytes, others_wait=others_wait)
    draft = await hands.do(partial(orders.draft, told))
    try:
        await _receive(body, form, draft, hands)
        wanted = _wanted(form.fields if form else {}, query, form.filename if form else None)
        return await hands.do(partial(_sealed, draft, orders, wanted))
    finally:
        await asyncio.shield(hands.do(draft.discard))


async def _receive(body: AsyncIterator[bytes], form: Form | None, draft: Draft, hands: Hands) -> None:
    """Bring the file in `body` to the draft, a block at a time; the last block goes with what is left to do."""
    held: list[bytes] = []
    size = 0
    async for block in body:
        found = form.feed(block) if form else block
        if found:
            held.append(found)
            size += len(found)
        if size >= BLOCK:
            whole, held, size = b"".join(held), [], 0
            await hands.do(partial(draft.write, whole))
    if form:
        form.close()
        if not form.has_file:
            raise Refused(422, "no-file", "there is no file in the form: curl -F file=@x.pdf")
    if held:
        await hands.do(partial(draft.write, b"".join(held)))


def _sealed(draft: Draft, orders: Orders, wanted: Wanted) -> Document:
    draft.seal()
    return orders.take(draft, wanted)


def _wanted(fields: Mapping[str, str], query: Mapping[str, str], filename: str | None) -> Wanted:
    """What was asked for, in the form or behind the address."""
    return Wanted(
        name=query.get("name") or fields.get("name") or filename,
        priority=priority_of(query.get("priority", fields.get("priority"))),
    )
