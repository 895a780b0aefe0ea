"""Too much of everything, and everything too slowly: it is bounded, and others are served meanwhile."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass

import psutil
from proofs.surface.honest import Honest
from proofs.surface.trial import REFUSED, Attack, Trial
from proofs.surface.wire import PDF, Door, received

_ENDLESS_BYTES = 128 << 20
"""What an endless sender has sent when it has to have been stopped: many times what may be uploaded."""

_STREAMS = 48
_SLOW = 60  # connections a kind of those who may not change anything
_SLOW_SENDERS = 10  # of those who may: fifteen uploads are received at a time
_IDLE = 1_100
_GROWN_MB = 200
"""What a surface's memory may grow by under all of it."""

_GIVEN_UP_S = 120.0  # a minute is the longest that anything is waited for, once the system's buffers are full
_ENDED = REFUSED | {0}


def try_oversize(trial: Trial, chance: random.Random) -> None:
    """Send all of it, with an honest client beside."""
    before = _memory_mb(trial)
    with Honest(trial, "oversize"):
        trial.attack("oversize: heads, bodies, forms", _large(trial.served.door), others_change=True)
        for name, pieces in _endless(trial.served.door):
            _pour(trial, name, pieces)
        _slowly(trial, chance)
        _listen(trial)
        _idle(trial)
    grown = _memory_mb(trial) - before
    trial.told["oversize: memory grew by MB"] = grown
    if grown > _GROWN_MB:
        trial.found("untyped", "oversize", "memory", f"it has grown by {grown} MB")
    if left := trial.served.drafts():
        trial.found("lost", "oversize", "drafts", f"{len(left)} are left behind")


def _memory_mb(trial: Trial) -> int:
    return sum(psutil.Process(pid).memory_info().rss >> 20 for pid in trial.served.pids)


def _head(door: Door, target: str = "/process", kind: str = "application/pdf", more: str = "") -> bytes:
    token = f"Authorization: Bearer {door.token}\r\n" if door.token else ""
    return f"POST {target} HTTP/1.1\r\nHost: {door.host}\r\n{token}Content-Type: {kind}\r\n{more}".encode()


