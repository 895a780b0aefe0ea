"""Several addresses of one model, how much is asked at once, and stopping."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpcore
import pytest

from db.machine.states import MachineStates
from dl_lit.core.clock import SystemClock
from dl_lit.core.language import ModelError, Provider, Task, Trouble
from dl_lit.core.model_tasks import SCHEMAS
from dl_lit.core.sharing import OwnStates
from dl_lit.net.interrupting import Interrupt, interrupt_of_this_thread
from tests.fakes.loopback_server import LoopbackServer, Reply, Seen
from tests.fakes.model_books import CHOICE, KEY, Cache, Turns, Uploads, completion, failing, judging, limits, model
from tests.fakes.model_files import FileProvider

HEALTHY = Reply(200, {}, b'{"data": []}')


class HeldClock(SystemClock):
    """A clock that is moved: a hair's breadth whenever somebody looks, so that nobody waits for it, and on demand."""

    def __init__(self) -> None:
        self.at = 1_000.0

    def monotonic(self) -> float:
        self.at += 0.001
        return self.at

    def time(self) -> float:
        return 1_796_000_000.0 + self.at


def troubles(ask: Callable[[], Any]) -> Trouble | None:
    try:
        ask()
    except ModelError as error:
        return error.trouble
    return None


def together(asked: Any, count: int) -> list[Any]:
    """So many questions at once; what came of them, in their order."""

    def ask(number: int) -> Any:
        try:
            return asked.ask(judging(str(number)))
        except ModelError as error:
            return error.trouble

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(ask, range(count)))


def test_the_healthy_and_least_busy_address_is_asked() -> None:
    """Health is asked once for a while; an ill server gets nothing until it is asked for its health again."""
    gate = threading.Event()
    held = Reply(200, {}, completion().body, wait=gate)
    clock = HeldClock()
    with (
        LoopbackServer({"/models": HEALTHY, "*": held}) as one,
        LoopbackServer({"/models": HEALTHY, "*": held}) as two,
        LoopbackServer({"/models": failing(503), "*": held}) as ill,
        model(one.url(), two.url(), ill.url(), clock=clock, only=limits(patience_s=50.0)) as asked,
        ThreadPoolExecutor(4) as pool,
    ):
        answers = []
        for number in range(4):
            answers.append(pool.submit(asked.ask, judging(str(number))))
            wait_for(lambda n=number: one.handling + two.handling + ill.handling == n + 1)
            clock.at += 1.0
        counts = [sum(seen.path != "/models" for seen in server.seen) for server in (one, two, ill)]
        checks = [sum(seen.path == "/models" for seen in server.seen) for server in (one, two, ill)]
        gate.set()
        assert (counts, checks) == ([2, 2, 0], [1, 1, 1])
        assert [answer.result().value for answer in answers] == [CHOICE] * 4
        ill.routes["/models"] = HEALTHY
        clock.at += 40.0
        assert {asked.ask(judging(f"later {n}")).value["choice"] for n in range(3)} == {1}
        assert [sum(seen.path != "/models" for seen in server.seen) for server in (one, two, ill)] == [3, 2, 2]


def wait_for(holds: Callable[[], bool]) -> None:
    """Until it holds; fails after five seconds."""
    pause = threading.Event()
    for _ in range(5_000):
        if holds():
            return
        pause.wait(0.001)
    raise AssertionError("it never held")


def test_an_address_that_fails_is_left_alone_and_the_other_goes_on() -> None:
    """Its breaker opens after ten failures and lets one call probe a minute later; the other one answers meanwhile."""
    clock = HeldClock()
    with (
        LoopbackServer({"/models": HEALTHY, "*": failing(500)}) as ill,
        LoopbackServer({"/models": HEALTHY, "*": completion()}) as well,
        model(ill.url(), well.url(), clock=clock, only=limits(breaker_failures=10)) as asked,
    ):
        for number in range(25):
            assert asked.ask(judging(str(number))).value == CHOICE
            clock.at += 0.5
        failures = sum(seen.path != "/models" for seen in ill.seen)
        assert (failures, asked.use().breaker_trips) == (10, 1)
        ill.routes["*"] = completion()
        clock.at += 120.0
        for number in range(4):
            asked.ask(judging(f"later {number}"))
            clock.at += 0.5
        assert sum(seen.path != "/models" for seen in ill.seen) > failures


