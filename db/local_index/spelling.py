"""What misspelt words may have been: the index's own words that begin alike and differ in a letter or two."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

_WORDS = 8  # of one entry; more are not a few slips but another script
_SHORTEST = 5
_BEGINNING = 3  # letters that have to agree
_LIKE_IT = 3_000  # words that begin alike and are compared
_KEPT = 3  # for each word
_SPELT_ALIKE = "SELECT term, records FROM terms WHERE term >= ? AND term < ? AND length(term) BETWEEN ? AND ? LIMIT ?"


def respelt(connection: sqlite3.Connection, unknown: Sequence[str]) -> dict[str, int]:
    """Words of the index that the unknown ones may have been, with the number of records they stand in."""
    found: dict[str, int] = {}
    letters = [word for word in unknown if word.isalpha() and len(word) >= _SHORTEST]
    for word in sorted(letters, key=len, reverse=True)[:_WORDS]:
        start = word[:_BEGINNING]
        span = (start, start + "{", len(word) - 2, len(word) + 2, _LIKE_IT)  # "{" follows "z" in ASCII
        near = dict(connection.execute(_SPELT_ALIKE, span))
        slips = 1 if len(word) < 8 else 2
        for term, _, _ in extract(word, near.keys(), scorer=OSA.distance, score_cutoff=slips, limit=_KEPT):
            found[term] = near[term]
    return found
