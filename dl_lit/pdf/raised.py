"""Figures and marks set higher than their line: labels of entries, and what points to notes and entries in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dl_lit.pdf.frames import Box, is_above
from dl_lit.pdf.glyphs import Glyphs

# A number or numbers behind a word, its punctuation or a space, or at a line's beginning; signs of footnotes; figures
# that Unicode has as superscripts. A set of characters comes first: that is what makes the search of a page quick.
_INK_RISE = 0.42  # of the line's height, between its lower edge and that of the ink; an ordinary figure has 0.25
_CANDIDATE = re.compile(
    r"[0-9*†‡§¶⁰¹²³⁴⁵⁶⁷⁸⁹]"
    r"(?:(?<=[⁰¹²³⁴⁵⁶⁷⁸⁹])|(?<=[^\W\d_].)|(?<=[^\W\d_][.,;:)\]”’\"'»].)|(?<=[\s\ufffe\x02].)|(?<=\A.))"
    r"(?:(?<=[0-9])[0-9]{0,2}(?:[ \u2009]?[,;–\-][ \u2009]?[0-9]{1,3}){0,12}(?![0-9])"
    r"|(?<=[*†‡§¶])[*†‡§¶]{0,2}|(?<=[⁰¹²³⁴⁵⁶⁷⁸⁹])[⁰¹²³⁴⁵⁶⁷⁸⁹]{0,2})"
)


def candidates(units: str) -> Iterator[tuple[int, int]]:
    """Where, on a whole page, something may be raised: first position and the one after the last, ascending."""
    for match in _CANDIDATE.finditer(units):
        yield match.span()


def is_superscript_figure(character: str) -> bool:
    """Whether Unicode itself has it raised."""
    return character in "⁰¹²³⁴⁵⁶⁷⁸⁹"


def is_raised(glyphs: Glyphs, start: int, line: Box | None) -> bool:
    """Whether the candidate that begins at `start` stands above the line that has characters like `line`."""
    if is_superscript_figure(glyphs.units[start]):
        return True
    box = glyphs.box(start)
    if box is None or line is None:
        return False
    if is_above(box, line):
        return True
    units = glyphs.units
    if not units[start].isdigit() or (start and units[start - 1] == " "):
        return False
    # A font's own raised figures have the box of ordinary ones around less ink.
    ink = glyphs.ink(start)
    return ink is not None and ink[2] - line[2] > _INK_RISE * (line[3] - line[2])
