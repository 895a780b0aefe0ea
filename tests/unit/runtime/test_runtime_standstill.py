"""When a run ends although work is left: everything it tries is in vain."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from dl_lit.core.clock import SystemClock
from dl_lit.core.items import SourceItem
from dl_lit.core.job import Claim, Done, Outcome, Reject, Retry, Snooze
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from dl_lit.core.store import Finished
from dl_lit.runtime.brakes import Bounds, Pressure
from dl_lit.runtime.pipeline import Pipeline, Shape
from dl_lit.runtime.sequential import OneAtATime
from dl_lit.runtime.standstill import Standstill
from tests.fakes.backends import SqliteBackend
from tests.fakes.engine import FakeStage, ManualClock, all_found, facts_for, new_source

CLAIM = Claim(StageName.EXTRACTION, 1, SourceItem("/papers/1.pdf", "0" * 64))
DOWN = Snooze(Reason.SERVICE_DOWN, 60.0)
GIVEN_UP = Reject(Reason.SERVICE_DOWN, "given up after 5 attempts")


def noted(still: Standstill, outcome: Outcome) -> bool:
    still.add([Finished(CLAIM, outcome, 0.0, 0.1)])
    return still.is_reached


@pytest.mark.parametrize("vain", [DOWN, Retry(Reason.SERVICE_DOWN), GIVEN_UP])
def test_tries_in_vain_for_long_are_a_standstill(vain: Outcome) -> None:
    clock = ManualClock()
    still = Standstill(clock, 120.0)
    assert not noted(still, vain)
    clock.advance(60)
    assert not noted(still, vain)
    clock.advance(60)
    assert noted(still, vain)


@pytest.mark.parametrize("progress", [Done(facts_for(CLAIM)), Reject(Reason.NO_MATCH)])
def test_whatever_is_found_out_begins_the_time_anew(progress: Outcome) -> None:
    clock = ManualClock()
    still = Standstill(clock, 120.0)
    clock.advance(200)
    assert not noted(still, progress)
    clock.advance(100)
    assert not noted(still, DOWN)


def test_waiting_alone_is_no_standstill() -> None:
    """What was told to come back in five minutes gets its second try."""
    clock = ManualClock()
    still = Standstill(clock, 120.0)
    noted(still, DOWN)
    clock.advance(300)
    assert not still.is_reached


@pytest.mark.parametrize("kind", [Pipeline, OneAtATime])
def test_a_drain_ends_when_everything_is_in_vain(tmp_path: Path, kind: type[Pipeline | OneAtATime]) -> None:
    """What waits is left as it is, for the next run."""
    clock = SystemClock()
    database = SqliteBackend(tmp_path, clock)
    store = database.open()
    database.add_sources([new_source(number) for number in range(5)])
    dead = FakeStage(StageName.ENRICHMENT, lambda _claim: Snooze(Reason.SERVICE_DOWN, 0.02))
    shape = Shape(workers=dict.fromkeys(StageName, 2), poll_s=0.1, notice_s=0.02, stall_s=0.3)
    given = {"clock": clock, "chance": random.Random(1)}
    if kind is Pipeline:
        given["read_pressure"] = lambda: Pressure(1e6, 0.0)
    engine = kind(all_found(but=[dead]), store, shape, **given)
    engine.start()
    try:
        assert engine.drain(lambda: False) is True
    finally:
        assert engine.stop() is True
    assert store.waiting(StageName.ENRICHMENT) == 5
    assert len(dead.seen) > 5
    database.close()


def test_a_drain_ends_when_the_disk_stays_full(tmp_path: Path) -> None:
    """Downloads rest; everything else is done, and the works wait."""
    clock = SystemClock()
    database = SqliteBackend(tmp_path, clock)
    store = database.open()
    database.add_sources([new_source(number) for number in range(3)])
    shape = Shape(workers=dict.fromkeys(StageName, 2), poll_s=0.1, notice_s=0.02, stall_s=0.3)
    little = Pressure(Bounds().download_disk_mb / 2, 0.0)
    engine = Pipeline(all_found(), store, shape, clock=clock, chance=random.Random(1), read_pressure=lambda: little)
    engine.start()
    try:
        assert engine.drain(lambda: False) is True
        assert "disk low" in (engine.lines[StageName.DOWNLOAD].feeder.resting or "")
    finally:
        assert engine.stop() is True
    assert store.waiting(StageName.DOWNLOAD) == 3
    database.close()
