"""Lists whose labels count on beyond what looked like their end: [17], [18] … in what bears no other sign."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dl_lit.pdf.document import Line

_LABEL = re.compile(r"\s*\[(\d{1,4})\]\s?\S")
_REACH = 12  # lines from one label to the next
_FEWEST = 3  # labels before the end that count one by one, for those after it to be believed
_NEAR = 40  # lines before the end in which they are looked for
_INDENT = 3.0  # points by which the lines of an entry stand in behind its label
_CLOSE = 0.6  # of a line's height: the most space between the lines of one entry


def counted_end(lines: Sequence[Line], end: int, limit: int) -> int:
    """`end` of a list, moved on to the end of the last entry whose label counts on; at most to `limit`."""
    numbers = [number for line in lines[max(0, end - _NEAR) : end] if (number := _number(line))]
    last = numbers[-1] if numbers else 0
    if last < _FEWEST or numbers[-_FEWEST:] != list(range(last - _FEWEST + 1, last + 1)):
        return end
    seen = max(at for at in range(max(0, end - _NEAR), end) if _number(lines[at]))
    label = None
    for at in range(end, limit):
        if at - seen > _REACH:
            break
        if _number(lines[at]) == last + 1:
            last, seen, label = last + 1, at, at
    return end if label is None else _entry_end(lines, label, limit)


def _number(line: Line) -> int | None:
    match = _LABEL.match(line.text)
    return int(match.group(1)) if match else None


def _entry_end(lines: Sequence[Line], label: int, limit: int) -> int:
    """The end of the entry that begins with the label at `label`: the lines that stand in below it."""
    first = lines[label]
    at = label + 1
    while at < min(label + _REACH, limit):
        line, before = lines[at], lines[at - 1]
        together = (line.page, line.column) == (before.page, before.column)
        if not together or line.x0 < first.x0 + _INDENT or before.y0 - line.y1 > _CLOSE * max(line.height, 4.0):
            break
        at += 1
    return at
