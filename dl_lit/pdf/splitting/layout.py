"""Entries without labels: what the words say of where they begin, and what the layout of this list adds to it.

The words are judged by the model of beginnings. Then the list itself is asked: where the lines that begin entries by
their words mostly stand further out (or further in) than the others, mostly have more space above them, or come in
alphabetical order, these signs count for every line, as much as they parted the two in this very list.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Hashable, Sequence
from itertools import pairwise

from dl_lit.pdf.document import Line
from dl_lit.pdf.folding import without_accents
from dl_lit.pdf.splitting.beginnings import beginning_model
from dl_lit.pdf.splitting.ideographs import is_without_capitals, odds_without_capitals
from dl_lit.pdf.splitting.patterns import PARTICLE

_ROUNDS = 4
_DOUBT = 1.0  # lines that are added to every count, so that few lines prove little
_MOST = 6.0  # natural logarithm of odds that one sign can add or take
_TRUST, _SUREST = 0.8, 5.0  # what the words' odds are multiplied with, and the most that they then may be
_ASCENDING = 0.7  # of neighbouring beginnings: where fewer ascend the list is not in alphabetical order
_INDENTS = (-0.35, 0.35, 0.8, 1.4, 2.2, 4.0, 8.0)  # of a line's height: edges of the classes
_GAPS = (0.5, 1.008, 1.03, 1.06, 1.1, 1.2, 1.35, 1.6, 2.2)  # of the usual distance of two lines
_FEWEST_GAPS = 4
_WIDE, _NARROW = 1.25, 1.1  # of the usual distance: plainly apart, and plainly together
_FEWEST_WIDE = 4  # entries that stand apart, to say that all do
_WIDE_SHARE = 0.9  # of the lines that stand apart must be entries' first ones
_NARROW_SHARE = 0.25  # of those: more entries without space above them, and space does not tell
_WORD = re.compile(r"[^\W\d_]+")
_PARTICLES = re.compile(PARTICLE)

Sign = Sequence[Hashable | None]  # one class for each line; None where it says nothing


def by_layout(lines: Sequence[Line]) -> list[int]:
    """Line indices at which unlabelled entries begin."""
    odds = odds_without_capitals(lines) if is_without_capitals(lines) else beginning_model().odds(lines)
    words = [max(-_SUREST, min(_SUREST, _TRUST * value)) for value in odds]
    signs: list[Sign] = [_indents(lines), _gaps(lines), [(line.bold, round(line.size)) for line in lines]]
    odds = _with_signs(words, signs)
    keys = [_keys(line.text) for line in lines]
    if _is_alphabetical([key for key, value in zip(keys, odds, strict=True) if value > 0 and key]):
        odds = _with_signs(words, [*signs, _orders(keys, odds)], odds)
    starts = [index for index, value in enumerate(odds) if value > 0 or index == 0]
    squeezed = _squeezed(lines, starts)
    return [index for index in starts if index not in squeezed]


def _squeezed(lines: Sequence[Line], starts: Sequence[int]) -> set[int]:
    """Those of `starts` without space above them, in a list that plainly sets its entries apart by space."""
    spaces = _spaces(lines)
    wide = {index for index, space in enumerate(spaces) if space is not None and space >= _WIDE}
    narrow = {index for index in starts if (space := spaces[index]) is not None and space < _NARROW}
    believed = len(wide.intersection(starts))
    if believed < _FEWEST_WIDE or believed < _WIDE_SHARE * len(wide) or len(narrow) > _NARROW_SHARE * believed:
        return set()
    return narrow


def _with_signs(words: Sequence[float], signs: Sequence[Sign], odds: Sequence[float] | None = None) -> list[float]:
    """The words' odds with what each sign adds to them, which is learnt from the odds, round after round."""
    odds = words if odds is None else odds
    for _ in range(_ROUNDS):
        shares = [1 / (1 + math.exp(-value)) for value in odds]
        weights = [_weights(sign, shares) for sign in signs]
        odds = [
            value + sum(weight.get(sign[index], 0.0) for sign, weight in zip(signs, weights, strict=True))
            for index, value in enumerate(words)
        ]
    return list(odds)


