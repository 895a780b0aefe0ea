"""Entries that are labelled: numbers that count up, or keys of letters and years."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dl_lit.pdf.document import Line

Labels = dict[int, tuple[str, str, int | None]]


@dataclass(frozen=True, slots=True)
class LabelStyle:
    """How entries may be numbered."""

    name: str
    pattern: re.Pattern[str]
    least: int  # entries that it takes to believe it


_STYLES = (
    LabelStyle("brackets", re.compile(r"\s*([\[［]\s*(\d{1,4})\s*[\]］][.:]?)\s*"), 2),
    LabelStyle("full stop", re.compile(r"\s*((\d{1,4})\s?\.)(?!\d)\s*"), 3),
    LabelStyle("round", re.compile(r"\s*(\(\s?(\d{1,4})\s?\)\.?)\s*"), 3),
    LabelStyle("half round", re.compile(r"\s*((\d{1,4})\))\s*"), 3),
    LabelStyle("prefix", re.compile(r"\s*([RSP]\s?(\d{1,3})[.:]?)\s+(?=\S)"), 3),
    LabelStyle(
        "bare",
        re.compile(
            r"\s*((\d{1,4}))(?=\s+[^\W\d_a-z]|\s+(?:van|von|de|del|da|di|la|le|der|den|el)\s|"
            r"\s*[A-ZÀ-Þ][\w'’\-]+[ ,]|\s*$|\s+[\"“‘])\s*"
        ),
        4,
    ),
)
_KEY = re.compile(r"\s*(\[\s*([A-Z][A-Za-zÀ-ÿ+*\-&. ]{0,24}?\s?['’]?\d{2,4}[a-z]?|[A-Z][A-Za-z+*]{1,10})\s*\])\s*")


def by_labels(lines: Sequence[Line]) -> tuple[list[int], Labels] | None:
    """Entries that count 1, 2, 3 …; `None` if the list does not."""
    best: tuple[float, list[int], Labels] | None = None
    for style in _STYLES:
        found = _chain(lines, style)
        if found is None:
            continue
        starts, labels = found
        # The share of the list that the numbering explains: few entries over very many lines are no numbering.
        weight = len(starts) - (0.2 if style.name in {"bare", "full stop"} else 0.0)
        if best is None or weight > best[0]:
            best = (weight, starts, labels)
    if best is None:
        return None
    _, starts, labels = best
    if len(lines) / len(starts) > 14 and len(starts) < 20:
        return None
    return starts, labels


def _chain(lines: Sequence[Line], style: LabelStyle) -> tuple[list[int], Labels] | None:
    """The best ascending run of labels of one style; numbers may be missing where a label was not read."""
    candidates: list[tuple[int, int, re.Match[str]]] = []
    for index, line in enumerate(lines):
        match = style.pattern.match(line.text)
        if match and int(match.group(2)) < 3000:
            candidates.append((index, int(match.group(2)), match))
    if style.name == "brackets" and len(candidates) == 1 and candidates[0][:2] == (0, 1):
        match = candidates[0][2]
        return [0], {0: (match.group(1).strip(), lines[0].text[match.end() :], 1)}
    if len(candidates) < style.least:
        return None
    # Longest chain in which each label is the one before plus one (cheap) or plus a few (dear).
    scores: list[float] = []
    back: list[int] = []
    for at, (index, number, _) in enumerate(candidates):
        score, previous = (1.0 if number == 1 or index == 0 else 0.3 if number < 4 else -0.7), -1
        for other in range(at - 1, max(-1, at - 40), -1):
            step = number - candidates[other][1]
            gained = scores[other] + _step_value(step, candidates[other][0], index)
            if gained > score:
                score, previous = gained, other
        scores.append(score)
        back.append(previous)
    at = max(range(len(candidates)), key=scores.__getitem__)
    if scores[at] < style.least - 0.8:
        return None
    chain: list[int] = []
    while at >= 0:
        chain.append(at)
        at = back[at]
    chain.reverse()
    starts = [candidates[i][0] for i in chain]
    labels: Labels = {
        candidates[i][0]: (
            candidates[i][2].group(1).strip(),
            lines[candidates[i][0]].text[candidates[i][2].end() :],
            candidates[i][1],
        )
        for i in chain
    }
    if starts[0] > 0 and candidates[chain[0]][1] > 1:
        starts.insert(0, 0)
    return starts, labels


def _step_value(step: int, from_index: int, to_index: int) -> float:
    if not 1 <= step <= 4:
        return -50.0
    value = 1.0 if step == 1 else 0.35
    return value - 0.6 if to_index - from_index > 12 * step else value


def by_keys(lines: Sequence[Line]) -> tuple[list[int], Labels] | None:
    """Entries labelled with letters and years: [Knu97]."""
    starts: list[int] = []
    labels: Labels = {}
    for index, line in enumerate(lines):
        if match := _KEY.match(line.text):
            starts.append(index)
            labels[index] = (match.group(1), line.text[match.end() :], None)
    if len(starts) < 2 or starts[0] > 4 or len(lines) / len(starts) > 12:
        return None
    return starts, labels
