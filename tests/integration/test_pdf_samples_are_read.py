"""The project's own typeset samples, read whole: 35 documents, more than 20 ways of citing."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from benchmarks.extraction import sets
from benchmarks.scoring import Counts

from dl_lit.core.errors import PdfError
from dl_lit.pdf.jsonform import document_json
from dl_lit.pdf.reader import ChildReader


@pytest.fixture(scope="module")
def read() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Every gold list beside what was read."""
    (samples,) = sets(None, frozenset({"samples"}), None)
    with ChildReader(2, timeout_s=60) as reader, ThreadPoolExecutor(2) as pool:

        def document(path: Path) -> dict[str, Any]:
            try:
                return document_json(str(path), None, reader.read(path))
            except PdfError as error:
                return document_json(str(path), None, error)

        documents = list(pool.map(document, samples.pdfs))
    return [(json.loads(gold.read_text("utf-8")), one) for gold, one in zip(samples.gold, documents, strict=True)]


def test_every_sample_is_read(read: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    assert {one["path"]: one["error"] for _, one in read if one["error"]} == {}


def test_references_are_found_in_order(read: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    """By the scorer's rules: F1 at least 0.98, order at least 0.995."""
    counts = Counts()
    for gold, one in read:
        counts.add(gold, one)
    figures = counts.figures()
    assert figures["f1"] >= 0.98
    assert figures["order"] >= 0.995
    assert figures["first_author"] >= 0.9
    assert figures["year"] >= 0.95


def test_no_way_of_citing_is_lost(read: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    """Of every single sample nearly all references are found, and hardly anything besides."""
    poor = {}
    for gold, one in read:
        wanted, predicted, found = Counts().add(gold, one)
        if found < 0.85 * wanted or predicted > 1.2 * wanted:
            poor[gold["source"]] = (wanted, predicted, found)
    assert poor == {}
