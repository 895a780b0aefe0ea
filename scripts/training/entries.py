"""Trains the model of beginnings: which lines of a list of references begin an entry, judged from their words."""

from __future__ import annotations

import hashlib
import json
import random
import sys
from collections.abc import Iterable
from pathlib import Path

import pycrfsuite
from training.entries_corpus import (
    ARCHIVE,
    STRINGS,
    LabelledList,
    any_setting,
    read_lists,
    read_runs,
    rendered_runs,
    set_in_type,
)

from dl_lit.pdf.splitting.beginnings import FIRST, INSIDE
from dl_lit.pdf.splitting.features import FEATURES_VERSION, features

MODEL, ABOUT = "entries.crfsuite", "entries.json"
PARAMETERS = {"c1": 0.2, "c2": 0.3, "max_iterations": 120, "feature.minfreq": 3}
SETTINGS = 2  # times that each run of strings is set in type
RENDERED = 14_000  # strings in nine languages, rendered from real records
SEED = 1  # of the settings and of the rendering
SOURCES = (
    {
        "name": "GROBID reference-segmenter corpus",
        "where": "https://github.com/kermitt2/grobid/tree/master/grobid-trainer/resources/dataset/reference-segmenter",
        "licence": "Apache-2.0",
        "file": ARCHIVE,
    },
    {
        "name": "hand-segmented reference strings, set in type",
        "where": "https://github.com/kermitt2/grobid, https://github.com/inukshuk/anystyle, "
        "https://github.com/dhlab-epfl/LinkedBooksDeepReferenceParsing",
        "licence": "Apache-2.0, BSD-2-Clause, MIT",
        "file": STRINGS,
    },
    {
        "name": "strings rendered from real records in nine languages, set in type",
        "where": "scripts/training/strings",
        "licence": "facts of bibliographic records",
        "file": "universe.jsonl.gz",
    },
)


def train(data: Path, models: Path, *, strings: int = RENDERED) -> None:
    """Learn from the files in the folder `data`; write the model and what is to be known of it into `models`.

    `strings` of them are rendered from records.
    """
    lists = [
        *read_lists(data),
        *typeset_lists(read_runs(data), times=SETTINGS),
        *typeset_lists(rendered_runs(data, strings, SEED), times=1),
    ]
    lines = fit(lists, models / MODEL)
    about = {
        "schema": "dl-lit/entries-model/1",
        "features": FEATURES_VERSION,
        "algorithm": "conditional random field, L-BFGS",
        "parameters": PARAMETERS,
        "lists": len(lists),
        "lines": lines,
        "sources": SOURCES,
        "sha256": hashlib.sha256((models / MODEL).read_bytes()).hexdigest(),
    }
    (models / ABOUT).write_text(json.dumps(about, indent=1) + "\n")
    print(f"entries: learnt from {lines:,} lines of {len(lists):,} lists", file=sys.stderr)


def typeset_lists(runs: Iterable[list[str]], *, times: int, style: str | None = None) -> list[LabelledList]:
    """Every run of strings set in type `times` times; the same runs give the same lists."""
    rng = random.Random(SEED)
    return [
        set_in_type(f"run {number}", run, any_setting(rng, style), rng)
        for number, run in enumerate(runs)
        for _ in range(times)
    ]


def fit(lists: Iterable[LabelledList], path: Path) -> int:
    """Train on `lists` and write the model to `path`; the count of lines learnt from."""
    trainer = pycrfsuite.Trainer(verbose=False, algorithm="lbfgs", params=PARAMETERS)
    lines = 0
    for found in lists:
        labels = [FIRST if index in found.firsts else INSIDE for index in range(len(found.lines))]
        trainer.append(features(found.lines), labels)
        lines += len(labels)
    trainer.train(str(path))
    return lines
