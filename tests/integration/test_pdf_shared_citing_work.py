"""What real papers say about themselves, and how complete their bibliographies were read."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dl_lit.core.model import Bibliography, Name
from dl_lit.pdf.bibliography import read_bibliography
from dl_lit.pdf.engine import open_document

SHARED = Path(__file__).parents[3] / "shared" / "corpora"
SAMPLES = Path(__file__).parents[2] / "dl_lit" / "demo"

needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="needs the folder ../shared")


def read(path: Path) -> Bibliography:
    with open_document(path, max_bytes=200_000_000) as pdf:
        return read_bibliography(pdf.read())


@cache
def corpus(name: str, every: int) -> list[tuple[Bibliography, dict[str, Any]]]:
    """Every so many papers of a corpus, read, with their gold; those without references left out."""
    found = []
    for gold_path in sorted((SHARED / name / "gold").glob("*.json"))[::every]:
        gold = json.loads(gold_path.read_text(encoding="utf-8"))
        if gold["references"]:
            found.append((read(SHARED / name / "pdfs" / f"{gold_path.stem}.pdf"), gold))
    return found


def folded(text: str | None) -> str:
    plain = unicodedata.normalize("NFKD", text or "").casefold()
    return re.sub(r"[\W\d_]+", "", "".join(c for c in plain if not unicodedata.combining(c)))


@pytest.mark.shared
@needs_shared
@pytest.mark.parametrize(("name", "every"), [("jose", 4), ("pmc", 6)])
def test_doi_and_title_of_the_citing_work_are_found(name: str, every: int) -> None:
    papers = corpus(name, every)
    assert sum(own.doi == (gold["doi"] or "").lower() for own, gold in papers) >= 0.9 * len(papers)
    assert sum(folded(own.title) == folded(gold["title"]) for own, gold in papers) >= 0.9 * len(papers)
    assert sum(bool(own.authors) and own.year is not None for own, _ in papers) >= 0.95 * len(papers)


@pytest.mark.shared
@needs_shared
@pytest.mark.parametrize(("name", "every"), [("jose", 4), ("pmc", 6)])
def test_bibliographies_that_were_read_whole_raise_no_alarm(name: str, every: int) -> None:
    scores = [own.coverage.score for own, _ in corpus(name, every) if own.coverage and own.coverage.score is not None]
    assert len(scores) >= 0.9 * len(corpus(name, every))
    assert sum(scores) / len(scores) >= 0.98


AUTHORS = {
    "02-research-software": (Name(family="Brandvold", given="Ottilie"), Name(family="Periwal", given="Sanjay")),
    "10-tangut": (Name(family="Примерова", given="Вера"), Name(family="Образцов", given="Глеб")),
    "15-history-notes": (Name(family="Abernethy-Falk", given="Cornelius"),),
}


@pytest.mark.parametrize("path", sorted((SAMPLES / "samples").glob("*.pdf")), ids=lambda path: path.stem)
def test_the_samples_tell_who_they_are(path: Path) -> None:
    gold = json.loads((SAMPLES / "gold" / f"{path.stem}.json").read_text(encoding="utf-8"))
    own = read(path)
    assert (own.doi, own.title) == (gold["doi"], gold["title"])
    assert own.doi not in {reference.doi for reference in own.references}
    assert own.authors == AUTHORS.get(path.stem, own.authors)
    assert own.authors
    assert own.coverage is not None
    assert own.coverage.unanswered_markers == ()
