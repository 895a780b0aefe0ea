"""One snapshot for all displays, with a process at work and without."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from db.lock import PipelineLock
from dl_lit.app.now.pulse import write_pulse
from dl_lit.app.now.snapshot import Snapshot, Snapshots, snapshot
from dl_lit.core.conditions import Ailment, Condition
from dl_lit.core.model import StageName
from dl_lit.settings import Settings, load
from tests.fakes.pulses import RESTING, pulse_at
from tests.fakes.scenario import HandClock, Scenario, typical


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Scenario]:
    with Scenario(tmp_path) as one:
        typical(one)
        yield one


@pytest.fixture
def settings(filled: Scenario) -> Settings:
    return load(env={"HOME": str(filled.path.parent), "DL_LIT_DB": str(filled.path)}).settings


def at_work(clock: HandClock) -> dict[str, object]:
    """Facts of a process that began a minute ago and is at the downloads."""
    return {"pid": os.getpid(), "began_at": clock.at - 60.0}


def test_without_a_process_the_database_alone_is_told(filled: Scenario, settings: Settings) -> None:
    """And nothing is forecast, nor wrong: one-off runs are usual here."""
    now = snapshot(settings, filled.clock)
    assert (now.pulse, now.bottleneck, now.conditions, now.health) == (None, None, (), "well")
    assert [one.room.done for one in now.stages] == [2, 4, 2, 1]
    assert (now.eta.seconds, now.eta.says) == (None, "nothing is at work")
    assert [one.id for one in now.failures][:2] == ["w4", "e5"]
    assert now.failures[0].advice


@pytest.mark.sqlite_only  # daemons of a server tell by its clock: tests/integration/test_fleet_pulses.py
def test_a_daemon_that_is_gone_is_missed_when_work_waits(filled: Scenario, settings: Settings) -> None:
    """With what was wrong before, as long as it can be seen from outside."""
    last = pulse_at(filled.clock.at - 100)
    write_pulse(filled.path, last)
    filled.clock.at += 3_600  # e7 is due
    (found,) = snapshot(settings, filled.clock).conditions
    assert found.ailment is Ailment.NOT_RUNNING


@pytest.mark.sqlite_only  # daemons of a server tell by its clock: tests/integration/test_fleet_pulses.py
def test_a_process_at_work_tells_what_is_in_hand_and_wrong(filled: Scenario, settings: Settings) -> None:
    wrong = Condition(ailment=Ailment.DISK_LOW, subject="", says="9 MB", remedy="make room", since=1.0)
    hands = replace(RESTING, waiting=1, running=1, busy=2, per_minute=2.0, per_minute_hour=1.0)
    pulse = pulse_at(filled.clock.at, {StageName.ENRICHMENT: hands}, conditions=(wrong,), **at_work(filled.clock))
    pulse = replace(pulse, disk_free_mb=1_500.0)  # less than there is
    with PipelineLock(filled.path, "watch-folder-concurrent /in", filled.clock):
        write_pulse(filled.path, pulse)
        now = snapshot(settings, filled.clock)
        assert now.pulse == pulse
        assert (now.conditions, now.health) == ((wrong,), "degraded")
        assert now.bottleneck is not None
        assert now.bottleneck.stage is StageName.ENRICHMENT
        found = now.document()
        filled.clock.at += 40
        stuck = snapshot(settings, filled.clock)
    enrichment = found["stages"][1]
    assert (enrichment["running"], enrichment["workers"], enrichment["per_minute"]) == (1, 2, 2.0)
    assert enrichment["eta_says"] == "waits for a service's rate limit"
    assert found["conditions"][0]["severity"] == "degraded"
    assert found["process"]["pid"] == os.getpid()
    assert (stuck.conditions[0].ailment, stuck.health) == (Ailment.PIPELINE_WEDGED, "broken")


@pytest.mark.sqlite_only  # daemons of a server tell by its clock: tests/integration/test_fleet_pulses.py
def test_a_disk_that_is_low_is_seen_although_the_process_has_not_told(filled: Scenario) -> None:
    """It may be unable to: whoever looks measures for himself, as often as he looks."""
    bound = {"DL_LIT_DISK_DOWNLOADS_PAUSE_BELOW_MB": "16777216"}
    settings = load(env={"HOME": str(filled.path.parent), "DL_LIT_DB": str(filled.path), **bound}).settings
    with PipelineLock(filled.path, "watch-folder-concurrent /in", filled.clock):
        write_pulse(filled.path, pulse_at(filled.clock.at, **at_work(filled.clock)))
        looks = Snapshots(settings, filled.clock)
        first, again = looks.take(), looks.take()
    assert [one.ailment for one in first.conditions] == [Ailment.DISK_LOW]
    assert [one.ailment for one in again.conditions] == [Ailment.DISK_LOW]


def test_a_pulse_of_a_process_before_is_not_taken_for_this_one(filled: Scenario, settings: Settings) -> None:
    write_pulse(filled.path, pulse_at(filled.clock.at - 9_000, pid=1))
    with PipelineLock(filled.path, "watch-folder-concurrent /in", filled.clock):
        now = snapshot(settings, filled.clock)
    assert (now.pulse, now.health) == (None, "well")


def test_the_document_has_every_key_that_was_ever_promised(filled: Scenario, settings: Settings) -> None:
    """Programs read it: keys are only added."""
    found = snapshot(settings, filled.clock).document()
    assert found["schema"] == "dl-lit/status/1"
    assert {
        *("at", "database", "size_bytes", "worked_on_by", "sources", "entries", "works", "downloaded_bytes"),
        *("incomplete", "coverage", "stages", "recent_failures", "last_download", "rechecks", "local_index"),
        *(
            "services",
            "hints",
            "services_trouble",
            "health",
            "conditions",
            "eta_s",
            "eta_says",
            "process",
            "bottleneck",
        ),
    } <= set(found)
    assert {
        *("stage", "waiting", "ready", "later", "next_due", "last_due", "put_off", "suspect", "done", "needs_review"),
        *("failed", "oldest_waiting", "per_minute", "per_minute_hour", "eta_s", "eta_says", "running", "queued"),
        *("workers", "resting", "paused"),
    } <= set(found["stages"][0])


def test_looking_often_reads_the_pulse_each_time_and_the_database_seldom(filled: Scenario, settings: Settings) -> None:
    clock = filled.clock
    looks = Snapshots(settings, clock, least_s=2.0)

    def seen(waiting: int) -> Snapshot:
        hands = replace(RESTING, waiting=waiting)
        return looks.take(pulse_at(clock.at, {StageName.DOWNLOAD: hands}, **at_work(clock)))

    assert seen(5).stages[3].room.waiting == 0  # as the database has it
    clock.at += 1.0
    now = seen(7)
    assert (now.at, now.stages[3].room.waiting) == (clock.at, 7)
    clock.at += 1.5
    assert seen(7).stages[3].room.waiting == 0
