"""The words a document uses, for undoing its hyphenation: what is one word elsewhere is one word at a line's end."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from enum import Enum

_HYPHENS = "\u00ad\u2010\u2011"
_AT_LINE_END = re.compile(r"(?:(?<![^\W\d_])[^\W\d_]++)?+-(?:\n[^\W\d_]*|\Z)")
_WORD = re.compile(r"[^\W\d_]{2,}(?:-[^\W\d_]+){0,4}")
_MOST_WORDS = 300_000  # that are remembered; a book has a tenth of that
_CHUNK = 200_000  # characters that are taken apart at a time
LONGEST_WORD = 100  # letters that are looked at for one
_SHORTEST_WHOLE = 5  # letters of a word that is believed to be one because it stands elsewhere


class Hyphen(Enum):
    """What the hyphen at a line's end is."""

    SOFT = "soft"  # put in by the typesetter: "biblio-" and "graphy"
    HARD = "hard"  # the word's own: "self-" and "efficacy"


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """The words of a document's lines, given in reading order, case folded; compounds with their hyphens.

    Words that are broken over two lines are not among them.
    """
    words: set[str] = set()
    chunk: list[str] = []
    length = 0
    for text in texts:
        chunk.append(text)
        length += len(text)
        if length > _CHUNK:
            words.update(_words("\n".join(chunk)))
            chunk, length = [], 0
            if len(words) > _MOST_WORDS:
                break
    words.update(_words("\n".join(chunk)))
    return frozenset(words)


def _words(text: str) -> list[str]:
    for hyphen in _HYPHENS:
        text = text.replace(hyphen, "-")
    return _WORD.findall(_AT_LINE_END.sub("\n", text.casefold()))


def hyphen_between(stem: str, rest: str, vocabulary: Collection[str]) -> Hyphen | None:
    """What the document says of the hyphen between the last word of `stem` and the first of `rest`; `None` if nothing.

    `stem` comes without its hyphen; it may be a whole line, and so may `rest`.
    """
    before = re.search(r"[^\W\d_]+(?:-[^\W\d_]+)*\Z", stem[-LONGEST_WORD:])
    after = re.match(r"[^\W\d_]+(?:-[^\W\d_]+)*", rest[:LONGEST_WORD])
    if before is None or after is None:
        return None
    first, second = before.group().casefold(), after.group().casefold()
    whole, compound = first + second, f"{first}-{second}"
    is_whole = whole in vocabulary and len(whole) >= _SHORTEST_WHOLE
    is_compound = compound in vocabulary
    if is_whole != is_compound:
        return Hyphen.SOFT if is_whole else Hyphen.HARD
    return None
