"""What is printed on every page beside its text: running heads, page numbers, licence lines, watermarks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from dl_lit.core.values import dataclass
from dl_lit.pdf.document import Line, PageText
from dl_lit.pdf.layout.rows import on_one_baseline

_MARGIN_SHARE = 0.12  # of the page's height, above and below: where running heads stand
_ROWS_LOOKED_AT = 4  # above and below, for whether they stand apart
_BUCKET = 8.0  # points; heights this close are the same
_PATTERN_LENGTH = 60  # characters that are compared
_FEW_PAGES = 6
_TELLING_LETTERS = 12  # of a running head that two pages are enough for
_APART = 0.6  # of a row's height between it and the text
_SMALLER = 0.96  # of the text's size
_FIXED_PAGES, _FIXED_SHARE = 4, 0.6  # pages on which a row apart stands at one height, whatever it says
_COUNTING_SHARE = 0.4  # of the pages that have a number in their margins which counts with them
_WATERMARK_PAGES, _WATERMARK_SHARE = 3, 0.5
_DIGITS = re.compile(r"\d+|\b[ivxlc]+\b", re.IGNORECASE)
_PAGE_NUMBER = re.compile(
    r"(?:page|seite|página|pagina|strona|p\.|s\.|стр\.|с\.)?\s*[-–—|·]?\s*(?:\d{1,4}|[ivxlc]{1,7})\s*[-–—|·]?\s*"
    r"(?:(?:/|of|von|de|di|van|z|из)\s*\d{1,4})?",
    re.IGNORECASE,
)
_OUTER_NUMBER = re.compile(r"^\d{1,5}(?![\d.,:;/\-–)\]])|(?<![\d.,:;/\-–(\[])\d{1,5}$")
_OF_ENTRIES = re.compile(r"doi\b|https?:|www\.|^\[?#[\]).]|#[–-]#\.?$")
_LICENCE = re.compile(
    r"©|\(c\)\s*(?:19|20)\d\d|\bcopyright\b|creative\s?commons|\blicen[cs]ed?\s+under\b|\bCC[ \-]BY\b|"
    r"all rights reserved|"
    r"\bdownloaded\s+(?:from|by|on)\b|\bthis version posted\b|\bcertified by peer review\b|\bauthor/funder\b|"
    r"\bpreprint\b.*\bdoi\b|\bterms (?:of use|and conditions)\b|\bopen access (?:article|under)\b|"
    r"\balle rechte vorbehalten\b|\btous droits réservés\b|\btodos los derechos\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Edge:
    """A line in a page's upper or lower margin."""

    line: Line
    index: int  # among the page's lines
    pattern: tuple[str, int]  # its words without numbers, and its height
    is_top: bool
    rank: int  # of its row, from the page's edge: 0 is the outermost
    is_apart: bool  # from the next row, by more than the usual gap
    is_smaller: bool  # than the next row
    numbers: tuple[int, ...]  # at its beginning and end, minus the page's own


def without_margins(pages: Sequence[Sequence[Line]], texts: Sequence[PageText]) -> list[list[Line]]:
    """Each page's lines, in order, without what stands in its margins on every page, and without watermarks."""
    edges = [_edges(lines, page) for lines, page in zip(pages, texts, strict=True)]
    usual = _Usual(_repeated(edges), _fixed(edges), _counting(edges))
    marks = _watermarks(pages)
    kept: list[list[Line]] = []
    for lines, rows in zip(pages, edges, strict=True):
        left_out = _marginal(rows, usual)
        if marks:
            left_out |= {index for index, line in enumerate(lines) if _place(line) in marks}
        kept.append([line for index, line in enumerate(lines) if index not in left_out] if left_out else list(lines))
    return kept


@dataclass(frozen=True, slots=True)
class _Usual:
    """What a document's margins hold."""

    repeated: set[tuple[str, int]]  # words and height
    fixed: set[int]  # heights of running heads
    counting: int | None  # the number that is printed on a page, minus the page's own


def _marginal(rows: Sequence[Edge], usual: _Usual) -> set[int]:
    """The indices of the lines that are no text: from the page's edges inwards, and what is repeated."""
    found: set[int] = set()
    for is_top in (True, False):
        rank = 0
        while here := [row for row in rows if row.is_top == is_top and row.rank == rank]:
            marginal = {row.index for row in here if _is_marginal(row, usual)}
            found |= marginal
            if not marginal:
                break
            rank += 1
    return found | {row.index for row in rows if _is_repeated(row, usual)}


def _is_repeated(row: Edge, usual: _Usual) -> bool:
    text, height = row.pattern
    return (text, height) in usual.repeated or (text, height + 1) in usual.repeated


def _is_marginal(row: Edge, usual: _Usual) -> bool:
    """Whether a row with nothing but marginal ones outside of it is one itself.

    A last row in small type is kept unless it says what it is: footnotes stand there.
    """
    text = row.line.text
    if _is_repeated(row, usual) or _PAGE_NUMBER.fullmatch(text):
        return True
    if row.rank < 2 and usual.counting is not None and usual.counting in row.numbers:
        return True
    if row.is_top and row.is_apart and (row.is_smaller or row.pattern[1] in usual.fixed):
        return True
    return (row.is_apart or row.is_smaller) and _LICENCE.search(text) is not None


