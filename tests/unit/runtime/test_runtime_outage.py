"""An outage is told once, waited out for as long as is borne, and left at once by who is to stop."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable

import pytest

from dl_lit.core.errors import DatabaseAway, DatabaseUnusable, OutageTooLong, StoppedInOutage
from dl_lit.runtime.outage import STILL_EVERY_S, Outage
from dl_lit.runtime.repeating import Repeating
from tests.fakes.engine import ManualClock

AWAY = DatabaseAway("the database cannot be used now: connection refused")


def outage_at(clock: ManualClock, bears_s: float = math.inf, **more: Callable[..., object]) -> Outage:
    return Outage(clock, bears_s=bears_s, rest=clock.advance, **more)  # type: ignore[arg-type]


def away_for(clock: ManualClock, seconds: float) -> Callable[[], str]:
    back_at = clock.monotonic() + seconds

    def ask() -> str:
        if clock.monotonic() < back_at:
            raise AWAY
        return "done"

    return ask


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    lines = (record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING)
    return [line.partition(":")[0] for line in lines]


def test_one_outage_is_two_lines_however_many_meet_it(caplog: pytest.LogCaptureFixture) -> None:
    """It is over when all are well again, or have left."""
    clock = ManualClock()
    outage = outage_at(clock)
    for who in ("lease", "recorder", "feeder", "lease"):
        outage.met(who, AWAY)
        clock.advance(1.0)
    outage.well("lease")
    outage.leaves("feeder")
    assert outage.lasts_s == 4.0
    outage.well("recorder")
    outage.well("recorder")
    assert (told(caplog), outage.lasts_s) == (["database_away", "database_back"], 0.0)


def test_a_long_outage_is_told_of_again_now_and_then(caplog: pytest.LogCaptureFixture) -> None:
    clock = ManualClock()
    says: list[str] = []
    outage = outage_at(clock, tell=says.append)
    assert outage.outlast(away_for(clock, 2.5 * STILL_EVERY_S)) == "done"
    assert told(caplog) == ["database_away", *["database_away_still"] * 2, "database_back"]
    assert says[0].endswith("it is waited for")
    assert len(says) == 4


def test_a_wait_says_each_second_for_what() -> None:
    clock = ManualClock()
    says: list[str] = []
    outage_at(clock, waiting=says.append).outlast(away_for(clock, 3.0))
    assert says == [f"waiting for the database: {AWAY}"] * 3


def test_what_is_borne_has_an_end_that_says_what_to_do() -> None:
    clock = ManualClock()
    began = clock.monotonic()
    outage = outage_at(clock, bears_s=60.5)
    with pytest.raises(OutageTooLong, match=r"lasted for 61 s.*engine\.outage_s.*the same command goes on") as caught:
        outage.outlast(away_for(clock, 90.0))
    assert (caught.value.exit_code, clock.monotonic() - began) == (1, pytest.approx(61.0, abs=0.1))
    with pytest.raises(OutageTooLong):  # who ends for this does not wait once more
        outage.outlast(away_for(clock, 1.0))
    outage.well("run")
    assert outage.outlast(lambda: 7) == 7


def test_a_stop_ends_the_wait_at_once() -> None:
    """As an interrupted run does."""
    clock = ManualClock()
    began = clock.monotonic()
    outage = outage_at(clock, should_stop=lambda: clock.monotonic() >= began + 9.5)
    with pytest.raises(StoppedInOutage, match="the same command goes on") as caught:
        outage.outlast(away_for(clock, 90.0))
    assert (caught.value.exit_code, clock.monotonic() - began) == (130, pytest.approx(9.6, abs=0.1))


def test_nothing_else_is_waited_for() -> None:
    """A database that refuses for good, and a mistake of ours, are raised as they are."""
    for error in (DatabaseUnusable("no such user"), KeyError("oops")):

        def fail(error: Exception = error) -> None:
            raise error

        with pytest.raises(type(error)):
            outage_at(ManualClock()).outlast(fail)


def test_small_things_that_are_done_again_and_again_leave_the_telling_to_those_at_work(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def look() -> None:
        raise AWAY

    Repeating("look", 1.0, [look]).once()
    assert told(caplog) == []
