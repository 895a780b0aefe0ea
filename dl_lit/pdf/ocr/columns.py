"""Lines that an OCR engine read across the gutter of two columns, cut there. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dl_lit.pdf.ocr.recogniser import SeenLine

_FEWEST = 5  # lines that must begin at one place for a column to begin there
_NEAR = 0.7  # heights of a line within which places are the same
_GAP = 0.7  # heights of a line: between words of one column it is hardly ever as wide
_LONG = 5.0  # heights of a line that it must reach to either side of the gutter


def cut_at_gutters(lines: Sequence[SeenLine]) -> list[SeenLine]:
    """The lines, those in two where a wide gap between words ends where many other lines begin."""
    lefts = sorted(line.left for line in lines)
    cut: list[SeenLine] = []
    for line in lines:
        place = _place_of_cut(line, lefts)
        if place is None:
            cut.append(line)
        else:
            cut += [_part(line, 0, place), _part(line, place, len(line.words))]
    return cut


def _place_of_cut(line: SeenLine, lefts: Sequence[float]) -> int | None:
    """The index of the first word behind the gutter; `None` where the line runs across none."""
    height = line.height
    for index in range(1, len(line.words)):
        before, after = line.words[index - 1], line.words[index]
        if after.left - before.right < _GAP * height:
            continue
        if after.left - line.left < _LONG * height or line.right - after.left < _LONG * height:
            continue
        if sum(abs(left - after.left) < _NEAR * height for left in lefts) >= _FEWEST:
            return index
    return None


def _part(line: SeenLine, first: int, end: int) -> SeenLine:
    words = line.words[first:end]
    return replace(
        line, text=" ".join(word.text for word in words), left=words[0].left, right=words[-1].right, words=words
    )
