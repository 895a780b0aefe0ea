"""Entries that are labelled with numbers: 1, [1], S1, A.1, [1a], iv …, counting up, anew in every chapter."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dl_lit.core.values import dataclass
from dl_lit.pdf.document import Line
from dl_lit.pdf.splitting.patterns import UPPER


@dataclass(frozen=True, slots=True)
class Label:
    """A label and what it stands before."""

    text: str  # as printed
    rest: str  # of its line
    number: int | None = None


Labels = dict[int, Label]  # by index of the line


@dataclass(frozen=True, slots=True)
class LabelStyle:
    """How entries may be numbered: a pattern with the groups `label` and `number`, perhaps `family` and `letter`."""

    name: str
    pattern: re.Pattern[str]
    least: int  # entries that it takes to believe it
    doubt: float = 0.0  # entries that a style must have more than another to be preferred


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A line that begins with what may be a label."""

    index: int
    number: int
    letter: int  # 0 for none, 1 for a …
    family: str
    label: Label


_FAMILY = r"(?P<family>[A-Z]{1,2}\s?[.\-]?\s?)"
_OPEN, _CLOSE = r"[\[［〔【]", r"[\]］〕】]"
_STYLES = (
    LabelStyle(
        "brackets",
        re.compile(
            rf"\s*(?P<label>{_OPEN}\s*{_FAMILY}?(?P<number>\d{{1,4}})(?P<letter>[a-z])?\s?\.?\s*{_CLOSE}[.:]?)\s*"
        ),
        2,
    ),
    LabelStyle("full stop", re.compile(r"\s*(?P<label>(?P<number>\d{1,4})(?P<letter>[a-z])?\s?\.)(?!\d)\s*"), 3, 0.2),
    LabelStyle("round", re.compile(r"\s*(?P<label>\(\s?(?P<number>\d{1,4})(?P<letter>[a-z])?\s?\)\.?)\s*"), 3),
    LabelStyle("half round", re.compile(r"\s*(?P<label>(?P<number>\d{1,4})(?P<letter>[a-z])?\s?\))\s*"), 3),
    LabelStyle("prefix", re.compile(rf"\s*(?P<label>{_FAMILY}(?P<number>\d{{1,3}})[.:)]?)\s+(?=\S)"), 3),
    LabelStyle(
        "named", re.compile(r"\s*(?P<label>(?:#|№|(?:Ref|No|Nr)\.?\s)\s?(?P<number>\d{1,4})[.:)]?)\s+(?=\S)"), 3
    ),
    LabelStyle(
        "bare",
        re.compile(
            rf"\s*(?P<label>(?P<number>\d{{1,4}}))(?=\s+[^\W\d_a-z]|\s*(?:van|von|de|del|da|di|la|le|der|den|el)\s|"
            rf"\s*[{UPPER}][\w'’.\-]|\s*$|\s*[\"“‘«„]|\s*https?:)\s*"
        ),
        4,
        0.2,
    ),
    LabelStyle(
        "roman",
        re.compile(r"\s*(?P<label>[\[(]?(?P<number>[ivxlc]{1,8}|[IVXLC]{1,8})\s?[.)\]])\s+(?=\S)"),
        3,
        0.4,
    ),
)
_MOST_STEPS = 4  # numbers that may be missing between two labels that were read, plus one
_LOOK_BACK = 40  # candidates
_HIGHEST = 10_000  # beyond what four figures can say
_RESTART = -1.2  # what beginning anew at 1 is worth: it takes two more labels to pay
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_MOST_LINES, _FEW = 14, 20  # more lines an entry than that, in a list of fewer entries than that, are no entries


