"""The columns of a page: where the gutters are, and which lines stand in which column of which band."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from dl_lit.pdf.document import Line

_BIN = 2.0  # points; resolution of the search for a gutter
_FEWEST_LINES, _MOST_LINES = 10, 1_500  # on a page that may have columns; no printed page has more
_NARROWEST = 70.0  # points; the usual line of a column is wider
_DEEPEST = 2  # a column is looked at for columns of its own this often

Column = tuple[int, list[Line]]  # its number from the left, its lines


def gutters(lines: Sequence[Line], width: float, depth: int = 0) -> list[float]:
    """The x positions that part the page's columns, from left to right; empty for one column."""
    if not _FEWEST_LINES <= len(lines) <= _MOST_LINES or depth > _DEEPEST:
        return []
    left, right = min(line.x0 for line in lines), max(line.x1 for line in lines)
    if right - left < 0.25 * width or right - left > 4 * max(width, 1.0):
        return []
    best: tuple[float, float] | None = None
    for x, crossing in _narrows(lines, left, right):
        score = _score(lines, x, crossing)
        if score is not None and (best is None or score > best[0]):
            best = (score, x)
    if best is None:
        return []
    x = best[1]
    lefts = [line for line in lines if line.x1 <= x]
    rights = [line for line in lines if line.x0 >= x]
    return [*gutters(lefts, width, depth + 1), x, *gutters(rights, width, depth + 1)]


def _narrows(lines: Sequence[Line], left: float, right: float) -> list[tuple[float, int]]:
    """Where fewer lines cross than on both sides: the right end of each such place, and how many cross it."""
    count = int((right - left) / _BIN) + 2
    steps = [0] * (count + 1)
    for line in lines:
        steps[int((line.x0 - left) / _BIN)] += 1
        steps[int((line.x1 - left) / _BIN) + 1] -= 1
    crossing: list[int] = []
    running = 0
    for step in steps[:-1]:
        running += step
        crossing.append(running)
    low, high = int(count * 0.2), int(count * 0.8)
    found: list[tuple[float, int]] = []
    is_falling = True
    for index in range(max(low, 1), high):
        if crossing[index] < crossing[index - 1]:
            is_falling = True
        if crossing[index + 1] > crossing[index] or index == high - 1:
            if is_falling and crossing[index] <= 0.4 * len(lines):
                found.append((left + (index + 0.5) * _BIN, crossing[index]))
            is_falling = False
    return found


def _score(lines: Sequence[Line], x: float, crossing: int) -> float | None:
    """How well `x` parts two columns that stand side by side; `None` if it does not."""
    lefts = [line for line in lines if line.x1 <= x + 1]
    rights = [line for line in lines if line.x0 >= x - 1]
    fewer = min(len(lefts), len(rights))
    if fewer < 5 or crossing > max(2.0, 1.2 * fewer):
        return None
    if _usual_width(lefts) < _NARROWEST or _usual_width(rights) < _NARROWEST:
        return None
    middles = sorted(line.middle for line in rights)
    beside = sum(bisect_right(middles, line.y1 + 2) > bisect_left(middles, line.y0 - 2) for line in lefts)
    if beside < 4 or beside < 0.25 * fewer:
        return None
    # Of equally good places prefer the one where most lines of the right column begin soon after.
    near = sum(line.x0 - x < 14 for line in rights)
    return beside * 2 + near - 2.0 * crossing


def _usual_width(lines: Sequence[Line]) -> float:
    """The upper quartile of the lines' widths in points."""
    widths = sorted(line.x1 - line.x0 for line in lines)
    return widths[len(widths) * 3 // 4]


def bands(lines: Sequence[Line], parting: Sequence[float]) -> list[list[Column]]:
    """The page from top to bottom as bands of columns side by side: a line across a gutter is a band of its own."""
    if not parting:
        return [[(0, list(lines))]]
    crossing = [index for index, line in enumerate(lines) if _crosses(line, parting)]
    spanning = {index for index in crossing if not _sticks_out(lines[index], parting, lines)}
    cuts = sorted(lines[index].middle for index in spanning)
    by_band: dict[int, dict[int, list[Line]]] = {}
    for index, line in enumerate(lines):
        above = len(cuts) - bisect_right(cuts, line.middle)
        if index in spanning:
            by_band.setdefault(2 * above + 1, {}).setdefault(0, []).append(line)
        else:
            centre = (line.x0 + min(line.x1, line.x0 + 40)) / 2
            number = bisect_left(parting, centre)
            by_band.setdefault(2 * above, {}).setdefault(number, []).append(line)
    return [sorted(by_band[key].items()) for key in sorted(by_band)]


def _crosses(line: Line, parting: Sequence[float]) -> bool:
    return any(line.x0 < gutter - 4 and line.x1 > gutter + 12 for gutter in parting)


def _sticks_out(line: Line, parting: Sequence[float], lines: Sequence[Line]) -> bool:
    """Whether a line that crosses a gutter merely sticks out of its column: it has a neighbour beside it."""
    gutter = next(gutter for gutter in parting if line.x0 < gutter - 4 and line.x1 > gutter + 12)
    middle = line.middle
    return any(other.x0 > gutter - 4 and other.y0 < middle < other.y1 and other is not line for other in lines)
