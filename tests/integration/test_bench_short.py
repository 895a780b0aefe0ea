"""The benchmarks in their shortest form: that they run, and what they count; never how fast."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from benchmarks import watch_torture
from benchmarks.__main__ import main
from benchmarks.watch_desk import Terms
from click.testing import CliRunner

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'scripts'}"}


def bench(*arguments: str) -> dict[str, Any]:
    """The document that `scripts/bench` prints."""
    done = CliRunner().invoke(main, [*arguments, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def apart(*arguments: str) -> dict[str, Any]:
    """The same from a process of its own, for what measures a process."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments, "--json"],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def test_the_engine_loses_and_doubles_nothing_when_it_is_killed() -> None:
    figures = apart("engine", "--items", "200", "--rounds", "1", "--kills", "1")
    assert (figures["lost"], figures["doubled"]) == (0, 0)
    assert figures["kills"] == 1
    assert figures["synchronous"] == "FULL"
    assert min(figures["items_per_s"], figures["floor_cpu_ms_per_item"]) > 0
    assert figures["recovery_cpu_s"] is None or figures["recovery_cpu_s"] > 0, "none where it was quicker than the kill"
    assert min(figures["huey"]["items_per_s"], figures["normal"]["items_per_s"], figures["ratio_to_huey"]) > 0


def test_startup_and_idleness_are_told() -> None:
    figures = apart("startup", "--rounds", "1", "--seconds", "0.5", "--settle", "1.5")
    assert figures.keys() == {"schema", "help_cpu_s", "idle_cpu_percent", "idle_rss_mb"}
    assert figures["idle_rss_mb"] > 1.0


def test_the_watcher_is_tortured_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    scenes = (watch_torture.temporary_names, watch_torture.renamed_in, watch_torture.strange_names)
    monkeypatch.setattr(watch_torture, "SCENES", scenes)
    terms = Terms(slow_s=0.1, slow_mb=1, many=0, stable_s=0.1, poll_s=0.1, may_mount=False)
    figures = watch_torture.torture("polling", terms)
    assert (figures["missed"], figures["doubled"], figures["half_read"]) == (0, 0, 0)
    assert figures["files"] == 20 + 1 + 7 + 90 + 7 + 200
    assert 0 < figures["latency_p50_ms"] <= figures["latency_p99_ms"]


def test_the_benchmarks_are_listed() -> None:
    done = CliRunner().invoke(main, ["--help"])
    assert {"engine", "pipeline", "startup"} <= set(done.output.split())


def test_the_reading_of_samples_is_scored_and_measured() -> None:
    figures = apart("extraction", "--sets", "samples", "--limit", "2", "--no-peers")
    (found,) = figures["sets"].values()
    assert (found["documents"], found["documents_with_error"], found["errors"]) == (2, 0, {})
    assert found["f1"] >= 0.98
    assert found["order"] >= 0.995
    assert min(found["pages"], found["pages_per_cpu_s"], found["pages_per_cpu_s_text_alone"], found["peak_mb"]) > 0


def test_a_set_that_is_not_there_is_a_usage_error() -> None:
    done = CliRunner().invoke(main, ["extraction", "--sets", "nowhere"])
    assert done.exit_code == 2
    assert "no set called nowhere" in done.stderr


def test_the_local_index_is_filled_and_searched() -> None:
    figures = bench("local-index", "--records", "300", "--queries", "20", "--universe", "nowhere")
    assert (figures["records"], figures["corpus"]) == (300, "made up")
    assert figures["recall_at_10"]["clean"] == 1.0
    assert min(figures["records_per_s"], figures["size_mb"], figures["by_id_us"]) > 0
    assert figures["peers"]["sqlite_fts5_bm25"]["recall_at_10"]["clean"] == 1.0


def test_a_resolved_reference_costs_fewer_requests_than_were_promised() -> None:
    """Four papers, whose batches are less full than those of all; each way of asking is in one document."""
    figures = bench("requests", "--papers", "4")
    assert figures["per_reference_known"] <= figures["at_most"]["per_reference_known"] == 0.15
    assert figures["per_reference_searched"] <= figures["at_most"]["per_reference_searched"] == 1.2
    assert figures["naive"] >= 1.0
    assert figures["credits"]["known"] < figures["credits"]["naive"] / 10
    for run in figures["runs"].values():
        assert run["resolved"] > 0.85 * run["references"]


def test_downloads_are_measured_with_their_manners() -> None:
    figures = apart("download", "--works", "10", "--hosts", "4", "--scale", "50", "--files", "0")
    assert figures["many"]["downloaded"] == 10
    assert (figures["robots_violations"], figures["useless_repetitions"]) == (0, 0)
    assert figures["bound_ratio"] >= 1.0
    assert figures["rss_mb_peak"] > 0.0
