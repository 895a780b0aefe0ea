"""What parent and child say to each other: JSON messages, each behind its length in four bytes.

Orders go through a socket, and with each comes the file it is about, opened by the parent: the child may open none.
"""

from __future__ import annotations

import os
import select
import socket
import struct
import time
from enum import StrEnum

import msgspec

from dl_lit.core.language import PageText
from dl_lit.core.model import Bibliography
from dl_lit.core.ports import PdfFacts
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass
from dl_lit.pdf.annotating import Marks
from dl_lit.pdf.confinement import Confinement
from dl_lit.pdf.ocr.order import OcrOrder
from dl_lit.pdf.picture.order import PagePicture, PictureOrder

_LENGTH = struct.Struct(">I")
_LONGEST = 64 * 1024 * 1024  # bytes; a bibliography of 100,000 entries is half of that


class Verb(StrEnum):
    """What the child may be asked."""

    READ = "read"  # the bibliography
    CHECK = "check"  # page count and first text
    PICTURE = "picture"  # the bibliography, page images before it
    ANNOTATE = "annotate"  # what to append so that the file says what work it is
    PAGES = "pages"  # the texts of some pages
    SPLIT = "split"  # a PDF of some pages
    TRY = "try"  # what it can do, which should be next to nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One job for the child; the file it is about goes with it, open."""

    verb: Verb
    max_bytes: int
    max_pages: int
    cpu_s: int  # seconds of processor time the job may take
    picture: PictureOrder | None = None  # which pages to draw; only for PICTURE
    ocr: OcrOrder | None = None  # how to read pages without text; None: not at all
    marks: Marks | None = None  # what to write; only for ANNOTATE
    pages: tuple[int, ...] = ()  # 1-based; only for PAGES and SPLIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of it: one of the things that can be asked for, or why there is none; page images go before."""

    has_begun: bool = False  # goes before all others: the child is up and has what it needs
    bibliography: Bibliography | None = None
    facts: PdfFacts | None = None
    update: bytes | None = None
    texts: tuple[PageText, ...] | None = None
    extract: bytes | None = None  # the PDF of some pages
    confinement: Confinement | None = None
    picture: PagePicture | None = None  # more answers follow
    reason: Reason | None = None
    detail: str = ""


_order = msgspec.json.Decoder(Order).decode
_answer = msgspec.json.Decoder(Answer).decode


class ChildGone(Exception):
    """The other end of the pipe is closed, or talks nonsense."""


class TimeUp(Exception):
    """The answer did not come in time."""


class TooLong(Exception):
    """The message is longer than any may be: nothing of it was sent."""


def send_order(to: socket.socket, order: Order, file: int) -> None:
    """Send one order and the open `file` it is about; raises `ChildGone` when nobody reads."""
    data = _packed(order)
    try:
        sent = socket.send_fds(to, [data], [file])
        to.sendall(data[sent:])
    except (BrokenPipeError, ConnectionResetError) as error:
        raise ChildGone from error


def send(fd: int, answer: Answer) -> None:
    """Write one answer to `fd`; raises `ChildGone` when nobody reads, `TooLong` before anything was written."""
    data = memoryview(_packed(answer))
    try:
        while data:
            data = data[os.write(fd, data) :]
    except BrokenPipeError as error:
        raise ChildGone from error


def receive_order(orders: socket.socket) -> tuple[Order, int] | None:
    """The next order, waited for, and the open file it is about, for the caller to close; `None` when none follow."""
    try:
        head, files, _, _ = socket.recv_fds(orders, _LENGTH.size, 1)
        if not head or not files:
            return None
        rest = _read_exactly(orders.fileno(), _LENGTH.size - len(head), None)
        if rest is None:
            return None
        body = _read_exactly(orders.fileno(), _LENGTH.unpack(head + rest)[0], None)
    except ConnectionResetError:
        return None
    return (_order(body), files[0]) if body is not None else None


def receive_answer(fd: int, timeout_s: float) -> Answer:
    """The answer from `fd`; raises `TimeUp` after `timeout_s` seconds and `ChildGone` at the end of the pipe."""
    deadline = time.monotonic() + timeout_s
    head = _read_exactly(fd, _LENGTH.size, deadline)
    length = _LENGTH.unpack(head)[0] if head else 0
    if not head or length > _LONGEST:
        raise ChildGone
    body = _read_exactly(fd, length, deadline)
    if body is None:
        raise ChildGone
    try:
        return _answer(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ChildGone from error


def _packed(message: Order | Answer) -> bytes:
    body = msgspec.json.encode(message)
    if len(body) > _LONGEST:
        raise TooLong
    return _LENGTH.pack(len(body)) + body


def _read_exactly(fd: int, count: int, deadline: float | None) -> bytes | None:
    """`count` bytes from `fd`; `None` when it ends before; raises `TimeUp` after `deadline` (monotonic)."""
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    pieces: list[bytes] = []
    missing = count
    while missing:
        if deadline is not None:
            left_ms = (deadline - time.monotonic()) * 1000
            if left_ms <= 0 or not poll.poll(left_ms):
                raise TimeUp
        piece = os.read(fd, min(missing, 1 << 20))
        if not piece:
            return None
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)
