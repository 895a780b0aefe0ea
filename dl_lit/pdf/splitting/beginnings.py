"""The model of beginnings: how surely each line of a list of references is the first one of an entry, by its words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pycrfsuite

from dl_lit.pdf.document import Line
from dl_lit.pdf.splitting.features import features

MODEL_FILE = Path(__file__).resolve().parents[1] / "models" / "entries.crfsuite"
FIRST, INSIDE = "B", "I"  # what a line is to the model
_LEAST = 1e-4  # probability: nothing is surer than one in ten thousand
_AT_ONCE = 2_000  # lines; a longer list is read in pieces of so many


class BeginningModel:
    """A trained model, read from a file. Not thread-safe: one for each process that reads."""

    def __init__(self, path: Path) -> None:
        """Load the model at `path`; raises `OSError` when it is not there."""
        self._tagger = pycrfsuite.Tagger()
        self._tagger.open(str(path))

    def odds(self, lines: Sequence[Line], texts: Sequence[str] | None = None) -> list[float]:
        """Natural logarithm of the odds that each line begins an entry; `texts` as for `features`."""
        found: list[float] = []
        texts = [line.text for line in lines] if texts is None else texts
        for start in range(0, len(lines), _AT_ONCE):
            end = min(start + _AT_ONCE, len(lines))
            self._tagger.set(features(lines[start:end], texts[start:end]))
            found += [_log_odds(self._tagger.marginal(FIRST, index)) for index in range(end - start)]
        return found


def _log_odds(probability: float) -> float:
    kept = min(max(probability, _LEAST), 1 - _LEAST)
    return math.log(kept / (1 - kept))


@cache
def beginning_model() -> BeginningModel:
    """The model that comes with dl_lit, loaded when it is first needed."""
    return BeginningModel(MODEL_FILE)
