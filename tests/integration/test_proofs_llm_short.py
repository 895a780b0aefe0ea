"""The benchmark and the proof of language models in their shortest form: what holds, never how fast."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from benchmarks.__main__ import main as bench
from benchmarks.llm_faults import entries_among_faults, sections_among_faults
from benchmarks.llm_scene import Replica as Served
from benchmarks.llm_scene import language
from benchmarks.llm_sections import DEFAULTS, ideal_s, paper
from click.testing import CliRunner
from proofs.llm import End, Scene, ended

from dl_lit.replica import Replica, Settings, Universe
from dl_lit.replica.language.model import ModelSettings
from tests.fakes.engine import eventually


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    settings = Settings(models=ModelSettings(processing_s=0.0))
    with (
        Replica(Universe.from_records([]), hosts=2, settings=settings, enforce_limits=False) as replica,
        httpx.Client() as client,
    ):
        sites = {site: replica.url(site) for site in replica.language.models}
        yield Served({"control": replica.control_url, "env": replica.env(), **sites}, client)
        assert not replica.problems, replica.problems[0]


def test_entries_end_right_or_with_a_reason_whatever_a_model_says(served: Served) -> None:
    """Half of all answers are none or untrue: nothing of that is taken over, nothing is out of order."""
    told = entries_among_faults(served, 40, 0.0, share=0.5, timeout_s=30.0)
    assert told["struck"] > 5
    assert told["right"] > 10
    assert told["without_reason"] == told["wrong"] == told["order_violations"] == told["limits_exceeded"] == 0


def test_sections_leave_nothing_at_the_provider_s_and_bring_nothing_that_is_not_printed(
    served: Served, tmp_path: Path
) -> None:
    told = sections_among_faults(served, 3, 0.0, tmp_path)
    assert told["struck"] > 0
    assert told["read"] + 4 * told["failed_sections"] >= 6
    assert told["invented_accepted"] == told["wrong"] == told["order_violations"] == 0
    assert told["files_left"] == told["limits_exceeded"] == 0


def test_what_a_killed_run_left_at_the_provider_s_is_deleted_by_the_next_start(served: Served, tmp_path: Path) -> None:
    scene = Scene(served, paper(tmp_path, 2), share=0.0)
    found = ended(scene, tmp_path, End.KILL, 0.0)
    assert found.left_by_ended > 0
    with language(served, "gemini", folder=tmp_path):
        eventually(lambda: served.files_left() == 0)


def test_the_bound_of_sections_is_that_of_their_tightest_limit() -> None:
    phases = {"split": 0.0, "upload": 1.0, "ask": 3.0, "delete": 0.0}
    assert ideal_s(5, phases, DEFAULTS) == 5.0, "two rounds of uploads, three at a time"
    assert ideal_s(12, phases, dict.fromkeys(DEFAULTS, 12)) == 4.0
    assert ideal_s(12, phases, dict.fromkeys(DEFAULTS, 1)) == 48.0
    assert ideal_s(12, phases, {**dict.fromkeys(DEFAULTS, 12), "MODEL_CALLS": 6}) == 7.0


def test_a_part_that_is_not_there_is_a_usage_error() -> None:
    assert CliRunner().invoke(bench, ["llm", "--json", "--only", "nothing"]).exit_code == 2
