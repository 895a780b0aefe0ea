"""Paused stages take nothing, say so, and go on as soon as they are resumed; a run does not wait for them."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from db.connect import connect
from db.pausing import pause, paused, resume
from dl_lit.core.clock import SystemClock
from dl_lit.core.job import Answer, Claim, Done, Snooze
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from dl_lit.runtime.brakes import Pressure
from dl_lit.runtime.pipeline import Pipeline
from dl_lit.runtime.sequential import OneAtATime
from dl_lit.runtime.shape import Shape
from tests.fakes.backends import SqliteBackend
from tests.fakes.engine import FakeStage, all_found, eventually, facts_for, new_source

EXTRACTION, ENRICHMENT, QUEUEING, DOWNLOAD = StageName


class Works:
    """A database, an engine on it, and somebody who pauses."""

    def __init__(self, folder: Path) -> None:
        self.clock = SystemClock()
        self.database = SqliteBackend(folder, self.clock)
        self.store = self.database.open()
        self.pipelines: list[Pipeline] = []

    def pipeline(self, *stages: FakeStage, queue_size: int = 8) -> Pipeline:
        shape = Shape(workers=dict.fromkeys(StageName, 2), poll_s=0.2, notice_s=0.02, queue_size=queue_size)
        pipeline = Pipeline(
            all_found(but=stages),
            self.store,
            shape,
            clock=self.clock,
            chance=random.Random(1),
            read_pressure=lambda: Pressure(1e6, 0.0),
        )
        self.pipelines.append(pipeline)
        pipeline.start()
        return pipeline

    def elsewhere(self, pausing: bool, *stages: StageName) -> list[StageName]:
        engine = connect(self.database.path, synchronous="NORMAL")
        try:
            return pause(engine, stages, "Ann", self.clock) if pausing else resume(engine, stages)
        finally:
            engine.dispose()


@pytest.fixture
def works(tmp_path: Path) -> Iterator[Works]:
    works = Works(tmp_path)
    yield works
    for pipeline in works.pipelines:
        pipeline.stop(hurry=lambda: True)
    works.database.close()


def never() -> bool:
    return False


def test_pausing_twice_changes_nothing(works: Works) -> None:
    assert works.elsewhere(True, DOWNLOAD, EXTRACTION, DOWNLOAD) == [DOWNLOAD, EXTRACTION]
    assert works.elsewhere(True, DOWNLOAD) == []
    engine = connect(works.database.path, synchronous="NORMAL")
    with engine.connect() as connection:
        found = paused(connection)
    engine.dispose()
    assert [(one.stage, one.by) for one in found] == [(EXTRACTION, "Ann"), (DOWNLOAD, "Ann")]
    assert abs(found[0].since - works.clock.time()) < 60
    assert works.elsewhere(False, *StageName) == [EXTRACTION, DOWNLOAD]


def test_a_run_ends_with_what_a_paused_stage_leaves(works: Works) -> None:
    """And the next run, after somebody resumed, has it done."""
    works.elsewhere(True, QUEUEING)
    works.database.add_sources([new_source(n) for n in range(3)])
    pipeline = works.pipeline()
    assert pipeline.drain(never) is True
    pulse = pipeline.pulse()[QUEUEING]
    assert (pulse.waiting, pulse.paused, pulse.resting, pulse.stalled_s) == (3, "Ann", "paused by Ann", 0.0)
    works.elsewhere(False, QUEUEING)
    assert pipeline.drain(never) is True
    assert (pipeline.pulse()[QUEUEING].paused, pipeline.pulse()[DOWNLOAD].done) == (None, 3)


@pytest.mark.parametrize("is_paused", [True, False])
def test_one_at_a_time_keeps_to_pauses_as_well(works: Works, is_paused: bool) -> None:
    if is_paused:
        works.elsewhere(True, DOWNLOAD)
    works.database.add_sources([new_source(1)])
    shape = Shape(workers=dict.fromkeys(StageName, 1))
    engine = OneAtATime(all_found(), works.store, shape, clock=works.clock, chance=random.Random(1))
    assert engine.drain(never) is True
    pulse = engine.pulse()[DOWNLOAD]
    assert (pulse.waiting, pulse.done, pulse.paused) == ((1, 0, "Ann") if is_paused else (0, 1, None))


def held_by(gate: threading.Event) -> Callable[[Claim], Answer]:
    def answer(claim: Claim) -> Answer:
        assert gate.wait(20)
        return Done(facts_for(claim))

    return answer


def test_what_is_in_hand_is_finished_and_what_is_queued_given_back(works: Works) -> None:
    gate = threading.Event()
    works.database.add_sources([new_source(n) for n in range(6)])
    pipeline = works.pipeline(FakeStage(EXTRACTION, held_by(gate)))
    eventually(lambda: (pipeline.pulse()[EXTRACTION].running, works.store.held()) == (2, 6))
    works.elsewhere(True, EXTRACTION)
    eventually(lambda: works.store.held() == 2)
    gate.set()
    eventually(lambda: pipeline.pulse()[DOWNLOAD].done == 2)
    assert pipeline.drain(never) is True
    assert pipeline.pulse()[EXTRACTION].done == 2
    works.elsewhere(False, EXTRACTION)
    eventually(lambda: pipeline.pulse()[DOWNLOAD].done == 6)


def test_those_who_wait_for_a_turn_go_back_to_their_room(works: Works) -> None:
    turns = [True]

    def answer(claim: Claim) -> Answer:
        return Snooze(Reason.HOST_BUSY, 50.0, line="host") if turns[0] else Done(facts_for(claim))

    works.database.add_sources([new_source(1)])
    pipeline = works.pipeline(FakeStage(DOWNLOAD, answer))
    eventually(lambda: pipeline.pulse()[DOWNLOAD].seated == 1)
    works.elsewhere(True, DOWNLOAD)
    eventually(lambda: works.store.held() == 0)
    turns[0] = False
    works.elsewhere(False, DOWNLOAD)
    eventually(lambda: pipeline.pulse()[DOWNLOAD].done == 1)


def test_a_suspect_of_a_paused_stage_is_left_alone(works: Works) -> None:
    works.database.add_sources([new_source(1)])
    works.store.notice()
    works.database.change("UPDATE sources SET crashes = 3")
    works.store.notice()
    works.elsewhere(True, EXTRACTION)
    works.store.notice()
    assert works.store.claim_suspect() is None
    works.elsewhere(False, EXTRACTION)
    works.store.notice()
    assert works.store.claim_suspect() is not None
