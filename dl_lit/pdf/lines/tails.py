"""A list without heading at a document's end, found by signs alone where the model sees none."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dl_lit.pdf.document import Line
from dl_lit.pdf.lines.signs import has_author, has_year, marks, strength


def dense_tail(lines: Sequence[Line]) -> list[int]:
    """A dense run of numbered or year-bearing lines."""
    if len(lines) < 12:
        return []
    labelled = _numbered_tail(lines)
    if labelled:
        return labelled
    start = int(len(lines) * 0.4)
    best: tuple[float, int, int] = (0.0, 0, 0)
    run_start, score, peak, peak_at = start, 0.0, 0.0, start
    for index in range(start, len(lines)):
        signs = strength(lines[index].text)
        score += (1.0, 1.6, 2.2)[signs - 1] if signs else -1.1
        if score <= 0:
            run_start, score, peak, peak_at = index + 1, 0.0, 0.0, index + 1
        elif score > peak:
            peak, peak_at = score, index
            if peak > best[0]:
                best = (peak, run_start, peak_at)
    _, first, last = best
    run = lines[first : last + 1]
    enough = len(run) >= 10 and sum(has_author(line.text) for line in run) >= max(3, 0.15 * len(run))
    dense = enough and sum(marks(line.text) for line in run) >= 0.6 * len(run)
    return list(range(first, last + 1)) if dense else []


def _numbered_tail(lines: Sequence[Line]) -> list[int]:
    """The longest run 1, 2, 3 … of line beginnings in the document's second half, if it is one of references."""
    best: list[int] = []
    for pattern in (r"\[(\d{1,3})\]", r"(\d{1,3})\.\s", r"\((\d{1,3})\)\s"):
        label = re.compile(pattern)
        numbers = [(i, int(m.group(1))) for i, line in enumerate(lines) if (m := label.match(line.text))]
        for at, (index, number) in enumerate(numbers):
            if number != 1 or index < 0.3 * len(lines):
                continue
            chain = [index]
            wanted = 2
            for other, value in numbers[at + 1 :]:
                if value == wanted and other - chain[-1] < 16:
                    chain.append(other)
                    wanted += 1
            if len(chain) > len(best):
                best = chain
    if len(best) < 5:
        return []
    run = range(best[0], min(best[-1] + 4, len(lines)))
    bearing = sum(marks(lines[at].text) and has_year(lines[at].text) for at in run)
    return list(run) if bearing >= 0.6 * len(best) else []
