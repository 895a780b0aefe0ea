"""Text as what of it is compared with print: letters and digits, however they were set. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from dl_lit.core.values import dataclass

_ACCENTS = range(
    0x0300, 0x0370
)  # combining marks of Latin, Greek and Cyrillic; those of other scripts tell words apart
_MARKS = frozenset({"Mn", "Mc"})
_CONTINUOUS = 0x2E80  # scripts from here on set no space between words
_SAME = {"ı": "i", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ĸ": "k", "ŋ": "n"}
"""Letters that fonts and transcripts put for each other and that no decomposition knows."""
_NO_LETTERS = {code: None for code in range(128) if not chr(code).isalnum()}


@dataclass(frozen=True, slots=True)
class Folded:
    """A text's letters and digits, and where each of them stands in it."""

    text: str  # the original
    letters: str
    places: tuple[int, ...]  # of each of `letters`: index in `text`

    @classmethod
    def of(cls, text: str) -> Folded:
        """Fold `text`."""
        if text.isascii():
            return cls(text, fold(text), tuple(place for place, one in enumerate(text) if one.isalnum()))
        pairs = [(letter, place) for place, character in enumerate(text) for letter in _fold(character)]
        return cls(text, "".join(letter for letter, _ in pairs), tuple(place for _, place in pairs))

    def has(self, value: str) -> bool:
        """Whether all letters of `value`, one at least, stand here in one run that begins and ends where words do."""
        letters = fold(value)
        at = self.letters.find(letters) if letters else -1
        while at >= 0:
            if self.is_edge(at) and self.is_edge(at + len(letters)):
                return True
            at = self.letters.find(letters, at + 1)
        return False

    def is_edge(self, at: int) -> bool:
        """Whether words end and begin before the letter `at`."""
        if at in {0, len(self.places)}:
            return True
        before, behind = self.places[at - 1], self.places[at]
        if before == behind:
            return False  # within a ligature
        text = self.text
        is_apart = behind > before + 1 or text[before].isdigit() != text[behind].isdigit()
        return is_apart or ord(text[behind]) >= _CONTINUOUS


def fold(text: str) -> str:
    """The letters and digits of `text`.

    White space, hyphens, quotation marks, dashes and all other punctuation go, and so does the difference between
    capitals and small letters, ligatures and their letters, raised and plain figures, accents composed, decomposed, set
    beside their letter, or left out. All letters and all figures stay, in their order.
    """
    if text.isascii():
        return text.lower().translate(_NO_LETTERS)
    return "".join(letter for character in text for letter in _fold(character))


def _fold(character: str) -> Iterator[str]:
    if character.isascii():
        if character.isalnum():
            yield character.lower()
        return
    for part in unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold()):
        if part.isalnum() or (ord(part) not in _ACCENTS and unicodedata.category(part) in _MARKS):
            yield from _SAME.get(part, part)
