"""Nothing that an item is called, or an error says, looks like a line of the log or moves a terminal's cursor."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import structlog

from dl_lit import logs

FORGED = "2026-11-23T12:00:00Z [error    ] all is lost"


def test_what_an_error_says_stays_behind_a_margin(tmp_path: Path) -> None:
    file = tmp_path / "log.txt"
    logs.configure(form="console", file=file)
    structlog.get_logger("x").error("surprise", exc_info=ValueError(f"bad title\n{FORGED}\x1b[2J\x9b2J"))
    logs.close()
    text = file.read_text()
    assert not any(line.startswith(FORGED[:10]) for line in text.splitlines()[1:])
    assert f"\n    {FORGED}\\x1b[2J\\x9b2J" in text


@pytest.mark.parametrize("text", ["\x9b2J", "\u2028x", "\u202ex", "\ud800", "\x7f"])
def test_json_lines_hold_it_as_an_escape(tmp_path: Path, text: str) -> None:
    file = tmp_path / "log.json"
    logs.configure(form="json", file=file)
    logs.many("x", [("info", "item", {"title": text})])
    structlog.get_logger("x").info("item", title=text)
    logs.close()
    lines = file.read_text().splitlines()
    assert [json.loads(line)["title"] for line in lines] == [text, text]
    assert all(line.isascii() for line in lines)


@pytest.mark.parametrize("text", ["\u202ex", "\ud800"])
def test_lines_for_people_show_it(tmp_path: Path, text: str) -> None:
    file = tmp_path / "log.txt"
    logs.configure(form="console", file=file)
    structlog.get_logger("x").info("item", title=text)
    logs.close()
    assert f"\\u{ord(text[0]):04x}" in file.read_text()
