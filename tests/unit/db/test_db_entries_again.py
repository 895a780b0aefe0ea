"""Entries that were given up while a service failed come back by themselves, some times."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from db.connect import connect
from db.entries_again import put_back_due
from dl_lit.core.job import Reject
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from dl_lit.core.retry_rules import DAY_S, SCHEDULES, RetryRule
from tests.fakes.scenario import Scenario


@pytest.fixture
def scenario(tmp_path: Path) -> Iterator[Scenario]:
    with Scenario(tmp_path) as one:
        yield one


@pytest.fixture
def engine(scenario: Scenario) -> Iterator[Engine]:
    engine = connect(scenario.path, synchronous="NORMAL")
    yield engine
    engine.dispose()


def given_up(scenario: Scenario, reason: Reason) -> int:
    (entry,) = scenario.extract(scenario.add(f"{reason.value}.pdf")[0], [f"On {reason.value}"])
    scenario.answer(StageName.ENRICHMENT, {entry: Reject(reason, "given up after 5 attempts")})
    return entry


def test_an_entry_that_a_failing_service_ended_comes_back_every_week_four_times(
    scenario: Scenario, engine: Engine
) -> None:
    entry, schedule = given_up(scenario, Reason.SERVICE_DOWN), SCHEDULES[RetryRule.BACK_OFF]
    for _ in range(schedule.times):
        scenario.clock.at += schedule.days * DAY_S - 60.0
        assert put_back_due(engine, scenario.clock, limit=10) == ()
        scenario.clock.at += 120.0
        assert put_back_due(engine, scenario.clock, limit=10) == (entry,)
        scenario.store.notice()
        scenario.answer(StageName.ENRICHMENT, {entry: Reject(Reason.BAD_ANSWER, "once more")})
    scenario.clock.at += 30 * DAY_S
    assert put_back_due(engine, scenario.clock, limit=10) == ()


def test_an_end_that_says_something_stays(scenario: Scenario, engine: Engine) -> None:
    for reason in (Reason.NO_MATCH, Reason.AMBIGUOUS_MATCH, Reason.VETOED, Reason.NOT_A_WORK, Reason.POISON):
        given_up(scenario, reason)
    scenario.clock.at += 30 * DAY_S
    assert put_back_due(engine, scenario.clock, limit=10) == ()


def test_those_given_up_first_come_first_and_no_more_than_asked_for(scenario: Scenario, engine: Engine) -> None:
    first = given_up(scenario, Reason.SERVICE_DOWN)
    scenario.clock.at += 60.0
    given_up(scenario, Reason.BAD_ANSWER)
    scenario.clock.at += 8 * DAY_S
    assert put_back_due(engine, scenario.clock, limit=1) == (first,)
