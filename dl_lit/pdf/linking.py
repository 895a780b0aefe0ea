"""Which lines a link annotation lies on, and which of their characters it covers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from dl_lit.pdf.document import Line, Link, LinkSpan

_SHARE = 0.4  # of the lower of line and link, at least, that lies in both, for the line that fits best
_INNER_SHARE = 0.6  # of a line's height, for the lines of a link that runs over several
_AS_GOOD = 0.85  # of the best line's overlap: pieces of one printed row
_SEVERAL_LINES = 1.75  # times a line's height: a higher link runs over several lines
_LEAST_WIDTH = 2.0  # points of a line that a link covers, or half of the link

Positions = Callable[[int, float, float], tuple[int, int]]


def attach(lines: Sequence[Line], links: Sequence[Link], positions: Positions | None = None) -> list[Line]:
    """The lines, each with the links that lie on it; those that merely touch it are another line's.

    `positions` tells for the line of an index which of its characters stand between two x; without it they are judged
    by their share of the line's width.
    """
    found: dict[int, list[LinkSpan]] = {}
    for link in links:
        for index in _lines_under(lines, link):
            line = lines[index]
            x0, x1 = max(line.x0, link.x0), min(line.x1, link.x1)
            start, end = positions(index, x0, x1) if positions else _by_share(line, x0, x1)
            if start < end:
                found.setdefault(index, []).append(LinkSpan(start, end, link.uri))
    return [_with(line, found[index]) if index in found else line for index, line in enumerate(lines)]


def _with(line: Line, spans: list[LinkSpan]) -> Line:
    ordered = tuple(sorted(dict.fromkeys(spans), key=lambda span: (span.start, span.end)))
    return replace(line, links=ordered, uris=tuple(dict.fromkeys(span.uri for span in ordered)))


def _lines_under(lines: Sequence[Line], link: Link) -> list[int]:
    """Indices of the lines that the link lies on."""
    height = link.y1 - link.y0
    least = min(_LEAST_WIDTH, 0.5 * (link.x1 - link.x0))
    overlaps: list[tuple[float, int]] = []
    for index, line in enumerate(lines):
        low, high = max(line.y0, link.y0), min(line.y1, link.y1)
        if high <= low or min(line.x1, link.x1) - max(line.x0, link.x0) <= least:
            continue
        overlaps.append(((high - low) / (min(line.y1 - line.y0, height) or 1.0), index))
    if not overlaps:
        return []
    best, first = max(overlaps, key=lambda overlap: (overlap[0], -overlap[1]))
    if height > _SEVERAL_LINES * lines[first].height:
        return [index for share, index in overlaps if share >= _INNER_SHARE]
    if best < _SHARE:
        return []
    middle = lines[first].middle
    return [
        index
        for share, index in overlaps
        if share >= _AS_GOOD * best and lines[index].y0 < middle < lines[index].y1 and _is_beside(lines, first, index)
    ]


def _is_beside(lines: Sequence[Line], first: int, index: int) -> bool:
    """Whether two lines stand side by side, or are one and the same: not one above the other."""
    a, b = lines[first], lines[index]
    return first == index or a.x1 <= b.x0 + 1 or b.x1 <= a.x0 + 1


def _by_share(line: Line, x0: float, x1: float) -> tuple[int, int]:
    width = (line.x1 - line.x0) or 1.0
    length = len(line.text)
    return max(0, round((x0 - line.x0) / width * length)), min(length, round((x1 - line.x0) / width * length))
