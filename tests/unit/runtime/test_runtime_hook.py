"""Commands of the operator's, and the queue before them: real child processes and threads."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from dl_lit.runtime.hook import run_hook
from dl_lit.runtime.outbox import Outbox
from tests.fakes.engine import eventually

ENV = {"PATH": os.defpath, "DL_LIT_EVENT": "test"}


def python(code: str, *, told: bytes = b"{}", timeout_s: float = 20.0) -> tuple[int | None, str, bool]:
    ended = run_hook([sys.executable, "-S", "-c", code], told, ENV, timeout_s=timeout_s)
    return ended.code, ended.output, ended.is_overdue


def test_a_hook_reads_what_it_is_told_and_only_what_it_may() -> None:
    """All of a long event, and nothing of our own environment."""
    os.environ["DL_LIT_OPENALEX_KEY"] = "secret"
    try:
        code, output, _ = python(
            "import sys, os; known = os.environ\n"
            "print(len(sys.stdin.read()), known['DL_LIT_EVENT'], 'DL_LIT_OPENALEX_KEY' in known)",
            told=b"x" * 300_000,
        )
    finally:
        del os.environ["DL_LIT_OPENALEX_KEY"]
    assert (code, output) == (0, "300000 test False\n")


def test_a_hook_that_prints_without_end_and_does_not_listen_is_cut_short() -> None:
    code, output, _ = python("import sys; sys.stdin.close(); print('y' * 1_000_000); sys.exit(3)", told=b"x" * 300_000)
    assert (code, len(output)) == (3, 4_000)


def test_a_hook_that_hangs_is_killed_with_what_it_started(tmp_path: Path) -> None:
    """Even where it has closed its pipes."""
    pid = tmp_path / "pid"
    script = f"sleep 60 & echo $! > '{pid}'; exec >&- 2>&-; sleep 60"
    ended = run_hook(["sh", "-c", script], b"{}", ENV, timeout_s=0.5)
    assert (ended.code, ended.is_overdue) == (-9, True)
    status = Path(f"/proc/{pid.read_text().strip()}/stat")
    eventually(lambda: not status.exists() or status.read_text().split()[2] in "ZX")


def test_what_cannot_be_started_is_said() -> None:
    ended = run_hook(["/no/such/program"], b"", ENV, timeout_s=0.5)
    assert (ended.code, ended.is_well) == (None, False)
    assert ended.says.startswith("could not be started: ")
    failed = run_hook(["sh", "-c", "echo no room >&2; exit 2"], b"", ENV, timeout_s=9.0)
    assert failed.says == "ended with 2: no room"


def test_whoever_hands_in_never_waits_and_the_oldest_go() -> None:
    sent: list[int] = []
    go_on = threading.Event()

    def send(one: int) -> None:
        assert go_on.wait(10)
        sent.append(one)

    with Outbox[int]("test", send, size=3) as outbox:
        for one in range(10):
            outbox.put(one)
        go_on.set()
    assert sent[-3:] == [7, 8, 9]
    assert len(sent) + outbox.lost == 10


def test_what_cannot_be_sent_at_the_end_is_given_up() -> None:
    never = threading.Event()
    with Outbox[int]("test", lambda _one: never.wait(10) and None, end_s=0.01) as outbox:
        outbox.put(1)
        outbox.put(2)
    never.set()
    assert outbox.lost >= 1


def test_a_sender_that_breaks_is_told_and_goes_on() -> None:
    sent: list[int] = []

    def send(one: int) -> None:
        if one == 1:
            raise ZeroDivisionError
        sent.append(one)

    with capture_logs() as logs, Outbox[int]("test", send) as outbox:
        outbox.put(1)
        outbox.put(2)
    assert (sent, [one["event"] for one in logs]) == ([2], ["outbox_failed"])


@pytest.mark.parametrize("number", [0, 1])
def test_an_outbox_ends_at_once_when_nothing_is_left(number: int) -> None:
    sent: list[int] = []
    with Outbox[int]("test", sent.append) as outbox:
        for one in range(number):
            outbox.put(one)
    assert sent == list(range(number))
