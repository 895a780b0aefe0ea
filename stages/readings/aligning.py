"""Which entry of one reading is which of another: pure.

Two readers of one file print nearly the same text for an entry, so the text decides, then identifiers and titles.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence

from rapidfuzz import fuzz

from dl_lit.core.model import Reference
from dl_lit.core.values import dataclass
from dl_lit.matching.compare import same_person
from dl_lit.matching.normalise import squash, text_key

ALIKE = 80.0  # per cent: texts of one entry, cut at slightly different places
_SAME_TITLE = 90.0  # per cent
_FAR = 300  # entries: no two readings of one list are out of step by more
_WORTH_FINDING = 25  # letters from which on a text found within another is no accident
_TELLING_TITLE = 20  # letters from which on a title within a text proves the entry
_LABEL_ALIKE = 60.0  # per cent: enough where the printed numbers agree


@dataclass(frozen=True, slots=True)
class Pair:
    """One entry in both readings, as indices."""

    ours: int
    theirs: int


MayBeOne = Callable[[Reference, Reference], bool]
"""Whether an entry of ours and one of theirs can be the same, for whoever knows more than their texts."""


def align(ours: Sequence[Reference], theirs: Sequence[Reference], may_be_one: MayBeOne | None = None) -> list[Pair]:
    """The entries that both have, one to one, in the order of ours; the surest pairs are formed first."""
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    mine, yours = [_Text.of(one) for one in ours], [_Text.of(one) for one in theirs]
    for candidates in (_by_text, _by_meaning):
        left = [n for n in range(len(ours)) if n not in pairs]
        free = [n for n in range(len(theirs)) if n not in taken]
        surest = sorted(candidates(mine, yours, left, free), reverse=True)
        for _, _, one, other in surest:
            if one not in pairs and other not in taken and (not may_be_one or may_be_one(ours[one], theirs[other])):
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
    title: str  # its letters
    number: int | None

    @classmethod
    def of(cls, reference: Reference) -> _Text:
        title = letters(reference.title) if reference.title else ""
        return cls(reference, letters(reference.raw), title, number_of(reference.label))


Candidate = tuple[float, int, int, int]  # how sure, minus the distance in place, ours, theirs


def _near(
    mine: Sequence[_Text], yours: Sequence[_Text], left: Iterable[int], free: Sequence[int]
) -> Iterator[Candidate]:
    """Pairs that may be one entry: both readings go through the file in one order, so far apart is never the same."""
    scale = len(yours) / max(1, len(mine))
    for one in left:
        place = round(one * scale)
        for at in range(bisect_left(free, place - _FAR), bisect_right(free, place + _FAR)):
            yield 0.0, -abs(one - free[at]), one, free[at]


def _by_text(
    mine: Sequence[_Text], yours: Sequence[_Text], left: Iterable[int], free: Sequence[int]
) -> Iterator[Candidate]:
    for _, distance, one, other in _near(mine, yours, left, free):
        alike = fuzz.ratio(mine[one].letters, yours[other].letters, score_cutoff=ALIKE)
        doi = mine[one].reference.doi
        if doi and doi == yours[other].reference.doi:
            alike = max(alike, 99.0)
        if alike:
            yield alike, distance, one, other


def _by_meaning(
    mine: Sequence[_Text], yours: Sequence[_Text], left: Iterable[int], free: Sequence[int]
) -> Iterator[Candidate]:
    for _, distance, one, other in _near(mine, yours, left, free):
        sureness = _sureness(mine[one], yours[other])
        if sureness:
            yield sureness, distance, one, other


def _sureness(mine: _Text, yours: _Text) -> float:
    short, long = sorted((mine.letters, yours.letters), key=len)
    if len(short) >= _WORTH_FINDING and short in long and 2 * len(short) > len(long):
        return 98.0
    if mine.number is not None and mine.number == yours.number:
        alike = fuzz.ratio(mine.letters, yours.letters, score_cutoff=_LABEL_ALIKE)
        if alike:
            return float(alike)
    alike = _title_likeness(mine, yours)
    return 0.0 if not alike or _differ(mine.reference, yours.reference) else alike


def _title_likeness(mine: _Text, yours: _Text) -> float:
    """Per cent; a title may be short of its subtitle, or stand in the other's text without being taken for one."""
    if mine.title and yours.title:
        alike = fuzz.ratio(mine.title, yours.title, score_cutoff=_SAME_TITLE)
        if alike:
            return float(alike)
    prints = (yours.title, mine.letters), (mine.title, yours.letters)
    return 90.0 if any(len(title) >= _TELLING_TITLE and title in text for title, text in prints) else 0.0


def _differ(one: Reference, other: Reference) -> bool:
    """Whether year or first author say that these are two works."""
    if one.year and other.year and one.year != other.year:
        return True
    return bool(one.authors and other.authors) and not same_person(one.authors[0], other.authors[0])
