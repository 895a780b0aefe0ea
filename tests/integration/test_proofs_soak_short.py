"""The soak in its shortest form: that it runs, stops the daemon orderly, and goes on when it is called again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from proofs.__main__ import main


def soak(folder: Path, *more: str) -> dict[str, Any]:
    """What `scripts/prove soak` tells."""
    short = [
        "--minutes=0.03",
        "--every-s=2",
        "--sample-s=0.3",
        "--drain-minutes=0.5",
        "--idle-minutes=0",
        "--time-scale=100",
    ]
    done = CliRunner().invoke(main, ["soak", "--folder", str(folder), "--json", *short, *more])
    assert done.exit_code == 0, done.output
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_a_soak_measures_a_daemon_that_works_and_stops(tmp_path: Path) -> None:
    told = soak(tmp_path)
    assert (told["exit_code"], told["deaths"], told["invariants"], told["lost"]) == (0, 0, [], 0)
    assert told["sources"] > 0
    assert told["rss_mb"]["peak"] > 20
    assert told["judged"]["memory_flat"] is told["idle_cpu_percent"] is None, "too short to say"
    assert len(told["segments"]) == 1
    assert soak(tmp_path) == told, "a finished soak is told again"
    looked = soak(tmp_path, "--look")
    assert (looked["sources"], looked["holds"]) == (told["sources"], None)
