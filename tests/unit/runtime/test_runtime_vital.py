"""A wedged engine is told from a slow one: by real loops that are stuck, and by hands that merely take long."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import DatabaseFull
from dl_lit.core.job import Answer, Claim, Done, Reject, Retry, Snooze
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from dl_lit.runtime.brakes import Pressure
from dl_lit.runtime.line import Surroundings, Waits
from dl_lit.runtime.pipeline import Pipeline
from dl_lit.runtime.sequential import OneAtATime
from dl_lit.runtime.shape import Shape
from dl_lit.runtime.stall import Stall
from dl_lit.runtime.turns import Turn
from dl_lit.runtime.vital import HandsAtWork, wedged_by
from tests.fakes.backends import SqliteBackend
from tests.fakes.engine import FakeStage, ManualClock, all_found, eventually, facts_for, new_source

EXTRACTION, ENRICHMENT, QUEUEING, DOWNLOAD = StageName


def hands(**changed: Any) -> HandsAtWork:
    usual: dict[str, Any] = {
        "stage": "download",
        "hands": 2,
        "busy": 2,
        "waiting": 0,
        "longest_s": 90.0,
        "quietest_s": 70.0,
        "bound_s": 60.0,
    }
    return HandsAtWork(**{**usual, **changed})


def test_a_loop_is_expected_when_it_said_it_would_turn() -> None:
    clock = ManualClock(0.0)
    turn = Turn("recorder", clock)
    overdue = [turn.overdue_s(1e9)]
    turn.begins()
    overdue.append(turn.overdue_s(3.0))
    turn.rests(10.0)
    overdue += [turn.overdue_s(9.0), turn.overdue_s(12.0)]
    turn.ends()
    overdue.append(turn.overdue_s(1e9))
    assert overdue == [0.0, 3.0, 0.0, 2.0, 0.0]


@pytest.mark.parametrize(
    ("stage", "says"),
    [
        (hands(), "all 2 hands of download have been silent for 70 s"),
        (hands(busy=1), None),
        (hands(quietest_s=5.0), None),
        (hands(waiting=1), None),
        (hands(longest_s=60.0, quietest_s=60.0), None),
        (hands(hands=0, busy=0, longest_s=0.0, quietest_s=0.0), None),
    ],
)
def test_hands_are_stuck_when_all_are_and_none_waits_for_others(stage: HandsAtWork, says: str | None) -> None:
    assert wedged_by(1_000.0, (), [stage], 120.0) == says


@pytest.mark.parametrize(("overdue_s", "says"), [(121.0, "notice has not turned for 121 s"), (119.0, None)])
def test_a_loop_is_slow_before_it_is_stuck(overdue_s: float, says: str | None) -> None:
    turn = Turn("notice", ManualClock(1_000.0 - overdue_s))
    turn.begins()
    assert wedged_by(1_000.0, [turn], [], 120.0) == says


class Works:
    """A pipeline on a database, parts of which can be held."""

    def __init__(self, folder: Path) -> None:
        self.clock = SystemClock()
        self.database = SqliteBackend(folder, self.clock)
        self.store = self.database.open()
        self.gate = threading.Event()
        self.waits = Waits(0, 0)
        self.pipelines: list[Pipeline] = []

    def pipeline(self, *stages: FakeStage, **shape: Any) -> Pipeline:
        usual: dict[str, Any] = {
            "workers": dict.fromkeys(StageName, 2),
            "poll_s": 0.05,
            "notice_s": 0.02,
            "turn_s": 0.4,
        }
        pipeline = Pipeline(
            all_found(but=stages),
            self.store,
            Shape(**{**usual, **shape}),
            clock=self.clock,
            chance=random.Random(1),
            read_pressure=lambda: Pressure(1e6, 0.0),
            surroundings=Surroundings(waits=lambda _stage: self.waits),
        )
        self.pipelines.append(pipeline)
        return pipeline

    def held(self, verb: Callable[..., Any], when: Callable[..., bool] = lambda *_: True) -> Callable[..., Any]:
        """The verb, which does not come back before the gate opens."""

        def waits(*arguments: Any) -> Any:
            if when(*arguments):
                assert self.gate.wait(30)
            return verb(*arguments)

        return waits

    def answer(self, claim: Claim) -> Answer:
        assert self.gate.wait(30)
        return Done(facts_for(claim))


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Works]:
    works = Works(tmp_path)
    yield works
    works.gate.set()
    for pipeline in works.pipelines:
        pipeline.stop(hurry=lambda: True)
    works.database.close()


def what_is_stuck(pipeline: Pipeline) -> str:
    eventually(lambda: pipeline.wedged() is not None)
    return pipeline.wedged() or ""


def test_a_feeder_whose_claim_does_not_come_back_is_stuck(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    """And is well again once it does."""
    works.database.add_sources([new_source(1)])
    held = works.held(works.store.claim, lambda stage, _limit: stage is EXTRACTION)
    monkeypatch.setattr(works.store, "claim", held)
    pipeline = works.pipeline()
    pipeline.start()
    assert pipeline.wedged() is None
    assert what_is_stuck(pipeline).startswith("extraction-feeder has not turned for ")
    works.gate.set()
    eventually(lambda: pipeline.wedged() is None)


@pytest.mark.parametrize(("verb", "loop"), [("record", "recorder"), ("notice", "notice")])
def test_the_recorder_and_the_notice_can_be_stuck_as_well(
    works: Works, monkeypatch: pytest.MonkeyPatch, verb: str, loop: str
) -> None:
    works.database.add_sources([new_source(1)])
    pipeline = works.pipeline()
    pipeline.start()
    monkeypatch.setattr(works.store, verb, works.held(getattr(works.store, verb)))
    works.database.add_sources([new_source(2)])
    assert what_is_stuck(pipeline).startswith(f"{loop} has not turned for ")


def test_the_loop_of_its_owner_counts_while_it_runs(works: Works) -> None:
    pipeline = works.pipeline()
    pipeline.start()
    thread = threading.Thread(target=pipeline.run_until, args=(works.gate.is_set, lambda: works.gate.wait(30)))
    thread.start()
    assert what_is_stuck(pipeline).startswith("main has not turned for ")
    works.gate.set()
    thread.join(20)
    eventually(lambda: pipeline.wedged() is None)


def test_a_disk_that_is_full_is_no_stuck_recorder(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told by what it is: how long nothing could be written."""

    def full(_group: Sequence[Any]) -> None:
        raise DatabaseFull("no space")

    monkeypatch.setattr(works.store, "record", full)
    monkeypatch.setattr("dl_lit.runtime.recorder._TRY_AGAIN_S", 0.05)
    works.database.add_sources([new_source(1)])
    pipeline = works.pipeline()
    pipeline.start()
    eventually(lambda: pipeline.unwritten_s > 0.5)
    assert pipeline.wedged() is None
    assert (pipeline.stop(), pipeline.unwritten) == (False, 1)


