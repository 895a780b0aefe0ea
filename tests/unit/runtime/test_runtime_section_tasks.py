"""Sections as tasks: what is done at once, what is tried again, what is given up, and how all of it ends."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dl_lit.core.language import ModelError, Trouble
from dl_lit.core.section_limits import MEMORY_PATIENCE_S, SectionLimits, SectionUse, SectionWork
from dl_lit.runtime.section_tasks import SectionThreads
from tests.fakes.engine import ManualClock, eventually

TASKS, SPLITS, UPLOADS = SectionWork


def sections(clock: ManualClock | None = None, memory_mb: Callable[[], float] = lambda: 0.0, **limits: Any) -> Any:
    return SectionThreads(
        SectionLimits(**{"base_s": 0.0, **limits}),
        clock=clock or ManualClock(),
        rng=random.Random(1),
        memory_mb=memory_mb,
    )


class Gate:
    """Where work waits until it is let through; counts who is there."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._let: set[object] = set()
        self._is_open = False
        self.entered: list[object] = []
        self.inside = 0
        self.most = 0

    def pass_through(self, who: object) -> object:
        with self._changed:
            self.entered.append(who)
            self.inside += 1
            self.most = max(self.most, self.inside)
            self._changed.wait_for(lambda: self._is_open or who in self._let, 20)
            self.inside -= 1
        return who

    def let(self, *who: object) -> None:
        with self._changed:
            self._let.update(who)
            self._changed.notify_all()

    def open(self) -> None:
        with self._changed:
            self._is_open = True
            self._changed.notify_all()

    def tasks(self, *names: object) -> list[Callable[[], object]]:
        return [partial(self.pass_through, name) for name in names]


@pytest.fixture
def others() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as pool:
        yield pool


def trouble_of(result: object) -> Trouble:
    assert isinstance(result, ModelError)
    return result.trouble


