"""Which entry of one reading is which of another: pure.

Two readers of one file print nearly the same text for an entry, so the text decides, then identifiers and titles.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from dl_lit.core.model import Reference
from dl_lit.matching.compare import same_person, title_similarity
from dl_lit.matching.normalise import squash, text_key

ALIKE = 80.0  # per cent: texts of one entry, cut at slightly different places
_SAME_TITLE = 0.9
_WORTH_FINDING = 25  # letters from which on a text found within another is no accident
_TELLING_TITLE = 20  # letters from which on a title within a text proves the entry
_LABEL_ALIKE = 60.0  # per cent: enough where the printed numbers agree


@dataclass(frozen=True, slots=True)
class Pair:
    """One entry in both readings, as indices."""

    ours: int
    theirs: int


def align(ours: Sequence[Reference], theirs: Sequence[Reference]) -> list[Pair]:
    """The entries that both have, one to one, in the order of ours; the surest pairs are formed first."""
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    mine, yours = [_Text.of(one) for one in ours], [_Text.of(one) for one in theirs]
    for candidates in (_by_text, _by_meaning):
        left = [n for n in range(len(ours)) if n not in pairs]
        free = [n for n in range(len(theirs)) if n not in taken]
        surest = sorted(candidates(mine, yours, left, free), reverse=True)
        for _, _, one, other in surest:
            if one not in pairs and other not in taken:
                pairs[one] = other
                taken.add(other)
    return [Pair(one, pairs[one]) for one in sorted(pairs)]


def letters(text: str) -> str:
    """The text as what is compared: letters and digits in lower-case ASCII."""
    return squash(text_key(text))


def number_of(label: str | None) -> int | None:
    """The number in a label; None for a label of another kind."""
    found = re.fullmatch(r"[\[(]?(\d{1,5})[\])]?[.:]?", (label or "").strip())
    return int(found[1]) if found else None


@dataclass(frozen=True, slots=True)
class _Text:
    reference: Reference
    letters: str
    number: int | None

    @classmethod
    def of(cls, reference: Reference) -> _Text:
        return cls(reference, letters(reference.raw), number_of(reference.label))


Candidate = tuple[float, int, int, int]  # how sure, minus the distance in place, ours, theirs


def _by_text(
    mine: Sequence[_Text], yours: Sequence[_Text], left: Iterable[int], free: Sequence[int]
) -> Iterator[Candidate]:
    for one in left:
        for other in free:
            alike = fuzz.ratio(mine[one].letters, yours[other].letters, score_cutoff=ALIKE)
            doi = mine[one].reference.doi
            if doi and doi == yours[other].reference.doi:
                alike = max(alike, 99.0)
            if alike:
                yield alike, -abs(one - other), one, other


def _by_meaning(
    mine: Sequence[_Text], yours: Sequence[_Text], left: Iterable[int], free: Sequence[int]
) -> Iterator[Candidate]:
    for one in left:
        for other in free:
            sureness = _sureness(mine[one], yours[other])
            if sureness:
                yield sureness, -abs(one - other), one, other


def _sureness(mine: _Text, yours: _Text) -> float:
    short, long = sorted((mine.letters, yours.letters), key=len)
    if len(short) >= _WORTH_FINDING and short in long and 2 * len(short) > len(long):
        return 98.0
    if mine.number is not None and mine.number == yours.number:
        alike = fuzz.ratio(mine.letters, yours.letters, score_cutoff=_LABEL_ALIKE)
        if alike:
            return float(alike)
    one, other = mine.reference, yours.reference
    if _differ(one, other):
        return 0.0
    if one.title and other.title:
        similarity = title_similarity(one.title, other.title)
        if similarity >= _SAME_TITLE:
            return 100.0 * similarity
    return 90.0 if _prints_title(mine, other) or _prints_title(yours, one) else 0.0


def _prints_title(text: _Text, other: Reference) -> bool:
    """Whether the text holds the other's title, whatever was taken for its own title."""
    title = letters(other.title) if other.title else ""
    return len(title) >= _TELLING_TITLE and title in text.letters


def _differ(one: Reference, other: Reference) -> bool:
    """Whether year or first author say that these are two works."""
    if one.year and other.year and one.year != other.year:
        return True
    return bool(one.authors and other.authors) and not same_person(one.authors[0], other.authors[0])
