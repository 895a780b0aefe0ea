"""The printed text of an entry as a place to find titles in: its letters, and where its marks stand. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache

from rapidfuzz import fuzz

from dl_lit.core.values import dataclass
from dl_lit.matching.normalise import plain_text, squash, text_key
from dl_lit.matching.numerals import in_figures

FOUND = 85.0  # of 100: less alike than this is not found at all
EDGE = 2  # letters by which a title misread may miss the mark at its end

# What may stand between fields; years and numbers too, since some styles put no mark behind them.
_MARKS = re.compile(r"[.,;:?!()\[\]{}“”\"«»„‘’/–—|]+|(?<!\w)\d{1,4}[a-z]?(?!\w)|\s-\s")
_REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class Found:
    """A title in the printed text."""

    likeness: float  # 0 to 1
    start: int  # in `PrintedText.letters`
    end: int
    is_bounded: bool  # whether marks stand on both sides of it


@dataclass(frozen=True, slots=True)
class PrintedText:
    """An entry's letters and digits without spaces, and the places in them where a mark of punctuation stands."""

    letters: str
    edges: tuple[int, ...]  # ascending

    def find(self, title: str) -> Found | None:
        """Where the key `title` stands, misprints forgiven; `None` where it does not."""
        needle = squash(title)
        if not needle or len(needle) > len(self.letters):
            return None
        whole = self._find_whole(needle)
        if whole is not None:
            return whole
        window = fuzz.partial_ratio_alignment(needle, self.letters, score_cutoff=FOUND)
        if window is None:
            return None
        start, end = window.dest_start, window.dest_end
        return Found(window.score / 100, start, end, self._is_bounded(start, end))

    def _find_whole(self, needle: str) -> Found | None:
        """The first place of the letters that has marks on both sides, else the first place."""
        first: Found | None = None
        at = self.letters.find(needle)
        while at >= 0:
            found = Found(1.0, at, at + len(needle), self._is_bounded(at, at + len(needle)))
            if found.is_bounded:
                return found
            first = first or found
            at = self.letters.find(needle, at + 1)
        return first

    def _is_bounded(self, start: int, end: int) -> bool:
        return self._is_edge(start) and self._is_edge(end)

    def _is_edge(self, at: int) -> bool:
        if at <= EDGE or at >= len(self.letters) - EDGE:
            return True
        index = bisect_left(self.edges, at - EDGE)
        return index < len(self.edges) and self.edges[index] <= at + EDGE


@lru_cache(maxsize=_REMEMBERED)
def printed_text(raw: str) -> PrintedText:
    """The text of an entry, read once for all records it is compared with."""
    letters: list[str] = []
    edges: list[int] = []
    length, at = 0, 0
    plain = plain_text(raw)
    for mark in [*_MARKS.finditer(plain), None]:
        part = plain[at : mark.start() if mark else len(plain)]
        key = squash(in_figures(text_key(part)))
        letters.append(key)
        length += len(key)
        edges.append(length)
        if mark:
            number = squash(text_key(mark.group()))
            letters.append(number)
            length += len(number)
            edges.append(length)
            at = mark.end()
    return PrintedText("".join(letters), tuple(sorted(set(edges))))
