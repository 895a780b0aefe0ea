"""`dl-lit ledger` and `dl-lit cache`: what left the machine, and what is remembered instead."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from db.cache.store import DiskCache
from db.ledger.store import DiskLedger
from dl_lit.app.run import RunResult
from dl_lit.cli import cli
from dl_lit.cli.running import summary_text
from dl_lit.core.memory import Departure, Ending, ToKeep


class Hands:
    """A clock that is set by hand."""

    at = 1_763_900_000.0  # 2025-11-23 12:13:20 UTC

    def time(self) -> float:
        return self.at


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith(("DL_LIT_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DL_LIT_STATE_FOLDER", str(tmp_path))
    monkeypatch.setenv("DL_LIT_CACHE_FOLDER", str(tmp_path))
    return tmp_path


@pytest.fixture
def told(folder: Path) -> Path:
    book = DiskLedger(folder, Hands(), keep_days=10_000)
    for host, purpose, ending in (
        ("api.crossref.org", "crossref", Ending.OK),
        ("api.crossref.org", "crossref", Ending.ERROR),
        ("arxiv.org", "files", Ending.OK),
        ("intranet.test", "files", Ending.BLOCKED),
    ):
        book.note(
            Departure(host=host, purpose=purpose, method="GET", ending=ending, sent_bytes=300, received_bytes=2_000)
        )
    book.close()
    return folder


@pytest.fixture
def remembering(folder: Path) -> Path:
    cache = DiskCache(folder, Hands(), max_bytes=10_000_000)
    cache.put_many("crossref", [ToKeep("a", b"x" * 3_000, 4e9), ToKeep("b", None, 4e9)])
    cache.put_many("openalex", [ToKeep("a", b"y", 4e9)])
    cache.get_many("crossref", ["a", "c"])
    cache.close()
    return folder


def dl_lit(*arguments: str) -> Result:
    result = CliRunner().invoke(cli, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def document(*arguments: str) -> dict[str, Any]:
    return json.loads(dl_lit(*arguments, "--json").stdout)


def test_the_ledger_lists_hosts_with_totals(told: Path) -> None:
    lines = dl_lit("ledger").stdout.splitlines()
    assert lines[0].split()[:4] == ["host", "for", "requests", "sent"]
    assert lines[1].split()[:4] == ["api.crossref.org", "crossref", "2", "600"]
    assert lines[-2].startswith("all ")
    assert lines[-1].startswith("1 only looked a name up")


def test_the_ledger_as_a_document(told: Path) -> None:
    found = document("ledger", "--by", "service", "--limit", "1")
    assert (found["schema"], found["by"], found["more"]) == ("dl-lit/ledger/1", "service", 1)
    assert found["total"]["requests"] == 4
    assert found["lines"][0]["key"] == "crossref"
    assert {"sent_bytes", "received_bytes", "first_at", "last_at", "errors", "methods"} <= set(found["lines"][0])
    assert document("ledger", "--since", "2025-11-23T12:00")["total"]["requests"] == 4
    assert document("ledger", "--since", "2025-11-23T13:00")["total"]["requests"] == 0


def test_an_empty_ledger_says_so(folder: Path) -> None:
    assert dl_lit("ledger", "--since", "2d").stdout.startswith("nothing left this machine since ")
    assert list(folder.iterdir()) == []


def test_a_moment_that_cannot_be_read_is_a_usage_error(folder: Path) -> None:
    assert dl_lit("ledger", "--since", "yesterday").exit_code == 2


def test_a_file_that_is_no_ledger_is_an_error_of_one_line(folder: Path) -> None:
    (folder / "ledger.db").write_text("rubbish " * 200)
    ended = dl_lit("ledger")
    assert (ended.exit_code, len(ended.stderr.splitlines())) == (1, 1)


def test_the_cache_shows_entries_and_hit_rate_by_service(remembering: Path) -> None:
    lines = dl_lit("cache").stdout.splitlines()
    assert "at most 500 MB" in lines[0]
    assert [line.split() for line in lines[2:4]] == [
        ["crossref", "2", "1", *lines[2].split()[3:5], "1", "1", "50%", "30"],
        ["openalex", "1", "0", *lines[3].split()[3:5], "0", "0", "-", "30"],
    ]
    crossref = document("cache")["services"][0]
    assert (crossref["entries"], crossref["absences"], crossref["hit_rate"]) == (2, 1, 0.5)


def test_clearing_one_service_leaves_the_others(remembering: Path) -> None:
    assert document("cache", "--clear", "--service", "crossref")["cleared"] == 2
    assert [one["entries"] for one in document("cache")["services"]] == [0, 1]
    assert dl_lit("cache", "--clear").stdout == "1 answers forgotten\n"


def test_service_alone_or_unknown_is_refused(remembering: Path) -> None:
    assert dl_lit("cache", "--service", "crossref").exit_code == 2
    assert dl_lit("cache", "--clear", "--service", "nobody").exit_code == 2
    assert sum(one["entries"] for one in document("cache")["services"]) == 3


def test_offline_is_an_option_of_whatever_works(folder: Path) -> None:
    for command in ("process-pdf-concurrent", "process-folder-concurrent", "watch-folder-concurrent"):
        assert "--offline" in dl_lit(command, "--help").stdout


def test_doctor_asks_nobody_offline(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DL_LIT_OFFLINE", "1")
    live = document("doctor", "--live")["live"]
    assert live
    assert {one["detail"] for one in live} == {"offline: not asked"}


def test_comparing_with_a_grobid_elsewhere_is_refused_offline(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DL_LIT_OFFLINE", "1")
    (folder / "a.pdf").write_bytes(b"%PDF-1.4")
    ended = dl_lit("compare", str(folder / "a.pdf"), "--grobid", "http://grobid.test:8070")
    assert (ended.exit_code, "offline" in ended.stderr) == (6, True)


def test_a_span_of_the_ledger_is_told_in_full_hours(told: Path) -> None:
    lines = dl_lit("ledger", "--since", "2025-11-23T12:10").stdout.splitlines()
    assert "(since 2025-11-23 12:00:00 UTC: full hours are counted)" in lines


def test_by_service_no_column_says_the_same_again(told: Path) -> None:
    assert dl_lit("ledger", "--by", "service").stdout.splitlines()[0].split()[:2] == ["service", "requests"]


def test_the_summary_tells_what_memory_answered_and_what_waits_for_the_network() -> None:
    document = {
        **dict.fromkeys(("sources", "references", "resolved", "needs_review", "downloaded", "duplicates"), 3),
        "failed": {},
        "requests": {},
        "coverage": {"incomplete": 0},
        "without_grobid": 0,
        "seconds": 1.0,
        "remembered": {"crossref": 12},
        "waiting_for_network": 7,
    }
    result = RunResult((1,), document, interrupted=False, parked_for_budget=0, waiting=9)
    lines = summary_text(result).splitlines()
    assert "  for the network   7   the next run without --offline takes them up" in lines
    assert "  still waiting     2   dl-lit status says for what" in lines
    assert "  from memory  crossref 12" in lines
    assert result.exit_code == 3
