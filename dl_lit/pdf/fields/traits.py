"""What the model sees of a token: its word, its beginning and end, its shape, and how it touches its neighbours.

Words and affixes are hashed into fixed numbers of buckets, so that no vocabulary has to be shipped and no word is
unknown: a rare one is still told by its affixes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from zlib import crc32

from dl_lit.pdf.fields.tokens import Token

WORD_BUCKETS = 1 << 16
AFFIX_BUCKETS = 1 << 14
AFFIXES = 8  # the first one to four letters and the last one to four
SHAPES = 64
TOUCHES = 4
COLUMNS = 2 + AFFIXES  # word, affixes, shape

_LENGTHS = (1, 2, 3, 4)
_NO_AFFIXES = (0,) * AFFIXES
_MARK_SHAPES = 27
_CENTURIES = {"15": 11, "16": 11, "17": 11, "18": 11, "19": 10, "20": 10}


def _bucket(text: str, buckets: int) -> int:
    return crc32(text.encode("utf-8", "surrogatepass")) % buckets


def traits(text: str) -> tuple[int, ...]:
    """The buckets of a token's word and affixes, then its shape: `COLUMNS` numbers."""
    if text.isalpha():
        lower = text.lower()
        affixes = [_bucket(f"p{length}{lower[:length]}", AFFIX_BUCKETS) for length in _LENGTHS]
        affixes += [_bucket(f"s{length}{lower[-length:]}", AFFIX_BUCKETS) for length in _LENGTHS]
        return (_bucket(lower, WORD_BUCKETS), *affixes, _word_shape(text))
    if text.isdigit():
        return (_bucket(_number_word(text), WORD_BUCKETS), *_NO_AFFIXES, _number_shape(text))
    shape = 36 + _bucket(text, _MARK_SHAPES)
    return (_bucket(text, WORD_BUCKETS), *_NO_AFFIXES, shape)


def _word_shape(text: str) -> int:
    letters = min(len(text), 6) - 1
    if text.isupper():
        return 12 + letters
    if text.islower():
        return 18 + letters
    return (24 if text[1:].islower() else 30) + letters


def _number_word(text: str) -> str:
    """Short numbers as they are, of a year the century, of others how long they are."""
    if len(text) <= 2:
        return text
    return text[:2] + "##" if len(text) == 4 else "#" * len(text)


def _number_shape(text: str) -> int:
    if len(text) == 4:
        return _CENTURIES.get(text[:2], 4)
    return min(len(text), 8)


def touches(tokens: Sequence[Token]) -> list[int]:
    """For each token: +1 where nothing stands between it and the one before, +2 the one after."""
    if not tokens:
        return []
    glued = [before.end == after.start for before, after in pairwise(tokens)]
    return [
        (1 if left else 0) + (2 if right else 0) for left, right in zip([False, *glued], [*glued, False], strict=True)
    ]