def _edges(lines: Sequence[Line], page: PageText) -> list[Edge]:
    """The lines in a page's margins, each with what tells it from the text."""
    low, high = _MARGIN_SHARE * page.height, (1 - _MARGIN_SHARE) * page.height
    if all(low < line.middle < high for line in lines):
        return []
    usual_gap = _usual_gap(lines)
    edges: list[Edge] = []
    for is_top in (True, False):
        rows = _outer_rows(lines, is_top=is_top)
        for rank, row in enumerate(rows[:_ROWS_LOOKED_AT]):
            inner = lines[rows[rank + 1][0]] if len(rows) > max(rank + 1, 2) else None
            edges += [
                _edge(lines[index], index, inner, page.number, usual_gap, is_top=is_top, rank=rank)
                for index in row
                if not low < lines[index].middle < high
            ]
    return edges


def _edge(line: Line, index: int, inner: Line | None, page: int, usual_gap: float, *, is_top: bool, rank: int) -> Edge:
    """A line in a margin, compared with one of the next row inwards; `None` for that says nothing."""
    is_apart = is_smaller = False
    if inner is not None:
        gap = line.y0 - inner.y1 if is_top else inner.y0 - line.y1
        is_apart = gap > max(_APART * line.height, usual_gap + 0.5 * line.height)
        is_smaller = line.size < _SMALLER * inner.size and not line.bold
    pattern = (_DIGITS.sub("#", line.text.casefold())[:_PATTERN_LENGTH], round(line.middle / _BUCKET))
    return Edge(line, index, pattern, is_top, rank, is_apart, is_smaller, _outer_numbers(line.text, page))


def _outer_rows(lines: Sequence[Line], *, is_top: bool) -> list[list[int]]:
    """The outermost rows of a page, from its edge inwards, as indices of its lines."""
    rows: list[list[int]] = []
    for index in sorted(range(len(lines)), key=lambda index: lines[index].middle, reverse=is_top):
        if rows and on_one_baseline(lines[rows[-1][0]], lines[index]):
            rows[-1].append(index)
        elif len(rows) > _ROWS_LOOKED_AT:
            break
        else:
            rows.append([index])
    return rows


def _usual_gap(lines: Sequence[Line]) -> float:
    """The usual gap in points between a line and the one below."""
    gaps = [before.y0 - line.y1 for before, line in pairwise(lines) if before.column == line.column]
    return max(median(gaps), 0.0) if gaps else 0.0


def _outer_numbers(text: str, page: int) -> tuple[int, ...]:
    """The numbers at the text's beginning and end, minus the page's."""
    return tuple(int(match.group()) - page for match in _OUTER_NUMBER.finditer(text))


def _repeated(edges: Sequence[Sequence[Edge]]) -> set[tuple[str, int]]:
    """What is printed at about the same height of several pages' margins; of two, if it says something and is apart.

    What looks like a part of an entry has to stand apart or be the same with its numbers: without them, the ends of two
    entries are soon alike.
    """
    counts: Counter[tuple[str, int]] = Counter()
    texts: dict[tuple[str, int], Counter[str]] = {}
    standing_out: set[tuple[str, int]] = set()
    for rows in edges:
        patterns = {row.pattern for row in rows}
        counts.update(patterns | {(text, height + 1) for text, height in patterns})
        for row in rows:
            text, height = row.pattern
            texts.setdefault(row.pattern, Counter())[row.line.text] += 1
            if row.is_apart or row.is_smaller:
                standing_out |= {(text, height), (text, height + 1)}
    needed = 2 if len(edges) <= _FEW_PAGES else 3
    found: set[tuple[str, int]] = set()
    for pattern, count in counts.items():
        if count < 2:
            continue
        says_something = sum(map(str.isalpha, pattern[0])) >= _TELLING_LETTERS
        if pattern in standing_out:
            is_usual = count >= (2 if says_something else needed)
        else:
            is_same = any(times >= needed and len(text) > 4 for text, times in texts.get(pattern, {}).items())
            is_usual = is_same or (count >= needed and says_something and not _OF_ENTRIES.search(pattern[0]))
        if is_usual:
            found.add(pattern)
    return found


def _fixed(edges: Sequence[Sequence[Edge]]) -> set[int]:
    """The heights at which most pages have a first row apart from the text: that of the heads, whatever they say."""
    counts: Counter[int] = Counter()
    for rows in edges:
        counts.update({row.pattern[1] for row in rows if row.is_top and row.is_apart and row.rank == 0})
    least = max(_FIXED_PAGES, _FIXED_SHARE * len(edges))
    return {height for height, count in counts.items() if count >= least}


def _counting(edges: Sequence[Sequence[Edge]]) -> int | None:
    """What is to be added to a page's number to have the one printed on it; `None` where none are."""
    counts: Counter[int] = Counter()
    for rows in edges:
        counts.update({number for row in rows if row.rank < 2 for number in row.numbers})
    if not counts:
        return None
    number, count = counts.most_common(1)[0]
    return number if count >= max(2, _COUNTING_SHARE * len(edges)) else None


def _place(line: Line) -> tuple[str, int, int]:
    return line.text, round(line.x0), round(line.y0)


def _watermarks(pages: Sequence[Sequence[Line]]) -> set[tuple[str, int, int]]:
    """What is printed at the very same place of many pages, wherever that is."""
    if len(pages) < _WATERMARK_PAGES:
        return set()
    least = max(_WATERMARK_PAGES, _WATERMARK_SHARE * len(pages))
    counts: Counter[tuple[str, int, int]] = Counter()
    for lines in pages:
        counts.update({_place(line) for line in lines if len(line.text) >= 4})
    return {place for place, count in counts.items() if count >= least}
