"""Reading order: columns found, pieces of a line put together, running heads and page numbers dropped."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from dl_lit.pdf.document import DocumentText, Line, LinkSpan, PageText
from dl_lit.pdf.frames import is_above

_BIN = 2.0  # points; resolution of the search for a gutter
_FEWEST_LINES, _MOST_LINES = 10, 1_500  # on a page that may have columns; no printed page has more
_MARGIN_SHARE = 0.12  # of the page's height, above and below: where running heads stand
_LONGEST_MARK = 12  # characters of a raised piece of a line
_DIGITS = re.compile(r"\d+|\b[ivxlc]+\b", re.IGNORECASE)
_PAGE_NUMBER = re.compile(
    r"(?:page|seite|p\.|s\.|стр\.)?\s*[-–—|]?\s*(?:\d{1,4}|[ivxlc]{1,7})\s*[-–—|]?\s*(?:(?:/|of|von|de)\s*\d{1,4})?",
    re.IGNORECASE,
)


def read_in_order(document: DocumentText) -> list[Line]:
    """All lines of the document as a person would read them, running heads and page numbers left out."""
    pages = [page_lines(page) for page in document.pages]
    repeated = _running_heads(pages, document.pages)
    return [
        line
        for page, lines in zip(document.pages, pages, strict=True)
        for line in _without_small_margins(lines, page)
        if not _is_marginal(line, page, repeated)
    ]


def _without_small_margins(lines: list[Line], page: PageText) -> list[Line]:
    """Drop a first or last row that stands in the margin, apart from the text and in smaller type."""
    for is_top in (True, True, False, False):
        rows = sorted(lines, key=lambda line: line.middle, reverse=is_top)
        if len(rows) < 4 or not _in_margin(rows[0], page):
            continue
        row, following = rows[0], next((line for line in rows if not _on_one_baseline(rows[0], line)), rows[0])
        gap = row.y0 - following.y1 if is_top else following.y0 - row.y1
        if row.size < 0.96 * following.size and gap > 0.6 * row.height and not row.bold:
            lines = [line for line in lines if not _on_one_baseline(row, line)]
    return lines


def page_lines(page: PageText) -> list[Line]:
    """One page's lines in reading order, each with its column, side by side pieces of one line joined."""
    upright = [line for line in page.lines if _is_upright(line, page)]
    upright = _without_line_numbers(upright)
    if not upright:
        return []
    gutters = _gutters(upright, page.width)
    bands = _bands(upright, gutters)
    return [line for band in bands for column in band for line in _joined(column)]


def _is_upright(line: Line, page: PageText) -> bool:
    """Whether the line runs from left to right on the visible page."""
    if len(line.text) > 3 and line.height > 3 * max(line.x1 - line.x0, 1.0):
        return False
    return line.x1 > -5 and (page.width <= 0 or line.x0 < page.width + 5) and line.y1 > -5


def _without_line_numbers(lines: list[Line]) -> list[Line]:
    """Drop the numbers that manuscripts print beside every line."""
    numbers = [line for line in lines if line.text.isascii() and line.text.isdigit() and len(line.text) <= 4]
    others = len(lines) - len(numbers)
    if len(numbers) < 15 or len(numbers) < 0.6 * others:
        return lines
    ordered = sorted(numbers, key=lambda line: -line.middle)
    steps = sum(int(b.text) - int(a.text) == 1 for a, b in pairwise(ordered))
    return [line for line in lines if line not in numbers] if steps > 0.8 * len(numbers) else lines


def _gutters(lines: Sequence[Line], width: float, depth: int = 0) -> list[float]:
    """The x positions that part the page's columns, from left to right; empty for one column."""
    if not _FEWEST_LINES <= len(lines) <= _MOST_LINES or depth > 2:
        return []
    left, right = min(line.x0 for line in lines), max(line.x1 for line in lines)
    if right - left < 0.25 * width or right - left > 4 * max(width, 1.0):
        return []
    bins = [0] * (int((right - left) / _BIN) + 2)
    for line in lines:
        for index in range(int((line.x0 - left) / _BIN), int((line.x1 - left) / _BIN) + 1):
            bins[index] += 1
    best: tuple[float, float] | None = None
    low, high = int(len(bins) * 0.2), int(len(bins) * 0.8)
    for index in range(low, high):
        x = left + (index + 0.5) * _BIN
        crossing = bins[index]
        if crossing > 0.4 * len(lines):
            continue
        score = _gutter_score(lines, x, crossing)
        if score is not None and (best is None or score > best[0]):
            best = (score, x)
    if best is None:
        return []
    x = best[1]
    lefts = [line for line in lines if line.x1 <= x]
    rights = [line for line in lines if line.x0 >= x]
    return [*_gutters(lefts, width, depth + 1), x, *_gutters(rights, width, depth + 1)]


