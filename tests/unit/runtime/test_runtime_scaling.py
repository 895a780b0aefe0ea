"""How many hands a stage has: decided for any load, and in a pipeline with real threads."""

from __future__ import annotations

import math
import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.clock import SystemClock
from dl_lit.core.job import Answer, Claim, Done
from dl_lit.core.model import StageName
from dl_lit.runtime.brakes import Pressure
from dl_lit.runtime.hopper import Hopper
from dl_lit.runtime.line import Surroundings, Waits
from dl_lit.runtime.pipeline import Pipeline
from dl_lit.runtime.processors import Processors, hands_for_processors
from dl_lit.runtime.scaling import Load, Memory, Scaler
from dl_lit.runtime.shape import Shape
from tests.fakes.backends import SqliteBackend
from tests.fakes.engine import FakeStage, all_found, eventually, facts_for, new_source

EXTRACTION, ENRICHMENT, QUEUEING, DOWNLOAD = StageName
IDLE_S = 60.0


def load(hands: int = 1, busy: int = 0, calls_for: int = 0, **more: object) -> Load:
    return replace(Load(hands=hands, busy=busy, peak=busy, calls_for=calls_for), **more)  # type: ignore[arg-type]


def scaler(least: int = 1, most: int = 8) -> Scaler:
    return Scaler(least, most, IDLE_S, 0.0)


def test_hands_come_at_once_where_work_waits() -> None:
    subject = scaler()
    change = subject.decide(load(hands=1, busy=1, calls_for=4), 0.0)
    assert change is not None
    assert (change.hands, subject.says, subject.look_in(0.0)) == (4, "work for 5 hands", 0.05)
    change = subject.decide(load(hands=4, busy=4, calls_for=90), 0.05)
    assert change is not None
    assert (change.hands, subject.look_in(0.0)) == (8, IDLE_S)
    assert subject.decide(load(hands=8, busy=8, calls_for=90), 0.2) is None


def test_hands_without_work_go_after_a_while_and_only_those() -> None:
    subject = scaler()
    subject.decide(load(hands=4, busy=4, calls_for=4), 0.0)
    assert subject.decide(load(hands=8, busy=1), 60.0) is None, "eight were wanted a minute ago"
    assert subject.decide(load(hands=8, busy=3), 119.0) is None
    change = subject.decide(load(hands=8, busy=1), 120.0)
    assert change is not None
    assert (change.hands, subject.says) == (3, "no more had work for 60 s")


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (load(2, 2, 5, memory=Memory.TIGHT), "memory is tight"),
        (load(2, 2, 5, at_permits=2), "more hands would only wait for permits"),
        (load(2, 2, 5, cores=2), "the processors are busy"),
    ],
)
def test_more_hands_do_not_come_where_they_would_not_help(seen: Load, why: str) -> None:
    subject = scaler()
    assert subject.decide(seen, 0.0) is None
    assert subject.says == f"the least: work lets them grow; {why}"
    assert subject.decide(load(2, 2, 5), 1.0) is not None


def test_short_memory_leaves_the_least_and_nothing_grows_until_it_is_easy() -> None:
    subject = scaler(least=2)
    change = subject.decide(load(6, 6, 5, memory=Memory.SHORT), 0.0)
    assert change is not None
    assert (change.hands, change.why) == (2, "memory is short")
    assert subject.decide(load(2, 2, 5, memory=Memory.TIGHT), 70.0) is None
    assert subject.decide(load(2, 2, 5), 71.0) is not None


def test_rest_is_told_and_ends_with_the_first_item() -> None:
    subject = scaler()
    assert (subject.decide(load(), 60.0), subject.is_at_rest, subject.look_in(60.0)) == (None, True, math.inf)
    assert subject.says == "nothing to do for 60 s"
    subject.decide(load(busy=1), 100.0)
    assert (subject.is_at_rest, subject.look_in(100.0)) == (False, 20.0)


def test_nothing_is_looked_at_for_a_stage_whose_number_is_fixed() -> None:
    subject = scaler(least=4, most=4)
    assert subject.says == "as the settings say"
    assert not subject.is_curious(load(4, 4, 9))
    assert subject.decide(load(4, 4, 9), 0.0) is None


SEEN = st.tuples(
    st.floats(0.0, 40.0),  # seconds since the look before
    st.integers(0, 30),  # hands that have work
    st.integers(0, 30),  # hands that what waits calls for
    st.sampled_from(Memory),
    st.integers(0, 30),  # hands that wait for permits
    st.none() | st.integers(1, 8),
)


@given(st.integers(1, 4), st.integers(0, 12), st.lists(SEEN, max_size=60))
def test_however_the_load_jumps_hands_stay_within_bounds_and_do_not_flap(
    least: int, more: int, looks: list[tuple[float, int, int, Memory, int, int | None]]
) -> None:
    most = least + more
    subject, hands, now, changes = Scaler(least, most, IDLE_S, 0.0), least, 0.0, 0
    for passed, wants, calls_for, memory, at_permits, cores in looks:
        now += passed
        busy = min(hands, wants)
        seen = load(hands, busy, calls_for, memory=memory, at_permits=min(busy, at_permits), cores=cores)
        change = subject.decide(seen, now)
        if change is not None:
            assert change.hands != hands
            assert change.why
            hands = change.hands
            changes += 1
        assert least <= hands <= most
    stretches = 1 + now // IDLE_S
    assert changes <= stretches * 2 * (more + 1)


