"""The thread that keeps a daemon's lease: it beats, it hears, and it goes on when the database is back."""

from __future__ import annotations

import logging
import threading
from collections import deque

import pytest

from dl_lit.core.errors import DatabaseAway, DatabaseUnusable
from dl_lit.runtime.lease import Lease, keeping_lease
from dl_lit.runtime.outage import Outage
from tests.fakes.engine import ManualClock


class Store:
    """Has a lease; what the database says comes from a list: an error, or whether others wrote."""

    def __init__(self, *answers: bool | Exception) -> None:
        """When there are no more answers, others write nothing."""
        self._answers = deque(answers)
        self.beats = 0
        self.was_asked_often = threading.Event()

    def beat(self) -> None:
        """See `Leased.beat`."""
        self.beats += 1
        if self.beats >= 3:
            self.was_asked_often.set()
        if self._answers and isinstance(trouble := self._answers[0], Exception):
            self._answers.popleft()
            raise trouble

    def news(self, timeout_s: float) -> bool:
        """See `Leased.news`."""
        return bool(self._answers and self._answers.popleft())


@pytest.fixture
def heard() -> list[str]:
    return []


def lease(store: Store, heard: list[str], outage: Outage | None = None) -> Lease:
    return Lease(store, lambda: heard.append("news"), outage)


def test_news_are_told_and_silence_is_not(heard: list[str]) -> None:
    subject = lease(Store(False, True, False), heard)
    assert [(subject.once(), len(heard)) for _ in range(3)] == [(True, 0), (True, 1), (True, 1)]


def test_an_outage_is_met_and_left_behind(heard: list[str]) -> None:
    clock = ManualClock()
    outage = Outage(clock)
    subject = lease(Store(DatabaseAway("it does not answer"), DatabaseAway("it does not answer")), heard, outage)
    assert not subject.once()
    clock.advance(7.0)
    assert not subject.once()
    assert outage.lasts_s == 7.0
    assert subject.once()
    assert outage.lasts_s == 0.0


def test_a_lease_that_cannot_be_renewed_is_told_once_and_when_it_is_over(
    heard: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    refused = DatabaseUnusable("permission denied for table daemons")
    subject = lease(Store(refused, refused), heard)
    with caplog.at_level(logging.INFO, "dl_lit.runtime.lease"):
        assert [subject.once() for _ in range(4)] == [False, False, True, True]
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert "permission denied" in caplog.messages[0]


def test_what_is_no_trouble_of_the_database_is_not_swallowed(heard: list[str]) -> None:
    with pytest.raises(ZeroDivisionError):
        lease(Store(ZeroDivisionError()), heard).once()


def test_the_lease_is_kept_for_as_long_as_the_work_goes_on() -> None:
    store = Store()
    with keeping_lease(store, lambda: None, Outage()):
        assert store.was_asked_often.wait(30.0)
    assert not any(thread.name == "lease" for thread in threading.enumerate())


def test_a_store_without_a_lease_needs_no_thread() -> None:
    with keeping_lease(object(), lambda: None, Outage()):
        assert not any(thread.name == "lease" for thread in threading.enumerate())
