"""Labels of entries as an OCR engine sees them: in a column of their own, and often misread. Pure functions.

"[12]" comes out as "(12)" or "[12|", "21." as "Zi", and each stands apart from the line it numbers. They are put before
their lines, in the form that most of them have, and what is no number becomes the one that is missing there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from dl_lit.core.values import dataclass
from dl_lit.pdf.ocr.recogniser import SeenLine

_LONGEST = 6  # characters of a label
_WIDEST = 3.2  # heights of a line
_FARTHEST = 3.2  # heights of a line between a label and its line
_FEWEST = 3  # labels that a list must have for its labels to be mended
_NUMBER = re.compile(r"([\[({|]?)\s?(\d{1,3})\s?([\])}|]?[.,:;]?)")
_LEADING = re.compile(r"([\[({|])\s?(\d{1,3})\s?([\])}|])\s*(?=\S)")
_HALF = re.compile(r"(\d{1,3})\]\s*(?=\S)")  # the opening bracket was overlooked


@dataclass(frozen=True, slots=True)
class _Label:
    """A short piece and the line it stands before."""

    piece: int  # index among the lines seen
    row: int

    def number(self, lines: Sequence[SeenLine]) -> int | None:
        """What it says; `None` where it was misread."""
        match = _NUMBER.fullmatch(lines[self.piece].text.strip())
        return int(match.group(2)) if match else None


def with_labels(lines: Sequence[SeenLine]) -> list[SeenLine]:
    """The lines of a page with the labels that stand in columns of their own put before them, mended."""
    labels = [label for column in _columns(lines, _labels(lines)) for label in _mended(lines, column)]
    taken = {label.piece for label, _ in labels}
    before = {label.row: (label.piece, text) for label, text in labels}
    joined: list[SeenLine] = []
    for index, line in enumerate(lines):
        if index in before:
            piece, text = before[index]
            joined.append(replace(line, text=f"{text} {line.text.strip()}", left=lines[piece].left))
        elif index not in taken:
            joined.append(line)
    return _with_one_bracket(joined)


def _labels(lines: Sequence[SeenLine]) -> list[_Label]:
    """Short pieces with the line directly to the right of each, from top to bottom."""
    found: list[_Label] = []
    for index, piece in enumerate(lines):
        height = piece.bottom - piece.top
        if len(piece.text.strip()) > _LONGEST or piece.right - piece.left > _WIDEST * max(height, piece.height):
            continue
        right = [
            row
            for row, line in enumerate(lines)
            if row != index
            and line.left - piece.left > 0
            and line.left - piece.right < _FARTHEST * line.height
            and line.right - line.left > 2 * (piece.right - piece.left)
            and line.top - height / 3 <= (piece.top + piece.bottom) / 2 <= line.bottom + height / 3
        ]
        if right:
            found.append(_Label(index, min(right, key=lambda row: lines[row].left)))
    return sorted(found, key=lambda label: lines[label.piece].top)


def _columns(lines: Sequence[SeenLine], labels: Sequence[_Label]) -> list[list[_Label]]:
    """The labels by the column they stand in: aligned to the left or to the right."""
    columns: list[list[_Label]] = []
    for label in labels:
        piece = lines[label.piece]
        for column in columns:
            last = lines[column[-1].piece]
            if min(abs(last.left - piece.left), abs(last.right - piece.right)) < 0.6 * piece.height:
                column.append(label)
                break
        else:
            columns.append([label])
    return columns


def _mended(lines: Sequence[SeenLine], column: list[_Label]) -> list[tuple[_Label, str]]:
    """The labels of a column with their texts; none where they are no ascending numbers."""
    numbers = [label.number(lines) for label in column]
    known = [number for number in numbers if number is not None]
    ascending = sum(a < b for a, b in pairwise(known))
    if len(known) < _FEWEST or 2 * len(known) < len(column) or 3 * ascending < 2 * (len(known) - 1):
        return []
    forms = Counter(_form(lines[label.piece].text) for label in column if label.number(lines) is not None)
    before, after = forms.most_common(1)[0][0]
    mended: list[tuple[_Label, str]] = []
    for label, number in zip(column, _continued(numbers), strict=True):
        if number is not None:
            mended.append((label, f"{before}{number}{after}"))
    return mended


def _continued(numbers: Sequence[int | None]) -> list[int | None]:
    """The numbers with the gaps filled that hold exactly as many as are missing between their neighbours."""
    filled = list(numbers)
    for index, number in enumerate(filled):
        previous = filled[index - 1] if index else None
        following = next((other for other in filled[index + 1 :] if other is not None), None)
        if previous is None:
            continue
        has_room = following is None or previous + 1 < following or previous >= following
        # A number out of line is misread where its neighbours leave room for exactly one.
        is_misread = number is not None and following == previous + 2 and number != previous + 1
        if (number is None and has_room) or is_misread:
            filled[index] = previous + 1
    for index in reversed(range(len(filled) - 1)):
        following = filled[index + 1]
        if filled[index] is None and following is not None and following > 1:
            filled[index] = following - 1
    return filled


def _form(text: str) -> tuple[str, str]:
    """What stands before and after the number: brackets, or a full stop."""
    match = _NUMBER.fullmatch(text.strip())
    opening, closing = (match.group(1), match.group(3)) if match else ("", "")
    if "[" in opening or "]" in closing:
        return "[", "]"
    if opening == "(":
        return "(", ")"
    return ("", ".") if closing.endswith((".", ",", ":")) else ("", ")") if ")" in closing else ("", "")


def _with_one_bracket(lines: list[SeenLine]) -> list[SeenLine]:
    """The lines with labels at their beginning all in square brackets, where at least as many as not are."""
    leading = [(index, match) for index, line in enumerate(lines) if (match := _LEADING.match(line.text.strip()))]
    square = sum(match.group(1) == "[" or match.group(3) == "]" for _, match in leading)
    if square < _FEWEST or 2 * square < len(leading):
        return lines
    mended = list(lines)
    numbers = {index: (int(match.group(2)), match.end()) for index, match in leading}
    last = 0
    for index, line in enumerate(lines):
        text = line.text.strip()
        half = _HALF.match(text)
        if half and last and int(half.group(1)) == last + 1:
            numbers[index] = (last + 1, half.end())
        if index in numbers:
            last, end = numbers[index]
            mended[index] = replace(line, text=f"[{last}] {text[end:]}")
    return mended