@given(st.integers(1, 4), st.integers(0, 12), st.integers(1, 60))
def test_it_grows_to_the_most_under_lasting_work_and_to_the_least_without(least: int, more: int, every_s: int) -> None:
    subject, hands, now = Scaler(least, least + more, IDLE_S, 0.0), least, 0.0
    reached = []
    for calls_for in (50, 0):
        for _ in range(5 + int(2 * IDLE_S / every_s)):
            now += every_s
            change = subject.decide(load(hands, hands if calls_for else 0, calls_for), now)
            hands = hands if change is None else change.hands
        reached.append(hands)
    assert reached == [least + more, least]
    assert subject.is_at_rest


def test_processors_have_room_for_one_hand_each_and_more_where_they_are_idle() -> None:
    assert hands_for_processors(0) >= 1
    meter = Processors()
    assert meter.free() == 0.0
    meter._at -= 10.0
    meter._idle -= 15.0
    assert meter.free() >= 1.4


def test_a_hopper_knows_how_many_hands_its_claims_would_keep_at_work() -> None:
    hopper = Hopper(50, lambda phase: 1 if phase else 10, lambda: None, first_hands=2)
    claims = [Claim(ENRICHMENT, number, item=None) for number in range(35)]  # type: ignore[arg-type]
    assert hopper.calls_for() == 0
    hopper.put([*claims, *(replace(one, phase="search") for one in claims[:3])])
    assert hopper.calls_for() == 2 + 3
    taken = hopper.take(0.0)
    assert hopper.calls_for() == 1 + 3
    hopper.done(taken)
    assert hopper.calls_for() == 2 + 3


class Works:
    """A pipeline whose extraction waits for leave to go on."""

    def __init__(self, folder: Path) -> None:
        self.clock = SystemClock()
        self.database = SqliteBackend(folder, self.clock)
        self.store = self.database.open()
        self.told: list[tuple[StageName, int]] = []
        self.gate = threading.Event()
        self.waits = Waits(0, 0)
        shape = Shape(
            workers=dict.fromkeys(StageName, 5),
            workers_least=dict.fromkeys(StageName, 1),
            idle_s=0.3,
            poll_s=0.05,
            notice_s=0.02,
        )
        self.pipeline = Pipeline(
            all_found(but=[FakeStage(EXTRACTION, self.answer)]),
            self.store,
            shape,
            clock=self.clock,
            chance=random.Random(1),
            read_pressure=lambda: Pressure(1e6, 0.0),
            surroundings=Surroundings(
                waits=lambda _stage: self.waits,
                cores=lambda _busy: 4,
                on_hands=lambda stage, hands: self.told.append((stage, hands)),
            ),
        )

    def answer(self, claim: Claim) -> Answer:
        assert self.gate.wait(20)
        return Done(facts_for(claim))

    def hands(self) -> int:
        return self.pipeline.pulse()[EXTRACTION].workers

    def threads(self) -> int:
        """Of this pipeline's: one that another test abandoned may bear the same name."""
        return sum(one.is_alive() for one in list(self.pipeline.lines[EXTRACTION].hands._threads.values()))


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Works]:
    works = Works(tmp_path)
    yield works
    works.gate.set()
    works.pipeline.stop(hurry=lambda: True)
    works.database.close()


def test_threads_come_with_work_and_go_without(works: Works) -> None:
    """Up to the processors; what hands use is let go when nothing is to be done for a while."""
    works.database.add_sources([new_source(number) for number in range(20)])
    works.pipeline.start()
    eventually(lambda: (works.hands(), works.threads()) == (4, 4))
    pulse = works.pipeline.pulse()[EXTRACTION]
    assert (pulse.workers_least, pulse.workers_most) == (1, 5)
    assert "the processors are busy" in pulse.scaled
    works.gate.set()
    eventually(lambda: works.pipeline.pulse()[DOWNLOAD].done == 20)
    eventually(lambda: (works.hands(), works.threads()) == (1, 1))
    eventually(lambda: (EXTRACTION, 0) in works.told)
    works.database.add_sources([new_source(99)])
    eventually(lambda: works.pipeline.pulse()[DOWNLOAD].done == 21)


def test_no_hand_comes_to_wait_for_permits(works: Works) -> None:
    works.waits = Waits(permits=1, turns=0)
    works.database.add_sources([new_source(0)])
    works.pipeline.start()
    eventually(lambda: works.pipeline.pulse()[EXTRACTION].busy == 1)
    works.database.add_sources([new_source(number) for number in range(1, 5)])
    eventually(lambda: "only wait for permits" in works.pipeline.pulse()[EXTRACTION].scaled)
    assert works.hands() == 1
    works.waits = Waits(0, 1)
    eventually(lambda: works.hands() == 4)


def test_a_system_without_threads_leaves_the_hands_there_are(
    works: Works, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    works.pipeline.start()
    hands = works.pipeline.lines[DOWNLOAD].hands

    def refuse(name: str, body: object) -> threading.Thread:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(hands, "_start", refuse)
    hands.want(5)
    assert "download has 1 hands instead of 5: can't start new thread" in caplog.messages
    works.gate.set()
    works.database.add_sources([new_source(number) for number in range(5)])
    eventually(lambda: works.pipeline.pulse()[DOWNLOAD].done == 5)
