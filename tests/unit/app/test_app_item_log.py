"""The log's line on an extraction says how much was read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dl_lit import logs
from dl_lit.app.item_log import log_items
from dl_lit.core.items import DownloadItem, Extracted, SourceItem
from dl_lit.core.job import Claim, Done
from dl_lit.core.model import Bibliography, Coverage, Reference, StageName, Work
from dl_lit.core.proof import Proof, Verdict
from dl_lit.core.store import Finished
from dl_lit.runtime.tally import Tally
from tests.fakes.engine import downloaded


def line(tmp_path: Path, coverage: Coverage | None) -> dict[str, object]:
    """What is logged of an extraction with one reference."""
    read = Bibliography(page_count=1, references=(Reference(position=1, raw="x"),), coverage=coverage)
    claim = Claim(StageName.EXTRACTION, 5, 1, SourceItem("/a.pdf", "ab"))
    file = tmp_path / "log"
    logs.configure(level="info", form="json", file=file)
    try:
        log_items([Finished(claim, Done(Extracted(read)), 0.0, 0.25)])
    finally:
        logs.close()
    (one,) = [json.loads(text) for text in file.read_text(encoding="utf-8").splitlines()]
    return one


def test_a_gap_is_said(tmp_path: Path) -> None:
    one = line(tmp_path, Coverage(found=1, expected=2, missing_labels=("2",), score=0.5))
    assert (one["references"], one["coverage"]) == (1, 0.5)
    assert one["detail"] == "1 reference of 2 expected; missing 2; coverage 50 %"


@pytest.mark.parametrize("coverage", [None, Coverage(found=1, expected=None), Coverage(found=1, expected=1, score=1.0)])
def test_without_a_gap_there_are_figures_only(tmp_path: Path, coverage: Coverage | None) -> None:
    one = line(tmp_path, coverage)
    assert one["references"] == 1
    assert "detail" not in one
    assert one.get("coverage") == (coverage.score if coverage else None)


def test_a_file_in_quarantine_is_no_success_yet(tmp_path: Path) -> None:
    """The log and the run's tally say so alike."""
    proof = Proof(verdict=Verdict.NEEDS_REVIEW, score=0.6, evidence=("title 0.71 on page 1",))
    claim = Claim(StageName.DOWNLOAD, 7, DownloadItem(Work(title="T"), ()))
    ended = Finished(claim, Done(downloaded(7, path="quarantine/x.pdf", proof=proof)), 0.0, 0.25)
    file = tmp_path / "log"
    logs.configure(level="info", form="json", file=file)
    try:
        log_items([ended])
    finally:
        logs.close()
    one = json.loads(file.read_text(encoding="utf-8"))
    assert (one["outcome"], one["reason"], one["detail"]) == ("reject", "needs-review", "title 0.71 on page 1")
    tally = Tally()
    tally.add([ended])
    stage = tally.stages[StageName.DOWNLOAD]
    assert (stage.done, stage.rejected) == (0, {"needs-review": 1})
