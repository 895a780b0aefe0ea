"""The numbers that manuscripts print beside their lines, told from the labels of a numbered list."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from dl_lit.core.values import dataclass
from dl_lit.pdf.document import Line

_LONGEST = 5  # digits
_ALIGNED = 3.0  # points, between the edges of numbers in one column
_SAME_PLACE = 12.0  # points, between the columns of numbers on different pages
_STEPS = (1, 2, 5, 10)  # every line is numbered, or every other, fifth, tenth
_FEWEST, _FEWEST_BY_STEPS = 8, 3  # numbers on a page, where each line has one, and where not
_REGULAR = 0.8  # of the steps from number to number
_COVERED = 0.6  # of a page's rows that have a number, where each line has one
_SHARE_OF_PAGES = 0.6  # that are numbered alike
_FULL_PAGE = 10  # rows


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """Numbers below one another on one page, which may be those of its lines."""

    x: float  # of their common edge
    is_right: bool  # whether that is the right edge
    indices: frozenset[int]  # of the page's lines
    steps: int  # from one number to the next


def numbers_beside_lines(pages: Sequence[Sequence[Line]]) -> list[frozenset[int]]:
    """For each page, the indices of those of its lines that are numbers beside lines.

    Labels of a list count as well, one by one: but they stand on some pages only, and not beside every line.
    """
    columns = [_columns(lines) for lines in pages]
    full = sum(len(lines) >= _FULL_PAGE for lines in pages)
    found: list[frozenset[int]] = []
    for here in columns:
        taken: frozenset[int] = frozenset()
        for column in here:
            alike = sum(any(_is_alike(column, other) for other in there) for there in columns)
            if alike >= _SHARE_OF_PAGES * full:
                taken |= column.indices
        found.append(taken)
    return found


def _is_alike(column: NumberColumn, other: NumberColumn) -> bool:
    same_side = column.is_right == other.is_right and abs(column.x - other.x) < _SAME_PLACE
    return same_side and column.steps == other.steps


def _columns(lines: Sequence[Line]) -> list[NumberColumn]:
    numbers = [
        index
        for index, line in enumerate(lines)
        if len(line.text) <= _LONGEST and line.text.isascii() and line.text.isdigit()
    ]
    if len(numbers) < _FEWEST_BY_STEPS:
        return []
    rows = _rows([line for index, line in enumerate(lines) if index not in set(numbers)])
    found: list[NumberColumn] = []
    for is_right in (True, False):
        for group in _aligned(lines, numbers, is_right=is_right):
            steps = _regular_steps([int(lines[index].text) for index in group])
            if steps is None or len(group) < (_FEWEST if steps == 1 else _FEWEST_BY_STEPS):
                continue
            if steps == 1 and len(group) < _COVERED * rows:
                continue
            if not any(frozenset(group) <= column.indices for column in found):
                edge = lines[group[0]].x1 if is_right else lines[group[0]].x0
                found.append(NumberColumn(edge, is_right, frozenset(group), steps))
    return found


def _aligned(lines: Sequence[Line], numbers: Sequence[int], *, is_right: bool) -> list[list[int]]:
    """The numbers in columns, each from top to bottom."""

    def edge(index: int) -> float:
        return lines[index].x1 if is_right else lines[index].x0

    groups: list[list[int]] = []
    for index in sorted(numbers, key=edge):
        if groups and edge(index) - edge(groups[-1][-1]) <= _ALIGNED:
            groups[-1].append(index)
        else:
            groups.append([index])
    return [sorted(group, key=lambda index: -lines[index].middle) for group in groups]


def _regular_steps(values: Sequence[int]) -> int | None:
    """By how much the numbers grow; `None` where they do not grow regularly."""
    if len(values) < _FEWEST_BY_STEPS:
        return None
    differences = [after - before for before, after in pairwise(values)]
    for steps in _STEPS:
        regular = sum(difference == steps for difference in differences)
        if regular >= _REGULAR * len(differences) and (steps == 1 or values[0] % steps <= 1):
            return steps
    return None


def _rows(lines: Sequence[Line]) -> int:
    """How many printed rows the lines stand on."""
    count, lowest = 0, float("inf")
    for line in sorted(lines, key=lambda line: -line.middle):
        if line.middle < lowest:
            count += 1
            lowest = line.middle - 0.5 * line.height
    return count
