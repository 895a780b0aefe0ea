"""Heads that two programs might read differently are not read at all."""

from __future__ import annotations

import h11
import pytest

from dl_lit.web.framing import PlainConnection

HEAD = b"POST /process HTTP/1.1\r\nHost: x\r\n"
CHUNKS = b"0\r\n\r\n"


def events(sent: bytes, *, at_once: bool = True) -> list[str]:
    """The names of what comes of it, whole or a byte at a time, until more is needed."""
    connection = PlainConnection()
    found: list[str] = []
    for block in [sent] if at_once else [sent[n : n + 1] for n in range(len(sent))]:
        connection.receive_data(block)
        while (event := connection.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
            found.append(type(event).__name__)
    return found


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize(
    "sent",
    [
        HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKS,
        HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n" + CHUNKS,
        HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" + CHUNKS,
        HEAD + b"Transfer-Encoding: xchunked\r\n\r\n" + CHUNKS,
        HEAD + b"Transfer-Encoding : chunked\r\n\r\n" + CHUNKS,
        HEAD + b"Transfer-Encoding:\x0bchunked\r\n\r\n" + CHUNKS,
        HEAD + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        HEAD + b"Content-Length: 5\r\ncontent-length : 6\r\n\r\nhello",
        HEAD + b"Content-Length: +5\r\n\r\nhello",
        HEAD + b"Content-Length: 0x5\r\n\r\nhello",
        HEAD + b"Content-Length: 5, 6\r\n\r\nhello",
        HEAD + b"A: b\nContent-Length: 5\r\n\r\nhello",
        HEAD + b"A: b\rContent-Length: 5\r\n\r\nhello",
        HEAD + b"A: b\r\n Content-Length: 5\r\n\r\n",
        HEAD + b"A: b\0\r\n\r\n",
        HEAD.replace(b"\r", b"") + b"\n",
        HEAD.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKS,
        HEAD.replace(b"1.1", b"2.0") + b"\r\n",
        b"GET /health\r\n\r\n",
        b"\r\n" + HEAD + b"\r\n",
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(sent: bytes, *, at_once: bool) -> None:
    with pytest.raises(h11.RemoteProtocolError):
        events(sent, at_once=at_once)


CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        CHUNKED + b"1\r\na\r\n" * 1_025,
        CHUNKED + b"1000\r\n" + b"a" * 4096 + b"\r\n" + b"1\r\na\r\n" * 1_050,
        HEAD + b"A: " + b"b" * 33_000 + b"\r\n\r\n",
        HEAD + b"A: b\r\n" * 6_000 + b"\r\n",
    ],
)
def test_what_costs_more_to_read_than_it_says_is_refused(sent: bytes) -> None:
    with pytest.raises(h11.RemoteProtocolError):
        events(sent)


def test_small_chunks_are_read_where_they_are_few_or_stand_beside_large_ones() -> None:
    ends = b"0\r\n\r\n"
    for chunks in (b"1\r\na\r\n" * 1_024, (b"1000\r\n" + b"a" * 4096 + b"\r\n1\r\na\r\n") * 2_000):
        assert events(CHUNKED + chunks + ends)[-1] == "EndOfMessage"


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (HEAD + b"\r\n", ["Request", "EndOfMessage"]),
        (HEAD + b"Content-Length: 6\r\n\r\nhe\nl\r\n", ["Request", "Data", "EndOfMessage"]),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n\n \r\n0\r\n\r\n", ["Request", "Data", "EndOfMessage"]),
        (HEAD + b"A:\tb \r\n\r\nGET\n\n", ["Request", "EndOfMessage"]),
    ],
)
def test_plain_heads_are_read_whatever_their_bodies_hold(sent: bytes, expected: list[str], *, at_once: bool) -> None:
    assert list(dict.fromkeys(events(sent, at_once=at_once))) == expected
