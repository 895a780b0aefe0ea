"""Following the journal, through a stand-in for its program that notes how it was called."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from db.lock import PipelineLock
from dl_lit.app.now.pulse import write_pulse
from dl_lit.cli import cli
from dl_lit.cli.journal_following import as_line
from dl_lit.core.clock import SystemClock
from dl_lit.core.pulse import Pulse
from dl_lit.logs.journal import fields_of

ROOT = Path(__file__).parents[3]


def entry(number: int, **facts: Any) -> dict[str, Any]:
    """What journalctl prints of an item's line."""
    event = {"level": "info", "event": "item", "stage": "download", "outcome": "done", "reason": "ok", "job": number,
             "work": number, "attempt": 1, "seconds": 1.5, **facts}  # fmt: skip
    return {
        "__CURSOR": f"c{number}",
        "__REALTIME_TIMESTAMP": str(1_800_000_000_000_000 + number),
        **dict(fields_of(event)),
    }


@pytest.fixture
def journalctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in that prints `past` and, when it follows, `coming`, and then waits."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "journalctl"
    program.write_text(
        f'#!/bin/sh\necho "$@" >>{tmp_path}/calls\ncase " $* " in\n'
        f'*" --follow "*) cat {tmp_path}/coming; exec sleep 600;;\n*) cat {tmp_path}/past;;\nesac\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    monkeypatch.setenv("DL_LIT_STATE_FOLDER", str(tmp_path / "state"))
    monkeypatch.setenv("DL_LIT_DB", str(tmp_path / "dl-lit.db"))
    monkeypatch.delenv("DL_LIT_LOG_FILE", raising=False)
    (tmp_path / "coming").write_text("")
    (tmp_path / "past").write_text("-- No entries --\n" + "".join(json.dumps(entry(n)) + "\n" for n in (1, 2)))
    return tmp_path


def tail(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["tail", "--no-follow", *arguments])


def test_the_journals_entries_look_like_the_log_files_lines(journalctl: Path) -> None:
    """With numbers where there were numbers; it is asked for what fits only."""
    result = tail("--journal", "--json", "--stage", "download", "--reason", "ok", "-n", "1")
    assert result.exit_code == 0
    (line,) = result.stdout.splitlines()
    assert json.loads(line) == {
        "timestamp": "2027-01-15T08:00:00.000002+00:00", "level": "info", "event": "item", "stage": "download",
        "outcome": "done", "reason": "ok", "job": 2, "work": 2, "attempt": 1, "seconds": 1.5,
    }  # fmt: skip
    assert (journalctl / "calls").read_text() == (
        "--output=json --all --no-pager --identifier=dl-lit --lines=1 DL_LIT_STAGE=download DL_LIT_REASON=ok\n"
    )
    result = tail("--journal", "--since", "2027-01-15T08:00")
    assert "w2" in result.stdout
    assert "--since=@1800000000.000000" in (journalctl / "calls").read_text()


def test_the_running_process_says_where_to_look(journalctl: Path) -> None:
    """In the journal, in a file, or nowhere."""
    database = journalctl / "dl-lit.db"
    file = journalctl / "there.log"
    file.write_text('{"timestamp": "2026-11-22T12:00:00Z", "event": "in_the_file"}\n')
    with PipelineLock(database, "watch", SystemClock()):
        for log, seen in (("journal", "w1"), (str(file), "in the file"), ("stderr", "")):
            write_pulse(database, Pulse(pid=os.getpid(), command="watch", began_at=0, at=0, stages={}, log=log))
            result = tail()
            assert seen in result.stdout
    assert f"pid {os.getpid()} logs to its own standard error" in result.stderr
    assert "w1" not in tail("--log-file", str(file)).stdout
    assert tail("--file").exit_code == 2


def test_without_the_journals_program_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what to do instead."""
    monkeypatch.setenv("PATH", str(tmp_path))
    result = tail("--journal")
    assert (result.exit_code, "--log-file" in result.stderr) == (2, True)


def test_it_goes_on_where_the_past_ended_and_ends_its_child(journalctl: Path) -> None:
    """A process of its own, as people run it."""
    (journalctl / "coming").write_text(json.dumps(entry(3)) + "\n")
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "dl_lit", "tail", "--journal", "--json"], env=env, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert [json.loads(process.stdout.readline())["job"] for _ in range(3)] == [1, 2, 3]
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
        assert process.stdout.read() == ""  # nobody else holds it open
    assert "--follow --no-tail --after-cursor=c2\n" in (journalctl / "calls").read_text()


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({"MESSAGE": '{"event":"x"}'}, {"event": "x"}),
        ({"MESSAGE": "Killed", "PRIORITY": "3"}, {"timestamp": None, "level": "error", "event": "Killed"}),
        ({"MESSAGE": [195, 188, 10]}, {"timestamp": None, "level": "info", "event": "ü\n"}),
        (
            {
                "MESSAGE": ["a", "b"],
                "DL_LIT_EVENT": "e",
                "DL_LIT_DETAIL": "12",
                "DL_LIT_SECONDS": "x",
                "DL_LIT_RUN_ID": "r",
            },
            {"timestamp": None, "level": "info", "event": "e", "detail": "12", "seconds": "x", "run": "r"},
        ),
    ],
)
def test_whatever_stands_in_the_journal_can_be_told(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Lines from standard error, words of other programs, bytes."""
    assert json.loads(as_line(found)) == expected
