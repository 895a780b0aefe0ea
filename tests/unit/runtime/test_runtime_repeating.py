"""Small things done again and again beside the work."""

from __future__ import annotations

import threading

from structlog.testing import capture_logs

from dl_lit.core.errors import DatabaseDamaged, DatabaseUnusable, DlLitError
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


def test_a_damaged_database_is_told_to_who_can_end_the_work() -> None:
    """It used to be a line in the log, and the work went on."""
    heard: list[DlLitError] = []

    def meet() -> None:
        raise DatabaseDamaged("damaged")

    with capture_logs():
        Repeating("test", 60.0, [meet], give_up=heard.append).once()
    assert [str(one) for one in heard] == ["damaged"]
