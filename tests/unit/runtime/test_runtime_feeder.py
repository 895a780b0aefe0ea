"""The feeder claims for idle hands only, and says when looking again makes sense."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dl_lit.core.errors import DatabaseDamaged, DatabaseUnusable
from dl_lit.core.job import Claim, Retry
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from dl_lit.runtime.brakes import Bounds, Brakes, Pressure
from dl_lit.runtime.feeder import Feeder
from dl_lit.runtime.hopper import Hopper
from tests.fakes.backends import SqliteBackend, TestedStore
from tests.fakes.engine import ManualClock, finished, new_source

EXTRACTION = StageName.EXTRACTION


class Bench:
    """A feeder of the first stage on a real store."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock()
        self.database = SqliteBackend(folder, self.clock)
        self.store: TestedStore = self.database.open()
        self.hopper = Hopper(4, lambda _phase: 1, lambda: None)
        self.pressure = Pressure(1e6, 0.0)
        bounds = Bounds(high_water=3, low_water=1)
        brakes = Brakes(EXTRACTION, bounds, self.store.waiting, lambda: self.pressure)
        self.feeder = Feeder(EXTRACTION, self.store, self.hopper, brakes, clock=self.clock, poll_s=1.0)

    def add(self, *numbers: int) -> None:
        self.database.add_sources([new_source(number) for number in numbers])
        self.store.notice()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.database.close()


def test_it_claims_what_fits_and_no_more(bench: Bench) -> None:
    bench.add(*range(10))
    bench.feeder.feed_once()
    assert (len(bench.hopper), bench.store.held()) == (4, 4)
    bench.feeder.feed_once()
    assert bench.store.held() == 4
    bench.hopper.take(0.0)
    bench.feeder.feed_once()
    assert (len(bench.hopper), bench.store.held()) == (3, 4), "a single place is not worth a claim"
    bench.hopper.take(0.0)
    bench.feeder.feed_once()
    assert (len(bench.hopper), bench.store.held()) == (4, 6)


def test_an_empty_room_is_left_alone_until_somebody_wakes_the_feeder(bench: Bench) -> None:
    assert bench.feeder.feed_once() == 15.0
    assert bench.store.held() == 0


def test_it_wakes_when_the_next_row_falls_due(bench: Bench) -> None:
    bench.add(1)
    bench.store.record([finished(bench.store.claim(EXTRACTION, 1)[0], Retry(Reason.HTTP_5XX, after=0.25))])
    assert bench.feeder.feed_once() == pytest.approx(0.25)
    bench.clock.advance(0.25)
    bench.feeder.feed_once()
    assert len(bench.hopper) == 1


def test_what_is_due_much_later_is_looked_for_now_and_then(bench: Bench) -> None:
    bench.add(1)
    bench.store.record([finished(bench.store.claim(EXTRACTION, 1)[0], Retry(Reason.HTTP_5XX, after=900.0))])
    assert bench.feeder.feed_once() == 15.0, "clocks are set"


def test_a_full_room_ahead_is_told_as_the_reason_to_rest(bench: Bench) -> None:
    bench.add(*range(5))
    bench.store.record([finished(claim) for claim in bench.store.claim(EXTRACTION, 3)])
    bench.feeder.feed_once()
    assert bench.store.held() == 0
    assert bench.feeder.resting == "enrichment has 3 waiting"
    assert bench.feeder.is_dammed()
    bench.store.record([finished(claim) for claim in bench.store.claim(StageName.ENRICHMENT, 3)])
    bench.feeder.feed_once()
    assert bench.store.held() == 2
    assert bench.feeder.resting is None


def test_much_memory_delays_each_claim_once(bench: Bench) -> None:
    """A process that stays large still gets on."""
    bench.add(*range(6))
    bench.pressure = Pressure(1e6, 800.0)
    assert bench.feeder.feed_once() == pytest.approx(1.0)
    bench.clock.advance(0.6)
    assert bench.feeder.feed_once() == pytest.approx(0.4)
    assert bench.store.held() == 0
    bench.clock.advance(0.4)
    bench.feeder.feed_once()
    assert bench.store.held() == 4
    bench.hopper.take(0.0)
    assert bench.feeder.feed_once() == pytest.approx(1.0)
    assert bench.store.held() == 4


def test_what_a_closed_hopper_refuses_is_released(bench: Bench) -> None:
    bench.add(1)
    bench.hopper.free_slots = lambda: 4  # type: ignore[method-assign]  # closed between the look and the claim
    bench.hopper.close()
    bench.feeder.feed_once()
    assert bench.store.held() == 0
    assert len(bench.store.claim(EXTRACTION, 5)) == 1


def test_while_the_database_cannot_be_read_it_looks_again_each_second(bench: Bench) -> None:
    """A disk that does not answer for a moment used to end the whole process."""
    bench.add(1)
    claim, refusing = bench.store.claim, True

    def refuse(stage: StageName, limit: int) -> list[Claim]:
        if refusing:
            raise DatabaseUnusable("the database cannot be used now")
        return list(claim(stage, limit))

    bench.store.claim = refuse  # type: ignore[method-assign,assignment]
    assert bench.feeder._fed() == bench.feeder._fed() == 1.0
    assert bench.feeder.resting == "the database cannot be used now"
    refusing = False
    bench.feeder._fed()
    assert (len(bench.hopper), bench.feeder.resting) == (1, None)


def test_a_damaged_database_is_not_waited_for(bench: Bench) -> None:
    bench.add(1)

    def refuse(_stage: StageName, _limit: int) -> list[Claim]:
        raise DatabaseDamaged("damaged")

    bench.store.claim = refuse  # type: ignore[method-assign]
    with pytest.raises(DatabaseDamaged):
        bench.feeder.loop()
