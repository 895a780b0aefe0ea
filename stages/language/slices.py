"""A model's values found in the entry they are told of, and taken as they stand there: pure.

A value is known by its letters and figures (`folding`), in one run that begins and ends where words do. What is kept is
the printed run, not the model's spelling: its words are parted as they are printed, but for words that a line's end has
cut. Of the marks around it those are kept that the model has there, too: a title's question mark, a name's full stop.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

from dl_lit.core.values import dataclass
from stages.language.folding import Folded, fold

_MOST = 32  # places of one value that are looked at
_LEFT_OUT = frozenset(",;:")  # marks that part fields, and belong to none
_BROKEN = re.compile(r"(\w+)(?:[-\u2010\u2011]\s+|\u00ad\s*)(\w+)")
_ENDS = re.compile(r"[.,;:)\]}>\"'”’»]*(?:\s|$)|[,;)\]}>\"”»\[]")  # what may stand behind an identifier
_QUOTE = '"'
_KIND = {
    **dict.fromkeys("'\"“”„‟‘’‚‛«»‹›`´", _QUOTE),
    **dict.fromkeys("-\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
}
"""Marks that are set for each other."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A value as it is printed, and where."""

    text: str
    start: int  # among the characters of the entry
    end: int

    def overlaps(self, other: Slice) -> bool:
        """Whether they have characters in common."""
        return self.start < other.end and other.start < self.end

    def is_within(self, other: Slice) -> bool:
        """Whether it is a part of the other, or the whole of it."""
        return other.start <= self.start and self.end <= other.end


class Printed:
    """The text of an entry, in which values are sought."""

    def __init__(self, text: str) -> None:
        """`text` in one line."""
        self.text = text
        self._folded = Folded.of(text)
        places = [place for place, character in enumerate(text) if not character.isspace()]
        self._squeezed = "".join(text[place] for place in places)
        self._places = places

    def find(self, value: str) -> Slice | None:
        """Where `value` stands: where it is spelt like this if it is anywhere, else where it stands first."""
        found = list(self.every(value))
        return next((one for one in found if one.text == value), found[0] if found else None)

    def every(self, value: str) -> Iterator[Slice]:
        """All places of `value`, the first ones of very many."""
        folded = Folded.of(value)
        if not folded.letters:
            return
        ahead, behind = value[: folded.places[0]], value[folded.places[-1] + 1 :]
        for first, last in islice(self._runs(folded.letters), _MOST):
            yield self._cut(self._folded.places[first], self._folded.places[last] + 1, ahead, behind, value)

    def find_address(self, value: str) -> str | None:
        """An address or identifier as it is printed, wherever a line's end cuts it; None where it goes on."""
        sought, whole = value.lower(), self._squeezed.lower()
        if not fold(sought) or len(whole) != len(self._squeezed):
            return None
        at = whole.find(sought)
        for _ in range(_MOST):
            if at < 0:
                return None
            first, last = self._places[at], self._places[at + len(sought) - 1]
            begins = first == 0 or not self.text[first - 1].isalnum() or not self.text[first].isalnum()
            if begins and _ENDS.match(self.text, last + 1):
                return self._squeezed[at : at + len(sought)]
            at = whole.find(sought, at + 1)
        return None

    def _runs(self, letters: str) -> Iterator[tuple[int, int]]:
        """The first and the last letter of every run that is `letters`."""
        folded = self._folded
        at = folded.letters.find(letters)
        while at >= 0:
            if folded.is_edge(at) and folded.is_edge(at + len(letters)):
                yield at, at + len(letters) - 1
            at = folded.letters.find(letters, at + 1)

    def _cut(self, start: int, end: int, ahead: str, behind: str, value: str) -> Slice:
        text = self.text
        while end < len(text) and unicodedata.category(text[end]) in {"Mn", "Mc", "Me"}:
            end += 1  # the accents of the last letter
        end += _marks_in_common(behind, text[end : end + len(behind)])
        at_head = _marks_in_common(ahead[::-1], text[max(0, start - len(ahead)) : start][::-1])
        inside = text[start:end]
        while at_head and _is_quote(text[start - at_head]) and not any(map(_is_quote, inside)):
            at_head -= 1  # its other half is not the value's
        start -= at_head
        return Slice(_mended(text[start:end], value.casefold()), start, end)


def _marks_in_common(said: str, printed: str) -> int:
    """How many of the `printed` characters are the marks that are `said`; a blank between may be there or not."""
    at = 0
    has_blank = False
    for mark in said:
        if mark.isspace():
            has_blank = True
            continue
        blank = has_blank and printed[at : at + 1].isspace()
        if mark in _LEFT_OUT or not _is_same(mark, printed[at + blank : at + blank + 1]):
            break
        at, has_blank = at + blank + 1, False
    return at


def _is_same(mark: str, printed: str) -> bool:
    return _KIND.get(mark, mark) == _KIND.get(printed, printed)


def _is_quote(mark: str) -> bool:
    return _KIND.get(mark) == _QUOTE


def _mended(printed: str, said: str) -> str:
    """The printed text with the words whole that a line's end has cut, where the model says that it did."""

    def whole(match: re.Match[str]) -> str:
        joined, hyphenated = match[1] + match[2], f"{match[1]}-{match[2]}"
        if joined.casefold() in said:
            return joined
        return hyphenated if hyphenated.casefold() in said else match[0]

    return " ".join(_BROKEN.sub(whole, printed).replace("\u00ad", "").split())
