"""What is missing, in every form it is listed in."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from dl_lit import logs
from dl_lit.cli import cli
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from tests.fakes.scenario import Scenario, typical, work

RESOLVER = "https://resolver.library-of-shores.org/openurl"


@pytest.fixture
def filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scenario]:
    for name in [name for name in os.environ if name.startswith(("DL_LIT_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DL_LIT_DB", str(tmp_path / "dl-lit.db"))
    monkeypatch.setenv("DL_LIT_LIBRARY", str(tmp_path / "library"))
    monkeypatch.setenv("DL_LIT_ACCESS_OPENURL", RESOLVER)
    with Scenario(tmp_path) as scenario:
        typical(scenario)
        (third,) = scenario.add("third.pdf")
        e8, e9 = scenario.extract(third, ["A closed book", "=cmd() <b>&</b>"])
        scenario.duplicate(scenario.resolve(e8, work("A closed book", doi="10.1000/closed")), 2)
        odd = scenario.resolve(e9, work("=cmd() <b>&</b>", doi="10.1000/odd"))
        scenario.queue(odd)
        walls = [
            {"url": "https://publisher.example.org/odd.pdf", "reason": "blocked-login"},
            {"url": "https://dead.example.org/odd.pdf", "reason": "http-404"},
            {"url": "javascript:alert(1)", "reason": "blocked-captcha"},
            {"url": "https://publisher.example.org/\x1b[2J", "reason": "blocked-captcha"},
        ]
        scenario.reject(StageName.DOWNLOAD, odd, Reason.BLOCKED_LOGIN, "asks for a login", walls)
        yield scenario
    logs.close()


def missing(*arguments: str) -> str:
    result = CliRunner().invoke(cli, ["missing", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_every_work_and_entry_without_a_pdf_is_listed_those_most_cited_first(filled: Scenario) -> None:
    found = json.loads(missing("--format", "json"))["missing"]
    named = {one["id"]: (one["recognised"], one["reason"], one["cited_by"]) for one in found}
    assert found[0]["id"] == "w2", "two sources cite it"
    assert named["w2"] == (True, "no-oa-location", 2)
    assert named["w4"] == (True, "blocked-paywall", 1)
    assert named["e3"] == (False, "no-match", 1)
    assert "w1" not in named, "its PDF is here"
    assert "e7" not in named, "dl_lit still looks for it"
    assert "e7" in {one["id"] for one in json.loads(missing("--format", "json", "--waiting"))["missing"]}
    assert found[0]["resolver"].startswith(f"{RESOLVER}?")
    odd = next(one for one in found if one["reason"] == "blocked-login")
    assert "https://publisher.example.org/odd.pdf" in odd["links"]
    assert "https://dead.example.org/odd.pdf" not in odd["links"], "nobody gets anything there"
    assert not [link for link in odd["links"] if link.startswith("javascript:")]


def test_the_table_is_harmless_to_spreadsheets(filled: Scenario) -> None:
    rows = list(csv.DictReader(io.StringIO(missing("--format", "csv"))))
    odd = next(row for row in rows if row["reason"] == "blocked-login")
    assert odd["title"].startswith("'=cmd()")
    assert {row["id"] for row in rows} >= {"w2", "w4", "e3", "e5"}
    assert all(row["resolver"].startswith(RESOLVER) for row in rows)


def test_ris_asks_the_library_for_each(filled: Scenario) -> None:
    text = missing("--format", "ris", "--source", "s2")
    assert text.count("ER  -") == 2, "w2 and e3"
    assert f"UR  - {RESOLVER}?" in text
    assert "DO  - 10.1000/closed" in text
    assert "As printed: " in text


def test_the_page_links_only_where_a_browser_may_go(filled: Scenario, tmp_path: Path) -> None:
    missing("--format", "html", "--output", str(tmp_path / "missing.html"))
    page = (tmp_path / "missing.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;" in page
    assert "<b>&</b>" not in page
    assert 'href="javascript:' not in page
    assert page.count("Ask your library") == 5
    assert "dl-lit hand-in" in page


def test_text_says_what_one_can_do(filled: Scenario) -> None:
    text = missing()
    assert "w2  A closed book (Lovelace, 2017)" in text
    assert text.endswith("5 missing\n")
    assert "\x1b" not in text, "an address from outside does not clear the terminal"
