"""Which words a text is found by, and which words somebody asks for, in one form: no case, no accents. Pure.

Where a script does not part its words every character is a word, so that any run of them is found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from dl_lit.core.values import dataclass

MOST_ASKED = 8
"""Words that are asked for together; what comes behind them is left out."""

_LONGEST = 40  # characters of a word that are compared
_MOST = 300  # words of one row
_ACCENTS = re.compile(r"[\u0300-\u036f]")
_UNPARTED = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff])"
)
_WORD = re.compile(r"[^\W_]+")
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"})


def words_of(text: str) -> list[str]:
    """The words of a text in their order."""
    if text.isascii():
        folded = text.lower()
    else:
        plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", text).casefold()).translate(_LETTERS)
        folded = _UNPARTED.sub(r" \1 ", unicodedata.normalize("NFC", plain))
    return [word[:_LONGEST] for word in _WORD.findall(folded)][:_MOST]


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for."""

    runs: tuple[tuple[str, ...], ...]  # words that are to stand side by side; the last of each may go on

    @classmethod
    def of(cls, text: str) -> Asked:
        """What is typed: between white space stands what belongs together, as the parts of a DOI do."""
        runs = (tuple(words_of(part)) for part in text.split())
        return cls(tuple(dict.fromkeys(run for run in runs if run))[:MOST_ASKED])

    @property
    def whole(self) -> tuple[str, ...]:
        """Words that are to stand there as they are, each once."""
        return tuple(dict.fromkeys(word for run in self.runs for word in run[:-1]))[: 2 * MOST_ASKED]

    @property
    def begun(self) -> tuple[str, ...]:
        """Words that may be the beginning of what stands there, each once."""
        return tuple(dict.fromkeys(run[-1] for run in self.runs))

    def fits(self, words: Sequence[str]) -> bool:
        """Whether all that is asked for stands among the words of a row."""
        line = " " + " ".join(words)
        return all(f" {' '.join(run)}" in line for run in self.runs)
