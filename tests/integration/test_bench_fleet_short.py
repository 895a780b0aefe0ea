"""`scripts/bench fleet` in its shortest form: a daemon is killed in the middle, and the other does the rest."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from postgres_server import Server

fleet_speed = pytest.importorskip("benchmarks.fleet_speed")


def test_nothing_is_lost_or_doubled_when_one_of_two_daemons_is_killed(postgres: Server, tmp_path: Path) -> None:
    """Separate processes with separate state; what ran is counted outside the engine."""
    bench = fleet_speed.Bench(postgres, tmp_path, daemons=2)
    deaths = fleet_speed.Deaths()
    fleet_speed.kill_one(bench, 40, random.Random(3), deaths)
    assert (deaths.kills, deaths.lost, deaths.doubled) == (1, 0, 0)
