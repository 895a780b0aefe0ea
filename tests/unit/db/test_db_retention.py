"""Old attempts are forgotten, an item's last one is not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.connect import connect
from db.retention import Reached, forget_attempts
from tests.fakes.scenario import NOON, Scenario

DAY_S = 86_400.0


@pytest.fixture
def scenario(tmp_path: Path) -> Iterator[Scenario]:
    with Scenario(tmp_path) as one:
        yield one


def attempt(item: int, day: int, outcome: str = "retry", reason: str = "http-503", seconds: float = 0.5) -> str:
    started = f"2026-11-{day:02}T00:00:00+00:00"
    return (
        "INSERT INTO attempts (stage, item_id, attempt, outcome, reason, started_at, seconds) "
        f"VALUES ('download', {item}, 1, '{outcome}', '{reason}', '{started}', {seconds})"
    )


def forget(scenario: Scenario, days: float, **how: int) -> int:
    engine = connect(scenario.path)
    try:
        return forget_attempts(engine, NOON - days * DAY_S, **how)
    finally:
        engine.dispose()


def test_old_attempts_go_but_for_the_last_of_each_item(scenario: Scenario) -> None:
    """How an item came to be where it is can always be told."""
    scenario.sql(attempt(1, 1), attempt(2, 1), attempt(1, 2), attempt(1, 20), attempt(2, 2, "done", "ok", 70.0))
    assert forget(scenario, days=5) == 3
    assert scenario.rows("SELECT item_id, outcome FROM attempts ORDER BY id") == [(1, "retry"), (2, "done")]


def test_young_attempts_stay(scenario: Scenario) -> None:
    """Nothing newer than the limit goes, and forgetting twice changes nothing more."""
    scenario.sql(attempt(1, 19), attempt(1, 20), attempt(1, 21))
    assert forget(scenario, days=5) == 0
    assert forget(scenario, days=2) == 2
    assert forget(scenario, days=2) == 0


def test_forgetting_stops_when_told(scenario: Scenario) -> None:
    """A daemon that ends does not wait for it."""
    scenario.sql(*(attempt(1, 1) for _ in range(5)))
    engine = connect(scenario.path)
    assert forget_attempts(engine, NOON, should_stop=lambda: True) == 0
    engine.dispose()


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 4), st.sampled_from([0.05, 0.1, 0.3, 2.0, 400.0])), max_size=30),
    st.integers(1, 7),
    st.integers(0, 30),
)
def test_every_item_keeps_one(
    tmp_path_factory: pytest.TempPathFactory, made: list[tuple[int, float]], together: int, days: int
) -> None:
    """Whatever goes, and in groups of whatever size."""
    with Scenario(tmp_path_factory.mktemp("kept")) as scenario:
        for place, (item, seconds) in enumerate(made):
            scenario.sql(attempt(item, 1 + place % 3 if place < 15 else 20, seconds=seconds))
        gone = forget(scenario, days=days, together=together)
        ((left,),) = scenario.rows("SELECT count(*) FROM attempts")
    assert left + gone == len(made)
    assert left >= len({item for item, _ in made})


def test_who_comes_again_and_again_looks_at_a_part_each_time_and_forgets_all_in_the_end(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So an hour costs the same however many there are."""
    monkeypatch.setattr("db.retention.MOST_STAYING", 4)
    scenario.sql(*(attempt(item, 1) for item in range(10)), attempt(9, 2), attempt(0, 2), attempt(3, 30))
    reached, gone, turns = Reached(), [], []
    engine = connect(scenario.path)
    for _ in range(4):
        gone.append(forget_attempts(engine, NOON - 5 * DAY_S, reached=reached, together=2))
        turns.append(reached.attempt)
    engine.dispose()
    assert gone == [2, 1, 0, 0]
    assert turns == [6, 12, 0, 6]
