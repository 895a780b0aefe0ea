"""The samples of other ways of citing: their gold lists are whole, and say what is in print."""

from __future__ import annotations

import json
from pathlib import Path

import pypdfium2
import pytest
from benchmarks.extraction import sets
from sample_styles.entries import Entry, typst
from sample_styles.lists import samples as lists

SAMPLES = Path(__file__).parents[2] / "samples"
NAMES = sorted(path.stem for path in (SAMPLES / "gold").glob("*.json"))


def letters(text: str) -> str:
    """What stays the same however lines are broken."""
    return "".join(char for char in text if char.isalnum())


@pytest.mark.parametrize("name", NAMES)
def test_every_reference_of_the_gold_list_is_in_print(name: str) -> None:
    """By its beginning and its title: the middle may be cut by the end of a page or column."""
    gold = json.loads((SAMPLES / "gold" / f"{name}.json").read_text(encoding="utf-8"))
    document = pypdfium2.PdfDocument(SAMPLES / "pdfs" / f"{name}.pdf")
    try:
        text = letters("".join(page.get_textpage().get_text_range() for page in document))
    finally:
        document.close()
    for entry in gold["references"]:
        assert letters(entry["raw"])[:12] in text, entry["raw"]
        assert all(letters(word) in text for word in (entry["title"] or "").split()[:4]), entry["title"]
        assert entry["first_author"]
        assert entry["year"]
    for short in gold.get("short_forms", []):
        assert letters(short["raw"]) in text
        assert 1 <= short["refers_to"] <= len(gold["references"])


def test_the_samples_are_many_and_small() -> None:
    assert len(NAMES) >= 15
    assert max(path.stat().st_size for path in (SAMPLES / "pdfs").iterdir()) < 200_000


def test_the_benchmark_has_both_kinds_of_samples() -> None:
    (found,) = sets(None, frozenset({"samples"}), None)
    assert len(found.pdfs) == len(found.gold) >= 31


def test_marks_become_fields_and_italics() -> None:
    entry = Entry("{a:Knuth}, D. “{t:On #1}.” {C:J} ({y:1984–85}). {d:10.1/X}", "[1]")
    gold = entry.gold(3)
    assert (entry.raw, gold["year"], gold["doi"]) == ("Knuth, D. “On #1.” J (1984–85). 10.1/X", "1984", "10.1/x")
    assert (gold["title"], gold["first_author"], gold["container"], gold["position"]) == ("On #1", "Knuth", "J", 3)
    assert typst("a {T:b} c") == '#"a ";#emph("b");#" c";'


def test_a_dash_stands_for_the_author_before() -> None:
    (dashes,) = (sample for sample in lists() if sample.name == "23-dashes")
    repeated = [entry for entry in dashes.entries if entry.raw.startswith("———")]
    assert len(repeated) >= 5
    assert all(entry.gold(1)["first_author"] for entry in repeated)
