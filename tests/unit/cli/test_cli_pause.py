"""`dl-lit pause` and `dl-lit resume`: what they say, and that a second call changes nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from db.connect import open_database
from db.lock import PipelineLock
from dl_lit.app.now.pulse import write_pulse
from dl_lit.cli import cli
from dl_lit.core.clock import SystemClock
from dl_lit.core.model import StageName
from dl_lit.core.pulse import Pulse, StagePulse
from tests.fakes.databases import database_in


@pytest.fixture
def database(tmp_path: Path) -> Path:
    open_database(tmp_path / "dl-lit.sqlite").dispose()
    return tmp_path / "dl-lit.sqlite"


def said(database: Path, *words: str) -> str:
    done = CliRunner().invoke(cli, [*words, "--db", str(database)])
    assert done.exit_code == 0, done.output
    return done.stdout


def told(database: Path, *words: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(said(database, *words, "--json"))
    return document


def test_a_pause_is_told_and_a_second_one_changes_nothing(database: Path) -> None:
    first = told(database, "pause", "download", "--by", "Ann")
    again = told(database, "pause", "download", "--by", "Bob")
    assert (first["schema"], first["changed"], again["changed"]) == ("dl-lit/pause/1", ["download"], [])
    assert first["paused"] == again["paused"]
    assert (first["paused"][0]["by"], first["in_hand"]) == ("Ann", None)
    assert "download is paused by Ann since 2" in said(database, "pause", "download")


def test_whoever_pauses_writes_nothing_but_words_to_a_terminal(database: Path) -> None:
    assert "by x\\x1b[31m\\x202ey since 2" in said(database, "pause", "download", "--by", "x\x1b[31m\u202ey")
    assert "by x\\x1b[31m\\x202ey" in said(database, "status").split("download: paused since")[1]


def test_all_stages_are_paused_and_resumed_where_none_is_named(database: Path) -> None:
    assert [one["stage"] for one in told(database, "pause")["paused"]] == list(StageName)
    assert said(database, "resume", "queueing").startswith("queueing goes on\nextraction is paused by ")
    assert told(database, "resume") == {
        "schema": "dl-lit/resume/1",
        "changed": ["extraction", "enrichment", "download"],
        "paused": [],
        "in_hand": None,
    }
    assert said(database, "resume") == "nothing was paused\n"


def test_what_a_running_pipeline_has_in_hand_is_told(database: Path) -> None:
    stage = StagePulse(waiting=9, queued=0, running=3, workers=4, workers_least=1, workers_most=4, done=0)
    with PipelineLock(database, "test", SystemClock()):
        write_pulse(
            database, Pulse(pid=os.getpid(), command="test", began_at=0.0, at=0.0, stages={StageName.DOWNLOAD: stage})
        )
        assert "; 3 still in hand" in said(database, "pause", "download")
        assert told(database, "pause", "download")["in_hand"] == {"download": 3}


def test_a_missing_database_is_not_made(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["pause", "--db", str(database_in(tmp_path, "none.sqlite"))])
    assert (done.exit_code, list(tmp_path.iterdir())) == (1, [])
