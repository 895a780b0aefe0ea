"""Asking with a memory and a real cache: nothing is asked twice, neither in turn nor at once."""

from __future__ import annotations

import contextlib
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from db.cache.store import DiskCache
from dl_lit.core.errors import RequestRefused, ServiceError
from dl_lit.core.ports import ServiceAnswer
from dl_lit.core.reasons import Reason
from dl_lit.net.remembering import Lifetimes, RememberingCalls
from tests.fakes.loopback_server import Reply
from tests.fakes.service_calls import FakeServiceCalls

DAY_S = 86_400.0
RECORD = json.dumps({"status": "ok", "message": {"DOI": "10.1/x", "title": ["A"]}}).encode()
NOTHING_THERE = Reply(404, {"Content-Type": "text/plain"}, b"Resource not found.")


class Hands:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = 1_700_000_000.0

    def time(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def cache(tmp_path: Path, clock: Hands) -> Iterator[DiskCache]:
    found = DiskCache(tmp_path, clock, max_bytes=10_000_000)
    yield found
    found.close()


Make = Callable[..., RememberingCalls]


@pytest.fixture
def calls(cache: DiskCache, clock: Hands) -> Make:
    def make(
        inner: FakeServiceCalls, *, days: float = 30, base_url: str = "https://a.test", **more: object
    ) -> RememberingCalls:
        lifetimes = {
            name: Lifetimes(base_url=base_url, found_days=days, absent_days=7) for name in ("crossref", "openalex")
        }
        return RememberingCalls(inner, cache, lifetimes, clock=clock, **more)

    return make


def crossref(*replies: object) -> FakeServiceCalls:
    left = list(replies)
    return FakeServiceCalls({"crossref": lambda _asked: left.pop(0) if len(left) > 1 else left[0]})


class AbsentCrossref(FakeServiceCalls):
    """Answers 404 in Crossref's own words."""

    def get(self, service: str, path: str, *args: object, **more: object) -> ServiceAnswer:
        super().get(service, path, *args, **more)
        return ServiceAnswer(404, {}, NOTHING_THERE.body, "https://a.test")


def test_an_answer_is_asked_for_once_and_then_comes_from_memory(calls: Make) -> None:
    inner = crossref(RECORD)
    first = calls(inner).get("crossref", "/works/10.1/x", [("select", "DOI"), ("mailto", "a@b.test")])
    second = calls(inner).get("crossref", "works/10.1/x", [("mailto", "c@d.test"), ("select", "DOI")], credits=10)
    assert (first.is_remembered, second.is_remembered) == (False, True)
    assert (second.status, second.body, second.url) == (200, RECORD, first.url)
    assert len(inner.asked) == 1


def test_what_is_remembered_is_counted_by_service(calls: Make) -> None:
    subject = calls(crossref(RECORD))
    for _ in range(3):
        subject.get("crossref", "/works/10.1/x")
    subject.remember("openalex", {"doi:10.1/a": b"1", "doi:10.1/b": None})
    subject.recall("openalex", ["doi:10.1/a", "doi:10.1/b", "doi:10.1/c"])
    assert subject.remembered() == {"crossref": 2, "openalex": 2}


def test_an_absence_is_remembered_for_a_shorter_time(calls: Make, clock: Hands) -> None:
    inner = AbsentCrossref({"crossref": lambda _asked: RECORD})
    subject = calls(inner)
    assert subject.get("crossref", "/works/10.1/x").status == 404
    clock.at += 6.9 * DAY_S
    again = subject.get("crossref", "/works/10.1/x")
    assert (again.status, again.is_remembered) == (404, True)
    clock.at += 0.2 * DAY_S
    assert not subject.get("crossref", "/works/10.1/x").is_remembered
    assert len(inner.asked) == 2


def test_lifetimes_of_today_hold_for_what_was_stored_before(calls: Make, clock: Hands) -> None:
    inner = crossref(RECORD)
    calls(inner).get("crossref", "/works/10.1/x")
    clock.at += 3 * DAY_S
    assert calls(inner).get("crossref", "/works/10.1/x").is_remembered
    assert not calls(inner, days=2).get("crossref", "/works/10.1/x").is_remembered
    assert not calls(inner, days=0).get("crossref", "/works/10.1/x").is_remembered


def test_what_was_stored_in_the_future_is_not_believed(calls: Make, clock: Hands) -> None:
    """A clock that was wrong once must not make answers last for ever."""
    inner = crossref(RECORD)
    clock.at += 1_000 * DAY_S
    calls(inner).get("crossref", "/works/10.1/x")
    clock.at -= 1_000 * DAY_S
    assert not calls(inner).get("crossref", "/works/10.1/x").is_remembered


@pytest.mark.parametrize(
    "reply",
    [
        400,
        500,
        ServiceError("crossref", Reason.RATE_LIMITED, "HTTP 429", after=1.0, costs_attempt=False),
        ServiceError("crossref", Reason.BAD_ANSWER, "HTML where data was expected"),
        b'{"status": "ok", "message": {"DOI":',
        b'{"status": "failed", "message": []}',
        b"<html>busy</html>",
    ],
)
def test_what_establishes_nothing_is_asked_again(calls: Make, reply: object) -> None:
    inner = crossref(reply, RECORD)
    subject = calls(inner)
    with contextlib.suppress(ServiceError):
        subject.get("crossref", "/works/10.1/x")
    assert subject.get("crossref", "/works/10.1/x").body == RECORD
    assert len(inner.asked) == 2


def test_what_is_kept_by_identifier_is_not_kept_twice(calls: Make) -> None:
    inner = crossref(RECORD)
    subject = calls(inner)
    for _ in range(2):
        subject.get("crossref", "/works", [("filter", "doi:10.1/x")], is_kept_by_identifier=True)
    assert len(inner.asked) == 2


def test_recalled_by_identifier_until_the_reading_changes_or_the_address(calls: Make) -> None:
    inner = FakeServiceCalls()
    calls(inner, reading="1").remember("crossref", {"doi:10.1/x": b"work", "doi:10.1/y": None})
    keys = ["doi:10.1/x", "doi:10.1/y", "doi:10.1/z"]
    assert calls(inner, reading="1").recall("crossref", keys) == {"doi:10.1/x": b"work", "doi:10.1/y": None}
    assert calls(inner, reading="2").recall("crossref", keys) == {}
    assert calls(inner, reading="1", base_url="http://127.0.0.2:8").recall("crossref", keys) == {}
    assert calls(inner, reading="1").recall("unknown", keys) == {}


def test_without_a_cache_everything_is_asked(clock: Hands) -> None:
    inner = crossref(RECORD)
    lifetimes = {"crossref": Lifetimes(base_url="https://a.test", found_days=30, absent_days=7)}
    subject = RememberingCalls(inner, None, lifetimes, clock=clock)
    subject.remember("crossref", {"a": b"1"})
    assert subject.recall("crossref", ["a"]) == {}
    for _ in range(2):
        assert not subject.get("crossref", "/works/10.1/x").is_remembered


def test_a_gateways_404_is_no_absence(calls: Make) -> None:
    """Neither now nor later: a wrong address or a portal in between must not empty a bibliography."""

    class Portal(FakeServiceCalls):
        def get(self, service: str, path: str, *args: object, **more: object) -> ServiceAnswer:
            super().get(service, path, *args, **more)
            return ServiceAnswer(404, {"content-type": "text/html"}, b"<html><h1>404 Not Found</h1>", "https://a.test")

    inner = Portal({"crossref": lambda _asked: RECORD})
    subject = calls(inner)
    for _ in range(2):
        with pytest.raises(ServiceError) as caught:
            subject.get("crossref", "/works/10.1/x", is_kept_by_identifier=True)
        assert caught.value.reason is Reason.BAD_ANSWER
    assert len(inner.asked) == 2


class Held:
    """A service that answers when told to, and counts."""

    def __init__(self, reply: object) -> None:
        self.reply = reply
        self.asked = 0
        self.begun = threading.Event()
        self.go_on = threading.Event()

    def __call__(self, _asked: object) -> object:
        self.asked += 1
        self.begun.set()
        assert self.go_on.wait(10)
        return self.reply


def together(subject: RememberingCalls, held: Held, number: int, **more: object) -> list[object]:
    """What so many threads get for the same question, asked while the first is under way."""
    got: list[object] = []

    def ask() -> None:
        try:
            got.append(subject.get("crossref", "/works/10.1/x", **more))
        except ServiceError as error:
            got.append(error)

    threads = [threading.Thread(target=ask) for _ in range(number)]
    threads[0].start()
    assert held.begun.wait(10)
    for thread in threads[1:]:
        thread.start()
    eventually(lambda: all("wait" in where(thread) for thread in threads[1:]))
    held.go_on.set()
    for thread in threads:
        thread.join(10)
    return got


def where(thread: threading.Thread) -> str:
    frame = sys._current_frames().get(thread.ident or 0)
    return frame.f_code.co_name if frame else ""


def eventually(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < end


@pytest.mark.parametrize("is_kept_by_identifier", [False, True])
def test_the_same_question_at_once_is_one_request(calls: Make, is_kept_by_identifier: bool) -> None:
    held = Held(RECORD)
    subject = calls(FakeServiceCalls({"crossref": held}))
    got = together(subject, held, 8, is_kept_by_identifier=is_kept_by_identifier)
    assert held.asked == 1
    assert [one.body for one in got] == [RECORD] * 8
    assert sorted(one.is_remembered for one in got) == [False] + [True] * 7
    assert subject.remembered() == {"crossref": 7}


def test_an_error_is_shared_with_all_its_facts_but_not_remembered(calls: Make) -> None:
    held = Held(ServiceError("crossref", Reason.RATE_LIMITED, "HTTP 429", after=7.0, costs_attempt=False))
    subject = calls(FakeServiceCalls({"crossref": held}))
    got = together(subject, held, 4)
    assert held.asked == 1
    assert {(one.reason, one.after, one.costs_attempt) for one in got} == {(Reason.RATE_LIMITED, 7.0, False)}
    assert len(set(map(id, got))) == 4
    held.reply = RECORD
    assert subject.get("crossref", "/works/10.1/x").body == RECORD


def test_a_refusal_stays_a_refusal_when_shared(calls: Make) -> None:
    held = Held(RequestRefused("crossref", 400, "too long"))
    got = together(calls(FakeServiceCalls({"crossref": held})), held, 3)
    assert {(type(one), one.status) for one in got} == {(RequestRefused, 400)}


def test_a_surprise_ends_nobodys_wait_for_ever(calls: Make) -> None:
    """A bug in the one that asks is its own; the others ask for themselves."""
    held = Held(RECORD)
    inner = FakeServiceCalls({"crossref": held})
    subject = calls(inner)
    failing = threading.Event()
    original = inner.get

    def get(*args: object, **more: object) -> ServiceAnswer:
        answer = original(*args, **more)
        if not failing.is_set():
            failing.set()
            raise ZeroDivisionError
        return answer

    inner.get = get  # type: ignore[method-assign]
    got: list[object] = []

    def ask() -> None:
        try:
            got.append(subject.get("crossref", "/works/10.1/x"))
        except ZeroDivisionError as error:
            got.append(error)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    threads[0].start()
    assert held.begun.wait(10)
    threads[1].start()
    eventually(lambda: "wait" in where(threads[1]))
    held.go_on.set()
    for thread in threads:
        thread.join(10)
    assert sorted(type(one).__name__ for one in got) == ["ServiceAnswer", "ZeroDivisionError"]


def test_offline_memory_answers_and_nothing_is_asked(calls: Make) -> None:
    inner = crossref(RECORD)
    calls(inner).get("crossref", "/works/10.1/x")
    offline = calls(inner, is_offline=True)
    assert offline.is_offline
    assert offline.wait_s("crossref") == 0.0
    assert offline.get("crossref", "/works/10.1/x").is_remembered
    for ask in (
        lambda: offline.get("crossref", "/works/10.1/other"),
        lambda: offline.post("crossref", "/batch", b"{}", content_type="application/json"),
    ):
        with pytest.raises(ServiceError) as caught:
            ask()
        assert (caught.value.reason, caught.value.costs_attempt) == (Reason.OFFLINE, False)
        assert (caught.value.after or 0) > 86_400
    assert len(inner.asked) == 1