def _large(door: Door) -> Iterator[Attack]:
    get = f"GET /health/live HTTP/1.1\r\nHost: {door.host}\r\n".encode()
    for size in (33_000, 200_000, 2_000_000):
        yield Attack(f"a header of {size}", get + b"X: " + b"a" * size + b"\r\n\r\n", {431, 0})
        yield Attack(f"a header's name of {size}", get + b"a" * size + b": x\r\n\r\n", {400, 431, 0})
        yield Attack(f"an address of {size}", b"GET /" + b"a" * size + b" HTTP/1.1\r\nHost: x\r\n\r\n", {431, 0})
        yield Attack(f"a method of {size}", b"G" * size + b" / HTTP/1.1\r\nHost: x\r\n\r\n", {400, 431, 0})
        yield Attack(f"{size // 9} headers", get + b"a: bcde\r\n" * (size // 9) + b"\r\n", {431, 0})
        yield Attack(f"a token of {size}", get + b"Authorization: Bearer " + b"a" * size + b"\r\n\r\n", {431, 0})
    for told in (3 << 20, 1 << 62, 10**40):
        yield Attack(
            f"a PDF of {told:.0e}",
            _head(door, more=f"Content-Length: {told}\r\nConnection: close\r\n\r\n") + PDF,
            {400, 413},
        )
    body = PDF + b"a" * (3 << 20)
    length = f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    yield Attack("a PDF that is too long", _head(door, more=length) + body, {413, 0})
    for text, name in (
        (b"[" * 60_000, "nested lists"), (b'{"a":' * 12_000, "nested objects"), (b"1" * 60_000, "a number"),
        (b'{"stages":[' + b'"x",' * 16_000 + b'"x"]}', "many words"),
        (b'{"by":"' + b"\\ud800" * 10_000 + b'"}', "halves"),
        (b'{"ids":["' + b"9" * 50_000 + b'"]}', "a long id"), (b'{"priority":1e999999}', "infinite"),
        (b"\xff" * 999, "no UTF-8"),
        (b'{"by":"' + b"x" * 64_000 + b'"}', "a long text"), (b" " * 70_000, "blanks"), (b'{"all":NaN}', "NaN"),
    ):  # fmt: skip
        for target in ("/api/pause", "/api/retry", "/process"):
            more = f"Content-Length: {len(text)}\r\nConnection: close\r\n\r\n"
            yield Attack(f"{name} at {target}", _head(door, target, "application/json", more) + text)
    part = b"--cut\r\nContent-Disposition: form-data; name=%s\r\n\r\nx\r\n"
    start, end = b"--cut\r\nContent-Disposition: form-data; name=file; filename=a.pdf\r\n", b"\r\n--cut--\r\n"
    for content, name in (
        (b"".join(part % b"a%d" % number for number in range(20_000)) + b"--cut--\r\n", "20,000 parts"),
        (part % (b"n" * 100_000) + b"--cut--\r\n", "a part's long name"),
        (start + b"X: " + b"y" * 1_500_000 + b"\r\n\r\n" + PDF + end, "a part's long header"),
        (start + b"x: y\r\n" * 100_000 + b"\r\n" + PDF + end, "a part's many headers"),
        (b"--cut\r\nContent-Disposition: form-data; name=a\r\n\r\n" + b"x" * 1_000_000 + end, "a long field"),
        (b"--cu" * 200_000, "a boundary that never comes"), (b"\r\n--cut" * 90_000, "boundaries alone"),
        (start + b"\r\n" + PDF + b"\r\n--cut" * 90_000, "boundaries in the file"), (b"-" * 900_000, "hyphens"),
        (start * 9_000, "heads without an end"),
    ):  # fmt: skip
        more = f"Content-Length: {len(content)}\r\nConnection: close\r\n\r\n"
        yield Attack(name, _head(door, kind="multipart/form-data; boundary=cut", more=more) + content, _ENDED)
    for boundary in ("", "x" * 300, '"', "a b", "\t", "=", ";"):
        more = "Content-Length: 9\r\nConnection: close\r\n\r\n"
        yield Attack(
            f"boundary {boundary[:9]!r}",
            _head(door, kind=f"multipart/form-data; boundary={boundary}", more=more) + b"--x\r\n\r\n--",
        )


def _endless(door: Door) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Senders that never end, by name."""
    chunk = b"10000\r\n" + b"a" * 65_536 + b"\r\n"
    block = b"a" * 65_536

    def of(first: bytes, again: bytes) -> Iterator[bytes]:
        yield first
        while True:
            yield again

    form = b"--cut\r\nContent-Disposition: form-data; name=file; filename=a.pdf\r\n\r\n" + PDF
    kind = "multipart/form-data; boundary=cut"
    yield "endless chunks", of(_head(door, more="Transfer-Encoding: chunked\r\n\r\n") + b"5\r\n%PDF-\r\n", chunk)
    yield (
        "endless small chunks",
        of(_head(door, more="Transfer-Encoding: chunked\r\n\r\n") + b"5\r\n%PDF-\r\n", b"1\r\na\r\n" * 8_000),
    )
    yield (
        "an endless form",
        of(
            _head(door, kind=kind, more="Transfer-Encoding: chunked\r\n\r\n") + b"%x\r\n%s\r\n" % (len(form), form),
            chunk,
        ),
    )
    yield (
        "an endless order",
        of(_head(door, "/api/pause", "application/json", "Transfer-Encoding: chunked\r\n\r\n"), chunk),
    )
    yield "an endless head", of(f"GET / HTTP/1.1\r\nHost: {door.host}\r\n".encode(), b"X: " + block + b"\r\n")
    yield "an endless first line", of(b"GET /", block)
    yield "an endless extension", of(_head(door, more="Transfer-Encoding: chunked\r\n\r\n") + b"5;", block)
    yield (
        "endless trailers",
        of(_head(door, more="Transfer-Encoding: chunked\r\n\r\n") + b"5\r\n%PDF-\r\n0\r\n", b"X: y\r\n" * 9_000),
    )
    yield (
        "an endless body of a question",
        of(f"GET /health/live HTTP/1.1\r\nHost: {door.host}\r\nTransfer-Encoding: chunked\r\n\r\n".encode(), chunk),
    )


def _pour(trial: Trial, name: str, pieces: Iterator[bytes]) -> None:
    """Send until it is stopped; that has to be soon."""
    row, sent, deadline = "oversize: endless", 0, time.monotonic() + _GIVEN_UP_S
    with trial.unchanged(row, name, may_change=True), closing(trial.served.door.connected()) as connection:
        connection.settimeout(1.0)
        came = b""
        with suppress(ConnectionError):
            while time.monotonic() < deadline and sent < _ENDLESS_BYTES:
                try:
                    sent += connection.send(next(pieces))
                except TimeoutError:  # it is not read any more: it is to be hung up, then
                    came += received(connection, 0.1)
            came += received(connection, 1.0)
    if sent >= _ENDLESS_BYTES and name != "an endless body of a question":
        trial.found("untyped", row, name, f"{sent} bytes were taken")
    if time.monotonic() >= deadline:
        trial.found("untyped", row, name, f"it was not stopped within {_GIVEN_UP_S} s")
    trial.judge(row, Attack(name, b"", REFUSED | {0, 200, 202}), came)
    trial.alive(row)


@dataclass(frozen=True, slots=True)
class _Slow:
    """What begins, and what comes then, a little at a time."""

    name: str
    begin: bytes
    drip: Callable[[int], bytes]
    most: int = _SLOW
    reads: bool = True


def _slow(door: Door) -> Iterator[_Slow]:
    get = f"GET /health HTTP/1.1\r\nHost: {door.host}\r\n".encode()
    long, chunked = "Content-Length: 1000000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n5\r\n%PDF-\r\n"
    page = get.replace(b"/health", b"/", 1)
    yield _Slow("heads", get + b"X: ", lambda _: b"a")
    yield _Slow("headers", get, lambda number: b"X-%d: y\r\n" % number)
    yield _Slow("answers that nobody reads", b"", lambda _: (page + b"\r\n") * 20, reads=False)
    if door.token:
        nobody = Door(door.where)
        yield _Slow("bodies without the token", _head(nobody, more=long) + PDF, lambda _: b"a")
        yield _Slow("chunks without the token", _head(nobody, more=chunked), lambda _: b"1\r\na\r\n")
    yield _Slow("bodies", _head(door, more=long) + PDF, lambda _: b"a", _SLOW_SENDERS)
    yield _Slow("chunks", _head(door, more=chunked), lambda _: b"1\r\na\r\n", _SLOW_SENDERS)
    order = _head(door, "/api/retry", "application/json", "Content-Length: 60000\r\n\r\n")
    yield _Slow("orders", order + b"{", lambda _: b" ", _SLOW_SENDERS)


def _slowly(trial: Trial, chance: random.Random) -> None:
    """All kinds at a time begin and never end; each has to be given up in time."""
    row, slow = "oversize: slow", list(_slow(trial.served.door))
    with ExitStack() as stack:
        left: dict[str, list[socket.socket]] = {one.name: [] for one in slow}
        for one in slow:
            for _ in range(one.most):
                connection = stack.enter_context(closing(trial.served.door.connected()))
                connection.settimeout(0.0)
                with suppress(OSError):
                    connection.send(one.begin)
                left[one.name].append(connection)
            trial.note(row, tried=one.most)
        began, number, took = time.monotonic(), 0, {}
        while any(left.values()) and time.monotonic() - began < _GIVEN_UP_S:
            time.sleep(0.5 + chance.random() / 4)
            number += 1
            for one in slow:
                held = [each for each in left[one.name] if _is_held(each, one.drip(number), reads=one.reads)]
                if left[one.name] and not held:
                    took[one.name] = round(time.monotonic() - began, 1)
                left[one.name] = held
        trial.told[f"{row}: given up after s"] = took
        for name, held in left.items():
            if held:
                trial.found("untyped", row, name, f"{len(held)} are still held after {_GIVEN_UP_S} s")
    trial.alive(row)


def _is_held(connection: socket.socket, more: bytes, *, reads: bool) -> bool:
    """Whether the other side still waits for it."""
    try:
        if reads:
            with suppress(BlockingIOError):
                if not connection.recv(65_536):
                    return False
        with suppress(BlockingIOError):
            connection.send(more)
    except OSError:
        return False
    return True


def _listen(trial: Trial) -> None:
    """More streams of events than there may be."""
    row, door = "oversize: streams of events", trial.served.door
    token = f"Authorization: Bearer {door.token}\r\n" if door.token else ""
    ask = f"GET /events HTTP/1.1\r\nHost: {door.host}\r\n{token}\r\n".encode()
    with ExitStack() as stack:
        statuses = []
        for _ in range(_STREAMS):
            connection = stack.enter_context(closing(door.connected()))
            connection.sendall(ask)
            head = connection.recv(16)
            statuses.append(int(head[9:12]))
        trial.note(row, *statuses, tried=_STREAMS)
        if statuses.count(200) != 32 or set(statuses) != {200, 503}:
            trial.found("untyped", row, f"{_STREAMS} at once", f"{statuses.count(200)} listen, {set(statuses)}")
        trial.alive(row)
    deadline = time.monotonic() + 10.0
    while door.ask("GET", "/health").document["requests"]["listening"]:
        if time.monotonic() > deadline:
            trial.found("untyped", row, "afterwards", "those who have gone are taken for listening")
            return
        time.sleep(0.2)


def _idle(trial: Trial) -> None:
    """More connections than there may be, on which nothing is asked."""
    row, idle = "oversize: idle connections", []
    try:
        for _ in range(_IDLE):
            with suppress(OSError):
                idle.append(trial.served.door.connected())
        trial.note(row, tried=len(idle))
        trial.alive(row)
    finally:
        for connection in idle:
            connection.close()
