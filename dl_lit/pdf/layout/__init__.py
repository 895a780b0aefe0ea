"""Reading order: columns found, pieces of a line put together, running heads and page numbers dropped. All pure."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from dl_lit.pdf.document import DocumentText, Line, PageText
from dl_lit.pdf.layout.columns import bands, gutters
from dl_lit.pdf.layout.margins import without_margins
from dl_lit.pdf.layout.numbering import numbers_beside_lines
from dl_lit.pdf.layout.rows import blocks, joined, placed

_COPY_SHIFT = 3.0  # points to the left or right, at most, of a line that is printed once more
_ASLANT = 2.5  # times its font size: a line that is higher runs aslant, as watermarks do


def read_in_order(document: DocumentText) -> list[Line]:
    """All lines of the document as a person would read them, running heads and page numbers left out."""
    numbers = numbers_beside_lines([page.lines for page in document.pages])
    pages = [_in_order(page, beside) for page, beside in zip(document.pages, numbers, strict=True)]
    return [line for lines in without_margins(pages, document.pages) for line in lines]


def page_lines(page: PageText) -> list[Line]:
    """One page's lines in reading order, each with its column, side by side pieces of one line joined."""
    return _in_order(page, numbers_beside_lines([page.lines])[0])


def _in_order(page: PageText, left_out: AbstractSet[int]) -> list[Line]:
    upright = [line for index, line in enumerate(page.lines) if index not in left_out and _is_upright(line, page)]
    upright = _without_copies(upright)
    if not upright:
        return []
    parting = gutters(upright, page.width)
    read: list[Line] = []
    block = 0
    for columns in bands(upright, parting):
        for number, pieces in columns:
            lines = joined(pieces)
            later = blocks(lines)
            read += [placed(line, number, block + more) for line, more in zip(lines, later, strict=True)]
            block += later[-1] + 1
    return read


def _without_copies(lines: list[Line]) -> list[Line]:
    """The lines without those that are printed once more upon themselves, for a shadow or for bold type."""
    seen: dict[str, list[Line]] = {}
    kept: list[Line] = []
    for line in lines:
        same = seen.setdefault(line.text, [])
        if not any(abs(line.x0 - other.x0) < _COPY_SHIFT and _overlap_in_height(line, other) for other in same):
            kept.append(line)
            same.append(line)
    return kept


def _overlap_in_height(line: Line, other: Line) -> bool:
    return min(line.y1, other.y1) - max(line.y0, other.y0) > 0.4 * (line.y1 - line.y0)


def _is_upright(line: Line, page: PageText) -> bool:
    """Whether the line runs from left to right on the visible page."""
    height = line.y1 - line.y0
    if len(line.text) > 3 and (height > 3 * max(line.x1 - line.x0, 1.0) or height > _ASLANT * line.size > 12):
        return False
    return line.x1 > -5 and (page.width <= 0 or line.x0 < page.width + 5) and line.y1 > -5
