"""Which stretches of a document can hold references at all: the cheap look that spares the model most lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

from dl_lit.pdf.headings import opens_references

_SPARK = re.compile(r"[12]\d{3}(?!\d)|\b10\.\d{4,9}/|\bet\s+al\b|[\[(]\d{1,3}[\])]\s?[^\W\d_]|[ \-–]\d+[–-]\d+[.,;]?")
_REACH = 12  # lines on either side in which sparks are counted
_FEWEST = 5  # sparks among those lines
_MARGIN = 10  # lines around a stretch that go with it, so that its ends are seen from outside
_AFTER_HEADING = 40  # lines that a known heading brings with it
_LONGEST_HEADING = 90  # characters


def stretches(texts: Sequence[str]) -> list[tuple[int, int]]:
    """The stretches of lines, as half-open ranges in order, that may hold references; usually a small part."""
    count = len(texts)
    sums = [0, *accumulate(1 if _SPARK.search(text) else 0 for text in texts)]
    wanted = bytearray(count)
    for at in range(count):
        before, after = max(0, at - _REACH), min(count, at + _REACH + 1)
        if sums[after] - sums[before] >= _FEWEST:
            wanted[at] = 1
    for at, text in enumerate(texts):
        if len(text) <= _LONGEST_HEADING and not wanted[at] and opens_references(text):
            wanted[at : min(count, at + _AFTER_HEADING)] = b"\x01" * (min(count, at + _AFTER_HEADING) - at)
    found: list[tuple[int, int]] = []
    at = wanted.find(1)
    while at >= 0:
        end = wanted.find(0, at)
        end = count if end < 0 else end
        first, last = max(0, at - _MARGIN), min(count, end + _MARGIN)
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
        at = wanted.find(1, end)
    return found
