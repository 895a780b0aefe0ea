"""Entries that a model read more than once, or as a lump of several, each kept once: pure.

Parts of a document overlap by a page, and a model may say the same thing many times over: the work grows with the
number of entries, not with its square.
"""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from zlib import crc32

from rapidfuzz import fuzz

from dl_lit.core.model import Reference
from dl_lit.core.values import dataclass
from stages.language.likeness import Likeness

_FIGURES = re.compile(r"\d+")
_ALIKE = 90.0  # per cent: one entry of a page without text, read twice
_RUN = 5  # letters: two texts that are one have most runs of so many in common
_RUNS = 12  # of which the same ones of each text are looked at
_RUNS_IN = 600  # letters of a text in which they are chosen
_COMPARED = 8  # other entries with the same run


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry that a model read."""

    reference: Reference
    letters: str
    likeness: Likeness
    start: int = -1  # among all letters of the pages
    end: int = -1  # 0 and more: it is in print; else its page has no text

    @property
    def is_in_print(self) -> bool:
        """Whether its text was found."""
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


def each_once(entries: Sequence[Entry]) -> list[Entry]:
    """Without what was read twice where parts overlap, and without lumps of several entries that are there singly."""
    kept: list[Entry] = []
    for group in _overlapping(one for one in entries if one.is_in_print):
        kept += _of_group(group)
    return kept + _of_scans([one for one in entries if not one.is_in_print])


def _overlapping(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """The entries in groups that have letters in common, in printed order."""
    group: list[Entry] = []
    end = 0
    for one in sorted(entries, key=lambda one: one.start):
        if group and one.start >= end:
            yield group
            group = []
        group.append(one)
        end = max(end, one.end)
    if group:
        yield group


def _of_group(group: list[Entry]) -> list[Entry]:
    """The longest first: what is mostly within one that is kept goes, and so do lumps."""
    starts = [one.start for one in group]
    longest = max(one.end - one.start for one in group)
    kept: list[Entry] = []  # by their starts
    for one in sorted(group, key=lambda one: one.end - one.start, reverse=True):
        first = bisect_left(kept, one.start - longest, key=lambda one: one.start)
        last = bisect_left(kept, one.end, key=lambda one: one.start)
        if any(_is_within(one, other) for other in kept[first:last]):
            continue
        inside = group[bisect_left(starts, one.start) : bisect_left(starts, one.end)]
        if not _is_lump(one, inside):
            insort(kept, one, key=lambda one: one.start)
    return kept


def _is_within(one: Entry, other: Entry) -> bool:
    """Whether most of the entry is a part of the other."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    return 2 * shared > one.end - one.start


def _is_lump(one: Entry, entries: Sequence[Entry]) -> bool:
    """Whether two works or more that do not overlap make up most of this entry."""
    size = one.end - one.start
    works = [
        other for other in entries if other.tells_a_work and other.end <= one.end and other.end - other.start < size
    ]
    parts: list[Entry] = []  # by their starts, none of which overlap
    for other in sorted(works, key=lambda other: other.end - other.start, reverse=True):
        at = bisect_left(parts, other.start, key=lambda one: one.start)
        is_free = (at == 0 or parts[at - 1].end <= other.start) and (at == len(parts) or other.end <= parts[at].start)
        if is_free:
            parts.insert(at, other)
    return len(parts) > 1 and 2 * sum(part.end - part.start for part in parts) > size


def _of_scans(entries: Sequence[Entry]) -> list[Entry]:
    """Of pages without text: those that are alike, and stand near each other, once."""
    kept: list[Entry] = []
    by_run: defaultdict[tuple[str, int], deque[Entry]] = defaultdict(lambda: deque(maxlen=_COMPARED))
    for one in entries:
        figures = " ".join(_FIGURES.findall(one.letters))
        runs = [(figures, run) for run in _runs(one.letters)]
        if not any(_is_read_twice(one, other) for run in runs for other in by_run[run]):
            kept.append(one)
            for run in runs:
                by_run[run].append(one)
    return kept


def _runs(letters: str) -> list[int]:
    """Some runs of letters, the same ones of texts that are nearly the same."""
    text = letters[:_RUNS_IN].encode()
    return sorted({crc32(text[at : at + _RUN]) for at in range(max(1, len(text) - _RUN + 1))})[:_RUNS]


def _is_read_twice(one: Entry, other: Entry) -> bool:
    """Whether two entries with the same figures are one: a page that two parts have was read twice."""
    is_near = abs((one.reference.page or 0) - (other.reference.page or 0)) <= 1
    return is_near and fuzz.ratio(one.letters, other.letters, score_cutoff=_ALIKE) > 0
