"""What the model sees of a string: for each token its own traits, its neighbours' and where it stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from dl_lit.pdf.fields.tokens import Token

_WINDOW = 3
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d$")
_SHAPES = ((re.compile(r"[^\W\d_]"), "a"), (re.compile(r"\d"), "0"))


@lru_cache(maxsize=50_000)
def _traits(text: str) -> tuple[str, ...]:
    """What a token is, wherever it stands."""
    lower = text.lower()
    if text.isdigit():
        kind = "year" if _YEAR.match(text) else f"d{min(len(text), 6)}"
        return ("k=" + kind, "w=" + (lower if len(text) <= 2 or kind == "year" else "#" * len(text)))
    if not text.isalpha():
        return ("w=" + text, "k=mark")
    shape = "A" if text.isupper() else "a" if text.islower() else "Aa" if text[1:].islower() else "aA"
    kind = shape + str(min(len(text), 4))
    return ("w=" + lower, "k=" + kind, "p=" + lower[:3], "s=" + lower[-3:], "t=" + lower[-2:], "q=" + lower[:4])


@lru_cache(maxsize=200_000)
def _seen_from(text: str, offset: int) -> list[str]:
    """The traits of a neighbour `offset` tokens away."""
    traits = _traits(text)
    kept = traits if abs(offset) <= 1 else traits[:2]
    return [f"{offset}{trait}" for trait in kept]


def features(tokens: Sequence[Token]) -> list[list[str]]:
    """The features of each token of one string."""
    texts = ["⊢"] * _WINDOW + [token.text for token in tokens] + ["⊣"] * _WINDOW
    kinds = [_traits(text)[1] if text.isalpha() else _traits(text)[0] for text in texts]
    lowers = [text.lower() for text in texts]
    count = len(tokens)
    year_seen = False
    result: list[list[str]] = []
    for index, token in enumerate(tokens):
        middle = index + _WINDOW
        row: list[str] = []
        for offset in range(-_WINDOW, _WINDOW + 1):
            row += _seen_from(texts[middle + offset], offset)
        row.append("-1.0=" + lowers[middle - 1] + "|" + lowers[middle])
        row.append("0.1=" + lowers[middle] + "|" + lowers[middle + 1])
        row.append("k3=" + kinds[middle - 1] + kinds[middle] + kinds[middle + 1])
        row.append("k4=" + kinds[middle - 2] + kinds[middle - 1] + kinds[middle])
        row.append("k5=" + kinds[middle] + kinds[middle + 1] + kinds[middle + 2])
        row.append(f"pos={12 * index // count}")
        row.append("year" if year_seen else "noyear")
        if index and tokens[index - 1].end == token.start:
            row.append("glued")
        if index + 1 < count and tokens[index + 1].start == token.end:
            row.append("glues")
        year_seen = year_seen or bool(_YEAR.match(token.text))
        result.append(row)
    return result
