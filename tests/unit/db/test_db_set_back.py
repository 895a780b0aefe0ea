"""A clock that is set back keeps nobody waiting for longer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from db.connect import connect
from db.set_back import SetBack, bring_forward
from dl_lit.core.job import Retry
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from tests.fakes.scenario import NOON, Scenario


@dataclass
class SetClock:
    """A clock whose hands are set while time goes on."""

    ahead: float = 0.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.time(), UTC)

    def time(self) -> float:
        return NOON + self.ahead

    def monotonic(self) -> float:
        return 0.0


def test_what_was_put_off_comes_back_when_it_would_have(tmp_path: Path) -> None:
    """Put off for a minute; the clock is set back by an hour; a minute later it is there."""
    with Scenario(tmp_path) as scenario:
        entry, store = scenario.extract(scenario.add("a.pdf")[0], ["On clocks"])[0], scenario.store
        scenario.answer(StageName.ENRICHMENT, {entry: Retry(Reason.SERVICE_DOWN, after=60.0)})
        scenario.clock.at -= 3_600.0
        engine = connect(scenario.path, synchronous="NORMAL")
        assert bring_forward(engine, 3_600.0) == 1
        engine.dispose()
        assert store.notice(), "as what any other process writes"
        scenario.clock.at += 59.0
        assert store.claim(StageName.ENRICHMENT, 1) == []
        scenario.clock.at += 2.0
        assert [one.id for one in store.claim(StageName.ENRICHMENT, 1)] == [entry]


def test_corrections_and_leaps_ahead_set_nothing_back() -> None:
    clock = SetClock()
    set_back = SetBack(clock)
    for change in (-2.0, 1.0, 86_400.0):
        clock.ahead += change
        assert set_back.seconds() == 0.0
    clock.ahead -= 86_400.0
    assert set_back.seconds() == 86_400.0
    assert set_back.seconds() == 86_400.0, "until it has been made up for"
    set_back.made_up()
    assert set_back.seconds() == 0.0
