"""`dl-lit recheck` and the decisions on files, beside what explain and status tell of both."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from db.lock import PipelineLock
from dl_lit import logs
from dl_lit.app.deciding.reviewing_files import FileReview
from dl_lit.cli import cli
from dl_lit.cli.reviewing_files import FileSession
from dl_lit.core.job import Done
from dl_lit.core.model import StageName, Version
from dl_lit.core.proof import Proof, Verdict
from dl_lit.core.reasons import Reason
from dl_lit.settings import load
from tests.fakes.engine import downloaded
from tests.fakes.scenario import Scenario, location, typical, work

CONTENT = b"%PDF-1.7 made up"


@pytest.fixture
def filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scenario]:
    """Three sources, and w5, whose preprint is there, and w6, whose file waits for a decision."""
    for name in [name for name in os.environ if name.startswith("DL_LIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DL_LIT_LIBRARY", str(tmp_path / "library"))
    with Scenario(tmp_path) as scenario:
        monkeypatch.setenv("DL_LIT_DATABASE", str(scenario.path))
        typical(scenario)
        (source,) = scenario.add("two.pdf")
        entries = scenario.extract(source, ["A draft", "A doubtful file"])
        for number, entry in enumerate(entries):
            work_id = scenario.resolve(entry, work(f"On {number}", doi=f"10.1000/on.{number}"))
            scenario.queue(work_id)
        draft = downloaded(5, path="draft.pdf", location=location(version=Version.SUBMITTED))
        doubt = Proof(verdict=Verdict.NEEDS_REVIEW, score=0.61, evidence=("title 0.71 on page 1",))
        file = scenario.library / "quarantine" / "doubt.pdf"
        file.parent.mkdir()
        file.write_bytes(CONTENT)
        sha256 = hashlib.sha256(CONTENT).hexdigest()
        (scenario.library / ".incoming").mkdir()
        facts = {"sha256": sha256, "size_bytes": len(CONTENT), "proof": doubt, "location": location()}
        held = downloaded(6, path="quarantine/doubt.pdf", **facts)
        scenario.answer(StageName.DOWNLOAD, {5: Done(draft), 6: Done(held)})
        yield scenario
    logs.close()


def dl_lit(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, catch_exceptions=False)


def document(*arguments: str) -> dict[str, Any]:
    result = dl_lit(*arguments, "--json")
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.mark.usefixtures("filled")
def test_what_would_be_looked_at_is_told_with_its_day() -> None:
    plan = document("recheck", "--all", "--dry-run")
    assert plan["schema"] == "dl-lit/recheck/1"
    assert plan["by_reason"] == {"no-oa-location": 1, "ok-preprint": 1, "blocked-paywall": 1}
    assert {one["id"]: (one["kind"], one["due_at"] is None) for one in plan["looks"]} == {
        "w2": ("failed", False),
        "w5": ("upgrade", False),
        "w4": ("failed", True),
    }
    shown = dl_lit("recheck", "--all", "--dry-run").stdout
    assert "w5      ok-preprint          better version  due 2027-02-20  On 0" in shown
    assert [one["id"] for one in document("recheck", "--dry-run", "--work", "w4")["looks"]] == ["w4"]
    assert [one["id"] for one in document("recheck", "--dry-run", "--reason", "ok-preprint")["looks"]] == ["w5"]


@pytest.mark.usefixtures("filled")
def test_what_makes_no_sense_is_said() -> None:
    for arguments, said in (
        (("--due", "--all"), "--due is what the day decides"),
        (("--work", "x5"), "is no work's id"),
        (("--work", "w1"), "nothing to look for again of w1"),
        (("--reason", "shut"), "is no reason"),
        (("--offline", "--all"), "needs the network"),
    ):
        result = CliRunner().invoke(cli, ["recheck", *arguments])
        assert result.exit_code == 2
        assert said in result.stderr


def test_beside_a_running_pipeline_the_work_is_left_to_it(filled: Scenario) -> None:
    """Failures are back at work at once, better versions are due."""
    with PipelineLock(filled.path, "watch-folder-concurrent inbox", filled.clock):
        told = document("recheck", "--all")
    assert told["put_back"] == [2, 4]
    assert "watch-folder-concurrent inbox" in told["left_to"]
    assert filled.rows("SELECT work_id FROM with_metadata ORDER BY 1") == [(2,), (4,)]
    assert [one["id"] for one in document("recheck", "--dry-run")["looks"]] == ["w5"]


@pytest.mark.usefixtures("filled")
def test_what_is_there_and_what_may_come_is_told() -> None:
    preprint, doubtful, closed = (dl_lit("explain", name).stdout for name in ("w5", "w6", "w2"))
    assert "identity: verified, 1.00 of 1: DOI on page 1" in preprint
    assert "a better version is looked for on" in preprint
    assert "in quarantine: quarantine/doubt.pdf" in doubtful
    assert "identity: needs-review, 0.61 of 1: title 0.71 on page 1" in doubtful
    assert "decide: dl-lit review w6 --keep (or --refuse)" in doubtful
    assert "it is looked for again on" in closed
    assert document("explain", "w6")["stories"][0]["work"]["held"]["path"] == "quarantine/doubt.pdf"
    state = dl_lit("status").stdout
    assert "to be looked at again:" in state
    assert "1 file waits in the library's quarantine" in state
    rechecks = document("status")["rechecks"]
    assert (rechecks["upgradable"], rechecks["in_quarantine"]) == (1, 1)
    rows = {line.split(",")[3]: line for line in dl_lit("export", "--format", "csv").stdout.splitlines()}
    assert "/library/draft.pdf,submittedVersion,1.00," in rows["On 0"]
    assert "quarantine/" not in rows["On 1"]
    assert "then decide with dl-lit review" in rows["On 1"]


def test_a_file_is_kept(filled: Scenario) -> None:
    (listed,) = document("review", "--list")["files"]
    assert (listed["id"], listed["score"]) == ("w6", 0.61)
    assert "likeness: 0.61 of 1" in dl_lit("review", "w6").stdout
    assert "its file is in the library now: Lovelace_2017_On-1.pdf" in dl_lit("review", "w6", "--keep").stdout
    assert (filled.library / "Lovelace_2017_On-1.pdf").read_bytes() == CONTENT
    assert not (filled.library / "quarantine" / "doubt.pdf").exists()
    again = CliRunner().invoke(cli, ["review", "w6", "--refuse"])
    assert again.exit_code == 2
    assert "no file of w6 waits" in again.stderr


def test_decisions_on_files_come_from_programs_as_well(filled: Scenario, tmp_path: Path) -> None:
    orders = tmp_path / "orders.jsonl"
    orders.write_text(
        '{"work": "w6", "action": "accept"}\n{"entry": 1, "action": "keep"}\n{"work": 6, "action": "refuse"}\n'
    )
    told = document("review", "--apply", str(orders))["decisions"]
    assert [one["outcome"] for one in told] == ["refused", "refused", "removed"]
    assert filled.rows("SELECT reason FROM failed_downloads WHERE work_id = 6") == [(Reason.WRONG_WORK.value,)]
    for arguments in (["--keep"], ["e1", "--keep"], ["w6", "--keep", "--refuse"]):
        assert CliRunner().invoke(cli, ["review", *arguments]).exit_code == 2


def test_a_person_goes_through_the_files_on_a_terminal(filled: Scenario) -> None:
    """What is left is asked about the next time, what is not understood at once."""
    settings = load().settings
    for answers, said in (
        ("s\n", ""),
        ("?\nr\n", "its file goes, and is not taken again; it has failed as wrong-work"),
    ):
        with FileReview(settings) as review, CliRunner().isolation(input=answers) as (out, *_):
            FileSession(review, review.waiting()).run()
            told = out.getvalue().decode()
        assert "file 1 of 1" in told
        assert said in told
    assert filled.rows("SELECT reason FROM failed_downloads WHERE work_id = 6") == [("wrong-work",)]
