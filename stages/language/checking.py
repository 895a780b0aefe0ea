"""What a model said about pages, made references: those that stand in print, in printed order, each once. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rapidfuzz import fuzz

from dl_lit.core.model import Reference
from stages.language.believing import believed
from stages.language.folding import fold
from stages.language.verbatim import FEWEST_LETTERS, Print
from stages.readings.aligning import number_of

CHECKED_CONFIDENCE = 0.6  # of an entry that a model read and that stands in print
UNCHECKED_CONFIDENCE = 0.3  # of one on a page without text: nobody can check it
_LONGEST = 4_000  # characters of an entry
_FIGURES = re.compile(r"\d+")
_ALIKE = 90.0  # per cent: one entry of a page without text, read twice


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a model's words."""

    references: tuple[Reference, ...]  # in printed order, positions from 1
    unchecked: frozenset[str]  # texts of those among them that no text layer bears out
    invented: int  # entries that do not stand in print: not among them
    places: Mapping[int, tuple[int, int]]  # of those in print, by position: first letter, and that behind the last one


@dataclass(frozen=True, slots=True)
class _Entry:
    reference: Reference
    letters: str
    start: int = -1  # among all letters of the pages
    end: int = -1  # 0 and more: it is in print; else its page has no text

    @property
    def is_in_print(self) -> bool:
        return self.end >= 0

    @property
    def place(self) -> tuple[int, int]:
        """Where it is printed; those of pages without text stay in the order in which they were said."""
        return self.reference.page or 0, self.start

    @property
    def tells_a_work(self) -> bool:
        """Whether it has what no mere part of an entry has."""
        one = self.reference
        return bool(one.title and (one.authors or one.editors or one.year))


def checked(said: Iterable[tuple[Mapping[str, Any], str | None]], printed: Print) -> Checked:
    """Take what stands in print of what was `said`: entries, each with the heading of the list it is from."""
    entries: list[_Entry] = []
    invented = 0
    for one, heading in said:
        entry = _entry(one, heading, printed)
        if entry is None:
            invented += 1
        else:
            entries.append(entry)
    kept = sorted(_each_once(entries), key=lambda one: one.place)
    references = tuple(replace(one.reference, position=n) for n, one in enumerate(kept, 1))
    unchecked = frozenset(one.reference.raw for one in kept if not one.is_in_print)
    places = {n: (one.start, one.end) for n, one in enumerate(kept, 1) if one.is_in_print}
    return Checked(references, unchecked, invented, places)


class Places:
    """Where entries of another reading and those that were read now are printed: obeys `merging.KnownPlaces`."""

    def __init__(self, ours: Sequence[Reference], read: Checked, printed: Print) -> None:
        """Look for `ours` in print."""
        self._ours = {one.position: place for one in ours if (place := printed.find(one.raw, one.page))}
        order = sorted((self._ours[one.position].start, n) for n, one in enumerate(ours) if one.position in self._ours)
        self._starts, self._indices = [start for start, _ in order], [n for _, n in order]
        self._theirs = read.places
        self._numbers = [None if one.position in self._ours else number_of(one.label) for one in ours]

    def may_be_one(self, mine: Reference, yours: Reference) -> bool:
        """Not where both are known to stand elsewhere."""
        ours, theirs = self._ours.get(mine.position), self._theirs.get(yours.position)
        return ours is None or theirs is None or (ours.start < theirs[1] and theirs[0] < ours.end)

    def behind(self, yours: Reference) -> int | None:
        """The last of ours that is printed before it."""
        theirs = self._theirs.get(yours.position)
        if theirs is None or not self._starts:
            return None
        before = bisect_left(self._starts, theirs[0])
        index = self._indices[before - 1] if before else self._indices[0] - 1
        number = number_of(yours.label)
        # Of those of ours that were not found in print their numbers tell.
        while number is not None and index + 1 < len(self._numbers):
            following = self._numbers[index + 1]
            if following is None or following >= number:
                break
            index += 1
        return index


def _entry(said: Mapping[str, Any], heading: str | None, printed: Print) -> _Entry | None:
    verbatim, page = said.get("verbatim"), said.get("page")
    if not isinstance(verbatim, str) or len(verbatim) > _LONGEST:
        return None
    number = page if isinstance(page, int) and not isinstance(page, bool) else None
    found = printed.find(verbatim, number)
    if found is not None:
        reference = believed(said, found.raw, position=0, before=found.before)
        whole = replace(reference, page=found.page, section=heading, confidence=CHECKED_CONFIDENCE)
        return _Entry(whole, fold(found.raw), found.start, found.end)
    letters = fold(verbatim)
    if number is None or not printed.is_image(number) or len(letters) < FEWEST_LETTERS:
        return None
    reference = believed(said, " ".join(verbatim.split()), position=0, is_in_print=False)
    whole = replace(reference, page=number, section=heading, confidence=UNCHECKED_CONFIDENCE)
    return _Entry(whole, letters)


def _each_once(entries: Sequence[_Entry]) -> list[_Entry]:
    """Without what was read twice where parts overlap, and without lumps of several entries that are there singly."""
    kept: list[_Entry] = []
    for group in _overlapping(one for one in entries if one.is_in_print):
        own: list[_Entry] = []
        for one in sorted(group, key=lambda one: one.end - one.start, reverse=True):
            if not any(_is_within(one, other) for other in own) and not _is_lump(one, group):
                own.append(one)
        kept += own
    unchecked: list[_Entry] = []
    for one in entries:
        if not one.is_in_print and not any(_is_read_twice(one, other) for other in unchecked):
            unchecked.append(one)
    return kept + unchecked


def _overlapping(entries: Iterable[_Entry]) -> Iterator[list[_Entry]]:
    """The entries in groups that have letters in common."""
    group: list[_Entry] = []
    end = 0
    for one in sorted(entries, key=lambda one: one.start):
        if group and one.start >= end:
            yield group
            group = []
        group.append(one)
        end = max(end, one.end)
    if group:
        yield group


def _is_within(one: _Entry, other: _Entry) -> bool:
    """Whether most of the entry is a part of the other."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    return 2 * shared > one.end - one.start


def _is_lump(one: _Entry, entries: Sequence[_Entry]) -> bool:
    """Whether two works or more that do not overlap make up most of this entry."""
    parts: list[_Entry] = []
    for other in sorted(entries, key=lambda other: other.end - other.start, reverse=True):
        is_inside = one.start <= other.start and other.end <= one.end and other.tells_a_work
        is_shorter = other.end - other.start < one.end - one.start
        if is_inside and is_shorter and all(other.end <= part.start or part.end <= other.start for part in parts):
            parts.append(other)
    return len(parts) > 1 and 2 * sum(part.end - part.start for part in parts) > one.end - one.start


def _is_read_twice(one: _Entry, other: _Entry) -> bool:
    """Whether two entries of pages without text are one: a page that two parts have was read twice."""
    is_near = abs((one.reference.page or 0) - (other.reference.page or 0)) <= 1
    if not is_near or _FIGURES.findall(one.letters) != _FIGURES.findall(other.letters):
        return False
    return fuzz.ratio(one.letters, other.letters, score_cutoff=_ALIKE) > 0
