"""The log's line on an item says all there is to say of it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from dl_lit import logs
from dl_lit.app.item_log import log_items
from dl_lit.core.items import (
    DownloadItem,
    Duplicate,
    EntryItem,
    Extracted,
    Item,
    MatchedAs,
    Queued,
    Resolved,
    SourceItem,
    WorkItem,
)
from dl_lit.core.job import Claim, Done, Outcome, Reject, Retry, Snooze
from dl_lit.core.model import Bibliography, Coverage, Location, Reference, StageName, Work
from dl_lit.core.proof import Proof, Verdict
from dl_lit.core.reasons import Reason
from dl_lit.core.store import Finished
from dl_lit.core.trail import Asked, Reply, Trail, Tried
from dl_lit.runtime.tally import Tally
from tests.fakes.engine import downloaded


def line(tmp_path: Path, coverage: Coverage | None) -> dict[str, object]:
    """What is logged of an extraction with one reference."""
    read = Bibliography(page_count=1, references=(Reference(position=1, raw="x"),), coverage=coverage)
    claim = Claim(StageName.EXTRACTION, 5, SourceItem("/a.pdf", "ab"))
    file = tmp_path / "log"
    logs.configure(level="info", form="json", file=file)
    try:
        log_items([Finished(claim, Done(Extracted(read)), 0.0, 0.25)])
    finally:
        logs.close()
    one: dict[str, object] = json.loads(file.read_text(encoding="utf-8"))
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


WORK = Work(title="Attention is all you need " * 5, doi="10.48550/arxiv.1706.03762", metadata_source="openalex")
LOCATION = Location(url="https://user@ArXiv.org:443/pdf/1?x=1", found_by="arxiv")
ENTRY = EntryItem(9, Reference(position=4, raw="Vaswani, A. Attention.", title="Attention", doi="10.1/x"))
TRIED = Trail(tried=(Tried(url="https://a.example/1", found_by="core"), Tried(url="http://b.example", found_by="doaj")))
ASKED = Trail(
    asked=tuple(
        Asked(service=service, how="doi", reply=reply)
        for service, reply in (
            ("crossref", Reply.ABSENT),
            ("datacite", Reply.NOT_ASKED),
            ("local", Reply.ABSENT),
        )
    )
)


def told(stage: StageName, item: Item, outcome: Outcome) -> dict[str, object]:
    """The line of an item, without what all have."""
    stream = io.StringIO()
    logs.configure(level="debug", form="json", stream=stream)
    try:
        log_items([Finished(Claim(stage, 7, item, attempt=2), outcome, 0.0, 1.23456)])
    finally:
        logs.close()
    one: dict[str, object] = json.loads(stream.getvalue())
    assert (one.pop("stage"), one.pop("job"), one.pop("attempt")) == (stage.value, 7, 2)
    assert (one.pop("seconds"), one.pop("event"), one.pop("logger")) == (1.235, "item", "dl_lit.item")
    del one["timestamp"], one["run"]
    return one


def test_a_download_tells_what_came_from_whom_and_where_it_went() -> None:
    """Whose name it has, how large it is, on what grounds it is taken for the work."""
    facts = downloaded(7, path="v/vaswani_2017.pdf", location=LOCATION, final_url=LOCATION.url)
    one = told(StageName.DOWNLOAD, DownloadItem(WORK, (LOCATION,)), Done(facts))
    assert len(str(one["title"])) == 80
    assert {name: one[name] for name in ("level", "outcome", "reason", "work", "doi", "file", "service", "host")} == {
        "level": "info", "outcome": "done", "reason": "ok", "work": 7, "doi": WORK.doi,
        "file": "v/vaswani_2017.pdf", "service": "arxiv", "host": "arxiv.org:443",
    }  # fmt: skip
    assert (one["bytes"], one["proof"]) == (facts.size_bytes, "verified")


def test_an_entry_tells_its_source_and_what_it_was_taken_for() -> None:
    """With the grounds, and where it is a part of that only."""
    facts = Resolved(work=WORK, matched_by="search", score=0.98765, matched_as=MatchedAs.CONTAINER)
    one = told(StageName.ENRICHMENT, ENTRY, Done(facts))
    assert (one["entry"], one["source"], one["position"], one["title"]) == (7, 9, 4, "Attention")
    assert (one["matched_by"], one["score"], one["service"]) == ("search", 0.988, "openalex")
    assert one["matched_as"] == "container"
    assert (one["doi"], str(one["found"])[:9]) == (WORK.doi, "Attention")


def test_queueing_tells_how_many_copies_there_are_or_of_what_it_is_a_duplicate() -> None:
    """With the best one's host."""
    one = told(StageName.QUEUEING, WorkItem(WORK), Done(Queued((LOCATION, LOCATION))))
    assert (one["locations"], one["service"], one["host"]) == (2, "arxiv", "arxiv.org:443")
    assert told(StageName.QUEUEING, WorkItem(Work(title="T")), Done(Queued(())))["locations"] == 0
    one = told(StageName.QUEUEING, WorkItem(WORK), Done(Duplicate(3, "doi")))
    assert (one["reason"], one["of_work"], one["matched_by"]) == ("duplicate", 3, "doi")


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (
            Retry(Reason.HTTP_5XX, "HTTP 502", 12.0, TRIED),
            {"level": "warning", "outcome": "retry", "reason": "http-5xx", "detail": "HTTP 502", "after": 12.0,
             "service": "doaj", "host": "b.example", "tried": 2},
        ),
        (
            Snooze(Reason.HOST_BUSY, 3.5),
            {"level": "debug", "outcome": "snooze", "reason": "host-busy", "after": 3.5},
        ),
        (
            Reject(Reason.NO_MATCH, trail=ASKED),
            {"level": "info", "outcome": "reject", "reason": "no-match", "service": "crossref", "asked": 1},
        ),
        (Reject(Reason.NO_MATCH), {"level": "info", "outcome": "reject", "reason": "no-match"}),
    ],
)  # fmt: skip
def test_what_failed_tells_why_who_was_asked_last_and_when_it_is_tried_again(
    outcome: Outcome, expected: dict[str, object]
) -> None:
    """And nothing that is not known."""
    one = told(StageName.DOWNLOAD, DownloadItem(Work(title="T"), ()), outcome)
    assert one == {"work": 7, "title": "T", **expected}
