"""A day's budget that does not reach: spent, the rest parked, and gone on with at the reset, without one failure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import structlog
from proofs import budget

from dl_lit.replica.services.settings import Settings as ReplicaSettings
from tests.fakes.databases import database_in, named
from tests.fakes.program import Home, Papers, replica_of, write_papers

DAYS = 4  # that 360 credits last
UNDER_WAY = 4  # searches at once

ALONE = {
    f"{name}_ENABLED": "false"
    for name in ("CROSSREF", "DATACITE", "ARXIV", "EUROPEPMC", "UNPAYWALL", "SEMANTIC_SCHOLAR", "PUBMED", "INSPIRE",
                 "OPENCITATIONS", "OPEN_LIBRARY", "HAL", "ACL", "DOI")
}  # fmt: skip


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    """Two papers of ten entries, none of which prints an identifier."""
    folder = tmp_path_factory.mktemp("bare")
    return write_papers(folder, sources=2, entries=10, identified_percent=0, arxiv_percent=0)


def test_a_run_over_several_days_of_a_keyless_budget_fails_nothing_and_asks_nothing_twice(tmp_path: Path) -> None:
    """Sixty references of which thirty-six cost ten credits each, a hundred credits a day, days of two seconds."""
    with structlog.testing.capture_logs():  # thousands of lines would hide what is wrong
        told = budget.prove(references=60, credits_=100, day_s=2.0, DL_LIT_DB=named(database_in(tmp_path)))
    assert (told["resolved"], told["failed"], told["waiting"]) == (60, 0, 0), told
    assert told["asked_twice"] == 0, told
    assert told["credits"] == 360, told
    assert told["snoozed"] > 0, told
    assert told["replica_problems"] == 0, told
    # What is under way when the day turns is counted on the next day there and on the last one here, and a machine that
    # stands still for a moment lets requests arrive closer together than they were sent.
    assert sum(told["refused"].values()) <= UNDER_WAY * DAYS, told


def test_a_run_ends_with_what_waits_for_tomorrow_and_the_plan_said_so(
    papers: Papers, make_home: Callable[..., Home]
) -> None:
    """Exit code 5, and on the same day again; the plan told what will be due tomorrow, whose run completes."""
    poor = ReplicaSettings(openalex_credits_keyed=55)
    with replica_of(papers.records, latency_s=0.0, scale=1.0, settings=poor) as replica:
        home = make_home(replica, **ALONE, OPENALEX_CREDITS_PER_DAY=55)
        planned = home.process_here(papers.folder, "--dry-run").document
        assert planned["schema"] == "dl-lit/plan/2"
        assert planned["services"]["openalex"]["credits_left"] == 55
        assert planned["budget"]["services"] == ["openalex"]
        assert not planned["budget"]["fits"]
        assert replica.log.entries() == [], "a plan asks nobody"
        ended = home.process_here(papers.folder)
        assert ended.code == 5, ended.out
        assert "Traceback" not in ended.err
        document = ended.document
        assert not any(document["failed"].values()), document["failed"]
        waiting = document["waiting"]["enrichment"]
        assert 0 < waiting <= planned["budget"]["waiting"]["at_most"]
        assert 0 < document["resolved"] == len(papers.records) - waiting
        assert document["requests"]["openalex"] <= planned["services"]["openalex"]["requests"]["at_most"]
        due = [float(row[0]) for row in home.rows("SELECT due_at FROM no_metadata")]
        assert len(due) == waiting
        again = home.process_here(papers.folder, "--dry-run").document
        assert again["services"]["openalex"]["credits_left"] < 10, "what was spent is known to the next plan"
        assert home.process_here(papers.folder).code == 5, "the budget is not back before its time"
        assert home.broken() == []
        home.let_a_day_pass()
    with replica_of(papers.records, latency_s=0.0) as replica:
        home.settings.update(replica.env())
        home.settings.update({f"DL_LIT_{name}": "true" for name in ALONE})
        home.settings["DL_LIT_STATE_FOLDER"] = str(home.folder / "tomorrow")
        tomorrow = home.process_here(papers.folder, OPENALEX_CREDITS_PER_DAY=10_000)
        assert tomorrow.document["waiting"]["enrichment"] == 0
        assert not tomorrow.document["failed"]["enrichment"]
        assert home.broken() == []
