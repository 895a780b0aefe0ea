"""When the work will be done, and how fast it goes."""

from __future__ import annotations

import pytest

from dl_lit.app.now.forecast import DONE, Eta, Load, forecast, last_of, yields_of
from dl_lit.app.now.speed import Speeds
from dl_lit.core.model import StageName

S, E, Q, D = StageName


def seconds(*loads: Load, running: bool = True) -> list[float | None]:
    return [one.seconds for one in forecast(loads, 1_000.0, is_running=running)]


def test_a_stage_has_to_do_what_comes_to_it_as_well() -> None:
    """Two papers of thirty entries each are sixty entries, and none is done before the papers are read."""
    read = Load(stage=S, ready=2, per_minute=1.0, yields=30.0)
    assert seconds(read, Load(stage=E, ready=0, per_minute=120.0)) == [120.0, 120.0]
    assert seconds(read, Load(stage=E, ready=60, per_minute=30.0)) == [120.0, 240.0]
    assert seconds(Load(stage=S, ready=0), Load(stage=E, ready=0)) == [0.0, 0.0]


@pytest.mark.parametrize(
    ("load", "says"),
    [
        (Load(stage=E, ready=5, per_minute=9.0, is_paused=True), "paused"),
        (Load(stage=E, ready=5), "nothing to tell its speed by yet"),
    ],
)
def test_what_is_not_known_is_said_with_its_reason_and_makes_the_rest_unknown(load: Load, says: str) -> None:
    etas = forecast([load, Load(stage=Q, ready=1, per_minute=1.0)], 0.0, is_running=True)
    assert etas == [Eta(None, says), Eta(None, says)]
    assert last_of(etas) == Eta(None, says)
    assert forecast([load], 0.0, is_running=False) == [Eta(None, "nothing is at work")]


def test_what_waits_for_a_budget_is_done_when_that_is_renewed() -> None:
    """However fast the rest goes; whose budget it is, is said."""
    load = Load(stage=E, ready=5, per_minute=60.0, later=9, last_due=4_600.0, put_off_for="budget-exhausted")
    (eta,) = forecast([load], 1_000.0, is_running=True, short_of=["openalex"])
    assert eta == Eta(3_600.0, "waits for openalex's credits")
    assert last_of([DONE, eta, DONE]) == eta
    assert last_of([]) == DONE


def test_yields_are_what_was_seen_until_now() -> None:
    found = yields_of({S: 2, E: 30, Q: 0, D: 0}, {S: 0, E: 10, Q: 0, D: 0}, entries=60, sources_read=2)
    assert found == {S: 30.0, E: 0.75, Q: 1.0, D: 0.0}
    assert yields_of(dict.fromkeys(StageName, 0), dict.fromkeys(StageName, 0), 0, 0)[S] == 1.0


def test_speeds_are_of_the_last_minute_and_of_the_last_hour() -> None:
    speeds = Speeds(0.0)
    assert (speeds.per_minute(D, 2.0), speeds.moved_at(D)) == (0.0, None)
    for second in range(10, 3_610, 10):
        speeds.look(float(second), {D: second // 10})  # six a minute
    assert speeds.per_minute(D, 3_600.0) == pytest.approx(6.0, abs=0.1)
    for second in range(3_610, 4_210, 10):
        speeds.look(float(second), {D: 360})  # ... then none for ten minutes
    assert speeds.per_minute(D, 4_200.0) == 0.0
    assert speeds.per_minute_hour(D, 4_200.0) == pytest.approx(5.0, abs=0.1)
    assert speeds.moved_at(D) == 3_600.0
    assert len(speeds._samples) <= 362
