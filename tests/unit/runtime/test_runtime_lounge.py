"""Claims that wait for a turn in memory: called when their line moves, at the latest when they were told."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

from dl_lit.core.items import SourceItem
from dl_lit.core.job import Answer, Claim, Done, Snooze
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from dl_lit.runtime.brakes import Bounds, Brakes, Pressure
from dl_lit.runtime.feeder import Feeder
from dl_lit.runtime.hopper import Hopper
from dl_lit.runtime.lounge import LONGEST_S, PATIENCE_S, Lounge
from tests.fakes.backends import SqliteBackend
from tests.fakes.engine import ManualClock, facts_for, new_source
from tests.unit.runtime.test_runtime_pool import Bench
from tests.unit.runtime.test_runtime_pool import bench as pool_bench


class Waiting:
    """A lounge with a clock; it counts how often somebody may be due earlier."""

    def __init__(self, seats: int = 9) -> None:
        self.clock = ManualClock()
        self.woken = 0
        self.lounge = Lounge(self.clock, self._wake, seats=seats)

    def _wake(self) -> None:
        self.woken += 1

    def seat(self, number: int, after: float = 10.0, line: str = "h") -> bool:
        return self.lounge.seat(claim(number), Snooze(Reason.HOST_BUSY, after, line=line))

    def due(self) -> list[int]:
        return [one.id for one in self.lounge.due()]


def claim(number: int) -> Claim:
    return Claim(StageName.EXTRACTION, number, SourceItem("/p", "s"), phase="later")


def test_whoever_waits_is_due_at_the_time_that_was_told_with_that_as_ticket() -> None:
    waiting = Waiting()
    assert [waiting.seat(1), waiting.seat(2, 4.0), waiting.seat(3, 2.0)] == [True] * 3
    assert (len(waiting.lounge), waiting.lounge.next_due_s(), waiting.due()) == (3, 2.0, [])
    waiting.clock.advance(5.0)
    assert waiting.due() == [3, 2]
    told = waiting.clock.time() + 5.0
    waiting.clock.advance(5.0)
    assert waiting.lounge.due() == [replace(claim(1), ticket=told, phase="")]
    assert waiting.lounge.next_due_s() == math.inf


def test_a_line_that_moves_calls_the_first_in_it_and_nobody_else() -> None:
    waiting = Waiting()
    for number, line in ((1, "h"), (2, "h"), (3, "other")):
        waiting.seat(number, 10.0 + number, line)
    waiting.lounge.call("h", 0.5)
    assert (waiting.woken, waiting.lounge.next_due_s()) == (4, 0.5)
    waiting.lounge.call("h", 2.0)
    assert waiting.woken == 4, "it is due before already"
    waiting.clock.advance(0.5)
    assert waiting.due() == [1]


def test_a_call_that_nobody_is_there_for_is_kept_for_the_next_one() -> None:
    waiting = Waiting(seats=2)
    for line in ("forgotten", "h", "i"):
        waiting.lounge.call(line, 1.0)
    waiting.seat(1, 10.0, "h")
    waiting.seat(2, 10.0, "forgotten")
    assert waiting.lounge.next_due_s() == 1.0
    waiting.clock.advance(1.0)
    assert waiting.due() == [1]
    waiting.seat(1, 10.0, "h")
    assert waiting.lounge.next_due_s() == 9.0, "each call counts once"


def test_what_takes_long_has_no_line_finds_no_seat_or_comes_for_ever_waits_in_the_database() -> None:
    waiting = Waiting(seats=1)
    assert not waiting.seat(1, LONGEST_S + 1.0)
    assert not waiting.seat(1, line="")
    assert waiting.seat(1)
    assert not waiting.seat(2)
    waiting.clock.advance(PATIENCE_S + 1.0)
    waiting.due()
    assert not waiting.seat(1)
    assert waiting.seat(1), "a new round begins"
    waiting.clock.advance(PATIENCE_S)
    waiting.due()
    waiting.lounge.leave(claim(1))
    waiting.clock.advance(PATIENCE_S)
    assert waiting.seat(1), "it had its answer in between"


def test_a_closed_lounge_sends_everybody_away_until_it_opens() -> None:
    waiting = Waiting()
    waiting.seat(1)
    assert [one.id for one in waiting.lounge.close()] == [1]
    assert (waiting.seat(2), len(waiting.lounge)) == (False, 0)
    waiting.lounge.open()
    assert waiting.seat(2)


def test_a_pool_with_a_lounge_writes_down_only_what_does_not_wait_there() -> None:
    answers: list[Answer] = [
        Snooze(Reason.HOST_BUSY, 5.0, line="h"),
        Snooze(Reason.HOST_BUSY, 5.0),
        Done(facts_for(claim(1))),
    ]
    table: Bench = pool_bench(lambda _one: answers.pop(0))
    table.pool._lounge = lounge = Lounge(table.clock, lambda: None)
    for _ in range(3):
        table.pool.work([claim(1)])
    assert [type(one.outcome) for one in table.put] == [Snooze, Done]
    assert len(lounge) == 1


def test_the_feeder_lets_those_go_on_whose_turn_has_come_unless_the_disk_is_full(tmp_path: Path) -> None:
    clock = ManualClock()
    database = SqliteBackend(tmp_path, clock)
    store = database.open()
    database.add_sources([new_source(1)])
    store.notice()
    pressure = [Pressure(1e6, 0.0)]
    hopper, lounge = Hopper(4, lambda _phase: 1, lambda: None), Lounge(clock, lambda: None)
    brakes = Brakes(StageName.EXTRACTION, Bounds(), store.waiting, lambda: pressure[0])
    feeder = Feeder(StageName.EXTRACTION, store, hopper, brakes, clock=clock, poll_s=1.0, lounge=lounge)
    (held,) = store.claim(StageName.EXTRACTION, 1)
    lounge.seat(held, Snooze(Reason.HOST_BUSY, 0.25, line="h"))
    assert (feeder.feed_once(), len(hopper)) == (0.25, 0)
    clock.advance(0.25)
    pressure[0] = Pressure(0.0, 0.0)
    assert (feeder.feed_once(), len(hopper)) == (1.0, 0)
    pressure[0] = Pressure(1e6, 0.0)
    assert (feeder.feed_once(), len(hopper), store.held()) == (1.0, 1, 1)
    database.close()