def test_with_all_breakers_open_nothing_is_asked() -> None:
    """And it is said when asking makes sense."""
    clock = HeldClock()
    for count in (1, 2):
        with LoopbackServer({"/models": HEALTHY, "*": failing(500)}) as one, LoopbackServer({"*": failing(500)}) as two:
            urls = [one.url(), two.url()][:count]
            with model(*urls, clock=clock, only=limits(tries=1, breaker_failures=2)) as asked:
                for number in range(2 * count):
                    assert troubles(lambda n=number: asked.ask(judging(str(n)))) is Trouble.OVERLOADED
                    clock.at += 0.5
                before = len(one.seen) + len(two.seen)
                with pytest.raises(ModelError) as raised:
                    asked.ask(judging())
                assert raised.value.trouble is Trouble.DOWN
                assert 55.0 < (raised.value.after or 0.0) <= 60.0
                assert len(one.seen) + len(two.seen) <= before + 2  # health at most


def test_no_more_calls_than_allowed_go_out_at_once() -> None:
    """However many threads ask; each gets the answer to its own question."""

    def echo(seen: Seen) -> Reply:
        text = json.loads(seen.body)["messages"][1]["content"]
        return completion({"choice": int(text), "why": ""})

    with LoopbackServer({"*": echo}) as server, model(server.url(), only=limits(at_once=4)) as asked:
        answers = together(asked, 24)
        assert [answer.value["choice"] for answer in answers] == list(range(24))
        assert server.handling_peak <= asked.use().most_in_flight <= 4


def test_all_processes_of_the_machine_keep_to_the_limits_together(tmp_path: Path) -> None:
    """Calls at once and calls in a minute, over one file; here two models stand for two processes."""
    clock = HeldClock()
    states = [MachineStates(tmp_path, clock) for _ in range(2)]
    few = limits(per_minute=10, buffer=0.8, patience_s=0.01, tries=1)
    with (
        LoopbackServer({"*": completion()}) as server,
        model(server.url(), states=states[0], clock=clock, only=few) as one,
        model(server.url(), states=states[1], clock=clock, only=few) as two,
    ):
        results = []
        for number in range(12):
            results.append(troubles(lambda n=number: (one, two)[n % 2].ask(judging(str(n)))))
            clock.at += 2.0
    for each in states:
        each.close()
    assert results.count(None) == 10  # those of 75 seconds
    assert set(results) <= {None, Trouble.RATE_LIMITED}
    assert len(server.seen) == results.count(None)


def test_the_same_question_is_under_way_once() -> None:
    """Others wait for its answer, or for its error, and pay nothing."""
    gate = threading.Event()
    for reply, cache in ((completion(), Cache()), (failing(404), None)):
        held = Reply(reply.status, reply.headers, reply.body, wait=gate)
        gate.clear()
        with (
            LoopbackServer({"*": held}) as server,
            model(server.url(), cache=cache) as asked,
            ThreadPoolExecutor(5) as pool,
        ):
            outcomes = [pool.submit(troubles, lambda: asked.ask(judging())) for _ in range(5)]
            wait_for(lambda: asked.use().in_flight == 1)
            gate.set()
            expected = None if cache else Trouble.BAD_REQUEST
            found = [one.result() for one in outcomes]
        assert set(found) == {expected}
        if cache:
            assert len(server.seen) == 1


