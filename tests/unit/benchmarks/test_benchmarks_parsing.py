"""The benchmark of single strings, in short."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace

from benchmarks.parsing import FOLDS, RUN, held_out, measure
from training.fields import RECIPE
from training.fields_gradients import Shape
from training.fields_learning import Course

NAMES = ("Knuth", "Lovelace", "Hopper", "Turing", "Noether")
TITLES = (
    "Die Geschichte der Stadt",
    "Histoire de la ville et des arts",
    "La historia de los pueblos",
    "On the engines",
)


def test_folds_keep_neighbours_together_and_hold_each_string_once():
    """Grouped folds are whole runs of neighbours; in either split each string is in one fold."""
    for split in ("grouped", "random"):
        folds = held_out(split, 437)
        assert len(folds) == FOLDS
        assert sorted(number for fold in folds for number in fold) == list(range(437))
    for fold in held_out("grouped", 437):
        assert {number // RUN for number in fold}.isdisjoint(
            number // RUN for other in held_out("grouped", 437) if other != fold for number in other
        )


def test_measures_a_fold_of_few_strings(tmp_path):
    """The short form gives every figure, and a model that has seen like strings reads the others."""
    with gzip.open(tmp_path / "citation_strings.jsonl.gz", "wt", encoding="utf-8") as lines:
        for number in range(60):
            tagged = (
                f"<bibl><author>{NAMES[number % 5]}, A.</author> (<date>{1950 + number}</date>). "
                f'<title level="a">On the engines</title>, pp. <biblScope unit="page">{number}</biblScope>.</bibl>'
            )
            lines.write(json.dumps({"set": "grobid-corpus", "tagged": tagged}) + "\n")
    with gzip.open(tmp_path / "universe.jsonl.gz", "wt", encoding="utf-8") as lines:
        for number in range(60):
            authors = [{"family": NAMES[number % 5], "given": "A."}]
            record = {
                "title": f"{TITLES[number % 4]} {number}",
                "authors": authors,
                "year": 1990,
                "container": "Nature",
            }
            lines.write(json.dumps(record | {"type": "journal-article", "doi": None}) + "\n")
    recipe = replace(
        RECIPE,
        shape=Shape(width=32, layers=2),
        rendered=40,
        repeated=5,
        first=Course(rounds=1, rate=3e-3, tokens=400),
        second=Course(rounds=20, rate=1e-2, tokens=400),
    )
    result = measure(tmp_path, ("grouped",), folds=1, recipe=recipe)
    figures = result["splits"]["grouped"]
    assert result["strings"] == 60
    assert figures["field_f1"] > 0.8
    assert 0 <= figures["strict"]["instance_f1"] <= figures["instance_f1"] <= 1
    assert figures["fields"]["author"]["marked"] == 20
    assert result["strings_per_cpu_s"] > 0
