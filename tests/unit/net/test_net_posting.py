"""What is sent to an address of the operator's own."""

from __future__ import annotations

import socket

import pytest

from dl_lit.core.clock import SystemClock
from dl_lit.core.memory import Departure, Ending
from dl_lit.net.posting import Posted, Poster
from tests.fakes.receiver import receiving


class Book:
    """A ledger in memory."""

    def __init__(self) -> None:
        self.noted: list[Departure] = []

    def note(self, departure: Departure) -> None:
        self.noted.append(departure)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass


def poster(url: str, book: Book | None = None, *, offline: bool = False, timeout_s: float = 5.0) -> Poster:
    return Poster(
        url,
        user_agent="dl_lit/test",
        clock=SystemClock(),
        purpose="notify",
        timeout_s=timeout_s,
        ledger=book,
        offline=offline,
    )


def test_what_is_posted_arrives_and_stands_in_the_ledger() -> None:
    """As it is, with the headers given, under its purpose; to a private address, since the operator named it."""
    book = Book()
    with receiving() as receiver, poster(receiver.url, book) as one:
        assert one.post(f"{receiver.url}/hook", b"{}", {"X-Signed": "yes"}) == Posted(status=200)
    (got,) = receiver.got
    assert (got.path, got.body, got.headers["x-signed"]) == ("/hook", b"{}", "yes")
    assert got.headers["user-agent"] == "dl_lit/test"
    assert {(one.purpose, one.method, one.ending) for one in book.noted} == {("notify", "POST", Ending.OK)}


@pytest.mark.parametrize(
    ("status", "may_repeat", "after_s"), [(503, True, 7.0), (429, True, 7.0), (404, False, 7.0), (302, False, 7.0)]
)
def test_what_is_refused_says_whether_it_may_be_repeated(status: int, may_repeat: bool, after_s: float) -> None:
    """And when; a redirect is a refusal."""
    with receiving() as receiver, poster(receiver.url) as one:
        receiver.answers.append((status, {"Retry-After": "7", "Location": receiver.url}))
        ended = one.post(receiver.url, b"", {})
        assert len(receiver.got) == 1
    expected = Posted(status=status, why=f"HTTP {status}", may_repeat=may_repeat, after_s=after_s)
    assert ended == expected
    assert not ended.is_taken


def test_nobody_there_is_said_without_the_address() -> None:
    """The address may be a secret."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/secret"
        with poster(url) as one:
            assert one.post(url, b"", {}) == Posted(status=None, why="connection-reset", may_repeat=True)


def test_one_that_does_not_answer_is_waited_for_so_long_only() -> None:
    """The thread that posts has other things to do."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with poster(url, timeout_s=0.05) as one:
            assert one.post(url, b"", {}).why == "timeout-read"


def test_offline_only_this_machine_is_sent_to() -> None:
    """Nothing else is even looked up."""
    with receiving() as receiver, poster(receiver.url, offline=True) as one:
        assert one.post(receiver.url, b"", {}).is_taken
    with poster("http://collector.example:4318", offline=True) as one:
        assert one.post("http://collector.example:4318", b"", {}).why == "offline"


def test_no_other_host_can_be_reached_by_it() -> None:
    """The one that was named, and no other private address."""
    with receiving() as receiver, poster("http://127.0.0.2:1") as one:
        assert one.post(receiver.url, b"", {}).why == "unsafe-url"
