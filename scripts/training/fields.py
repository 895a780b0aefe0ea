"""Trains the model of the fields: `dl_lit/pdf/models/fields.*`."""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pycrfsuite
from training.fields_corpus import Example, read_examples

from dl_lit.pdf.fields.features import features
from dl_lit.pdf.fields.tokens import Token, tokenise

_VERSION = 1
_PASSES = 12


def train(data: Path, models: Path) -> None:
    """Train on every hand-segmented string of `data`; the same data give the same bytes."""
    examples = read_examples(data)
    model = models / "fields.crfsuite"
    fit(examples, model)
    about = {
        "version": _VERSION,
        "strings": dict(sorted(Counter(example.source for example in examples).items())),
        "labels": sorted({str(label) for example in examples for label, _, _ in example.spans}),
        "data_sha256": _digest(examples),
        "model_sha256": hashlib.sha256(model.read_bytes()).hexdigest(),
    }
    (models / "fields.json").write_text(json.dumps(about, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    print(f"fields: {len(examples)} strings, {model.stat().st_size:,} bytes", file=sys.stderr)


def fit(examples: Sequence[Example], model: Path) -> None:
    """Write to `model` what is learnt from `examples`."""
    trainer = pycrfsuite.Trainer(algorithm="ap", verbose=False)
    trainer.set_params({"max_iterations": _PASSES, "feature.minfreq": 2})
    for example in examples:
        tokens = tokenise(example.text)
        if tokens:
            trainer.append(features(tokens), tags(example, tokens))
    trainer.train(str(model))


def tags(example: Example, tokens: Sequence[Token]) -> list[str]:
    """A tag for each token: `B-label` where a span begins, `I-label` inside it, `O` outside."""
    result = ["O"] * len(tokens)
    for label, start, end in example.spans:
        prefix = "B-"
        for index, token in enumerate(tokens):
            if start <= token.start and token.end <= end:
                result[index] = prefix + label
                prefix = "I-"
    return result


def _digest(examples: Sequence[Example]) -> str:
    digest = hashlib.sha256()
    for example in examples:
        digest.update(json.dumps([example.text, example.spans], ensure_ascii=True).encode())
    return digest.hexdigest()