def test_all_hands_silent_are_stuck_unless_they_wait_for_permits(works: Works) -> None:
    works.database.add_sources([new_source(number) for number in range(4)])
    works.waits = Waits(permits=2, turns=0)
    pipeline = works.pipeline(FakeStage(EXTRACTION, works.answer), silent_s={EXTRACTION: 0.2})
    pipeline.start()
    eventually(lambda: pipeline.pulse()[EXTRACTION].longest_s > 0.4)
    assert pipeline.wedged() is None
    works.waits = Waits(0, 0)
    assert what_is_stuck(pipeline).startswith("all 2 hands of extraction have been silent for ")
    works.gate.set()
    eventually(lambda: pipeline.wedged() is None)


def test_a_stage_that_takes_long_is_slow(works: Works) -> None:
    """One hand is stuck, the other one goes on."""
    works.database.add_sources([new_source(number) for number in range(4)])
    stuck = FakeStage(EXTRACTION, lambda claim: works.answer(claim) if claim.id == 1 else Done(facts_for(claim)))
    pipeline = works.pipeline(stuck, silent_s={EXTRACTION: 0.1})
    pipeline.start()
    eventually(lambda: pipeline.pulse()[EXTRACTION].longest_s > 0.3)
    assert pipeline.wedged() is None


def test_a_thread_that_died_is_told(works: Works, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(*_: Any) -> Any:
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr(works.store, "claim", dies)
    works.database.add_sources([new_source(1)])
    pipeline = works.pipeline()
    pipeline.start()
    assert "of all things" in what_is_stuck(pipeline)


def test_one_at_a_time_is_judged_by_its_item(works: Works) -> None:
    works.database.add_sources([new_source(1)])
    shape = Shape(workers=dict.fromkeys(StageName, 1), silent_s={EXTRACTION: 0.1})
    stages = all_found(but=[FakeStage(EXTRACTION, works.answer)])
    engine = OneAtATime(stages, works.store, shape, clock=works.clock, chance=random.Random(1))
    assert engine.wedged() is None
    works.store.notice()
    thread = threading.Thread(target=engine.work_once)
    thread.start()
    eventually(lambda: engine.wedged() is not None)
    works.gate.set()
    thread.join(20)
    assert (engine.wedged(), engine.unwritten_s) == (None, 0.0)


@pytest.mark.parametrize("outcome", [Retry(Reason.TIMEOUT_CONNECT, after=1.0), Snooze(Reason.SERVICE_DOWN, 1.0)])
def test_tries_in_vain_are_a_stall_until_something_comes_of_one(outcome: Any) -> None:
    stall = Stall()
    stall.add([outcome], 0.0)
    stall.add([outcome], 50.0)
    assert (stall.look(60.0, has_work=False), stall.look(70.0, has_work=True)) == (50.0, 70.0)
    assert stall.says == outcome.reason.value
    stall.add([outcome, Reject(Reason.NOT_A_PDF)], 80.0)
    assert (stall.look(90.0, has_work=False), stall.says) == (0.0, "")


def test_waiting_for_a_budget_or_for_work_is_no_stall() -> None:
    stall = Stall()
    assert stall.look(0.0, has_work=True) == 0.0
    assert stall.look(40.0, has_work=True) == 40.0
    stall.add([Snooze(Reason.BUDGET_EXHAUSTED, 9_000.0)], 50.0)
    assert stall.look(60.0, has_work=False) == 0.0
    assert stall.look(9_000.0, has_work=True) == 0.0
