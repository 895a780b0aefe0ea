"""Entries by the words of their authors, as markers of author and year name them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from dl_lit.core.model import Reference
from dl_lit.pdf.markers import NameMarker, words_of

_STEM, _LONGEST_ENDING = 4, 3  # letters of a name that no inflection changes, and that it may add
_HEAD = 240  # characters of an entry in which its authors stand
_YEAR = re.compile(r"(?<!\d)((?:1[5-9]|20)\d\d)([a-z]?)(?![\w])")


class CitedWorks:
    """Entries by the words of their authors."""

    def __init__(self, references: Sequence[Reference]) -> None:
        self._by_word: dict[str, list[int]] = {}
        self._by_head: dict[str, list[str]] = {}  # words by their first letters, once needed
        self._years: list[set[int]] = []
        self._dates: list[set[tuple[int, str]]] = []  # as printed, with letters
        for index, reference in enumerate(references):
            names = " ".join(name.sort_key for name in (*reference.authors, *reference.editors))
            head = reference.raw[:_HEAD]
            initials = "".join(re.findall(r"\b[A-Z]", re.split(r"[.(]", head)[0]))
            for word in {*words_of(names), *words_of(head), initials.casefold()}:
                self._by_word.setdefault(word, []).append(index)
            dates = {(int(match.group(1)), match.group(2)) for match in _YEAR.finditer(reference.raw)}
            self._dates.append(dates)
            self._years.append({year for year, _ in dates} | ({reference.year} if reference.year else set()))

    def cited_by(self, marker: NameMarker) -> list[int]:
        """The entries that `marker` may mean."""
        return self._dated(marker, marker.names) or self._dated(marker, frozenset(self._stems(marker.names)))

    def _stems(self, names: Iterable[str]) -> Iterator[str]:
        """The entries' words that `names` are inflected forms of: "Müllers", "Kowalskiego", "Достоевского"."""
        if not self._by_head:
            for word in self._by_word:
                self._by_head.setdefault(word[:_STEM], []).append(word)
        for name in names:
            for word in self._by_head.get(name[:_STEM], ()) if len(name) > _STEM else ():
                same = next((at for at, (a, b) in enumerate(zip(name, word, strict=False)) if a != b), None)
                same = min(len(name), len(word)) if same is None else same
                changed = len(word) - same
                if 0 < len(name) - same <= _LONGEST_ENDING and (not changed or (changed <= 2 and not name.isascii())):
                    yield word

    def _dated(self, marker: NameMarker, names: Iterable[str]) -> list[int]:
        """The entries with one of `names` that may be of the marker's year."""
        named = {index for word in names for index in self._by_word.get(word, ())}
        found = [
            index
            for index in named
            if marker.year is None or marker.year in self._years[index] or not self._years[index]
        ]
        if not marker.letter or marker.year is None:
            return found
        # "1968b" is not the entry of 1968a; an entry of 1968 may be any.
        others = {(marker.year, letter) for letter in "abcdefgh" if letter != marker.letter}
        return [
            index
            for index in found
            if (marker.year, marker.letter) in self._dates[index] or not others & self._dates[index]
        ]
