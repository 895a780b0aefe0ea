"""Forms taken apart, turns waited for, allowances used, and events told: without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.errors import DatabaseAway
from dl_lit.web.contract import Event, Refused
from dl_lit.web.events import HELD, Hub
from dl_lit.web.form import Form
from dl_lit.web.lanes import Allowance, Lane
from dl_lit.web.lately import Lately
from tests.fakes.scenario import HandClock

T = TypeVar("T")
TYPE = "multipart/form-data; boundary=cut"


def form(*parts: tuple[str, bytes]) -> bytes:
    """A form of these parts: the head's parameters, and the content."""
    middle = b"".join(
        b"--cut\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n" % (head.encode(), content)
        for head, content in parts
    )
    return middle + b"--cut--\r\n"


@given(
    content=st.binary(max_size=300)
    .map(lambda tail: b"%PDF\r\n--cu\r\n-" + tail)
    .filter(lambda b: b"\r\n--cut" not in b),
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=30),
)
def test_a_form_gives_its_file_however_it_is_cut(content: bytes, sizes: list[int]) -> None:
    body = form(('name="priority"', b"3"), ('name="file"; filename="a.pdf"', content))
    one, found = Form(TYPE), b""
    while body:
        size = sizes[len(body) % len(sizes)]
        found += one.feed(body[:size])
        body = body[size:]
    one.close()
    assert (found, one.fields, one.filename, one.has_file) == (content, {"priority": "3"}, "a.pdf", True)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ('name="file"', None),
        ('name="x"\r\nContent-Type: Application/PDF', None),
        ("name=\"x\"; filename*=UTF-8''%C3%A9t%C3%A9.pdf", "été.pdf"),
        ('name="x"; filename="ete.pdf"; filename*=UTF-8\'\'%C3%A9t%C3%A9.pdf', "ete.pdf"),
        ('name="x"; filename=""', None),
    ],
)
def test_a_part_is_a_file_by_its_name_its_type_or_what_it_is_called(head: str, name: str | None) -> None:
    one, content = Form(TYPE), b"%PDF" * 2_000
    found = one.feed(form((head, content)))
    one.close()
    assert (found, one.has_file, one.filename) == (content, True, name)


