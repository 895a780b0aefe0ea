"""A log file that others rotate."""

from __future__ import annotations

import json
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


def test_reopening_without_a_file_does_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever sends SIGHUP need not know where lines go."""
    assert logs.destination() == ""
    logs.configure(form="json")
    logs.reopen()
    structlog.get_logger("t").info("still")
    assert json.loads(capsys.readouterr().err)["run"] == logs.run_id()
