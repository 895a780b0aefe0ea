"""How much each find says for or against a file, and what their sum comes to. Pure.

The weights are logarithms of odds, set by hand and tried on real files (docs/proof.md has what came of it): a find of
+2.3 makes it ten times likelier that the file is the work.
"""

from __future__ import annotations

import math
from typing import Final

VERIFIED: Final = 0.95
"""Score from which a file is the work, where nothing forbids it."""

REFUSED: Final = 0.05
"""Score up to which a file is another work, where something contradicts."""

BIAS: Final = -2.7  # a location was named for the work, but any file may lie there

WEIGHTS: Final[dict[str, float]] = {
    "title": 4.0,  # stands as the file's title, to the letter
    "title-nearly": 3.4,  # likewise, a few letters off
    "title-roughly": 1.2,  # likewise, as a scan may leave it
    "title-mentioned": 0.5,  # stands there, but not as a title
    "title-other": -4.0,  # another title is printed
    "title-alone": 2.0,  # the record names no people, and the title is long and exact
    "title-stated": 0.8,  # the metadata have it
    "doi": 4.5,  # borne as its own
    "doi-stated": 2.5,  # in the metadata
    "doi-mentioned": 0.3,
    "doi-other": -3.0,  # another one is borne
    "doi-other-version": -0.6,  # likewise, while title and people agree: another version, or a reprint
    "arxiv": 4.0,
    "arxiv-other": -3.0,
    "isbn": 3.0,
    "isbn-other": -1.0,
    "people": 2.6,  # at least half of them
    "people-some": 1.2,
    "people-other": -4.0,  # others are named
    "container": 0.9,
    "volume": 0.7,
    "volume-other": -1.2,
    "page": 0.7,
    "year": 0.6,
    "year-other": -1.0,
    "cover": 1.0,  # a cover sheet names the work
    "cover-other": -2.5,  # a cover sheet names another one
}


def score_of(found: dict[str, float]) -> float:
    """The probability, 0 to 1, that the file is the work; values say how far each find holds."""
    odds = BIAS + sum(WEIGHTS[name] * value for name, value in found.items())
    return 1 / (1 + math.exp(-max(min(odds, 50.0), -50.0)))
