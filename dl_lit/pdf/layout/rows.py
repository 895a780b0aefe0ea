"""Pieces of one printed line put together, and lines put into blocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from dl_lit.pdf.document import Line, LinkSpan
from dl_lit.pdf.frames import is_above

_OVERLAP = 0.3  # of the lower piece's height: pieces that overlap more were laid over one another
_LETTER_GAP = 0.08  # of the lower piece's height: pieces closer than that are parts of one word
_LONGEST_MARK = 12  # characters of a raised piece of a line
_WIDE_GAP = 1.45  # times the usual step from line to line: a block ends
_OTHER_SIZE = 0.12  # share of the font size: a block ends


def joined(lines: Iterable[Line]) -> list[Line]:
    """Lines from top to bottom, the pieces that stand on one baseline made one line."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=_from_the_top):
        if rows and on_one_baseline(rows[-1][0], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [row[0] if len(row) == 1 else _one_line(sorted(row, key=_from_the_left)) for row in rows]


def _from_the_top(line: Line) -> tuple[float, float]:
    return -line.y0, line.x0


def _from_the_left(line: Line) -> float:
    return line.x0


def on_one_baseline(first: Line, line: Line) -> bool:
    """Whether two lines are pieces of one printed line."""
    smaller = min(first.y1 - first.y0, line.y1 - line.y0) or 1.0
    return min(first.y1, line.y1) - max(first.y0, line.y0) > 0.6 * smaller


def _one_line(row: Sequence[Line]) -> Line:
    longest = max(row, key=lambda line: len(line.text))
    raised: list[tuple[int, int]] = []
    links: list[LinkSpan] = []
    text = ""
    edge = row[0].x0
    for line in row:
        height = min(line.height, longest.height)
        if text and not -_OVERLAP * height < line.x0 - edge <= _LETTER_GAP * height:
            text += " "
        start = len(text)
        is_mark = line is not longest and len(line.text) <= _LONGEST_MARK and _is_above(line, longest)
        raised += [(start, start + len(line.text))] if is_mark else [(a + start, b + start) for a, b in line.raised]
        links += [LinkSpan(link.start + start, link.end + start, link.uri) for link in line.links]
        text += line.text
        edge = line.x1
    return replace(
        longest,
        text=text,
        x0=min(line.x0 for line in row),
        x1=max(line.x1 for line in row),
        bold=all(line.bold for line in row),
        raised=tuple(raised),
        links=tuple(links),
        uris=tuple(dict.fromkeys(uri for line in row for uri in line.uris)),
    )


def _is_above(line: Line, other: Line) -> bool:
    """Whether `line` is small and raised beside `other`."""
    return is_above((line.x0, line.x1, line.y0, line.y1), (other.x0, other.x1, other.y0, other.y1))


def blocks(lines: Sequence[Line]) -> list[int]:
    """How many blocks of one column begin before each line, for lines from top to bottom: 0 for those of the first.

    A block ends where the next line is further down than usual, or in another size.
    """
    steps = [before.y0 - line.y0 for before, line in pairwise(lines)]
    usual = median(step for step in steps if step > 0) if any(step > 0 for step in steps) else 0.0
    numbers = [0] if lines else []
    for (before, line), step in zip(pairwise(lines), steps, strict=True):
        is_apart = step > _WIDE_GAP * usual or step <= 0
        is_other = abs(line.size - before.size) > _OTHER_SIZE * max(line.size, before.size)
        numbers.append(numbers[-1] + (is_apart or is_other))
    return numbers


def placed(line: Line, column: int, block: int) -> Line:
    """`line` in its place; much quicker than `dataclasses.replace`, and done for every line."""
    if line.column == column and line.block == block:
        return line
    return Line(
        line.text,
        line.page,
        line.x0,
        line.x1,
        line.y0,
        line.y1,
        line.size,
        line.bold,
        column,
        line.uris,
        line.links,
        line.raised,
        block,
    )