def test_stopping_breaks_off_calls_and_waits_at_once(tmp_path: Path) -> None:
    """Those that are waiting for an answer, for their turn, and for their next try; all end as `STOPPING`."""
    never = threading.Event()
    with LoopbackServer({"*": Reply(wait=never)}) as server, ThreadPoolExecutor(3) as pool:
        with model(server.url(), only=limits(at_once=2, timeout_s=60.0, patience_s=60.0)) as asked:
            waiting = [pool.submit(troubles, lambda n=n: asked.ask(judging(str(n)))) for n in range(3)]
            wait_for(lambda: server.handling == 2)
            asked.stop()
            assert [one.result(5.0) for one in waiting] == [Trouble.STOPPING] * 3
        never.set()
    with (
        LoopbackServer({"*": failing(500)}) as server,
        ThreadPoolExecutor(1) as pool,
        model(server.url(), only=limits(try_again_s=10_000.0)) as asked,
    ):
        resting = pool.submit(troubles, lambda: asked.ask(judging()))
        wait_for(lambda: asked.use().troubles == {"overloaded": 1})
        asked.stop()
        assert resting.result(5.0) is Trouble.STOPPING


def test_an_upload_that_is_broken_off_is_looked_for_and_deleted(tmp_path: Path) -> None:
    """The file came to be although its sender had to go."""
    pdf = tmp_path / "x.pdf"
    pdf.write_bytes(b"%PDF-1.7")
    never, book = threading.Event(), Uploads()
    with LoopbackServer() as server, ThreadPoolExecutor(1) as pool:
        remote = FileProvider(server)
        done = remote._upload

        def slow(seen: Seen) -> Reply:
            done(seen)
            return Reply(wait=never)

        remote._upload = slow  # type: ignore[method-assign]
        with model(server.url(), provider=Provider.ANTHROPIC, uploads=book) as asked:
            sending = pool.submit(troubles, lambda: asked.upload(pdf, timeout_s=60.0))
            wait_for(lambda: bool(remote.files))
            asked.stop()
            assert sending.result(5.0) is Trouble.STOPPING
        never.set()
    assert (remote.files, book.open) == ({}, {})


def test_answers_are_given_to_tasks_and_what_became_of_them_is_counted() -> None:
    entry = completion({"entries": []})
    with LoopbackServer({"*": Turns(completion(), entry)}) as server, model(server.url(), states=OwnStates()) as asked:
        asked.ask(judging())
        asked.ask(judging(task=Task.ENTRY, schema=SCHEMAS[Task.ENTRY]))
        asked.note(entries=3, invented=1)
        asked.note(order_violations=2)
        use = asked.use()
    assert use.by_task == {"entry": 1, "judge": 1}
    assert (use.entries, use.invented, use.order_violations) == (3, 1, 2)
    assert (asked.name, asked.provider, asked.warms_up) == ("compatible/reader-1", Provider.COMPATIBLE, False)


def test_what_is_amiss_at_an_address_is_told_without_the_key() -> None:
    """Nothing where it is well; asking costs nothing and holds nobody's turn."""
    refused = failing(401, {"message": f"Incorrect API key provided: {KEY}"})
    with LoopbackServer({"/models": HEALTHY}) as server, model(server.url()) as asked:
        base_url = server.url().rstrip("/")
        assert asked.amiss(base_url) is None
        server.routes["/models"] = refused
        told = asked.amiss(base_url) or ""
        assert "401" in told
        assert KEY not in told
    with model("http://127.0.0.1:9") as asked:
        assert "down" in (asked.amiss("http://127.0.0.1:9") or "")


def test_whatever_begins_after_an_interrupt_ends_at_once() -> None:
    """Also what is no socket, and nothing that is not under it."""
    interrupt, stream = Interrupt(), httpcore.MockStream([b"x"])
    with interrupt.during(stream, httpcore.ReadError):
        assert interrupt_of_this_thread() is None
    interrupt.set()
    with pytest.raises(httpcore.ReadError), interrupt.during(stream, httpcore.ReadError):
        pass
    with interrupt.covering():
        assert interrupt_of_this_thread() is interrupt
    assert interrupt_of_this_thread() is None
