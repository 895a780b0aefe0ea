"""Questions many at a time, answers in order: what is in flight, what waits, and how each batch ends."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dl_lit.core.language import ModelError, Trouble
from dl_lit.core.width import BatchLimits
from dl_lit.runtime.in_order import WIDTHS_AHEAD, InOrderThreads
from tests.fakes.engine import ManualClock, eventually

LIMITED = Trouble.RATE_LIMITED


def in_order(
    width: int = 4, clock: ManualClock | None = None, rng: random.Random | None = None, **limits: Any
) -> InOrderThreads:
    given: dict[str, Any] = {"first": width, "timeout_s": 300.0, "base_s": 0.0, **limits}
    return InOrderThreads(BatchLimits(width=width, **given), clock=clock or ManualClock(), rng=rng or random.Random(1))


class Model:
    """Answers a value when that is let go, as often with a trouble as `troubles` says."""

    def __init__(
        self, *, troubles: dict[int, Sequence[Exception]] | None = None, answers_at_once: bool = False
    ) -> None:
        self._lock = threading.Condition()
        self._let_go: set[int] = set()
        self._troubles = {value: list(errors) for value, errors in (troubles or {}).items()}
        self._answers_at_once = answers_at_once
        self.begun: list[int] = []
        self.running = 0
        self.most = 0

    def __call__(self, value: int) -> str:
        with self._lock:
            self.begun.append(value)
            self.running += 1
            self.most = max(self.most, self.running)
            self._lock.wait_for(lambda: self._answers_at_once or value in self._let_go, 20)
            self.running -= 1
            errors = self._troubles.get(value)
            error = errors.pop(0) if errors else None
        if error is not None:
            raise error
        return f"answer {value}"

    def let_go(self, *values: int) -> None:
        with self._lock:
            self._let_go.update(values)
            self._lock.notify_all()


@pytest.fixture
def others() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


def answers(*values: int) -> list[str]:
    return [f"answer {value}" for value in values]


def trouble_of(result: object) -> Trouble:
    assert isinstance(result, ModelError)
    return result.trouble


def test_results_come_in_order_each_as_soon_as_it_and_all_before_it_are_known() -> None:
    model = Model()
    model.let_go(1, 2, 3, 0)
    results = in_order(4)(model, range(6))
    assert [next(results) for _ in range(4)] == answers(0, 1, 2, 3)
    model.let_go(5, 4)
    assert list(results) == answers(4, 5)


def test_the_first_is_handed_on_while_others_are_still_asked(others: ThreadPoolExecutor) -> None:
    model = Model()
    results = in_order(3)(model, range(3))
    first = others.submit(next, results)
    eventually(lambda: sorted(model.begun) == [0, 1, 2])
    model.let_go(0)
    assert first.result(20) == "answer 0"
    assert model.running == 2
    model.let_go(1, 2)
    assert list(results) == answers(1, 2)


def test_nothing_is_asked_before_a_result_is_wanted_and_no_values_have_no_results() -> None:
    model = Model(answers_at_once=True)
    asking = in_order()
    results = asking(model, range(3))
    assert model.begun == []
    assert list(asking(model, [])) == []
    assert list(results) == answers(0, 1, 2)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from([*Trouble]), max_size=4), max_size=12),
    st.integers(1, 6),
    st.integers(1, 6),
    st.integers(1, 4),
    st.none() | st.integers(0, 11),
)
def test_every_value_ends_in_its_place_with_its_answer_or_its_error(
    troubles: list[list[Trouble]], width: int, first: int, tries: int, alone: int | None
) -> None:
    """Only what was too much is asked again, and that no more often than it may be."""
    model = Model(
        troubles={n: [ModelError(one) for one in errors] for n, errors in enumerate(troubles)}, answers_at_once=True
    )
    asking = in_order(width, first=first, tries=tries)
    found = list(asking(model, range(len(troubles)), alone=alone))
    for number, (result, errors) in enumerate(zip(found, troubles, strict=True)):
        limited = next((n for n, one in enumerate(errors) if one is not LIMITED), len(errors))
        asked = min(tries, limited + 1)
        if isinstance(result, ModelError) and result.detail:  # given up with all others: too much one at a time as well
            assert result.trouble is LIMITED
            assert model.begun.count(number) < max(2, tries)
            assert sum(one is LIMITED for errors in troubles for one in errors) >= tries
            continue
        assert model.begun.count(number) == asked
        if asked <= len(errors):
            assert trouble_of(result) is errors[asked - 1]
        else:
            assert result == f"answer {number}"
    assert asking.in_flight == 0
    assert model.most <= width
    assert asking.most_in_flight <= width


def test_a_few_are_asked_first_and_more_with_each_good_answer(others: ThreadPoolExecutor) -> None:
    model = Model()
    asking = in_order(8, first=2)
    done = others.submit(list, asking(model, range(30)))
    eventually(lambda: sorted(model.begun) == [0, 1])
    model.let_go(0)
    eventually(lambda: sorted(model.begun) == [0, 1, 2, 3])
    model.let_go(1, 2, 3)
    eventually(lambda: model.running == 6)
    model.let_go(*range(4, 10))
    eventually(lambda: model.running == 8)
    model.let_go(*range(30))
    assert done.result(20) == answers(*range(30))
    assert asking.width == model.most == asking.most_in_flight == 8


def test_too_much_halves_once_for_all_that_were_on_their_way(others: ThreadPoolExecutor) -> None:
    model = Model(troubles={n: [ModelError(LIMITED)] for n in range(8)})
    asking = in_order(8)
    done = others.submit(list, asking(model, range(8)))
    eventually(lambda: model.running == 8)
    for number in range(7):  # the eighth is still asked
        model.let_go(number)
        eventually(lambda number=number: model.begun.count(number) == 1 and asking.in_flight < 8)
    eventually(lambda: asking.width == 4)
    model.let_go(7)
    assert done.result(20) == answers(*range(8))
    assert model.most == 8


def test_nobody_is_asked_before_the_time_a_provider_named(others: ThreadPoolExecutor) -> None:
    clock = ManualClock()
    model = Model(troubles={0: [ModelError(LIMITED, after=34.0)]}, answers_at_once=True)
    asking = in_order(1, clock, tries=2)
    done = others.submit(list, asking(model, range(3)))
    eventually(lambda: model.begun == [0] and asking.in_flight == 0)
    clock.advance(33.9)
    asking.nudge()
    assert model.begun == [0]
    clock.advance(0.2)
    asking.nudge()
    assert done.result(20) == answers(0, 1, 2)
    assert model.begun == [0, 0, 1, 2]


def test_where_nobody_says_when_the_wait_doubles(others: ThreadPoolExecutor) -> None:
    class Highest(random.Random):
        def uniform(self, a: float, b: float) -> float:
            return b

    clock = ManualClock()
    model = Model(troubles={0: [ModelError(LIMITED)] * 2}, answers_at_once=True)
    asking = in_order(1, clock, tries=3, base_s=1.0, rng=Highest())
    done = others.submit(list, asking(model, [0]))
    for wait_s, times in ((1.0, 1), (2.0, 2)):
        eventually(lambda times=times: len(model.begun) == times and asking.in_flight == 0)
        clock.advance(wait_s - 0.01)
        asking.nudge()
        assert len(model.begun) == times
        clock.advance(0.02)
        asking.nudge()
    assert done.result(20) == answers(0)


def test_where_one_at_a_time_is_too_much_as_well_a_batch_ends_after_some_tries() -> None:
    """And the next one after the first, until something is answered again."""
    model = Model(troubles={n: [ModelError(LIMITED)] * 9 for n in range(5)}, answers_at_once=True)
    asking = in_order(4, first=4, tries=3)
    assert {trouble_of(one) for one in asking(model, range(5))} == {LIMITED}
    begun = len(model.begun)
    assert begun <= 4 + 2 + 3
    assert {trouble_of(one) for one in asking(model, range(5))} == {LIMITED}
    assert len(model.begun) == begun + 1
    assert list(asking(model, [7, 8])) == answers(7, 8)
    once = Model(troubles={0: [ModelError(LIMITED)]}, answers_at_once=True)
    assert list(asking(once, range(2))) == answers(0, 1)


def test_a_wait_beyond_the_batchs_time_ends_it_at_once_and_says_how_long() -> None:
    model = Model(troubles={0: [ModelError(LIMITED, after=900.0)]}, answers_at_once=True)
    asking = in_order(1, timeout_s=300.0)
    found = list(asking(model, range(3)))
    assert [trouble_of(one) for one in found] == [LIMITED] * 3
    assert [one.after for one in found if isinstance(one, ModelError)] == [900.0] * 3
    assert model.begun == [0]


def test_no_provider_stops_us_for_longer_than_an_hour() -> None:
    clock = ManualClock()
    model = Model(troubles={0: [ModelError(LIMITED, after=1e12)]}, answers_at_once=True)
    asking = in_order(1, clock)
    list(asking(model, [0]))
    clock.advance(3_601.0)
    assert list(asking(model, [1])) == answers(1)


def test_the_others_wait_for_the_first_where_it_goes_alone(others: ThreadPoolExecutor) -> None:
    model = Model()
    done = others.submit(list, in_order(4)(model, range(4), alone=0))
    eventually(lambda: model.running == 1)
    model.let_go(1, 2, 3)
    assert model.begun == [0]
    model.let_go(0)
    assert done.result(20) == answers(0, 1, 2, 3)


def test_those_before_the_one_that_goes_alone_do_not_wait(others: ThreadPoolExecutor) -> None:
    model = Model()
    done = others.submit(list, in_order(4)(model, range(5), alone=2))
    eventually(lambda: model.running == 3)
    model.let_go(0, 1, 3, 4)
    eventually(lambda: model.running == 1)
    assert sorted(model.begun) == [0, 1, 2]
    model.let_go(2)
    assert done.result(20) == answers(0, 1, 2, 3, 4)


def test_a_first_that_fails_lets_the_others_go() -> None:
    model = Model(troubles={0: [ModelError(Trouble.REFUSED)]}, answers_at_once=True)
    found = list(in_order(4)(model, range(3), alone=0))
    assert trouble_of(found[0]) is Trouble.REFUSED
    assert found[1:] == answers(1, 2)


def test_what_is_not_answered_in_the_batchs_time_has_timed_out(others: ThreadPoolExecutor) -> None:
    clock = ManualClock()
    model = Model()
    model.let_go(1)
    asking = in_order(2, clock, timeout_s=300.0)
    done = others.submit(list, asking(model, range(4)))
    eventually(lambda: sorted(model.begun) == [0, 1, 2])
    clock.advance(300.0)
    asking.nudge()
    found = done.result(20)
    assert [trouble_of(one) for one in (found[0], *found[2:])] == [Trouble.TIMEOUT] * 3
    assert found[1] == "answer 1", "it was known in time"
    model.let_go(0, 2)
    eventually(lambda: asking.in_flight == 0)
    assert 3 not in model.begun


def test_stopping_ends_all_batches_at_once_and_those_that_come_later(others: ThreadPoolExecutor) -> None:
    model = Model()
    asking = in_order(4)
    running = [others.submit(list, asking(model, range(3))) for _ in range(2)]
    eventually(lambda: model.running == 4)
    asking.stop()
    late = asking(model, range(2))
    for found in (*(one.result(20) for one in running), list(late)):
        assert {trouble_of(one) for one in found} == {Trouble.STOPPING}
    model.let_go(0, 1, 2)
    eventually(lambda: asking.in_flight == 0)


def test_what_nobody_expected_is_the_callers_once_the_others_have_ended(others: ThreadPoolExecutor) -> None:
    model = Model(troubles={1: [RuntimeError("a bug")], 2: [RuntimeError("another")]})
    asking = in_order(3)
    done = others.submit(list, asking(model, range(9)))
    eventually(lambda: model.running == 3)
    model.let_go(1)
    eventually(lambda: asking.in_flight == 2)
    model.let_go(2)
    eventually(lambda: asking.in_flight == 1)
    assert not done.done()
    model.let_go(0)
    with pytest.raises(RuntimeError, match="a bug"):
        done.result(20)
    assert sorted(model.begun) == [0, 1, 2]
    assert asking.in_flight == 0


def test_an_error_nobody_expected_does_not_wait_beyond_the_batchs_time(others: ThreadPoolExecutor) -> None:
    clock = ManualClock()
    model = Model(troubles={1: [RuntimeError("a bug")]})
    asking = in_order(2, clock, timeout_s=10.0)
    done = others.submit(list, asking(model, range(2)))
    eventually(lambda: model.running == 2)
    model.let_go(1)
    eventually(lambda: asking.in_flight == 1)
    clock.advance(10.0)
    asking.nudge()
    with pytest.raises(RuntimeError, match="a bug"):
        done.result(20)
    model.let_go(0)


def test_where_nobody_wants_the_rest_no_more_is_asked() -> None:
    model = Model()
    model.let_go(0)
    asking = in_order(2)
    results = asking(model, range(9))
    assert next(results) == "answer 0"
    eventually(lambda: len(model.begun) == 3)
    results.close()  # type: ignore[attr-defined]
    model.let_go(*range(9))
    eventually(lambda: asking.in_flight == 0)
    assert sorted(model.begun) == [0, 1, 2]


def test_results_do_not_pile_up_behind_one_that_is_slow(others: ThreadPoolExecutor) -> None:
    model = Model()
    model.let_go(*range(1, 99))
    done = others.submit(list, in_order(3)(model, range(99)))
    eventually(lambda: len(model.begun) == 3 * WIDTHS_AHEAD and model.running == 1)
    model.let_go(0)
    assert done.result(20) == answers(*range(99))


def test_batches_share_what_may_be_in_flight_and_none_starves(others: ThreadPoolExecutor) -> None:
    models = [Model(), Model()]
    asking = in_order(4)
    running: list[Future[Any]] = [others.submit(list, asking(models[0], range(8)))]
    eventually(lambda: models[0].running == 4)
    running.append(others.submit(list, asking(models[1], range(8))))
    models[0].let_go(0, 1)
    eventually(lambda: (models[0].running, models[1].running) == (2, 2))
    for model in models:
        model.let_go(*range(8))
    assert [one.result(20) for one in running] == [answers(*range(8))] * 2
    assert asking.most_in_flight == 4


def test_one_at_a_time_is_one_at_a_time_over_all_batches(others: ThreadPoolExecutor) -> None:
    model = Model(answers_at_once=True)
    asking = in_order(1)
    running = [others.submit(list, asking(model, range(n, n + 10))) for n in (0, 10, 20)]
    assert [one.result(20) for one in running] == [answers(*range(n, n + 10)) for n in (0, 10, 20)]
    assert model.most == 1


def test_other_settings_hold_from_now_on(others: ThreadPoolExecutor) -> None:
    model = Model()
    asking = in_order(2)
    done = others.submit(list, asking(model, range(12)))
    eventually(lambda: model.running == 2)
    asking.become(BatchLimits(width=6, first=6, timeout_s=9.0, tries=1, base_s=0.0))
    model.let_go(*range(4))
    eventually(lambda: model.running == 6)
    model.let_go(*range(12))
    assert done.result(20) == answers(*range(12))
    limited = Model(troubles={0: [ModelError(LIMITED, after=9.0)]}, answers_at_once=True)
    assert trouble_of(next(asking(limited, [0]))) is LIMITED


WHO: ContextVar[str] = ContextVar("WHO", default="nobody")


def test_threads_are_named_end_with_the_program_and_know_for_whom_they_work() -> None:
    """The log says of each question which item it belongs to."""

    def ask(_: int) -> tuple[str, bool, str]:
        thread = threading.current_thread()
        return thread.name.split("-")[0], thread.daemon, WHO.get()

    token = WHO.set("item 7")
    try:
        assert Counter(in_order(3)(ask, range(9))) == {("model", True, "item 7"): 9}
    finally:
        WHO.reset(token)


def test_where_the_system_has_no_more_threads_those_there_are_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    starts = Counter[str]()
    start = threading.Thread.start

    def refused(thread: threading.Thread) -> None:
        starts["tried"] += 1
        if starts["tried"] > 1:
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refused)
    model = Model(answers_at_once=True)
    assert list(in_order(3)(model, range(9))) == answers(*range(9))
    assert model.begun == list(range(9))
