"""Entries without labels: by hanging indents, by gaps, or by how entries begin."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from dl_lit.pdf.document import Line
from dl_lit.pdf.joining import join
from dl_lit.pdf.splitting.patterns import (
    ENDS_ENTRY,
    ENDS_OPEN,
    HEAD,
    PARTICLE,
    STARTS,
    STARTS_STRICT,
    UPPER,
    WORD,
    YEAR,
)

# How much wider than the usual gap the gaps before entries are; the less, the plainer the words must speak: the share
# of first lines that look like beginnings, at least, and of the others that do, at most.
_GAP_TRIALS = ((1.18, 0.5, 1.0), (1.08, 0.75, 0.4), (1.015, 0.85, 0.25))


def by_layout(lines: Sequence[Line]) -> list[int]:
    """Line indices at which unlabelled entries begin."""
    edges = _edges(lines)
    indents = [line.x0 - edges[line.page, line.column] for line in lines]
    hanging = _hanging(lines, indents)
    if hanging is not None:
        return hanging
    gaps = _by_gaps(lines)
    if gaps is not None:
        return gaps
    return _by_words(lines)


def _edges(lines: Sequence[Line]) -> dict[tuple[int, int], float]:
    """The left edge of every column that the list runs through."""
    edges: dict[tuple[int, int], float] = {}
    for key in {(line.page, line.column) for line in lines}:
        lefts = sorted(line.x0 for line in lines if (line.page, line.column) == key)
        # The leftmost edge that more than a stray line has; where there are few lines, each counts.
        least = 2 if len(lefts) >= 8 else 1
        edges[key] = next((x for x in lefts if sum(abs(other - x) < 2 for other in lefts) >= least), lefts[0])
    return edges


def _hanging(lines: Sequence[Line], indents: Sequence[float]) -> list[int] | None:
    """Starts where first lines and the others differ in indent; `None` where they do not."""
    unit = max(_median([line.height for line in lines]), 4.0)
    outer = [i for i, indent in enumerate(indents) if indent < 0.35 * unit]
    inner = [i for i, indent in enumerate(indents) if 0.5 * unit <= indent < 8 * unit]
    if len(inner) < 0.18 * len(lines) or len(outer) < 0.1 * len(lines):
        return None
    outer_like = _share(lines, outer, STARTS)
    inner_like = _share(lines, inner, STARTS)
    if outer_like >= inner_like:
        return _hanging_starts(lines, indents, lambda indent: indent < 0.35 * unit)
    if inner_like > outer_like + 0.25 and len(inner) < 0.75 * len(lines):
        common = _common([indents[i] for i in inner])
        return _hanging_starts(lines, indents, lambda indent: abs(indent - common) < 0.3 * unit)
    return None


def _hanging_starts(lines: Sequence[Line], indents: Sequence[float], is_first: Callable[[float], bool]) -> list[int]:
    starts = [0]
    for index in range(1, len(lines)):
        if not is_first(indents[index]):
            continue
        line, before = lines[index], lines[index - 1]
        moved = (line.page, line.column) != (before.page, before.column)
        if moved and not _has_inner(lines, indents, line) and not _begins(line.text, before.text):
            continue
        if _is_surely_inside(line.text, before.text):
            continue
        starts.append(index)
    return starts


def _has_inner(lines: Sequence[Line], indents: Sequence[float], line: Line) -> bool:
    """Whether the column of `line` has indented lines, so that its edge is the entries' edge."""
    return any(
        other.page == line.page and other.column == line.column and indent > 3
        for other, indent in zip(lines, indents, strict=True)
    )


def _is_surely_inside(text: str, before: str) -> bool:
    """Whether a line at the outer edge goes on with the entry all the same."""
    if text[:1].islower() and not re.match(rf"(?:{PARTICLE}){WORD},|[a-z]{{1,3}}[{UPPER}]|e-|d['’]", text):
        return True
    if re.match(r"(?:https?://|doi:|10\.\d{4}|\d{1,4}[–-]\d|\(\d{4}\))", text, re.IGNORECASE):
        return True
    return bool(ENDS_OPEN.search(before) and not STARTS_STRICT.match(text[:HEAD]))


def _share(lines: Sequence[Line], indices: Sequence[int], pattern: re.Pattern[str]) -> float:
    return sum(bool(pattern.match(lines[i].text[:HEAD])) for i in indices) / len(indices) if indices else 0.0


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return ordered[len(ordered) // 2] if ordered else 0.0


def _common(values: Sequence[float]) -> float:
    rounded = [round(value) for value in values]
    return float(max(set(rounded), key=rounded.count))


def _by_gaps(lines: Sequence[Line]) -> list[int] | None:
    """Starts where entries are set apart by vertical space; `None` where they are not."""
    gaps: list[float | None] = [None]
    for before, line in pairwise(lines):
        together = (line.page, line.column) == (before.page, before.column)
        gaps.append(before.y0 - line.y0 if together else None)
    known = [gap for gap in gaps if gap is not None and gap > 0]
    if len(known) < 4:
        return None
    tight = sorted(known)[len(known) // 4]
    for ratio, least_like, most_unlike in _GAP_TRIALS:
        starts = _starts_by_gap(lines, gaps, ratio * tight)
        others = [index for index in range(len(lines)) if index not in set(starts)]
        if not 0.08 * len(lines) <= len(starts) <= 0.9 * len(lines):
            continue
        if _share(lines, starts, STARTS) >= least_like and _share(lines, others, STARTS_STRICT) <= most_unlike:
            return starts
    return None


def _starts_by_gap(lines: Sequence[Line], gaps: Sequence[float | None], least: float) -> list[int]:
    starts = [0]
    for index in range(1, len(lines)):
        gap = gaps[index]
        text, text_before = lines[index].text, lines[index - 1].text
        if gap is None:
            is_start = _begins(text, text_before)
        else:
            is_start = gap > least and not _is_surely_inside(text, text_before)
        if is_start:
            starts.append(index)
    return starts


def _begins(text: str, before: str) -> bool:
    """Whether `text` begins an entry, judged by words alone, after `before`."""
    if ENDS_OPEN.search(before) or not ENDS_ENTRY.search(before):
        return False
    return bool(STARTS_STRICT.match(text[:HEAD]))


def _by_words(lines: Sequence[Line]) -> list[int]:
    """Starts where a line looks like an entry's beginning after one that looks like an entry's end."""
    starts = [0]
    for index in range(1, len(lines)):
        if _begins(lines[index].text, lines[index - 1].text):
            since = join([line.text for line in lines[starts[-1] : index]])
            if YEAR.search(since) or re.search(r"n\.\s?d\.|press|forthcoming", since):
                starts.append(index)
    return starts
