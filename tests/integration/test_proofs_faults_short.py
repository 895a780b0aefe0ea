"""The proof on failing services, in short: one fault for an hour, and that its own detectors see what is wrong."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from proofs.faults.cell import Cell, Ended, Trial, undisturbed
from proofs.faults.kinds import EVERYBODY, FAULTS, HOSTS, SERVICES, places
from proofs.faults.leaping import LeapingClock
from proofs.faults.proof import cells, chosen, failures, table
from proofs.faults.scene import Scene, scene
from proofs.picture import Picture

from dl_lit.replica.broken_wire import SPOILT
from dl_lit.replica.faults import FaultKind

NAME = "503 at crossref"


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scene(tmp_path_factory.mktemp("faults")) as found:
        yield found


@pytest.fixture(scope="module")
def expected(one: Scene, tmp_path_factory: pytest.TempPathFactory) -> Picture:
    return undisturbed(one, tmp_path_factory.mktemp("undisturbed") / "run")


def test_an_hour_without_a_service_costs_nothing_and_what_would_is_seen(
    one: Scene, expected: Picture, tmp_path: Path
) -> None:
    """Then the same run with a row too few, a row too many, and an ending without a reason."""
    trial = Trial(one, tmp_path / "cell", NAME, expected)
    ended = trial.run(Cell("503", "crossref").rules(), ("crossref",))
    assert failures(ended, 1) == []
    assert ended.struck > 0
    assert ended.conditions == {"service-down"}
    assert trial.clock.leapt_s >= 3_600.0
    found = trial.picture
    assert found is not None
    trial.expected = replace(expected, works=[*expected.works, "10.5555/never"])
    assert trial.compared()[0] == 1
    trial.expected = replace(expected, works=expected.works[1:])
    assert trial.compared()[1] == 1
    trial.expected = expected
    with closing(sqlite3.connect(trial.settings.database)) as connection, connection:
        connection.execute(
            "INSERT INTO attempts (stage, item_id, attempt, outcome, reason, detail, started_at, seconds) "
            "VALUES ('download', 1, 1, 'retry', 'internal-error', 'Traceback', '2026-11-23', 0)"
        )
    trial.inspect()
    assert ended.untyped == 1
    assert "untyped: download 1: Traceback" in ended.told
    (line,) = failures(ended, 1)
    assert "--only '^503\\ at\\ crossref$'" in line


def test_every_fault_is_tried_at_every_place_where_it_can_happen() -> None:
    every = cells()
    assert len({cell.name for cell in every}) == len(every) > 1_000
    assert {cell.place for cell in every} == {*SERVICES, *HOSTS, EVERYBODY}
    assert all(EVERYBODY in places(fault) for fault in FAULTS)
    assert {SPOILT.get(kind.value) for kind in FaultKind} >= set(SPOILT.values()), "each can be asked of the replica"
    assert chosen(7, 3, "") == chosen(7, 3, "")
    assert len(chosen(7, 3, "")) == 7
    assert {cell.fault for cell in chosen(0, 1, "^429 at ")} == {"429"}


def test_the_table_adds_up() -> None:
    cell = Cell("503", "crossref")
    told = table([(cell, Ended(cell.name, struck=3, meanwhile=2, lost=1)), (cell, Ended(cell.name, meanwhile=4))])
    assert (told["503"]["places"], told["503"]["met"], told["503"]["asked"], told["503"]["lost"]) == (2, 1, 3, 1)
    assert told["503"]["meanwhile"] == 3.0


def test_the_clock_leaps_ahead_and_is_set_without_durations_noticing() -> None:
    clock = LeapingClock()
    began, wall = clock.monotonic(), clock.time()
    clock.leap(60.0)
    clock.set_by(-3_600.0)
    assert 60.0 <= clock.monotonic() - began < 61.0
    assert -3_540.0 <= clock.time() - wall < -3_539.0
    with pytest.raises(ValueError, match="does not go back"):
        clock.leap(-1.0)
