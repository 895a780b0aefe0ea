"""A string cut into words, numbers and marks that know where they stand."""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(r"[^\W\d_]+|\d+|\S")


class Token(NamedTuple):
    """A run of letters, a run of digits, or one mark: `string[start:end]`."""

    text: str
    start: int
    end: int


def tokenise(string: str) -> list[Token]:
    """The tokens of `string` in order; between them stands nothing but white space."""
    return [Token(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(string)]
