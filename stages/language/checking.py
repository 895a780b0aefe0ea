"""What a model said about pages, made references: those that stand in print, in printed order, each once. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dl_lit.core.model import Reference
from dl_lit.core.values import dataclass
from stages.language.believing import believed
from stages.language.folding import fold
from stages.language.likeness import Likeness, likeness
from stages.language.once import Entry, each_once
from stages.language.verbatim import FEWEST_LETTERS, Found, Print
from stages.readings.aligning import number_of

CHECKED_CONFIDENCE = 0.6  # of an entry that a model read and that stands in print
UNCHECKED_CONFIDENCE = 0.3  # of one on a page without text, which nobody can check, and of what may be no entry
_LONGEST = 4_000  # characters of an entry
_MOST_ON_PAGE = 400  # entries: in the smallest type a page has not a third of that
_MOST = 10_000  # entries of one document

Begins = Mapping[tuple[str | None, int | None], int | None]
"""The first letter of each list, by its heading and the page of that; None where it is not known."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a model said of one entry, and of which list."""

    said: Mapping[str, Any]
    heading: str | None = None  # of the list
    begins_on: int | None = None  # the page on which the heading stands; None: not known


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a model's words."""

    references: tuple[Reference, ...]  # in printed order, positions from 1
    unchecked: frozenset[str]  # texts of those among them that no text layer bears out
    invented: int  # entries that do not stand in print: not among them
    places: Mapping[int, tuple[int, int]]  # of those in print, by position: first letter, and that behind the last one
    strange: frozenset[str] = frozenset()  # texts of those that look like no entry: none is to be added
    doubtful: frozenset[str] = frozenset()  # texts of those that may be none
    beyond: int = 0  # entries that were left out: more than pages hold

    def may_be_added(self, one: Reference) -> bool:
        """Whether one of the references may be added to a list that lacks it: it looks like an entry."""
        return one.raw not in self.strange


def checked(heard: Sequence[Heard], printed: Print) -> Checked:
    """Take what stands in print of what was `heard`, as many entries as pages hold."""
    entries: list[Entry] = []
    invented = beyond = 0
    on_page: Counter[int] = Counter()
    begins = {(one.heading, one.begins_on): _begin(one, printed) for one in heard}
    for one in heard[:_MOST]:
        entry = _entry(one, printed, begins)
        page = entry.reference.page if entry else None
        if entry is None:
            invented += 1
        elif page is not None and on_page[page] >= _MOST_ON_PAGE:
            beyond += 1
        else:
            on_page[page or 0] += 1
            entries.append(entry)
    kept = sorted(each_once(entries), key=lambda one: one.place)
    return Checked(
        references=tuple(replace(one.reference, position=n) for n, one in enumerate(kept, 1)),
        unchecked=frozenset(one.reference.raw for one in kept if not one.is_in_print),
        invented=invented,
        places={n: (one.start, one.end) for n, one in enumerate(kept, 1) if one.is_in_print},
        strange=frozenset(one.reference.raw for one in kept if one.likeness is Likeness.NONE),
        doubtful=frozenset(one.reference.raw for one in kept if one.likeness is Likeness.DOUBTFUL),
        beyond=beyond + max(0, len(heard) - _MOST),
    )


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


def _begin(one: Heard, printed: Print) -> int | None:
    """The first letter of the list; None where it is not known."""
    return printed.behind(one.heading, one.begins_on) if one.heading and one.begins_on else None


def _entry(heard: Heard, printed: Print, begins: Begins) -> Entry | None:
    said = heard.said
    verbatim, page = said.get("verbatim"), said.get("page")
    if not isinstance(verbatim, str) or len(verbatim) > _LONGEST:
        return None
    number = page if isinstance(page, int) and not isinstance(page, bool) else None
    found = printed.find(verbatim, number)
    if found is not None:
        reference = believed(said, found.raw, position=0, before=found.before)
        alike = _likeness(reference, found, heard, begins)
        return _marked(replace(reference, page=found.page, section=heard.heading), alike, fold(found.raw), found)
    letters = fold(verbatim)
    if number is None or not printed.is_image(number) or len(letters) < FEWEST_LETTERS:
        return None
    reference = believed(said, " ".join(verbatim.split()), position=0, is_in_print=False)
    return _marked(replace(reference, page=number, section=heard.heading), likeness(reference), letters, None)


def _likeness(reference: Reference, found: Found, heard: Heard, begins: Begins) -> Likeness:
    """What stands before all lists looks like no entry, whatever is told of it."""
    own = begins[heard.heading, heard.begins_on]
    known = [one for one in begins.values() if one is not None]
    if len(known) == len(begins) and found.start < min(known):
        return Likeness.NONE
    return likeness(reference, is_listed=own is not None and found.start >= own)


def _marked(one: Reference, alike: Likeness, letters: str, found: Found | None) -> Entry:
    """The entry with the confidence that is due to it."""
    is_sure = found is not None and alike is Likeness.SURE
    whole = replace(one, confidence=CHECKED_CONFIDENCE if is_sure else UNCHECKED_CONFIDENCE)
    start, end = (found.start, found.end) if found else (-1, -1)
    return Entry(whole, letters, alike, start, end)
