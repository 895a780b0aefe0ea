"""A process that works some stages: the others' rooms fill, dam up and are left alone."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dl_lit.core.clock import SystemClock
from dl_lit.core.job import Claim
from dl_lit.core.model import StageName
from dl_lit.runtime.brakes import Bounds, Pressure
from dl_lit.runtime.pipeline import Pipeline
from dl_lit.runtime.sequential import OneAtATime
from dl_lit.runtime.shape import Shape
from dl_lit.runtime.suspects import suspect_of
from tests.fakes.backends import SqliteBackend
from tests.fakes.engine import all_found, new_source

EXTRACTION, ENRICHMENT, QUEUEING, DOWNLOAD = StageName


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SqliteBackend]:
    backend = SqliteBackend(tmp_path, SystemClock())
    backend.open().close()
    yield backend
    backend.close()


def engine_of(database: SqliteBackend, *names: StageName, high_water: int = 2_000) -> Pipeline:
    return Pipeline(
        [stage for stage in all_found() if stage.name in names],
        database.open(crashed=False),
        Shape(
            workers=dict.fromkeys(StageName, 2),
            poll_s=0.05,
            notice_s=0.02,
            queue_size=2,
            bounds=Bounds(high_water=high_water, low_water=max(1, high_water // 2)),
        ),
        clock=SystemClock(),
        chance=random.Random(1),
        read_pressure=lambda: Pressure(1e6, 0.0),
    )


def run(engine: Pipeline) -> None:
    engine.start()
    try:
        assert engine.drain(lambda: False)
    finally:
        engine.stop()


def test_stages_that_are_not_worked_here_have_no_hands_and_keep_their_rows(database: SqliteBackend) -> None:
    """A run is at its end when nothing is left for its own; another takes the rest over where it stopped."""
    database.add_sources([new_source(n) for n in range(5)])
    first = engine_of(database, EXTRACTION)
    run(first)
    assert list(first.pulse()) == [EXTRACTION]
    assert first.pulse()[EXTRACTION].done == 5
    second = engine_of(database, ENRICHMENT, QUEUEING, DOWNLOAD)
    run(second)
    assert [second.pulse()[stage].done for stage in (ENRICHMENT, QUEUEING, DOWNLOAD)] == [5, 5, 5]
    assert second.is_idle()


def test_what_others_write_while_it_is_looked_whether_all_is_done_is_looked_at(
    database: SqliteBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another host moves an item from a room that comes later to one that was found empty a moment ago."""
    engine = engine_of(database, *StageName)
    meanwhile: list[Callable[[], object]] = [lambda: None, lambda: database.add_sources([new_source(1)])]

    def in_hand() -> int:
        meanwhile.pop(0)()
        return 0

    monkeypatch.setattr(engine, "in_hand", in_hand)
    assert not engine.is_idle()


def test_a_full_room_that_nobody_here_drains_stops_the_stage_before_it_which_says_why(
    database: SqliteBackend,
) -> None:
    database.add_sources([new_source(n) for n in range(6)])
    run(engine_of(database, EXTRACTION))
    database.add_sources([new_source(n) for n in range(6, 9)])
    engine = engine_of(database, EXTRACTION, high_water=6)
    run(engine)
    pulse = engine.pulse()[EXTRACTION]
    assert (pulse.waiting, pulse.done, pulse.is_dammed) == (3, 0, True)
    assert pulse.resting == "enrichment has 6 waiting, and is not worked by this process"


def test_one_at_a_time_works_the_named_stages_as_well(database: SqliteBackend) -> None:
    database.add_sources([new_source(n) for n in range(3)])
    stages = [stage for stage in all_found() if stage.name in {EXTRACTION, ENRICHMENT}]
    store = database.open(crashed=False)
    engine = OneAtATime(
        stages, store, Shape(workers=dict.fromkeys(StageName, 1)), clock=SystemClock(), chance=random.Random(1)
    )
    assert engine.drain(lambda: False)
    assert (engine.pulse()[ENRICHMENT].done, store.waiting(QUEUEING)) == (3, 3)


def test_one_at_a_time_looks_at_what_others_write_while_it_looks_whether_all_is_done(
    database: SqliteBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another host moves an item to a room that was found empty a moment ago."""
    store = database.open(crashed=False)
    engine = OneAtATime(
        all_found(), store, Shape(workers=dict.fromkeys(StageName, 1)), clock=SystemClock(), chance=random.Random(1)
    )
    meanwhile: list[Callable[[], object]] = [lambda: database.add_sources([new_source(1)])]

    def claim_suspect() -> None:  # asked for when every room has been looked at
        if meanwhile:
            meanwhile.pop()()

    monkeypatch.setattr(store, "claim_suspect", claim_suspect)
    assert engine.drain(lambda: False)
    assert engine.pulse()[DOWNLOAD].done == 1


class Suspects:
    """A store of which nothing but this is asked: suspects that are offered until they are claimed."""

    def __init__(self, *claims: Claim) -> None:
        self.offered = list(claims)
        self.unmarked: list[Claim] = []

    def claim_suspect(self) -> Claim | None:
        return self.offered.pop(0) if self.offered else None

    def unmark_running(self, claims: list[Claim]) -> None:
        self.unmarked += claims

    def release(self, claims: list[Claim]) -> None:
        self.offered += claims


def test_suspects_of_other_stages_are_left_to_who_works_them(database: SqliteBackend) -> None:
    """And do not stand before those of our own; no note says that they are in hand."""
    database.add_sources([new_source(n) for n in range(2)])
    store = database.open(crashed=False)
    (read,) = store.claim(EXTRACTION, 1)
    mine = Claim(DOWNLOAD, 7, read.item)
    suspects = Suspects(read, mine)
    assert suspect_of(suspects, {DOWNLOAD}) is mine  # type: ignore[arg-type]
    assert (suspects.offered, suspects.unmarked) == ([read], [read])
    assert suspect_of(suspects, {DOWNLOAD}) is None  # type: ignore[arg-type]
    assert suspects.offered == [read]
