"""What `dl-lit explain` tells of a language model's part: which one, what it said, what was checked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from db.reading.candidates import candidates_of, judgement_of
from dl_lit.cli import cli
from dl_lit.core.items import Extracted, Resolved
from dl_lit.core.job import Done, Reject
from dl_lit.core.model import Bibliography, ModelReading, Reference, StageName
from dl_lit.core.reasons import Reason
from dl_lit.core.trail import Trail
from tests.fakes.scenario import Scenario, work

RAW = "Lovelace, A. Notes on the engine. 2017."
MODEL = "openrouter/reader-1"


def judge(**said: Any) -> dict[str, Any]:
    usual = {"choice": 1, "why": "the same title", "model": MODEL, "is_remembered": False, "is_taken": True,
             "objection": ""}  # fmt: skip
    return {"judge": {**usual, **said}}


CANDIDATE = {"title": "Notes on the engine", "score": 0.6, "agreement": {"title": 0.9, "author": "agree"}}


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Scenario]:
    """Two entries: the model found the first one, which a judge recognised, and told fields of the second."""
    found = ModelReading(model=MODEL, is_its_find=True)
    told = ModelReading(model=MODEL, fields=("title", "doi"))
    references = (
        Reference(position=1, raw=RAW, title="Notes", model_reading=found, supposed=(("doi", "10.1/none"),)),
        Reference(position=2, raw=RAW, title="Notes", model_reading=told),
    )
    with Scenario(tmp_path) as one:
        (source,) = one.add("scan.pdf")
        one.answer(StageName.EXTRACTION, {source: Done(Extracted(Bibliography(page_count=3, references=references)))})
        evidence = [CANDIDATE, judge(is_taken=False, objection="its score of 0.10 is below 0.20")]
        one.answer(
            StageName.ENRICHMENT,
            {
                1: Done(
                    Resolved(work=work("Notes on the engine"), matched_by="judge", score=0.6),
                    trail=Trail(decision="judge says 1", candidates=(CANDIDATE, judge())),
                ),
                2: Reject(Reason.AMBIGUOUS_MATCH, "two records", evidence=evidence),
            },
        )
        yield one


def explained(filled: Scenario, name: str) -> str:
    env = {"HOME": str(filled.path.parent), "DL_LIT_DB": str(filled.path), "COLUMNS": "200"}
    result = CliRunner(env=env).invoke(cli, ["explain", name])
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


def test_an_entry_that_a_model_found_says_so_and_what_bears_it_out(filled: Scenario) -> None:
    text = explained(filled, "e1")
    assert f"model: {MODEL} found the entry; its text stands in print" in text
    assert "not in print: doi 10.1/none: named by a language model, looked up before it counts" in text
    assert "recognised as: w1 by judge, score 0.60" in text
    assert f"judge: {MODEL} chose [1]: the same title (taken: no veto, no other identifier" in text
    assert "on a language model's word" in text


def test_a_judges_choice_that_does_not_count_is_told_with_the_objection(filled: Scenario) -> None:
    text = explained(filled, "e2")
    assert f"model: {MODEL} told title, DOI; each stands in the printed entry" in text
    assert f"judge: {MODEL} chose [1]: the same title (not taken: its score of 0.10 is below 0.20)" in text
    assert "dl-lit review e2 --accept 1" in text


def test_a_judgement_is_no_candidate_and_is_read_whatever_else_there_is() -> None:
    """What is none of the form is left out."""
    evidence = [CANDIDATE, "a word", judge(choice=None, why="too little")]
    assert [one.number for one in candidates_of(evidence)] == [1]
    judged = judgement_of(evidence)
    assert judged is not None
    assert judged.says == f"{MODEL} abstains: too little"
    assert judgement_of([judge(choice="one")]) is None
    assert judgement_of(None) is None