def _gutter_score(lines: Sequence[Line], x: float, crossing: int) -> float | None:
    """How well `x` parts two columns that stand side by side; `None` if it does not."""
    lefts = [line for line in lines if line.x1 <= x + 1]
    rights = [line for line in lines if line.x0 >= x - 1]
    fewer = min(len(lefts), len(rights))
    if fewer < 5 or crossing > max(2.0, 1.2 * fewer):
        return None
    if _usual_width(lefts) < 70 or _usual_width(rights) < 70:
        return None
    tops = [line.middle for line in rights]
    beside = sum(any(line.y0 - 2 <= top <= line.y1 + 2 for top in tops) for line in lefts)
    if beside < 4 or beside < 0.25 * fewer:
        return None
    # Of equally good places prefer the one where most lines of the right column begin soon after.
    near = sum(line.x0 - x < 14 for line in rights)
    return beside * 2 + near - 2.0 * crossing


def _usual_width(lines: Sequence[Line]) -> float:
    """The upper quartile of the lines' widths in points."""
    widths = sorted(line.x1 - line.x0 for line in lines)
    return widths[len(widths) * 3 // 4]


def _bands(lines: Sequence[Line], gutters: Sequence[float]) -> list[list[list[Line]]]:
    """Lines by band and column: a line across the gutter ends the band above it."""
    if not gutters:
        return [[list(lines)]]
    spanning = [line for line in lines if _spans(line, gutters, lines)]
    cuts = sorted((line.middle for line in spanning), reverse=True)
    by_band: dict[int, list[list[Line]]] = {}
    for line in lines:
        if line in spanning:
            continue
        above = sum(cut > line.middle for cut in cuts)
        columns = by_band.setdefault(2 * above, [[] for _ in range(len(gutters) + 1)])
        number = sum((line.x0 + min(line.x1, line.x0 + 40)) / 2 > gutter for gutter in gutters)
        columns[number].append(replace(line, column=number))
    for line in spanning:
        above = sum(cut > line.middle for cut in cuts)
        by_band.setdefault(2 * above + 1, [[]])[0].append(line)
    return [by_band[key] for key in sorted(by_band)]


def _spans(line: Line, gutters: Sequence[float], lines: Sequence[Line]) -> bool:
    crossed = [gutter for gutter in gutters if line.x0 < gutter - 4 and line.x1 > gutter + 12]
    if not crossed:
        return False
    # A line that merely sticks out of its column has a neighbour beside it.
    return not any(
        other is not line and other.x0 > crossed[0] - 4 and other.y0 < line.middle < other.y1 for other in lines
    )


def _joined(lines: Iterable[Line]) -> list[Line]:
    """Lines from top to bottom, the pieces that stand on one baseline made one line."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: (-line.y0, line.x0)):
        if rows and _on_one_baseline(rows[-1][0], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [_one_line(sorted(row, key=lambda line: line.x0)) for row in rows]


def _on_one_baseline(first: Line, line: Line) -> bool:
    smaller = min(first.height, line.height) or 1.0
    return min(first.y1, line.y1) - max(first.y0, line.y0) > 0.6 * smaller


def _one_line(row: list[Line]) -> Line:
    if len(row) == 1:
        return row[0]
    longest = max(row, key=lambda line: len(line.text))
    raised: list[tuple[int, int]] = []
    links: list[LinkSpan] = []
    start = 0
    for line in row:
        is_mark = line is not longest and len(line.text) <= _LONGEST_MARK and _is_above(line, longest)
        raised += [(start, start + len(line.text))] if is_mark else [(a + start, b + start) for a, b in line.raised]
        links += [LinkSpan(link.start + start, link.end + start, link.uri) for link in line.links]
        start += len(line.text) + 1
    return replace(
        longest,
        text=" ".join(line.text for line in row),
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


def _in_margin(line: Line, page: PageText) -> bool:
    return not _MARGIN_SHARE * page.height < line.middle < (1 - _MARGIN_SHARE) * page.height


def _pattern(line: Line) -> tuple[str, int]:
    return _DIGITS.sub("#", line.text.casefold())[:60], round(line.middle / 8)


def _running_heads(pages: Sequence[list[Line]], texts: Sequence[PageText]) -> set[tuple[str, int]]:
    """What is printed at about the same height of several pages' margins."""
    counts: Counter[tuple[str, int]] = Counter()
    for lines, page in zip(pages, texts, strict=True):
        patterns = {_pattern(line) for line in lines if _in_margin(line, page)}
        counts.update(patterns | {(text, height + 1) for text, height in patterns})
    needed = 2 if len(pages) <= 6 else 3
    return {pattern for pattern, count in counts.items() if count >= needed}


def _is_marginal(line: Line, page: PageText, repeated: set[tuple[str, int]]) -> bool:
    if not _in_margin(line, page):
        return False
    if _PAGE_NUMBER.fullmatch(line.text):
        return True
    text, height = _pattern(line)
    return (text, height) in repeated or (text, height + 1) in repeated
