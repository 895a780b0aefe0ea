"""Following the log: what is wanted, once each, whatever happens to the file meanwhile."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dl_lit.cli import cli
from dl_lit.cli.following import LONGEST_LINE, Filter, LogFile, since

ROOT = Path(__file__).parents[3]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def item(number: int, **facts: Any) -> str:
    event = {
        "timestamp": (NOON + timedelta(minutes=number)).isoformat(), "level": "info", "event": "item",
        "logger": "dl_lit.item", "outcome": "done", "reason": "ok", "stage": "download", "job": number, "attempt": 1,
        "seconds": 1.5, **facts,
    }  # fmt: skip
    return json.dumps(event)


def write(path: Path, *lines: str, mode: str = "a") -> None:
    with path.open(mode, encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


def tail(path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["tail", "--log-file", str(path), "--no-follow", *arguments])


def test_an_item_is_one_readable_line(tmp_path: Path) -> None:
    path = tmp_path / "log"
    write(path, item(7, outcome="retry", reason="http-5xx", detail="HTTP 502", attempt=2, after=12.0, level="warning"))
    result = tail(path)
    assert result.exit_code == 0
    assert (
        result.stdout.split("  ", 1)[1] == "retry   download    w7        http-5xx  1.50s  #2  again in 12s  HTTP 502\n"
    )


def test_other_events_are_shown_with_all_they_say(tmp_path: Path) -> None:
    write(
        tmp_path / "log",
        json.dumps({"timestamp": NOON.isoformat(), "event": "adopted", "file": "a\x1b[2J.pdf", "job": 3}),
    )
    text = tail(tmp_path / "log").stdout
    assert "adopted" in text
    assert "file=a\\x1b[2J.pdf" in text


def test_stage_reason_and_since_choose(tmp_path: Path) -> None:
    path = tmp_path / "log"
    write(
        path, item(1, stage="enrichment"), item(2, reason="no-oa-location", outcome="reject"), item(3), "no json", "[]"
    )

    def jobs(*arguments: str) -> list[int]:
        return [json.loads(line)["job"] for line in tail(path, "--json", *arguments).stdout.splitlines()]

    assert jobs() == [1, 2, 3]
    assert jobs("--lines", "1") == [3]
    assert jobs("--stage", "enrichment") == [1]
    assert jobs("--reason", "no-oa-location") == [2]
    assert jobs("--since", "2026-11-22T12:02:30") == [3]


@pytest.mark.parametrize("arguments", [["--reason", "bad luck"], ["--since", "yesterday"], ["--stage", "sleep"]])
def test_what_makes_no_sense_is_refused(tmp_path: Path, arguments: list[str]) -> None:
    assert tail(tmp_path / "log", *arguments).exit_code == 2


def test_without_a_named_log_file_it_is_the_one_of_runs_on_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DL_LIT_LOG_FILE", raising=False)
    monkeypatch.setenv("DL_LIT_STATE_FOLDER", str(tmp_path))
    assert CliRunner().invoke(cli, ["tail", "--no-follow"]).exit_code == 2
    (tmp_path / "dl-lit.log").write_text(
        '{"timestamp": "2026-11-22T12:00:00Z", "level": "info", "event": "item", "stage": "download", "job": 7,'
        ' "outcome": "done", "reason": "ok", "seconds": 1.0}\n'
    )
    result = CliRunner().invoke(cli, ["tail", "--no-follow"])
    assert (result.exit_code, "download" in result.stdout) == (0, True)


def test_a_file_that_is_not_there_is_an_error_when_it_is_not_waited_for(tmp_path: Path) -> None:
    assert tail(tmp_path / "log").exit_code == 2


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("90s", timedelta(seconds=90)),
        ("10m", timedelta(minutes=10)),
        ("2H", timedelta(hours=2)),
        (" 3 d", timedelta(3)),
    ],
)
def test_spans_reach_back_from_now(text: str, ago: timedelta) -> None:
    assert since(text, NOON) == NOON - ago


def test_a_time_without_zone_is_utc() -> None:
    assert since("2026-11-22T11:00", NOON) == NOON - timedelta(hours=1)
    assert since("2026-11-22T12:00+01:00", NOON) == NOON - timedelta(hours=1)
    assert since("noonish", NOON) is None


def test_a_line_is_told_once_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "log"
    log = LogFile(path)
    assert log.read_once() == []
    path.write_bytes(b"one\ntw")
    assert log.read_once() == ["one"]
    with path.open("ab") as file:
        file.write(b"o\n")
    assert log.read_once() == ["two"]
    assert log.read_once() == []
    log.close()


def test_rotation_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "log"
    write(path, "one")
    log = LogFile(path)
    assert log.read_once() == ["one"]
    write(path, "two")
    path.rename(tmp_path / "log.1")
    write(path, "three")
    assert log.read_once() == ["two", "three"]
    log.close()


def test_a_file_that_was_cut_is_read_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "log"
    write(path, "a long first line", "another")
    log = LogFile(path)
    assert len(log.read_once()) == 2
    write(path, "new", mode="w")
    assert log.read_once() == ["new"]
    log.close()


def test_the_end_of_a_large_file_begins_with_a_whole_line(tmp_path: Path) -> None:
    path = tmp_path / "log"
    write(path, *(f"line {n}" for n in range(1000)))
    log = LogFile(path, tail_bytes=25)
    assert log.read_once() == ["line 998", "line 999"]
    log.close()


def test_a_line_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"x" * (LONGEST_LINE + 100_000) + b"\nshort\n")
    log = LogFile(path)
    assert log.read_once() == ["short"]
    log.close()


def test_lines_that_are_no_events_are_left_out() -> None:
    assert list(Filter().wanted(["", "{", "3", '{"a": 1}', "[" * 100_000])) == [('{"a": 1}', {"a": 1})]


def test_a_missing_file_is_waited_for_until_ctrl_c(tmp_path: Path) -> None:
    """A process of its own, as people run it: it ends with 0 when it is interrupted."""
    path = tmp_path / "log"
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", "PYTHONUNBUFFERED": "1", "TZ": "UTC"}
    with subprocess.Popen(
        [sys.executable, "-m", "dl_lit", "tail", "--log-file", str(path)],
        env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stderr.readline() == f"dl-lit: waiting for {path}\n"
        write(path, item(1))
        assert process.stdout.readline() == "12:01:00  done    download    w1        ok  1.50s\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
