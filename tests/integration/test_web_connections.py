"""What comes over connections that is no proper request, or nothing at all: over a real socket."""

from __future__ import annotations

import json
import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from db.connect import open_database
from dl_lit.web.receiving import Pace
from tests.fakes.control import PDF, Running, on_socket, running, settings_in
from tests.fakes.databases import database_in


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("connections")
    open_database(database_in(folder, has_tables=True), synchronous="NORMAL").dispose()
    with running(settings_in(folder), on_socket(folder)) as one:
        one.application.pace = Pace(idle_s=0.3)
        yield one


def connected(server: Running) -> socket.socket:
    connection = server.connection()
    connection.connect()
    return connection.sock


def all_of(connection: socket.socket) -> bytes:
    """What comes until the other side hangs up."""
    found = b""
    try:
        while block := connection.recv(65_536):
            found += block
    except ConnectionResetError:
        pass
    return found


HEAD = b"POST /process HTTP/1.1\r\nHost: x\r\nContent-Type: application/pdf\r\n"


def test_a_request_that_follows_at_once_is_not_taken_for_silence(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dl_lit.web.patience.QUIET_S", 0.05)
    with closing(connected(server)) as one:
        one.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n" + HEAD + b"Content-Length: 9000\r\n\r\n" + PDF)
        found = all_of(one)
    assert found.startswith(b"HTTP/1.1 200")
    assert b"HTTP/1.1 408" in found, "its body was waited for as long as any other"


def test_whoever_goes_on_sending_after_the_answer_is_hung_up_on(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dl_lit.web.patience.UNASKED_BYTES", 1 << 20)
    chunk = b"10000\r\n" + b"a" * 65_536 + b"\r\n"
    with closing(connected(server)) as one:
        one.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert one.recv(12) == b"HTTP/1.1 200"
        with pytest.raises(ConnectionError):
            one.sendall(chunk * 1_000)
    head = b"GET /health/live HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n"
    with closing(connected(server)) as one:
        one.sendall(head + b"a" * 900_000 + b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert all_of(one).count(b"HTTP/1.1 200") == 2, "what is not too much is thrown away"


def test_whoever_asks_and_reads_nothing_is_let_go(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dl_lit.web.patience.UNREAD_S", 0.02)
    with closing(connected(server)) as one:
        one.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 30)
        gone = select.poll()
        gone.register(one, select.POLLRDHUP)
        assert gone.poll(10_000)
        assert 0 < all_of(one).count(b"HTTP/1.1 200") < 30


@pytest.mark.parametrize(
    ("sent", "status", "reason"),
    [
        (b"\x16\x03\x01 no HTTP at all\r\n\r\n", 400, "bad-http"),
        (b"GET /health HTTP/1.1\r\n\r\n", 400, "bad-http"),
        (b"GET /health HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 40_000, 431, "head-too-long"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n" + PDF, 400, "bad-http"),
        (HEAD + b"Content-Length: many\r\n\r\n", 400, "bad-http"),
    ],
)
def test_what_is_no_http_is_told_so_in_the_one_form(
    server: Running, caplog: pytest.LogCaptureFixture, *, sent: bytes, status: int, reason: str
) -> None:
    with closing(connected(server)) as one:
        one.sendall(sent)
        head, _, body = all_of(one).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert json.loads(body)["reason"] == reason
    assert caplog.records == [], "whoever sends it does not fill the log"


def test_whoever_wishes_another_protocol_is_answered_in_this_one(
    server: Running, caplog: pytest.LogCaptureFixture
) -> None:
    answer = server.get("/health/live", Connection="Upgrade", Upgrade="websocket", Sec_WebSocket_Version="13")
    assert (answer.status, caplog.records) == (200, [])


def test_where_there_are_too_many_connections_the_longest_idle_goes(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dl_lit.web.patience.MOST", 4)
    with ExitStack() as stack:
        at_work = stack.enter_context(closing(connected(server)))
        at_work.sendall(HEAD + b"Content-Length: 9000\r\n\r\n")
        while not server.get("/health").json["requests"]["handling"]:
            pass
        idle = [stack.enter_context(closing(connected(server))) for _ in range(4)]
        assert server.get("/health/live").status == 200
        assert all_of(idle[0]) == b""
        idle[-1].sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert b"200" in all_of(idle[-1])
        assert b"408" in all_of(at_work), "nobody who is being answered is sent away"
