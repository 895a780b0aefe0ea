"""The line to a Zotero: whom it reaches, what it waits for, and when it cannot be told what was done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dl_lit.core.errors import ServiceError
from dl_lit.core.reasons import Reason
from dl_lit.net.zotero import Unheard, ZoteroLine
from tests.fakes.loopback_server import LoopbackServer, Reply, Seen
from tests.fakes.scenario import HandClock

Opened = Callable[..., ZoteroLine]


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as made:
        yield made


@pytest.fixture
def waited() -> list[float]:
    return []


@pytest.fixture
def opened(server: LoopbackServer, waited: list[float]) -> Iterator[Opened]:
    lines = []

    def one(url: str | None = None, *, is_local: bool = True) -> ZoteroLine:
        line = ZoteroLine(
            url or server.url(""), user_agent="dl_lit/1", clock=HandClock(), wait=waited.append, timeout_s=5.0,
            is_local=is_local,
        )  # fmt: skip
        lines.append(line)
        return line

    yield one
    for line in lines:
        line.close()


def test_the_program_here_is_the_only_one_that_is_reached(opened: Opened) -> None:
    """Another port of this machine, or its name, is somebody else."""
    with LoopbackServer() as other, pytest.raises(Unheard) as told:
        opened(other.url("").replace("127.0.0.1", "10.0.0.1")).ask("GET", "/api/")
    assert told.value.reason is Reason.OFFLINE
    assert not other.seen


def test_a_file_goes_to_the_same_program_whatever_host_it_names(
    opened: Opened, server: LoopbackServer, tmp_path: Path
) -> None:
    """Zotero names localhost; a program in its place could name anybody."""
    file = tmp_path / "a.pdf"
    file.write_bytes(b"%PDF" * 50_000)
    server.routes["/api/local/uploads/k"] = Reply(201)
    answer = opened().send_file("http://evil.example/api/local/uploads/k", file, content_type="application/pdf")
    assert answer.status == 201
    (seen,) = server.seen
    assert (seen.body, seen.headers["content-type"]) == (file.read_bytes(), "application/pdf")
    assert "zotero-api-key" not in seen.headers


@pytest.mark.parametrize("url", ["http://storage.example/x", "https://127.0.0.1:1/x", "https://169.254.169.254/x"])
def test_a_file_goes_to_others_by_https_and_to_the_internet_only(opened: Opened, tmp_path: Path, url: str) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(b"%PDF")
    with pytest.raises(ServiceError) as told:
        opened(is_local=False).send_file(url, file, content_type="application/pdf")
    assert told.value.reason in {Reason.BAD_ANSWER, Reason.UNSAFE_URL}


def test_what_passes_is_tried_again_and_a_pause_is_kept_before_the_next(
    opened: Opened, server: LoopbackServer, waited: list[float]
) -> None:
    replies = [Reply(503), Reply(429, {"Retry-After": "11"}), Reply(200, {"Backoff": "5"}, b"[]"), Reply(200)]
    server.routes["*"] = lambda _seen: replies.pop(0)
    line = opened()
    assert line.ask("GET", "/x").status == 200
    assert waited == [1.0, 11.0]
    line.ask("GET", "/y")
    assert waited == [1.0, 11.0, 5.0]


def test_an_answer_that_does_not_come_is_asked_for_again_only_where_nothing_was_written(
    opened: Opened, server: LoopbackServer
) -> None:
    lost = 0

    def route(_seen: Seen) -> Reply:
        nonlocal lost
        lost += 1
        return Reply(raw=b"", reset=True) if lost == 1 else Reply(200)

    server.routes["*"] = route
    with pytest.raises(Unheard):
        opened().ask("POST", "/x", body=b"{}")
    assert lost == 1


def test_where_nobody_may_be_there_silence_is_not_waited_out(opened: Opened, waited: list[float]) -> None:
    with LoopbackServer() as gone:
        url = gone.url("")
    with pytest.raises(Unheard):
        opened(url).ask("GET", "/api/", is_first=True)
    assert waited == []
