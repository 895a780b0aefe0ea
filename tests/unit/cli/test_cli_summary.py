"""What a one-off run prints at its end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from db.reading.opening import reading
from db.reading.summary import run_summary
from dl_lit.app.run import RunResult
from dl_lit.cli.running import summary_text
from dl_lit.core.language import ModelUse
from dl_lit.core.model import Coverage
from tests.fakes.pulses import language
from tests.fakes.scenario import Scenario


def told(tmp_path: Path, *coverages: Coverage) -> str:
    """The summary of a run over one source for each coverage."""
    with Scenario(tmp_path) as scenario:
        ids = scenario.add(*(f"paper {n}.pdf" for n in range(len(coverages))))
        for source, coverage in zip(ids, coverages, strict=True):
            scenario.extract(source, ["T"], coverage=coverage)
        with reading(scenario.path) as connection:
            summary = run_summary(connection, ids)
    document = {**summary.document(), "seconds": 1.5, "requests": {}}
    return summary_text(RunResult(tuple(ids), document, interrupted=False, parked_for_budget=0, waiting=0))


def test_sources_read_with_gaps_are_named(tmp_path: Path) -> None:
    gap = Coverage(found=57, expected=60, missing_labels=("12", "13", "14"), score=0.95)
    lines = told(tmp_path, Coverage(found=3, expected=3, score=1.0), gap).splitlines()
    at = lines.index("  read with gaps    1   of 2 sources that can tell")
    assert lines[at + 1] == "    paper 1.pdf: 57 references of 60 expected; missing 12, 13, 14; coverage 95 %"


def test_the_worst_five_are_named(tmp_path: Path) -> None:
    gaps = [Coverage(found=n, expected=10, score=n / 10) for n in range(1, 9)]
    text = told(tmp_path, *reversed(gaps))
    assert "read with gaps    8   of 8 sources" in text
    assert [f"coverage {n}0 %" in text for n in range(1, 9)] == [True] * 5 + [False] * 3


def test_nothing_is_said_where_nothing_is_missing(tmp_path: Path) -> None:
    assert "gaps" not in told(tmp_path, Coverage(found=3, expected=3, score=1.0), Coverage(found=3, expected=None))


def test_a_grobid_that_did_not_answer_is_told(tmp_path: Path) -> None:
    with Scenario(tmp_path) as scenario:
        ids = scenario.add("one.pdf", "two.pdf")
        scenario.extract(ids[0], ["T"], notes=("read without GROBID: no answer",))
        scenario.extract(ids[1], ["T"], notes=("GROBID: 1 of its 1 entries are ours",))
        with reading(scenario.path) as connection:
            summary = run_summary(connection, ids)
    document = {**summary.document(), "seconds": 1.5, "requests": {}}
    text = summary_text(RunResult(tuple(ids), document, interrupted=False, parked_for_budget=0, waiting=0))
    assert "  GROBID did not answer (1 sources): read without it" in text.splitlines()


def test_what_was_asked_of_a_language_model_is_told_with_what_it_cost(tmp_path: Path) -> None:
    """And nothing where none was asked."""
    with Scenario(tmp_path) as scenario:
        ids = scenario.add("one.pdf")
        with reading(scenario.path) as connection:
            summary = run_summary(connection, ids)
    document = {**summary.document(), "seconds": 1.5, "requests": {}}
    idle = RunResult((1,), document, interrupted=False, parked_for_budget=0, waiting=0, asked=ModelUse())
    assert "model" not in summary_text(idle)
    asked = replace(language().use, in_flight=0)
    said = [line for line in summary_text(replace(idle, asked=asked)).splitlines() if line.startswith("  model ")]
    assert said == [
        "  model requests 12 (at most 7 at once; 1.2 s in the mean, 95 % within 3.5 s), 3 answered from memory",
        "  model in vain  1 rate limit; 2 retries; without an answer: 1 cut",
        "  model answers  8 entry, 3 section; 40 entries taken, 2 not in print and refused",
        "  model tokens   100,000 in (85% from the provider's prompt cache), 9,000 out; $0.0300, $0.00075 an entry",
        "  model files    1 uploaded and not deleted yet: the next run deletes them",
    ]
