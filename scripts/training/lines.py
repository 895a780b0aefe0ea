"""Trains the line model: which lines of a document are references, judged from their words and their place."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path

import pycrfsuite
from training.lines_corpus import ARCHIVE, Document, read_documents
from training.lines_variants import STRINGS, read_strings, variants

from dl_lit.pdf.lines.features import FEATURES_VERSION, features
from dl_lit.pdf.lines.stretches import stretches

MODEL, ABOUT = "lines.crfsuite", "lines.json"
PARAMETERS = {"c1": 0.3, "c2": 0.05, "max_iterations": 80, "feature.possible_transitions": True}
SOURCES = (
    {
        "name": "GROBID segmentation corpus",
        "where": "https://github.com/kermitt2/grobid/tree/master/grobid-trainer/resources/dataset/segmentation",
        "licence": "Apache-2.0",
        "file": ARCHIVE,
    },
    {
        "name": "reference strings of GROBID",
        "where": "https://github.com/kermitt2/grobid/tree/master/grobid-trainer/resources/dataset/citation",
        "licence": "Apache-2.0",
        "file": STRINGS,
    },
    {
        "name": "reference strings of AnyStyle",
        "where": "https://github.com/inukshuk/anystyle",
        "licence": "BSD-2-Clause",
        "file": STRINGS,
    },
    {
        "name": "reference strings of Linked Books",
        "where": "https://github.com/dhlab-epfl/LinkedBooksDeepReferenceParsing",
        "licence": "MIT",
        "file": STRINGS,
    },
)


def train(data: Path, models: Path) -> None:
    """Learn from the archive in the folder `data`; write the model and what is to be known of it into `models`."""
    documents = list(read_documents(data))
    strings = read_strings(data)
    lines = fit([*documents, *variants(documents, strings)], models / MODEL)
    about = {
        "schema": "dl-lit/line-model/1",
        "features": FEATURES_VERSION,
        "algorithm": "conditional random field, L-BFGS",
        "parameters": PARAMETERS,
        "documents": len(documents),
        "lines": lines,
        "sources": SOURCES,
        "sha256": hashlib.sha256((models / MODEL).read_bytes()).hexdigest(),
    }
    (models / ABOUT).write_text(json.dumps(about, indent=1) + "\n")
    print(f"lines: learnt from {lines:,} lines of {len(documents):,} documents", file=sys.stderr)


def fit(documents: Iterable[Document], path: Path) -> int:
    """Train on `documents` and write the model to `path`; the count of lines learnt from."""
    trainer = pycrfsuite.Trainer(verbose=False, algorithm="lbfgs", params=PARAMETERS)
    lines = 0
    for document in documents:
        for start, end in stretches([fact.text for fact in document.facts]):
            trainer.append(features(document.facts[start:end]), list(document.labels[start:end]))
            lines += end - start
    trainer.train(str(path))
    return lines
