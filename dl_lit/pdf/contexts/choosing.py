"""Which entry a marker of author and year means, where several may be: one, or nobody says which."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dl_lit.core.model import Reference
from dl_lit.pdf.cited_works import CitedWorks
from dl_lit.pdf.markers import NameMarker, words_of

_HEAD = 60  # characters of an entry in which its first author stands
_OTHERS = re.compile(r"\bet\s?al\b|\bu\.\s?a\.|и\sдр\.|\bcolleagues\b|\bothers\b|\bcols?\b", re.IGNORECASE)


class Meant:
    """The entries by author and year, told apart by their authors."""

    def __init__(self, references: Sequence[Reference]) -> None:
        """The entries of all lists."""
        self._references = references
        self._works = CitedWorks(references)
        self._authors = [_people(one) for one in references]
        self._known: dict[tuple[str, frozenset[str], int | None, str], Reference | None] = {}

    def by(self, marker: NameMarker) -> Reference | None:
        """The entry that a marker means; `None` where it means none, or may mean several."""
        key = (marker.printed, marker.names, marker.year, marker.letter)
        if key not in self._known:
            self._known[key] = self._choose(marker)
        return self._known[key]

    def begins(self, marker: NameMarker, text: str, reference: Reference) -> int:
        """Where in `text` the marker begins for a reader: "However, Knuth (1997)" does with its author."""
        names = set().union(*_people(reference))
        for word in re.finditer(r"\S+", text[marker.start : marker.end]):
            if names & set(words_of(word.group())):
                return marker.start + word.start()
        return marker.start

    def _choose(self, marker: NameMarker) -> Reference | None:
        found = self._works.cited_by(marker)
        printed = marker.names | set(words_of(marker.printed))
        first = [index for index in found if self._is_first(index, printed)]
        fitting = [index for index in first if self._fits(index, marker, printed)]
        most = max((len(self._authors[index]) for index in fitting), default=0)
        whole = [index for index in fitting if len(self._authors[index]) == most]  # "Knuth and Hoare" is not Knuth's
        for candidates in (first, fitting, () if _OTHERS.search(marker.printed) else whole):
            if len(candidates) == 1:
                return self._references[candidates[0]]
        return None

    def _is_first(self, index: int, printed: set[str] | frozenset[str]) -> bool:
        """Whether the entry's first author is among the marker's words, an ending more or less."""
        authors = self._authors[index]
        return bool(authors) and any(_is_same(word, other) for word in authors[0] for other in printed)

    def _fits(self, index: int, marker: NameMarker, printed: set[str] | frozenset[str]) -> bool:
        """Whether as many authors are named as the entry has."""
        authors = self._authors[index]
        if _OTHERS.search(marker.printed):
            return len(authors) > 2
        return all(words & printed for words in authors)


def _people(reference: Reference) -> list[set[str]]:
    people = reference.authors or reference.editors
    named = [words for name in people if (words := set(words_of(name.sort_key)))]
    return named or [set(words_of(reference.raw[:_HEAD]))]


def _is_same(word: str, other: str) -> bool:
    """Whether two words are one name, in one of its forms."""
    if word == other:
        return True
    shorter, longer = sorted((word, other), key=len)
    return len(shorter) > 4 and longer[: len(shorter) - 1] == shorter[:-1] and len(longer) - len(shorter) < 4
