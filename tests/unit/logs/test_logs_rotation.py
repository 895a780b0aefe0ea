"""A log file that others rotate."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import structlog

from dl_lit import logs


def events(file: Path) -> list[str]:
    return [json.loads(line)["event"] for line in file.read_text().splitlines()]


def test_a_file_renamed_by_others_is_begun_anew_by_the_next_line(tmp_path: Path) -> None:
    """As logrotate does it, with `reopen` and without."""
    file = tmp_path / "dl-lit.log"
    logs.configure(file=file)
    logger = structlog.get_logger("t")
    logger.info("one")
    file.rename(tmp_path / "old")
    logger.info("two")
    logs.many("t", [("info", "three", {})])
    file.rename(tmp_path / "older")
    logs.many("t", [("info", "four", {})])
    file.unlink()
    logs.reopen()
    assert events(tmp_path / "old") == ["one"]
    assert events(tmp_path / "older") == ["two", "three"]
    assert events(file) == []
    logger.info("five")
    assert events(file) == ["five"]


def test_a_file_whose_folder_was_removed_is_begun_anew_with_it(tmp_path: Path) -> None:
    """That used to end the process at the next outcome."""
    file = tmp_path / "logs" / "dl-lit.log"
    logs.configure(file=file)
    shutil.rmtree(file.parent)
    logs.many("t", [("info", "one", {})])
    assert events(file) == ["one"]


def test_where_it_cannot_be_begun_anew_lines_are_lost_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mount" / "logs" / "dl-lit.log"
    logs.configure(file=file)
    shutil.rmtree(tmp_path / "mount")
    logs.many("t", [("info", "one", {})])
    structlog.get_logger("t").info("two")
    logs.many("t", [("info", "three", {})])
    said = capsys.readouterr().err.splitlines()
    assert said == [f"dl-lit: cannot write {file}: No such file or directory; lines are lost until it can be written"]
    (tmp_path / "mount").mkdir()
    logs.reopen()
    logs.many("t", [("info", "four", {})])
    assert events(file) == ["four"]


def test_reopening_without_a_file_does_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever sends SIGHUP need not know where lines go."""
    assert logs.destination() == ""
    logs.configure(form="json")
    logs.reopen()
    structlog.get_logger("t").info("still")
    assert json.loads(capsys.readouterr().err)["run"] == logs.run_id()