class Failing:
    """Ends with one error after the other, then well."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)
        self.tries = 0

    def __call__(self) -> str:
        self.tries += 1
        if self._errors:
            raise self._errors.pop(0)
        return "read"


# --- tasks


def test_results_come_in_the_order_of_the_tasks_however_they_end(others: ThreadPoolExecutor) -> None:
    gate = Gate()
    done = others.submit(sections().run, gate.tasks(1, 2, 3))
    eventually(lambda: gate.inside == 3)
    gate.let(3)
    eventually(lambda: gate.inside == 2)
    gate.open()
    assert done.result(20) == [1, 2, 3]


def test_no_tasks_have_no_results() -> None:
    assert sections().run([]) == []


def test_the_limit_holds_over_all_sources_and_none_waits_for_all_of_anothers(others: ThreadPoolExecutor) -> None:
    gate = Gate()
    one = sections(tasks=2)
    first = others.submit(one.run, gate.tasks(*range(4)))
    eventually(lambda: gate.inside == 2)
    second = others.submit(one.run, gate.tasks("other"))
    eventually(lambda: one.use()[TASKS].waiting == 3)
    gate.let(0)
    eventually(lambda: "other" in gate.entered)
    assert 2 not in gate.entered
    gate.open()
    assert first.result(20) == [0, 1, 2, 3]
    assert second.result(20) == ["other"]
    assert gate.most == 2
    assert one.join(20.0)
    assert one.use()[TASKS] == SectionUse(limit=2, most=2, done=5)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.sampled_from([*Trouble]), max_size=4), max_size=8), st.integers(1, 5), st.integers(1, 4))
def test_only_troubles_that_may_pass_are_tried_again_and_one_section_leaves_the_others_alone(
    troubles: list[list[Trouble]], limit: int, tries: int
) -> None:
    tasks = [Failing(*map(ModelError, errors)) for errors in troubles]
    found = sections(tasks=limit, tries=tries).run(tasks)
    for result, task, errors in zip(found, tasks, troubles, strict=True):
        final = next((n for n, one in enumerate(errors) if not one.may_pass), len(errors))
        asked = min(tries, final + 1)
        assert task.tries == asked
        assert (result == "read") if asked > len(errors) else (trouble_of(result) is errors[asked - 1])


def test_a_section_is_tried_again_when_the_provider_says_and_others_go_on(others: ThreadPoolExecutor) -> None:
    clock = ManualClock()
    later = Failing(ModelError(Trouble.RATE_LIMITED, after=30.0))
    one = sections(clock, tasks=1)
    done = others.submit(one.run, [later, Failing()])
    eventually(lambda: one.use()[TASKS].done == 2)
    assert later.tries == 1
    clock.advance(30.0)
    one.nudge()
    assert done.result(20) == ["read", "read"]


def test_all_tries_of_a_section_together_take_no_longer_than_it_may(others: ThreadPoolExecutor) -> None:
    clock = ManualClock()
    late = Failing(ModelError(Trouble.OVERLOADED, after=601.0))
    waits = Failing(ModelError(Trouble.DOWN, after=500.0), ModelError(Trouble.REFUSED))
    gate = Gate()
    one = sections(clock, tasks=2)
    done = others.submit(one.run, [late, waits, *gate.tasks(1, 2)])
    eventually(lambda: gate.inside == 2)
    clock.advance(600.0)  # the second try finds no place in time
    one.nudge()
    found = done.result(20)
    assert [trouble_of(result) for result in found] == [Trouble.OVERLOADED, Trouble.DOWN, *[Trouble.TIMEOUT] * 2]
    assert (late.tries, waits.tries) == (1, 1)
    gate.open()


def test_what_takes_too_long_is_given_up_and_cleans_up_behind_itself(others: ThreadPoolExecutor) -> None:
    clock = ManualClock()
    gate, cleaned = Gate(), threading.Event()
    one = sections(clock, task_s=600.0, tasks=2)

    def hanging() -> None:
        try:
            gate.pass_through("hanging")
            one.split(lambda: pytest.fail("its time is over"))
        finally:
            cleaned.set()

    done = others.submit(one.run, [hanging, Failing()])
    eventually(lambda: gate.inside == 1 and one.use()[TASKS].done == 1)
    clock.advance(600.0)
    one.nudge()
    given_up, well = done.result(20)
    assert (trouble_of(given_up), well) == (Trouble.TIMEOUT, "read")
    assert one.use()[TASKS] == SectionUse(limit=2, running=1, most=2, done=1, given_up=1)
    gate.open()
    assert cleaned.wait(20)
    assert one.join(20.0)


def test_what_never_ends_loses_its_place_after_twice_its_time(others: ThreadPoolExecutor) -> None:
    clock = ManualClock()
    gate = Gate()
    one = sections(clock, tasks=1, task_s=10.0)
    done = others.submit(one.run, [*gate.tasks("never ends"), Failing()])
    eventually(lambda: gate.inside == 1)
    clock.advance(10.0)
    one.nudge()
    eventually(lambda: one.use()[TASKS].given_up == 1)
    assert one.use()[TASKS].waiting == 1
    clock.advance(10.0)
    one.nudge()
    given_up, well = done.result(20)
    assert (trouble_of(given_up), well) == (Trouble.TIMEOUT, "read")
    gate.open()


def test_what_nobody_expected_is_the_callers_and_begins_nothing_more(others: ThreadPoolExecutor) -> None:
    gate = Gate()
    one = sections(tasks=2)

    def broken() -> None:
        gate.pass_through("broken")
        raise RuntimeError("a bug")

    done = others.submit(one.run, [broken, *gate.tasks(1, 2, 3)])
    eventually(lambda: gate.inside == 2)
    gate.let("broken")
    eventually(lambda: one.use()[TASKS].waiting == 0)
    assert not done.done()
    gate.let(1)
    with pytest.raises(RuntimeError, match="a bug"):
        done.result(20)
    assert set(gate.entered) == {"broken", 1}


def test_an_error_that_comes_after_its_run_is_nobodys(others: ThreadPoolExecutor) -> None:
    clock = ManualClock()
    gate = Gate()
    one = sections(clock, task_s=1.0)

    def broken() -> None:
        gate.pass_through("broken")
        raise RuntimeError("too late")

    done = others.submit(one.run, [broken])
    eventually(lambda: gate.inside == 1)
    clock.advance(1.0)
    one.nudge()
    assert [trouble_of(result) for result in done.result(20)] == [Trouble.TIMEOUT]
    gate.open()
    assert one.join(20.0)


def test_one_after_the_other_where_the_settings_want_that(others: ThreadPoolExecutor) -> None:
    gate = Gate()
    gate.open()
    one = sections(is_concurrent=False)
    assert one.run(gate.tasks(*range(6))) == gate.entered == [*range(6)]
    assert gate.most == 1
    assert {kind: use.limit for kind, use in one.use().items()} == dict.fromkeys(SectionWork, 1)


# --- splits and uploads


@pytest.mark.parametrize(("kind", "limit"), [(SPLITS, 4), (UPLOADS, 3)])
def test_splits_and_uploads_have_limits_of_their_own(kind: SectionWork, limit: int, others: ThreadPoolExecutor) -> None:
    gate = Gate()
    one = sections(tasks=12)
    within = one.split if kind is SPLITS else one.upload
    done = others.submit(one.run, [partial(within, work) for work in gate.tasks(*range(9))])
    eventually(lambda: gate.inside == limit and one.use()[kind].waiting == 9 - limit)
    gate.open()
    assert done.result(20) == [*range(9)]
    assert one.join(20.0)
    assert one.use()[kind] == SectionUse(limit=limit, most=limit, done=9)


def test_a_split_that_takes_too_long_is_given_up_but_keeps_its_place(others: ThreadPoolExecutor) -> None:
    clock = ManualClock()
    gate = Gate()
    one = sections(clock, splits=1, split_s=120.0, tries=1)
    slow = others.submit(one.run, [partial(one.split, partial(gate.pass_through, "slow"))])
    eventually(lambda: gate.inside == 1)
    clock.advance(121.0)
    one.nudge()
    next_one = others.submit(one.split, Failing())
    eventually(lambda: one.use()[SPLITS].waiting == 1)
    clock.advance(2.0)
    one.nudge()
    assert [trouble_of(result) for result in slow.result(20)] == [Trouble.TIMEOUT]
    assert one.use()[SPLITS].given_up == 1
    gate.open()
    assert next_one.result(20) == "read"


def test_what_waits_for_a_place_waits_no_longer_than_a_section_may(others: ThreadPoolExecutor) -> None:
    clock = ManualClock()
    gate = Gate()
    one = sections(clock, uploads=1, task_s=50.0, upload_s=300.0)
    running = others.submit(one.upload, partial(gate.pass_through, 1))
    eventually(lambda: gate.inside == 1)
    waiting = others.submit(one.upload, Failing())
    eventually(lambda: one.use()[UPLOADS].waiting == 1)
    clock.advance(50.0)
    one.nudge()
    with pytest.raises(ModelError, match="no room among the uploads"):
        waiting.result(20)
    gate.open()
    assert running.result(20) == 1
    assert one.use()[UPLOADS].waiting == 0


def test_errors_of_splits_and_uploads_are_those_of_their_work() -> None:
    one = sections()
    with pytest.raises(ModelError) as refused:
        one.upload(Failing(ModelError(Trouble.KEY_REFUSED)))
    assert refused.value.trouble is Trouble.KEY_REFUSED
    with pytest.raises(OSError, match="no space"):
        one.split(Failing(OSError("no space")))


# --- memory


def test_one_at_a_time_while_memory_is_tight_and_more_once_it_is_not(others: ThreadPoolExecutor) -> None:
    memory = [800.0]
    gate = Gate()
    one = sections(memory_mb=lambda: memory[0])
    done = others.submit(one.run, gate.tasks(*range(6)))
    eventually(lambda: gate.inside == 1)
    gate.let(0)
    eventually(lambda: gate.entered == [0, 1])
    memory[0] = 700.0
    one.nudge()
    eventually(lambda: gate.inside == 5)
    gate.open()
    assert done.result(20) == [*range(6)]


def test_none_begins_while_memory_is_short_but_not_for_ever(others: ThreadPoolExecutor) -> None:
    memory = [2_000.0]
    clock = ManualClock()
    gate = Gate()
    one = sections(clock, memory_mb=lambda: memory[0])
    done = others.submit(one.run, gate.tasks(1, 2, 3))
    eventually(lambda: one.use()[TASKS].waiting == 3 and TASKS in one._short_since)
    clock.advance(MEMORY_PATIENCE_S)
    one.nudge()
    eventually(lambda: gate.entered == [1])
    gate.let(1)
    eventually(lambda: TASKS in one._short_since)
    assert gate.entered == [1], "the next waits as long"
    memory[0] = 100.0
    one.nudge()
    gate.open()
    assert done.result(20) == [1, 2, 3]


def test_memory_is_not_asked_about_where_nobody_watches_it() -> None:
    one = sections(memory_mb=lambda: pytest.fail("asked"), watches_memory=False)
    assert one.run([Failing(), lambda: one.split(Failing())]) == ["read", "read"]


# --- the end, and other settings


def test_stopping_ends_what_runs_and_what_waits_at_once_and_all_that_comes_later(others: ThreadPoolExecutor) -> None:
    gate = Gate()
    one = sections(tasks=3, splits=1)
    splitting = [partial(one.split, work) for work in gate.tasks("split", "waits")]
    done = others.submit(one.run, [*splitting, *gate.tasks("runs", "later")])
    eventually(lambda: gate.inside == 2 and one.use()[SPLITS].waiting == 1)
    one.stop()
    assert [trouble_of(result) for result in done.result(20)] == [Trouble.STOPPING] * 4
    assert [trouble_of(result) for result in one.run(gate.tasks("new"))] == [Trouble.STOPPING]
    with pytest.raises(ModelError) as late:
        one.split(Failing())
    assert late.value.trouble is Trouble.STOPPING
    assert not one.join(0.0)
    gate.open()
    assert one.join(20.0)
    assert set(gate.entered) in ({"split", "runs"}, {"waits", "runs"})
    assert one.use()[SPLITS].given_up == 0


def test_join_waits_until_the_threads_have_cleaned_up(others: ThreadPoolExecutor) -> None:
    gate = Gate()
    one = sections()
    done = others.submit(one.run, gate.tasks(1))
    eventually(lambda: gate.inside == 1)
    one.stop()
    done.result(20)
    joined = others.submit(one.join, 5.0)
    gate.open()
    assert joined.result(20)


def test_other_limits_hold_from_now_on(others: ThreadPoolExecutor) -> None:
    gate = Gate()
    one = sections(tasks=1)
    done = others.submit(one.run, gate.tasks(*range(6)))
    eventually(lambda: gate.inside == 1)
    one.become(SectionLimits(tasks=4))
    eventually(lambda: gate.inside == 4)
    one.become(SectionLimits(tasks=2))
    gate.let(0, 1)
    eventually(lambda: gate.inside == 2)
    assert len(gate.entered) == 4
    gate.open()
    assert done.result(20) == [*range(6)]


WHO: ContextVar[str] = ContextVar("WHO", default="nobody")


def test_threads_are_named_end_with_the_program_and_know_for_whom_they_work() -> None:
    """The log says of each call which item it belongs to."""

    def here() -> tuple[str, bool, str]:
        thread = threading.current_thread()
        return thread.name.split("-")[0], thread.daemon, WHO.get()

    one = sections()
    token = WHO.set("item 7")
    try:
        found = one.run([here, lambda: one.split(here), lambda: one.upload(here)])
    finally:
        WHO.reset(token)
    assert found == [(name, True, "item 7") for name in ("section", "split", "upload")]


def test_where_the_system_has_no_more_threads_a_section_is_tried_again_and_then_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    starts: list[str] = []
    start = threading.Thread.start

    def refused(thread: threading.Thread) -> None:
        starts.append(thread.name)
        if len(starts) in {1, 3, 4}:
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refused)
    one = sections(tasks=1, tries=2)
    assert one.run([Failing()]) == ["read"]
    assert [trouble_of(result) for result in one.run([Failing()])] == [Trouble.OVERLOADED]
    starts[:] = ["section"]
    monkeypatch.setattr(one, "_limits", SectionLimits(tries=1))
    assert [trouble_of(result) for result in one.run([lambda: one.upload(Failing())])] == [Trouble.OVERLOADED]
    assert one.join(20.0)
