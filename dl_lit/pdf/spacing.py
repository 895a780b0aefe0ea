"""Lost and superfluous spaces set right by the gaps between the characters' boxes.

Only for lines that look wrong: all their characters are asked for their boxes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from statistics import median

from dl_lit.pdf.frames import Box
from dl_lit.pdf.glyphs import Glyphs

_LONG = 27  # letters; hardly a word is that long
_LONG_WORD = re.compile(rf"[^\W\d_]{{{_LONG},}}")
_FEW_SPACES = 13  # characters a space; lines of running text have 5 to 8
_SHORT = 24  # characters; shorter lines are not judged
_ADDRESS = re.compile(r"//|www\.|\b10\.\d{4,9}/|@|_")
_SPACED = re.compile(r"(?:(?<=\s)|^)(?:[^\W_][.,:]?[ ]){4,}[^\W_](?=[\s.,:;]|$)", re.MULTILINE)
_SPACED_SOMEWHERE = re.compile(r" [^\W_][.,:]?(?: [^\W_][.,:]?){3}(?=[\s.,:;]|$)", re.MULTILINE)  # quick on a page
_WORD_GAP = 0.1  # of the characters' height, that the gap between two words is wider than that between two letters
_SHORTEST_WORDS = 2.4  # characters, on average; less, and the gaps were no gaps between words


def suspicion(units: str) -> Callable[[str], bool]:
    """What tells of a line of the page with these characters whether its spaces look wrong."""
    has_spaced_letters = _SPACED_SOMEWHERE.search(units) is not None
    has_long_words = max(map(len, units.split()), default=0) >= _LONG

    def is_badly_spaced(raw: str) -> bool:
        if has_spaced_letters and _SPACED.search(raw):
            return True
        if len(raw) >= _SHORT and (raw.count(" ") + 1) * _FEW_SPACES <= len(raw):
            return _ADDRESS.search(raw) is None
        return has_long_words and _LONG_WORD.search(raw) is not None

    return is_badly_spaced


def respaced(glyphs: Glyphs, first: int, last: int) -> tuple[str, list[int]] | None:
    """The characters from `first` to `last` with spaces where the gaps are, and each one's place in that text.

    `None` where the gaps tell no better.
    """
    units = glyphs.units[first : last + 1]
    at = [index for index, unit in enumerate(units) if not unit.isspace()]
    boxes = [glyphs.box(first + index) for index in at]
    spaces = _spaces_in_runs(units, at, boxes) if _SPACED.search(units) else _spaces_everywhere(at, boxes)
    if spaces is None:
        return None
    pieces: list[str] = []
    places = [0] * len(units)
    length = 0
    for index, (position, is_apart) in enumerate(zip(at, spaces, strict=True)):
        if is_apart and index:
            pieces.append(" ")
            length += 1
        pieces.append(units[position])
        start = at[index - 1] + 1 if index else 0
        places[start : position + 1] = [length] * (position + 1 - start)
        length += 1
    return "".join(pieces), places


def _gap(before: Box | None, after: Box | None) -> float | None:
    """The gap between two characters, in parts of their height."""
    if before is None or after is None:
        return None
    height = max(before[3] - before[2], after[3] - after[2])
    return (after[0] - before[1]) / height if height > 0 else None


def _spaces_everywhere(at: list[int], boxes: list[Box | None]) -> list[bool] | None:
    """Whether a space stands before each character: where there was one, and where the gap is that of words."""
    gaps = [None, *map(_gap, boxes, boxes[1:])]
    known = [gap for gap in gaps if gap is not None]
    if len(known) < _SHORT - 1:
        return None
    least = max(median(known), 0.0) + _WORD_GAP
    had = [False, *(b - a > 1 for a, b in pairwise(at))]
    spaces = [before or (gap is not None and gap > least) for before, gap in zip(had, gaps, strict=True)]
    added = sum(spaces) - sum(had)
    if added == 0 or len(at) / (sum(spaces) + 1) < _SHORTEST_WORDS:
        return None
    return spaces


def _spaces_in_runs(units: str, at: list[int], boxes: list[Box | None]) -> list[bool] | None:
    """Whether a space stands before each character: as it was, but within spaced words only where the gap is wider."""
    spaces = [False, *(b - a > 1 for a, b in pairwise(at))]
    changed = False
    for match in _SPACED.finditer(units):
        inside = [index for index, position in enumerate(at) if match.start() <= position < match.end()]
        gaps = {index: gap for index in inside[1:] if (gap := _gap(boxes[index - 1], boxes[index])) is not None}
        if len(gaps) < len(inside) - 1:
            continue
        least = median(gaps.values()) + _WORD_GAP
        for index, gap in gaps.items():
            if spaces[index] and gap <= least:
                spaces[index] = False
                changed = True
    return spaces if changed else None
