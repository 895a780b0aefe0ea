"""Bibliographies as the reader reads them, aligned with lists as services have them: hardly a pair is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from benchmarks.__main__ import main
from click.testing import CliRunner

ROOT = Path(__file__).parents[2]
CORPORA = ROOT.parent / "shared" / "corpora"
BARE = "dois"  # lists of bare DOIs can only be aligned by order before their records are looked up


def measured(*arguments: str) -> dict[str, Any]:
    """The figures of `scripts/bench aligning`."""
    done = CliRunner().invoke(main, ["aligning", "--json", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def check(document: dict[str, Any], recall: float) -> None:
    """Precision is held for all lists together, recall for each kind that can be compared."""
    assert document["precision"] >= 0.998
    told = {kind: one for kind, one in document["lists"].items() if kind != BARE}
    assert {kind: one["recall"] for kind, one in told.items() if one["recall"] < recall} == {}
    assert all(one["precision"] >= 0.995 for one in document["lists"].values())


def test_samples_are_aligned() -> None:
    """Shipped papers and samples of other ways of citing, with lists of every kind: `scripts/bench` has all."""
    document = measured("--sets", "samples", "--limit", "8")
    assert document["papers"] >= 8
    check(document, 0.9)


@pytest.mark.shared
@pytest.mark.skipif(not CORPORA.is_dir(), reason="needs the folder ../shared")
def test_real_papers_are_aligned() -> None:
    """Real PDFs of many publishers, whose entries are read with real mistakes."""
    check(measured("--sets", "jose,juliacon,pmc,scielo", "--limit", "2"), 0.9)