def _weights(sign: Sign, shares: Sequence[float]) -> dict[Hashable, float]:
    """What each class of a sign adds to the odds, given how much each line is a beginning."""
    firsts: defaultdict[Hashable, float] = defaultdict(float)
    others: defaultdict[Hashable, float] = defaultdict(float)
    for kind, share in zip(sign, shares, strict=True):
        if kind is not None:
            firsts[kind] += share
            others[kind] += 1 - share
    of_firsts, of_others = sum(firsts.values()) + _DOUBT, sum(others.values()) + _DOUBT
    return {
        kind: max(
            -_MOST, min(_MOST, math.log((firsts[kind] + _DOUBT) / of_firsts * of_others / (others[kind] + _DOUBT)))
        )
        for kind in firsts
    }


def _indents(lines: Sequence[Line]) -> Sign:
    """How far each line stands in from its column's left edge, in classes."""
    unit = max(_median([line.height for line in lines]), 4.0)
    edges = _edges(lines)
    return [_class_of((line.x0 - edges[line.page, line.column]) / unit, _INDENTS) for line in lines]


def _edges(lines: Sequence[Line]) -> dict[tuple[int, int], float]:
    """The left edge of every column that the list runs through."""
    columns: defaultdict[tuple[int, int], list[float]] = defaultdict(list)
    for line in lines:
        columns[line.page, line.column].append(line.x0)
    edges: dict[tuple[int, int], float] = {}
    for key, lefts in columns.items():
        lefts.sort()
        # The leftmost edge that more than a stray line has; where there are few lines, each counts.
        least = 2 if len(lefts) >= 8 else 1
        edges[key] = next((x for x in lefts if sum(abs(other - x) < 2 for other in lefts) >= least), lefts[0])
    return edges


def _gaps(lines: Sequence[Line]) -> Sign:
    """How far each line stands below the one before, in classes; at the top of a column that says nothing."""
    return [None if space is None else _class_of(space, _GAPS) for space in _spaces(lines)]


def _spaces(lines: Sequence[Line]) -> list[float | None]:
    """How far each line stands below the one before, as a multiple of what is usual; `None` where that is not told."""
    gaps = [
        before.y0 - line.y0 if (line.page, line.column) == (before.page, before.column) else None
        for before, line in pairwise(lines)
    ]
    known = sorted(gap for gap in gaps if gap is not None and gap > 0)
    if len(known) < _FEWEST_GAPS:
        return [None] * len(lines)
    usual = known[len(known) // 4]
    return [None, *(None if gap is None else gap / usual for gap in gaps)]


def _is_alphabetical(keys: Sequence[tuple[str, ...]]) -> bool:
    ascending = sum(bool(_ascends(one, other)) for one, other in pairwise(keys))
    return len(keys) > 3 and ascending >= _ASCENDING * (len(keys) - 1)


def _orders(keys: Sequence[tuple[str, ...]], odds: Sequence[float]) -> Sign:
    """Whether each line's first word stands in alphabetical order between the beginnings before and after it."""
    befores = _neighbours(keys, odds)
    afters = _neighbours(keys[::-1], odds[::-1])[::-1]
    return [
        (_ascends(before, own), _ascends(own, after)) if own else None
        for before, own, after in zip(befores, keys, afters, strict=True)
    ]


def _neighbours(keys: Sequence[tuple[str, ...]], odds: Sequence[float]) -> list[tuple[str, ...]]:
    """For each line the keys of the nearest beginning before it that has some."""
    found: list[tuple[str, ...]] = []
    last: tuple[str, ...] = ()
    for key, value in zip(keys, odds, strict=True):
        found.append(last)
        last = key if value > 0 and key else last
    return found


def _keys(text: str) -> tuple[str, ...]:
    """What a line is sorted by: its first word, and the one after a particle; empty where it begins with neither."""
    stripped = text.lstrip("\"“”„«‘’'([ ")
    if not stripped[:1].isalpha():
        return ()
    particle = _PARTICLES.match(stripped)
    after = particle.end() if particle and not stripped[particle.end() - 1].isalpha() else 0
    words = [_WORD.match(stripped), _WORD.match(stripped, after)]
    return tuple(dict.fromkeys(without_accents(word.group())[:6] for word in words if word))


def _ascends(one: tuple[str, ...], other: tuple[str, ...]) -> bool | None:
    """Whether some way of sorting puts `one` before `other`; `None` where one of them has no key."""
    if not one or not other:
        return None
    return min(one) <= max(other)


def _class_of(value: float, edges: Sequence[float]) -> int:
    return sum(value > edge for edge in edges)


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return ordered[len(ordered) // 2] if ordered else 0.0
