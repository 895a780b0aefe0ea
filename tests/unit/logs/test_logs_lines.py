"""What a logged line looks like, and what never stands in one."""

from __future__ import annotations

import io
import json
import logging
import warnings
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from dl_lit import logs
from dl_lit.core.errors import NeedsConfiguration


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_away_from_a_terminal_each_event_is_one_json_line_with_time_in_utc() -> None:
    stream = io.StringIO()
    logs.configure(stream=stream)
    structlog.get_logger("dl_lit.test").info("work_done", stage="download", title="Über\nuns")
    (line,) = lines(stream)
    assert list(line)[:3] == ["timestamp", "level", "event"]
    assert (line["level"], line["event"], line["title"]) == ("info", "work_done", "Über\nuns")
    moment = datetime.fromisoformat(str(line["timestamp"]))
    assert moment.utcoffset() == timedelta(0)


def test_the_standard_librarys_loggers_come_out_in_the_same_form() -> None:
    stream = io.StringIO()
    logs.configure(stream=stream)
    logging.getLogger("some.library").warning("took %s s", 3)
    (line,) = lines(stream)
    assert (line["event"], line["level"], line["logger"]) == ("took 3 s", "warning", "some.library")


def test_python_warnings_are_logged() -> None:
    stream = io.StringIO()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logs.configure(stream=stream)
        warnings.warn("old ways", UserWarning, stacklevel=1)
        logging.captureWarnings(capture=False)
    assert "old ways" in str(lines(stream)[0]["event"])


def test_an_exception_is_kept_with_its_traceback_in_the_one_line() -> None:
    stream = io.StringIO()
    logs.configure(stream=stream)
    try:
        raise RuntimeError("sunk")
    except RuntimeError:
        structlog.get_logger("t").exception("surprise")
    (line,) = lines(stream)
    assert "RuntimeError: sunk" in str(line["exception"])
    assert "Traceback" in str(line["exception"])


@pytest.mark.parametrize(("level", "kept"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)])
def test_only_the_asked_level_and_above_is_kept(level: str, kept: int) -> None:
    stream = io.StringIO()
    logs.configure(stream=stream, level=level)
    for name in ("debug", "info", "warning", "error"):
        getattr(structlog.get_logger("t"), name)("x")
        getattr(logging.getLogger("t"), name)("x")
    assert len(lines(stream)) == 2 * kept


def test_the_http_clients_line_a_request_is_left_out_unless_debugging() -> None:
    stream = io.StringIO()
    logs.configure(stream=stream)
    logging.getLogger("httpx").info("HTTP Request: GET …")
    assert lines(stream) == []
    logs.configure(stream=stream, level="debug")
    logging.getLogger("httpx").info("HTTP Request: GET …")
    assert len(lines(stream)) == 1


@pytest.mark.parametrize("form", ["json", "console"])
def test_secrets_are_blotted_out_wherever_they_stand(form: str) -> None:
    """As they are, within an address, and in the message of an exception."""
    stream = io.StringIO()
    logs.configure(stream=stream, form=form, secrets=['k3y/with+odd"', "ada@example.org", None, ""])
    logger = structlog.get_logger("t")
    logger.info("asked", url="http://x/?mailto=ada%40example.org&api_key=k3y%2Fwith%2Bodd%22", key='k3y/with+odd"')
    logger.info("contact is Ada@Example.org")
    try:
        raise ValueError("bad ada@example.org")
    except ValueError:
        logger.exception("failed")
    logging.getLogger("other").warning("mail %s", "ada@example.org")
    text = stream.getvalue().lower()
    assert "k3y" not in text
    assert "ada" not in text
    assert text.count(logs.HIDDEN) >= 5


def test_on_a_terminal_lines_are_for_people_and_no_text_can_forge_one() -> None:
    stream = Terminal()
    logs.configure(stream=stream)
    structlog.get_logger("t").info("read", title="A\n2026 [error] forged \x1b[2J")
    text = stream.getvalue()
    assert text.count("\n") == 1
    assert "\x1b[2J" not in text
    assert not text.startswith("{")


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    logs.configure(stream=stream)
    structlog.get_logger("t").info("plain")
    assert "\x1b" not in stream.getvalue()


