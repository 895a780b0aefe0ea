"""Which of the candidates an entry's words speak for most. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from db.local_index.records import decode_words
from dl_lit.core.values import dataclass

_LENGTH = 0.02  # how much each word that a candidate has beside counts against it


def weights(counts: Mapping[str, int], records: int) -> dict[str, float]:
    """How telling each word is: the rarer, the more (inverse document frequency)."""
    return {word: math.log1p(records / max(1, count)) for word, count in counts.items()}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record of a work that an entry may be."""

    record: int
    data: bytes  # as stored
    score: float
    coverage: float  # 0 to 1: how much of what its title tells stands in the entry


def ranked(found: Iterable[tuple[int, bytes]], telling: Mapping[str, float]) -> list[Candidate]:
    """The candidates, the likeliest first. `telling` has the entry's words. Raises `DAMAGE`."""
    most = max(telling.values(), default=1.0)
    candidates = [_judged(record, data, telling, most) for record, data in found]
    return sorted(candidates, key=lambda one: (-one.score, one.record))


def _judged(record: int, data: bytes, telling: Mapping[str, float], most: float) -> Candidate:
    stored = decode_words(data)
    words = stored.all()
    told = [telling.get(word, 0.0) for word in words]
    of_title = sum(told[: stored.title])
    # A word that the entry does not have tells as much as a rather rare one: nobody has looked how rare it is.
    whole = of_title + told[: stored.title].count(0.0) * most / 2
    coverage = of_title / whole if whole else 0.0
    score = sum(told) * (0.5 + 0.5 * coverage) / (1 + _LENGTH * len(words))
    return Candidate(record, data, score, coverage)
