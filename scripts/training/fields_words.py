"""Where words stand in real records: what the network knows of them before its first lesson."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dl_lit.pdf.fields.tokens import tokenise
from dl_lit.pdf.fields.traits import WORD_BUCKETS, traits

RECORDS = "universe.jsonl.gz"
PLACES = ("title", "container", "family", "given")
_DOUBT = 0.5  # added to each count


def word_profiles(data: Path) -> NDArray[np.float32]:
    """For each bucket of words how much more often than other words they stand in each of `PLACES`, about -1 to 1."""
    counts = np.zeros((WORD_BUCKETS, len(PLACES)))
    for column, words in enumerate(_words(data)):
        for word, count in sorted(words.items()):
            counts[traits(word)[0], column] += count
    seen = counts.sum(1) > 0
    rates = np.log((counts + _DOUBT) / (counts.sum(0) + _DOUBT * WORD_BUCKETS))
    profiles: NDArray[np.float64] = (rates - rates.mean(1, keepdims=True)) / 8
    profiles[~seen] = 0
    return profiles.astype(np.float32)


def _words(data: Path) -> list[Counter[str]]:
    """How often each word stands in titles, containers, family names and given names."""
    texts: list[Counter[str]] = [Counter() for _ in PLACES]
    with gzip.open(data / RECORDS, "rt", encoding="utf-8") as lines:
        for line in lines:
            record: dict[str, Any] = json.loads(line)
            authors = record.get("authors") or []
            texts[0][record.get("title") or ""] += 1
            texts[1][record.get("container") or ""] += 1
            for author in authors:
                texts[2][author.get("family") or ""] += 1
                texts[3][author.get("given") or ""] += 1
    return [_counted(counter) for counter in texts]


def _counted(texts: Counter[str]) -> Counter[str]:
    words: Counter[str] = Counter()
    for text, count in texts.items():
        for token in tokenise(text):
            if token.text.isalpha():
                words[token.text.lower()] += count
    return words
