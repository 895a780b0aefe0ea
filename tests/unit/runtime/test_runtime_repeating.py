"""Small things done again and again beside the work."""

from __future__ import annotations

import threading

from structlog.testing import capture_logs

from dl_lit.core.errors import DatabaseUnusable
from dl_lit.runtime.repeating import Repeating


def test_actions_are_called_again_and_again_until_it_is_left() -> None:
    called = threading.Semaphore(0)
    with Repeating("test", 0.001, [called.release]) as repeating:
        assert all(called.acquire(timeout=10) for _ in range(3))
    assert not repeating._thread.is_alive()


def test_an_action_that_fails_is_told_once_and_stops_no_other() -> None:
    calls: list[str] = []

    def fail() -> None:
        calls.append("failed")
        raise ZeroDivisionError

    repeating = Repeating("test", 60.0, [fail, lambda: calls.append("fine")])
    with capture_logs() as logs:
        for _ in range(3):
            repeating.once()
    assert calls == ["failed", "fine"] * 3
    assert [entry["event"] for entry in logs] == ["repeating_failed"]


def test_trouble_that_has_a_name_is_told_in_one_line() -> None:
    def refuse() -> None:
        raise DatabaseUnusable("the database cannot be used now")

    repeating = Repeating("test", 60.0, [refuse])
    with capture_logs() as logs:
        repeating.once()
    assert [(entry["event"], entry["error"], "exc_info" in entry) for entry in logs] == [
        ("repeating_failed", "the database cannot be used now", False)
    ]
