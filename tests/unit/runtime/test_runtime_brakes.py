"""When a stage must not take more work."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from dl_lit.core.model import StageName
from dl_lit.runtime.brakes import Bounds, Brakes, Gauges, Pressure
from tests.fakes.descriptors import no_descriptor_left
from tests.fakes.engine import ManualClock

EXTRACTION, ENRICHMENT, QUEUEING, DOWNLOAD = StageName
EASY = Pressure(disk_free_mb=1e6, memory_mb=10.0)
BOUNDS = Bounds(high_water=100, low_water=50, download_disk_mb=1_000, disk_mb=200)


class Machine:
    """What the gauges show."""

    def __init__(self) -> None:
        self.rows = dict.fromkeys(StageName, 0)
        self.pressure = EASY

    def brakes(self, stage: StageName) -> Brakes:
        return Brakes(stage, BOUNDS, lambda name: self.rows[name], lambda: self.pressure)


@pytest.mark.parametrize("stage", list(StageName))
def test_nothing_holds_a_stage_back_without_reason(stage: StageName) -> None:
    assert Machine().brakes(stage).rest() is None


@pytest.mark.parametrize(("stage", "ahead"), [(EXTRACTION, ENRICHMENT), (ENRICHMENT, QUEUEING), (QUEUEING, DOWNLOAD)])
def test_a_full_room_ahead_stops_until_it_is_down_to_the_low_mark(stage: StageName, ahead: StageName) -> None:
    machine = Machine()
    brakes = machine.brakes(stage)
    went = []
    for rows in (99, 100, 99, 50, 49, 99, 100):
        machine.rows[ahead] = rows
        went.append(brakes.rest() is None)
        assert brakes.is_dammed() is not went[-1]
    assert went == [True, False, False, False, True, True, False]


def test_the_last_stage_has_no_room_ahead() -> None:
    machine = Machine()
    machine.rows = dict.fromkeys(StageName, 10_000)
    assert machine.brakes(DOWNLOAD).rest() is None


def test_little_disk_stops_downloads_first_then_everything() -> None:
    machine = Machine()
    machine.pressure = Pressure(disk_free_mb=500, memory_mb=0)
    held = {stage: machine.brakes(stage).rest() for stage in StageName}
    assert [stage for stage, rest in held.items() if rest] == [DOWNLOAD]
    assert "500 MB" in getattr(held[DOWNLOAD], "reason", "")
    machine.pressure = Pressure(disk_free_mb=199, memory_mb=0)
    assert all(machine.brakes(stage).rest() for stage in StageName)


def test_disk_must_be_a_tenth_above_before_it_goes_on() -> None:
    machine = Machine()
    brakes = machine.brakes(DOWNLOAD)
    went = []
    for free in (1_000, 999, 1_000, 1_099, 1_100, 1_001):
        machine.pressure = Pressure(disk_free_mb=free, memory_mb=0)
        went.append(brakes.rest() is None)
    assert went == [True, False, False, False, True, True]


@pytest.mark.parametrize(("used", "seconds"), [(767.0, None), (768.0, 1.0), (1_024.0, 5.0)])
def test_much_memory_delays_but_does_not_block(used: float, seconds: float | None) -> None:
    machine = Machine()
    machine.pressure = Pressure(disk_free_mb=1e6, memory_mb=used)
    rest = machine.brakes(EXTRACTION).rest()
    assert (rest.seconds if rest else None) == seconds
    assert rest is None or rest.blocks is False


def test_gauges_are_read_once_a_second_at_most(tmp_path: Path) -> None:
    clock = ManualClock()
    gauges = Gauges((tmp_path,), clock)
    first = gauges.read()
    assert first.disk_free_mb > 0.0
    assert first.memory_mb > 1.0
    assert gauges.read() is first
    clock.advance(1.0)
    assert gauges.read() is not first


def test_a_folder_that_vanished_has_no_room_but_the_library_speaks_for_itself(tmp_path: Path) -> None:
    assert Gauges((tmp_path, tmp_path / "gone"), ManualClock()).read().disk_free_mb == 0.0
    read = Gauges((tmp_path,), ManualClock(), library=tmp_path / "gone", library_trouble=lambda: "not mounted").read()
    assert read.disk_free_mb > 0.0
    assert read.library_trouble == "not mounted"


def test_what_cannot_be_written_down_rests_all_for_that_reason_and_not_for_the_disk() -> None:
    machine = Machine()
    machine.pressure = Pressure(disk_free_mb=1e6, memory_mb=0, database_trouble="the server is away")
    assert {getattr(machine.brakes(stage).rest(), "reason", "") for stage in StageName} == {"the server is away"}


def test_without_its_library_only_the_download_rests() -> None:
    machine = Machine()
    machine.pressure = Pressure(disk_free_mb=1e6, memory_mb=0, library_trouble="not mounted")
    held = {stage: machine.brakes(stage).rest() for stage in StageName}
    assert [stage for stage, rest in held.items() if rest] == [DOWNLOAD]
    assert getattr(held[DOWNLOAD], "reason", "") == "not mounted"
    machine.pressure = EASY
    assert machine.brakes(DOWNLOAD).rest() is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux looks for children in /proc")
def test_without_a_descriptor_left_nothing_is_known_of_memory_and_nothing_breaks(tmp_path: Path) -> None:
    """It used to end the feeder of the downloads, and with it the whole process."""
    Gauges((tmp_path,), ManualClock()).read()  # brings in what it needs
    fresh = Gauges((tmp_path,), ManualClock())
    with no_descriptor_left():
        assert fresh.read().memory_mb == 0.0
