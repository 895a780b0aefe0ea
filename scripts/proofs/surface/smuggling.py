"""A second request that hides behind or within the first: in its body, its head, its length.

What is hidden pauses all work, with the right token, so that it shows where it gets through. Besides what is known to
have worked on others, `rounds` streams of requests are garbled by chance; a reader of our own, as strict as RFC 9112
allows (https://www.rfc-editor.org/rfc/rfc9112, read 2026-11-23), says how many requests are in each at most.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from proofs.surface.trial import REFUSED, Attack, Trial
from proofs.surface.wire import PDF, Door

_MARK = b"smuggled"
_DROPPED = REFUSED | {0}
_TOKEN_CHARS = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_LINE = re.compile(rb"(" + _TOKEN_CHARS + rb") (\S+) HTTP/1\.([01])")
_FIELD = re.compile(rb"(" + _TOKEN_CHARS + rb"):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*?)[ \t]*")


def try_smuggling(trial: Trial, chance: random.Random, rounds: int) -> None:
    """Send all of it, and as many garbled streams as there are rounds; first, one pair that is to get through."""
    door = trial.served.door
    _try_reader(trial)
    trial.attack("smuggling: known ways", _known(door))
    trial.attack("smuggling: within uploads", _within(door))
    trial.attack("smuggling: garbled by chance", _garbled(door, chance, rounds))


def hidden(door: Door) -> bytes:
    """The request that must not get through: it pauses all stages."""
    body = b'{"by":"%s"}' % _MARK
    return (
        b"POST /api/pause HTTP/1.1\r\nHost: %s\r\n%sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
        % (door.host.encode(), _token(door), len(body), body)
    )


def _token(door: Door) -> bytes:
    return b"Authorization: Bearer %s\r\n" % door.token.encode() if door.token else b""


def _try_reader(trial: Trial) -> None:
    """What is pipelined honestly is answered, both of it: or the proof would see nothing."""
    door = trial.served.door
    pair = (
        b"POST /api/resume HTTP/1.1\r\nHost: %s\r\n%sContent-Length: 2\r\n\r\n{}" % (door.host.encode(), _token(door))
        + b"GET /health/live HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % door.host.encode()
    )
    one = Attack("an honest pair", pair, {200}, at_most=2)
    came = trial.judge("smuggling: honest pipelining", one, door.said(pair))
    if [answer.status for answer in came] != [200, 200] or requests(pair) != 2:
        trial.found("lost", "smuggling: honest pipelining", one.name, f"{[answer.status for answer in came]}")


def _known(door: Door) -> Iterator[Attack]:
    inner = hidden(door)
    host, token = door.host.encode(), _token(door)
    kind = b"Content-Type: application/pdf\r\n"
    post = b"POST /process HTTP/1.1\r\nHost: %s\r\n%s%s" % (host, token, kind)
    get = b"GET /health/live HTTP/1.1\r\nHost: %s\r\n" % host
    chunked = b"Transfer-Encoding: chunked\r\n"
    size = b"Content-Length: %d\r\n"
    for start, name in ((post, "POST"), (get, "GET")):
        yield Attack(f"CL.TE {name}", start + size % (5 + len(inner)) + chunked + b"\r\n0\r\n\r\n" + inner)
        yield Attack(
            f"TE.CL {name}", start + chunked + size % 4 + b"\r\n%x\r\n" % len(inner) + inner + b"\r\n0\r\n\r\n"
        )
        yield Attack(f"CL.0 {name}", start + b"Content-Length: 0\r\n" + size % len(inner) + b"\r\n" + inner)
        yield Attack(f"CL twice {name}", start + size % len(inner) * 2 + b"\r\n" + inner)
        yield Attack(f"CL twice, another {name}", start + size % len(inner) + b"Content-Length: 0\r\n\r\n" + inner)
        yield Attack(f"CL list {name}", start + b"Content-Length: 0, %d\r\n\r\n" % len(inner) + inner)
        for value in (
            b"+0",
            b"-1",
            b"0x0",
            b"0 0",
            b"",
            b"1e1",
            b"\xc2\xb20",
            b"00000000000000000000000000000000000001_0",
        ):
            yield Attack(f"CL {value!r} {name}", start + b"Content-Length: " + value + b"\r\n\r\n" + inner)
        for header in (
            *(b"Transfer-Encoding: xchunked", b"Transfer-Encoding : chunked", b"Transfer-Encoding:\x0bchunked"),
            *(
                b"Transfer-Encoding: chunked, identity",
                b"Transfer-Encoding: identity, chunked",
                b"Transfer-Encoding: gzip",
            ),
            *(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", b"X: y\nTransfer-Encoding: chunked"),
            *(b"Transfer-Encoding:\r\n chunked", b"Transfer-Encoding: \x00chunked", b" Transfer-Encoding: chunked"),
            *(b"X: y\rTransfer-Encoding: chunked", b"Transfer-Encoding: cow\r\nTransfer-Encoding: chunked"),
            *(b'Transfer-Encoding: "chunked"', b"Transfer-Encoding: chunked;q=1", b"Transfer\\Encoding: chunked"),
        ):
            yield Attack(f"TE.TE {header!r} {name}", start + header + b"\r\n" + size % 5 + b"\r\n0\r\n\r\n" + inner)
        for end in (b"\n\n", b"\r\n\n", b"\n\r\n"):
            yield Attack(f"the head ends {end!r} {name}", start[:-2] + end + inner)
        yield Attack(f"folded CL {name}", start + b"Content-Length:\r\n 0\r\n\r\n" + inner)
        yield Attack(f"bare LF {name}", start + b"X: y\n" + size % len(inner) + b"\r\n" + inner)
    ten = post.replace(b"1.1", b"1.0")
    yield Attack("chunks in HTTP/1.0", ten + chunked + b"\r\n0\r\n\r\n" + inner)
    yield Attack("HTTP/1.0 and more", ten + b"Content-Length: 0\r\n\r\n" + inner, {422})
    for line in (
        b"GET /health/live",
        b"GET /health/live\r\n",
        b"GET",
        b"/health/live HTTP/1.1",
        b"GET /health/live HTTP/0.9",
    ):
        yield Attack(f"HTTP/0.9 {line!r}", line + b"\r\n\r\n" + inner)
    for version in (b"2.0", b"1.2", b"1.1 HTTP/1.1", b"9.9", b"1.10", b"01.1"):
        yield Attack(f"HTTP/{version!r}", b"GET /health/live HTTP/%s\r\nHost: %s\r\n\r\n" % (version, host) + inner)
    yield Attack("HTTP/2 at once", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9) + inner)
    for target in (
        *(
            b"http://%s/health/live" % host,
            b"http://evil.example/api/pause",
            b"https://%s/api/pause" % host,
            b"//api/pause",
        ),
        *(b"*", b"%s" % host, b"/api/pause#x", b"/api/pause /x", b"/api/pause\t", b"?", b"api/pause", b"/%2fapi/pause"),
    ):
        for method in (b"POST", b"OPTIONS", b"CONNECT"):
            line = b"%s %s HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n%s" % (method, target, token)
            body = b"Content-Length: 2\r\n\r\n{}"
            yield Attack(f"{method.decode()} {target.decode()}", line + body, REFUSED | {204})
    for line in (
        b" GET / HTTP/1.1",
        b"GE T / HTTP/1.1",
        b"GET  / HTTP/1.1",
        b"GET /\x00 HTTP/1.1",
        b"GET /\xff HTTP/1.1",
    ):
        yield Attack(f"first line {line!r}", line + b"\r\nHost: %s\r\n\r\n" % host + inner)


def _within(door: Door) -> Iterator[Attack]:
    """Requests in the bodies of others, whose ends are told as they should be, or not."""
    inner = hidden(door)
    post = b"POST /process HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n%s" % (door.host.encode(), _token(door))
    keep = post.replace(b"Connection: close\r\n", b"")
    pdf = b"Content-Type: application/pdf\r\n"
    for content, name in ((PDF + inner, "in a PDF"), (inner, "as the body"), (PDF + b"\r\n\r\n" + inner * 3, "thrice")):
        may = {202} if b"%PDF" in content else {422}
        for start, how in ((post, "closing"), (keep, "kept open")):
            ends = how == "kept open"
            yield (
                Attack(
                    f"{name}, with its length, {how}",
                    start + pdf + b"Content-Length: %d\r\n\r\n" % len(content) + content,
                    may | ({0} if ends else set()),
                    may_change=True,
                    then=_nothing_smuggled(door),
                    ends=False,
                )
                if not ends
                else _left(start + pdf + b"Content-Length: %d\r\n\r\n" % len(content) + content, name, may, door)
            )
        size = b"%x" % len(content)
        chunks = b"\r\n".join((size, content, b"0", b"", b""))
        for ending, how in (
            (chunks, "in a chunk"),
            (chunks.replace(size, size + b';x="\r\n0"', 1), "behind a line in an extension"),
            (chunks.replace(size, size + b";name=value;other", 1), "behind an extension"),
            (chunks[:-2] + b"Content-Length: 0\r\nAuthorization: Bearer x\r\nX: y\r\n\r\n", "before trailers"),
        ):
            yield Attack(
                f"{name}, {how}",
                post + pdf + b"Transfer-Encoding: chunked\r\n\r\n" + ending,
                may | {400},
                may_change=True,
                then=_nothing_smuggled(door),
            )
    for wrong in (b"FFFFFFFFFFFFFFFFF", b"-1", b"0x5", b"5 ", b" 5", b"5\n", b"", b"g", b"5;" + b"x" * 40_000):
        body = b"Transfer-Encoding: chunked\r\n\r\n" + wrong + b"\r\n" + PDF[:5] + b"\r\n0\r\n\r\n" + inner
        yield Attack(
            f"a chunk of {wrong[:20]!r}",
            keep + pdf + body,
            _DROPPED | {202},
            may_change=True,
            ends=True,
            then=_nothing_smuggled(door),
        )
    yield Attack(
        "a chunk that is longer", post + pdf + b"Transfer-Encoding: chunked\r\n\r\n5\r\n%PDF-xx\r\n0\r\n\r\n" + inner
    )
    yield Attack(
        "chunks that end otherwise",
        keep + pdf + b"Transfer-Encoding: chunked\r\n\r\n5\r\n%PDF-\r\n0\r\n\n" + inner,
        _DROPPED | {202, 422},
        may_change=True,
        ends=True,
        at_most=2,
    )
    form = b"--cut\r\nContent-Disposition: form-data; name=file; filename=a.pdf\r\n\r\n%s\r\n--cut--\r\n"
    for content, name in ((PDF + inner, "in a form"), (PDF + b"\r\n--cut--\r\n" + inner, "behind a form's end")):
        body = form % content
        head = b"Content-Type: multipart/form-data; boundary=cut\r\nContent-Length: %d\r\n\r\n" % len(body)
        yield Attack(name, post + head + body, {202, 400}, may_change=True, then=_nothing_smuggled(door))
    yield Attack(
        "a body that is shorter than told", keep + pdf + b"Content-Length: 99999\r\n\r\n" + inner, _DROPPED, ends=True
    )
    wait = b"Expect: 100-continue\r\nContent-Length: 9\r\n"
    yield Attack("while 100 is awaited", post + pdf + wait + b"\r\n" + inner, _DROPPED)
    yield Attack(
        "an upgrade", post + b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nContent-Length: 0\r\n\r\n" + inner
    )


def _left(sent: bytes, name: str, may: set[int], door: Door) -> Attack:
    """Kept open; the last that is asked closes it."""
    last = b"GET /health/live HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % door.host.encode()
    return Attack(
        f"{name}, kept open", sent + last, may | {200}, at_most=2, may_change=True, then=_nothing_smuggled(door)
    )


def _nothing_smuggled(door: Door):  # type: ignore[no-untyped-def]  # noqa: ANN202 - as `Attack.then`
    def look(_came: object) -> Iterator[str]:
        if _MARK in door.ask("GET", "/api/status").body:
            yield "the hidden request has paused the work"

    return look


def _garbled(door: Door, chance: random.Random, rounds: int) -> Iterator[Attack]:
    """Streams of honest requests in which some bytes are put in, left out, doubled or changed."""
    bits = (b"\r", b"\n", b"\r\n", b" ", b"\t", b":", b"\0", b"0", b"5", b"chunked", b";", b",", b"\x0b", b"\xa0",
            b"Content-Length: 0\r\n", b"Transfer-Encoding: chunked\r\n", b"\r\n\r\n", b"0\r\n\r\n")  # fmt: skip
    inner = hidden(door)
    host = door.host.encode()
    outer = [
        b"POST /process HTTP/1.1\r\nHost: %s\r\nContent-Type: application/pdf\r\nContent-Length: %d\r\n\r\n%s"
        % (host, len(inner), inner),
        b"POST /process HTTP/1.1\r\nHost: %s\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n"
        % (host, len(inner), inner),
        b"GET /health/live HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n%s" % (host, len(inner), inner),
    ]
    for number in range(rounds):
        stream = bytearray(chance.choice(outer))
        end = stream.find(b"/api/pause")
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(end)
            length = chance.choice((0, 0, 0, 1, 2))
            stream[at : at + length] = chance.choice(bits)
        sent = bytes(stream)
        most = requests(sent)
        yield Attack(
            f"round {number}: {sent[:end]!r}", sent, _DROPPED | {200, 202, 204}, at_most=most + 1, ends=True,
            may_change=hidden_gets_through(sent),
        )  # fmt: skip


def requests(stream: bytes) -> int:
    """How many whole requests are in it, read as strictly as the RFC allows."""
    return len(list(_requests(stream)))


def hidden_gets_through(stream: bytes) -> bool:
    """Whether one of them is the pause itself."""
    return any(target == b"/api/pause" for target in _requests(stream))


def _requests(stream: bytes) -> Iterator[bytes]:
    """The targets of the requests in it; it ends at the first that is no request."""
    while stream:
        head, sign, rest = stream.partition(b"\r\n\r\n")
        line, *lines = head.split(b"\r\n")
        first = _LINE.fullmatch(line)
        fields = [_FIELD.fullmatch(one) for one in lines]
        if not sign or first is None or not all(fields):
            return
        told = [(one[1].lower(), one[2].strip()) for one in fields if one is not None]
        lengths = [text for name, text in told if name == b"content-length"]
        codings = [text.lower() for name, text in told if name == b"transfer-encoding"]
        if len(lengths) + len(codings) > 1 or any(coding != b"chunked" for coding in codings):
            return
        if codings:
            end = _end_of_chunks(rest)
            if end is None or first[3] == b"0":
                return
            stream = rest[end:]
        else:
            size = lengths[0] if lengths else b"0"
            if not re.fullmatch(rb"[0-9]+", size) or len(rest) < int(size):
                return
            stream = rest[int(size) :]
        yield first[2]


def _end_of_chunks(data: bytes) -> int | None:
    at = 0
    while match := re.compile(rb"([0-9A-Fa-f]{1,15})[^\r\n]*\r\n").match(data, at):
        size = int(match[1], 16)
        at = match.end() + size
        if not size:
            end = data.find(b"\r\n\r\n", at - 2)
            return None if end < 0 else end + 4
        if data[at : at + 2] != b"\r\n":
            return None
        at += 2
    return None
