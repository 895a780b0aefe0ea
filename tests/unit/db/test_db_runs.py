"""The book of runs tells what each run had and how it ended, also of those that were killed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from db.connect import connect
from db.reading.opening import reading
from db.reading.runs import RunState, RunView, one_run, runs, sources_of_run
from db.runs import How, add_to_run, begin_run, end_run, forget_runs, note_new_sources, note_sources
from dl_lit.core.errors import BadInput
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from dl_lit.core.store import NewSource
from tests.fakes.scenario import Scenario


@pytest.fixture
def scenario(tmp_path: Path) -> Iterator[Scenario]:
    with Scenario(tmp_path) as one:
        yield one


@contextmanager
def writing(scenario: Scenario) -> Iterator[Engine]:
    engine = connect(scenario.path)
    try:
        yield engine
    finally:
        engine.dispose()


def told(scenario: Scenario, *, is_at_work: bool = False) -> list[RunView]:
    with reading(scenario.path) as connection:
        return runs(connection, is_at_work=is_at_work)


def test_a_run_is_told_with_its_settings_sources_and_end(scenario: Scenario) -> None:
    (known,) = scenario.add("known.pdf")
    with writing(scenario) as engine:
        begun = begin_run(engine, "process-folder /in", scenario.clock, version="1.2", settings={"snowball.depth": 2})
        given = [NewSource("/inbox/known.pdf", _sha(scenario, known), 1), NewSource("/in/new.pdf", "ab" * 32, 9)]
        added = add_to_run(engine, begun.id, given, How.GIVEN, scenario.clock)
        with engine.begin() as connection:
            note_sources(connection, begun.id, [(known, False)], How.LEFT_OVER)  # given as well: so it stays
        scenario.clock.at += 60
        end_run(engine, begun.id, 3, {"references": 4}, scenario.clock)
    (run,) = told(scenario)
    assert [one.is_new for one in added] == [False, True]
    assert (run.state, run.exit_code, run.version) == (RunState.ENDED, 3, "1.2")
    assert (run.given, run.new, run.left_over, run.found) == (2, 1, 0, 0)
    assert (run.settings, run.summary) == ({"snowball.depth": 2}, {"references": 4})
    assert run.ended_at is not None
    assert run.ended_at > run.started_at
    with reading(scenario.path) as connection:
        assert sources_of_run(connection, run.id) == [one.id for one in added]
        with pytest.raises(BadInput, match="no run 9"):
            one_run(connection, 9, is_at_work=False)


def test_a_run_that_was_killed_is_told_as_such_by_the_next_one(scenario: Scenario) -> None:
    """It ends with its last attempt, and has the sources that came until then."""
    with writing(scenario) as engine:
        first = begin_run(engine, "watch-folder-concurrent /in", scenario.clock, version="1")
        scenario.clock.at += 10
        (early,) = scenario.add("early.pdf")
        scenario.clock.at += 10
        scenario.reject(StageName.EXTRACTION, early, Reason.ENCRYPTED_PDF)
        assert told(scenario, is_at_work=True)[0].state is RunState.RUNNING
        assert told(scenario)[0].state is RunState.KILLED
        scenario.clock.at += 10
        scenario.add("by-hand-afterwards.pdf")
        second = begin_run(engine, "watch-folder-concurrent /in", scenario.clock, version="1")
    assert [one.id for one in second.killed] == [first.id]
    running, killed = told(scenario, is_at_work=True)
    assert (running.state, killed.state) == (RunState.RUNNING, RunState.KILLED)
    assert killed.exit_code is None
    with reading(scenario.path) as connection:
        assert sources_of_run(connection, first.id) == [early]


def test_a_daemon_has_all_that_comes_while_it_lives(scenario: Scenario) -> None:
    scenario.add("before.pdf")
    with writing(scenario) as engine:
        begun = begin_run(engine, "watch", scenario.clock, version="1")
        (one,) = scenario.add("one.pdf")
        with engine.begin() as connection:
            noted = note_new_sources(connection, begun.id, begun.highest_source)
        (two,) = scenario.add("two.pdf")
        with engine.begin() as connection:
            note_new_sources(connection, begun.id, noted)
    with reading(scenario.path) as connection:
        assert sources_of_run(connection, begun.id) == [one, two]


def test_old_runs_are_forgotten_and_their_sources_stay(scenario: Scenario) -> None:
    with writing(scenario) as engine:
        old = begin_run(engine, "old", scenario.clock, version="1")
        add_to_run(engine, old.id, [NewSource("/in/a.pdf", "cd" * 32, 9)], How.GIVEN, scenario.clock)
        end_run(engine, old.id, 0, None, scenario.clock)
        scenario.clock.at += 100
        young = begin_run(engine, "young", scenario.clock, version="1")
        end_run(engine, young.id, 0, None, scenario.clock)
        assert forget_runs(engine, scenario.clock.at - 50) == 1
    assert [one.id for one in told(scenario)] == [young.id]
    assert scenario.rows("SELECT count(*) FROM sources") == [(1,)]


def _sha(scenario: Scenario, source: int) -> str:
    return str(scenario.rows(f"SELECT sha256 FROM sources WHERE id = {source}")[0][0])
