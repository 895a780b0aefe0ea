"""A language model's words made fit to be kept and shown: pure.

What a model or its provider says may hold anything: halves of surrogate pairs, which no file takes, controls that move
a terminal's cursor, marks that turn the direction of what follows, thousands of accents on one letter. `ModelAnswer`
and `ModelError` clean whatever comes in, so that all behind them handles plain text in one line.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

LONGEST = 8_000
"""Characters of one text in an answer: twice what an entry may have, so that what is too long is still seen to be."""

_MARKS = 6  # accents and vowel signs on one letter: scripts that stack them have no more
_ODD = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ud800-\udfff"
    "\ufdd0-\ufdef\ufeff\ufff9-\ufffc\ufffe\uffff\U000e0000-\U000e0fff"
    + "".join(f"{chr(plane << 16 | 0xFFFE)}-{chr(plane << 16 | 0xFFFF)}" for plane in range(1, 17))
    + "]"
)
"""Controls that are no white space, surrogates, what turns directions, what is invisible, and no characters at all.

The joiners U+200C and U+200D stay: Persian and the scripts of India are spelt with them.
"""


def cleaned(text: str, *, longest: int = LONGEST) -> str:
    """`text` in NFC and in one line, without what `_ODD` names, cut to `longest` characters."""
    text = text[: 2 * longest]
    if not text.isascii():
        text = _few_marks(unicodedata.normalize("NFC", _ODD.sub("", text)))
    elif not text.isprintable():
        text = _ODD.sub("", text)
    return " ".join(text.split())[:longest].rstrip()


def cleaned_value(value: Any) -> Any:
    """A JSON value with all texts in it cleaned, also the names of fields."""
    if isinstance(value, str):
        return cleaned(value)
    if isinstance(value, dict):
        return {cleaned(str(name)): cleaned_value(one) for name, one in value.items()}
    if isinstance(value, list):
        return [cleaned_value(one) for one in value]
    return value


def _few_marks(text: str) -> str:
    """`text` without more marks on one letter than any script sets there."""
    kept, run = [], 0
    for character in text:
        run = run + 1 if unicodedata.category(character) in {"Mn", "Me", "Mc"} else 0
        if run <= _MARKS:
            kept.append(character)
    return "".join(kept)