def test_a_log_file_is_made_with_its_folder_and_rotated(tmp_path: Path) -> None:
    file = tmp_path / "logs" / "dl-lit.log"
    logs.configure(file=file, file_mb=1, files_kept=2)
    logger = structlog.get_logger("t")
    for _ in range(5):
        logger.info("big", text="x" * 500_000)
    logs.close()
    assert sorted(path.name for path in file.parent.iterdir()) == ["dl-lit.log", "dl-lit.log.1", "dl-lit.log.2"]
    assert json.loads(file.read_text(encoding="utf-8").splitlines()[0])["event"] == "big"


def test_a_log_file_that_cannot_be_written_needs_configuration(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NeedsConfiguration, match=r"log\.file"):
        logs.configure(file=tmp_path / "file" / "dl-lit.log")


def test_configuring_again_replaces_and_does_not_double_lines() -> None:
    first, second = io.StringIO(), io.StringIO()
    logs.configure(stream=first)
    logs.configure(stream=second)
    logging.getLogger("t").warning("once")
    assert (len(lines(first)), len(lines(second))) == (0, 1)


def in_order(line: dict[str, Any]) -> dict[str, Any]:
    """A line without what differs between two moments."""
    return {name: value for name, value in line.items() if name != "timestamp"}


def test_many_lines_at_once_are_the_same_as_one_by_one() -> None:
    """Level, order of names and blotting included; what JSON cannot hold is told all the same."""
    at_once, one_by_one = io.StringIO(), io.StringIO()
    events: list[tuple[str, str, dict[str, Any]]] = [
        ("info", "item", {"job": 1, "seconds": 0.25, "detail": "naïve \x1b[2J\nforged ada@example.org"}),
        ("debug", "item", {"job": 2}),
        ("warning", "item", {"job": 3, "path": Path("/x"), "half": "\ud800"}),
    ]
    logs.configure(stream=at_once, form="json", secrets=["ada@example.org"])
    logs.many("t", events)
    logs.configure(stream=one_by_one, form="json", secrets=["ada@example.org"])
    for level, event, fields in events:
        getattr(structlog.get_logger("t"), level)(event, **fields)
    assert [in_order(line) for line in lines(at_once)] == [in_order(line) for line in lines(one_by_one)]
    assert len(lines(at_once)) == 2
    assert list(lines(at_once)[0])[:3] == ["timestamp", "level", "event"]
    assert "ada" not in at_once.getvalue()


def test_many_lines_on_a_terminal_are_for_people_too() -> None:
    stream = Terminal()
    logs.configure(stream=stream)
    logs.many("t", [("info", "read", {"job": n}) for n in range(3)])
    assert stream.getvalue().count("\n") == 3
    assert not stream.getvalue().startswith("{")


def test_many_lines_rotate_the_file(tmp_path: Path) -> None:
    file = tmp_path / "dl-lit.log"
    logs.configure(file=file, file_mb=1, files_kept=3)
    for _ in range(6):
        logs.many("t", [("info", "big", {"text": "x" * 300_000})] * 2)
    logs.close()
    assert len(list(tmp_path.iterdir())) == 4


def test_many_lines_without_a_log_are_dropped() -> None:
    logs.close()
    logs.many("t", [])


def test_a_log_on_a_full_disk_costs_lines_and_one_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "full.log"
    file.symlink_to("/dev/full")
    logs.configure(file=file)
    for number in range(5):
        structlog.get_logger("dl_lit.test").warning("lost", number=number)
        logs.many("dl_lit.test", [("info", "lost too", {})])
    logs.close()
    told = capsys.readouterr().err
    assert told == f"dl-lit: cannot write {file}: No space left on device; lines are lost until it can be written\n"