def by_labels(lines: Sequence[Line]) -> tuple[list[int], Labels] | None:
    """Indices of the lines at which entries begin that count 1, 2, 3 …; `None` if the list does not."""
    best: tuple[float, list[int], Labels] | None = None
    for style in _STYLES:
        found = _chain(lines, style)
        if found is None:
            continue
        starts, labels = found
        # The share of the list that the numbering explains: few entries over very many lines are no numbering.
        weight = len(starts) - style.doubt
        if best is None or weight > best[0]:
            best = (weight, starts, labels)
    if best is None:
        return None
    _, starts, labels = best
    if len(lines) / len(starts) > _MOST_LINES and len(starts) < _FEW:
        return None
    return starts, labels


def _chain(lines: Sequence[Line], style: LabelStyle) -> tuple[list[int], Labels] | None:
    """The best ascending run of labels of one style; numbers may be missing where a label was not read."""
    candidates = _candidates(lines, style)
    if style.name == "brackets" and len(candidates) == 1 and (candidates[0].index, candidates[0].number) == (0, 1):
        return [0], {0: candidates[0].label}
    if len(candidates) < style.least:
        return None
    chain = _best_chain(candidates)
    if chain is None or len(chain) < style.least:
        return None
    starts = [candidate.index for candidate in chain]
    labels = {candidate.index: candidate.label for candidate in chain}
    if starts[0] > 0 and chain[0].number > 1:
        starts.insert(0, 0)
    return starts, labels


def _candidates(lines: Sequence[Line], style: LabelStyle) -> list[_Candidate]:
    found: list[_Candidate] = []
    for index, line in enumerate(lines):
        match = style.pattern.match(line.text)
        if match is None:
            continue
        groups = match.groupdict()
        number = int(groups["number"]) if groups["number"].isdigit() else _roman(groups["number"])
        if not 0 < number < _HIGHEST:
            continue
        letter = groups.get("letter")
        found.append(
            _Candidate(
                index,
                number,
                ord(letter) - ord("a") + 1 if letter else 0,
                re.sub(r"\s", "", groups.get("family") or ""),
                Label(match.group("label").strip(), line.text[match.end() :], number),
            )
        )
    return found


def _best_chain(candidates: Sequence[_Candidate]) -> list[_Candidate] | None:
    """The chain in which each label is the one before plus one (cheap) or plus a few (dear), or begins anew."""
    scores: list[float] = []
    back: list[int] = []
    for at, candidate in enumerate(candidates):
        score, previous = _first_value(candidate), -1
        for other in range(at - 1, max(-1, at - _LOOK_BACK), -1):
            gained = scores[other] + _step_value(candidates[other], candidate)
            if gained > score:
                score, previous = gained, other
        scores.append(score)
        back.append(previous)
    at = max(range(len(candidates)), key=scores.__getitem__)
    if scores[at] < 1.2:
        return None
    chain: list[_Candidate] = []
    while at >= 0:
        chain.append(candidates[at])
        at = back[at]
    return chain[::-1]


def _first_value(candidate: _Candidate) -> float:
    """What it is worth to begin with `candidate`."""
    return 1.0 if candidate.number == 1 or candidate.index == 0 else 0.3 if candidate.number < 4 else -0.7


def _step_value(before: _Candidate, candidate: _Candidate) -> float:
    """What it is worth to go from one label to another; very little for what is no step of counting."""
    if candidate.number == 1 and candidate.letter <= 1 and (before.number > 1 or candidate.family != before.family):
        return _RESTART
    if candidate.family != before.family:
        return -50.0
    step = candidate.number - before.number
    if step == 0 and before.letter and candidate.letter == before.letter + 1:
        return 1.0
    if not 1 <= step <= _MOST_STEPS or candidate.letter > 1:
        return -50.0
    value = 1.0 if step == 1 else 0.35
    return value - 0.6 if candidate.index - before.index > 12 * step else value


def _roman(text: str) -> int:
    """The value of a Roman number."""
    values = [_ROMAN[character] for character in text.lower()]
    return sum(
        -value if any(later > value for later in values[at + 1 : at + 2]) else value for at, value in enumerate(values)
    )
