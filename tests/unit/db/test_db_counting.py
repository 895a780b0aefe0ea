"""Attempts are counted as they are written down, and what is forgotten stays counted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.connect import connect, migrate, open_database
from db.counting import BUCKETS_S, counted
from db.reading.history import attempts_by_reason, durations
from db.reading.opening import reading
from db.retention import forget_attempts
from tests.fakes.scenario import NOON, Scenario, typical


def test_what_is_recorded_is_counted_and_stays_so_when_it_is_forgotten(tmp_path: Path) -> None:
    """By stage and reason, and by how long it took."""
    with Scenario(tmp_path) as scenario:
        typical(scenario)
        rows = scenario.rows("SELECT stage, reason, count(*) FROM attempts GROUP BY 1, 2")
        engine = connect(scenario.path)
        with reading(scenario.path) as connection:
            before = attempts_by_reason(connection), durations(connection)
        scenario.sql("UPDATE attempts SET item_id = 1")  # all of one item: all but the last may go
        assert forget_attempts(engine, NOON + 400 * 86_400.0) > 0
        engine.dispose()
        with reading(scenario.path) as connection:
            after = attempts_by_reason(connection), durations(connection)
    assert before[0] == {(stage, reason): number for stage, reason, number in rows}
    assert sum(one.count for one in before[1].values()) == sum(before[0].values())
    assert after == before


@pytest.mark.sqlite_only
def test_attempts_of_an_older_database_are_counted_once(tmp_path: Path) -> None:
    """By the migration, into the same buckets."""
    path = tmp_path / "old.sqlite"
    migrate(path, "0005")
    engine = connect(path)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO attempts (stage, item_id, attempt, outcome, reason, started_at, seconds) "
            "VALUES ('download', ?, 1, 'retry', 'http-5xx', 't', ?)",
            [(place, seconds) for place, seconds in enumerate((0.0, *BUCKETS_S, 301.0))],
        )
    engine.dispose()
    open_database(path).dispose()
    with reading(path) as connection:
        took = durations(connection)["download"]
    assert (took.count, took.at_most) == (9, (2, 3, 4, 5, 6, 7, 8))
    assert took.sum_s == sum((*BUCKETS_S, 301.0))


@given(st.lists(st.floats(0, 1_000)))
def test_no_attempt_is_lost_on_its_way_into_a_bucket(seconds: list[float]) -> None:
    """Each is in exactly one, not beyond its bound."""
    rows = json.loads(counted([("download", "done", "ok", one) for one in seconds]))
    assert sum(row[4] for row in rows) == len(seconds)
    for bound, limit in enumerate(BUCKETS_S):
        counts = sum(row[4] for row in rows if row[3] <= bound)
        assert counts == sum(one <= limit for one in seconds)