@pytest.mark.parametrize(
    ("kind", "body", "reason"),
    [
        ("multipart/form-data", b"", "bad-form"),
        ("multipart/form-data; boundary=" + "x" * 300, b"", "bad-form"),
        (TYPE, b"no form at all", "bad-form"),
        (TYPE, form(('name="file"; filename="a"', b"%PDF"))[:-9], "bad-form"),
        (TYPE, form(('name="name"', b"x" * 5_000)), "bad-form"),
        (TYPE, form(*[('name="x"', b"")] * 20), "bad-form"),
        (TYPE, form(*[('name="file"; filename="a"', b"%PDF")] * 2), "one-file-at-a-time"),
    ],
)
def test_forms_that_are_refused(kind: str, body: bytes, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        _fed(kind, body)
    assert refused.value.reason == reason


def _fed(kind: str, body: bytes) -> None:
    one = Form(kind)
    one.feed(body)
    one.close()


def test_turns_are_had_in_order_and_the_last_are_told_when_to_come_back() -> None:
    async def scenario() -> None:
        clock = HandClock()
        lane = Lane(1, 2, clock)
        order: list[str] = []
        leave = asyncio.Event()

        async def one(name: str) -> None:
            async with lane.turn():
                order.append(name)
                await leave.wait()

        tasks = [asyncio.create_task(one(name)) for name in "abc"]
        await asyncio.sleep(0)
        assert (lane.handling, lane.waiting) == (1, 2)
        with pytest.raises(Refused) as refused:
            await one("d")
        assert refused.value.status == 429
        assert refused.value.after_s is not None
        assert refused.value.after_s >= 1
        tasks[1].cancel()  # whoever goes leaves its place to the next
        clock.at += 60
        leave.set()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert order == ["a", "c"]
        assert (lane.handling, lane.waiting) == (0, 0)
        lane.waiting = 40
        assert 40 < lane.retry_after_s() <= 120, "by how long the latest took"

    asyncio.run(scenario())


def test_a_turn_that_does_not_come_is_not_waited_for_any_longer() -> None:
    async def scenario() -> None:
        lane = Lane(1, 5, HandClock(), patience_s=0.01)
        async with lane.turn():
            with pytest.raises(Refused) as refused:
                await lane.turn().__aenter__()
        assert (refused.value.reason, lane.waiting) == ("busy", 0)
        async with lane.turn():
            assert lane.handling == 1

    asyncio.run(scenario())


def test_an_allowance_is_used_up_and_comes_back() -> None:
    clock = HandClock()
    allowance = Allowance(60, clock)
    for _ in range(60):
        allowance.use("me")
    with pytest.raises(Refused) as refused:
        allowance.use("me")
    assert refused.value.after_s == pytest.approx(1.0)
    allowance.use("another")
    clock.at += 1.1
    allowance.use("me")
    for number in range(Allowance.REMEMBERED + 5):
        allowance.use(str(number))
    assert len(allowance._left) == Allowance.REMEMBERED


class AtOnce:
    """Hands that do it here and now."""

    async def do(self, work: Callable[[], T]) -> T:
        return work()


def test_an_answer_is_given_from_memory_and_renewed_beside() -> None:
    async def scenario() -> None:
        clock = HandClock()
        asked: list[int] = []

        def ask() -> dict[str, Any]:
            asked.append(1)
            return {"number": len(asked), "good": len(asked) != 3}

        lately = Lately(ask, AtOnce(), clock, fresh_s=2, keeps=lambda known: bool(known["good"]))
        assert [(await lately.get())["number"] for _ in range(3)] == [1, 1, 1]
        clock.at += 3
        assert (await lately.get())["number"] == 1, "the old one at once"
        await asyncio.sleep(0)
        assert (await lately.get())["number"] == 2, "the new one from then on"
        clock.at += 60
        assert (await lately.get())["number"] == 3, "one that is too old is not given"
        assert (await lately.get())["number"] == 4, "nor one that is not to be kept"

    asyncio.run(scenario())


class Steps:
    """Follows made-up steps, one a look."""

    def __init__(self, steps: list[list[Event]]) -> None:
        self.steps = steps
        self.closed = 0

    def look(self) -> Sequence[Event]:
        return self.steps.pop(0) if self.steps else []

    def snapshot(self) -> Event:
        return Event("snapshot", {"left": len(self.steps)}, 7)

    def since(self, last: int) -> Sequence[Event]:
        return [Event("item", {"n": number}, number) for number in range(last + 1, 8)]

    def close(self) -> None:
        self.closed += 1


async def _read(stream: Any, until: bytes) -> bytes:
    found = b""
    async for part in stream:
        found += part
        if until in found:
            return found
    return found


def test_trouble_is_told_while_it_lasts_and_all_anew_when_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that stays open would show it for ever."""
    monkeypatch.setattr("dl_lit.web.events.LOOK_S", 0.001)
    monkeypatch.setattr("dl_lit.web.events.TROUBLE_S", 0.001)

    class Away(Steps):
        def look(self) -> Sequence[Event]:
            step = super().look()
            if step and step[0].kind == "away":
                raise DatabaseAway("it does not answer")
            return step

    async def scenario() -> None:
        steps = Away([[], [Event("away", {})], [Event("away", {})], [Event("item", {"n": 8}, 8)]])
        hub = Hub(lambda: steps, AtOnce(), most=1)
        stream = (await hub.listen(None)).body_iterator  # type: ignore[attr-defined]
        told = await _read(stream, b"id: 8")
        kinds = [line for line in told.split(b"\n") if line.startswith(b"event: ")]
        assert kinds == [b"event: snapshot", b"event: trouble", b"event: trouble", b"event: snapshot", b"event: item"]
        assert b'{"error":"it does not answer"}' in told
        hub.close()
        await stream.aclose()

    asyncio.run(scenario())


def test_listeners_are_told_and_nothing_is_looked_at_without_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dl_lit.web.events.LOOK_S", 0.001)
    monkeypatch.setattr("dl_lit.web.events.HEARTBEAT_S", 0.02)

    async def scenario() -> None:
        opened: list[Steps] = []

        def follow() -> Steps:
            opened.append(Steps([[], [Event("item", {"n": 8}, 8)], [Event("item", {"n": 9}, 9)] * (HELD + 1)]))
            return opened[-1]

        hub = Hub(follow, AtOnce(), most=2)
        first = await hub.listen(None)
        second = await hub.listen("5")
        with pytest.raises(Refused):
            await hub.listen(None)
        assert (hub.listeners, len(opened)) == (2, 1), "one look for all"
        told = await _read(first.body_iterator, b"id: 8")  # type: ignore[attr-defined]
        assert told.startswith(b"retry: 3000\n\nid: 7\nevent: snapshot\n")
        told = await _read(first.body_iterator, b"still here")  # type: ignore[attr-defined]
        assert told.count(b"snapshot") == 1, "who fell behind begins anew"
        again = await _read(second.body_iterator, b"\n\nid: 7")  # type: ignore[attr-defined]
        assert b'{"n":6}' in again, "who comes back is told what it missed"
        assert b'{"n":5}' not in again
        hub.close()
        for stream in (first.body_iterator, second.body_iterator):  # type: ignore[attr-defined]
            await stream.aclose()
        assert (hub.listeners, opened[0].closed) == (0, 1)

    asyncio.run(scenario())
