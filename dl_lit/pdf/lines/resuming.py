"""Lists that go on after what looked like their end: a running foot, a float, an entry set in bold."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dl_lit.pdf.document import Line
from dl_lit.pdf.headings import opens_references, opens_series
from dl_lit.pdf.lines.model import Label
from dl_lit.pdf.lines.restarts import alphabetical_key
from dl_lit.pdf.lines.signs import LABEL, has_author, marks

_REACH = 12  # lines of something else, at most, between the two parts of a list
_FEWEST = 5  # lines of the second part that must be references to the model
_NEAR = 15  # lines on either side in which a number or a name is looked for
_STEP = 3  # numbers that may be missing between the parts
_LETTERS = 3  # that may lie between the names of the two parts
_NUMBER = re.compile(r"\s*[\[(]?(\d{1,4})[\]).]?(?=\s|[^\W\d])")


def resumption(lines: Sequence[Line], labels: Sequence[Label], end: int) -> int | None:
    """The line at which a list that ended before `end` goes on; `None` where it does not."""
    if end >= len(lines) or not end:
        return None
    if _run(labels, end) and _is_torn(lines[end - 1].text, lines[end].text):
        return end
    start = next((at for at in range(end + 1, min(end + _REACH, len(lines))) if _run(labels, at)), None)
    if start is None or any(_heads_another(lines[at].text) for at in range(end, start + 1)):
        return None
    if _is_torn(lines[end - 1].text, lines[start].text):
        return start
    return start if _counts_on(lines, end, start) or _spells_on(lines, end, start) else None


def _run(labels: Sequence[Label], at: int) -> bool:
    return len(labels) >= at + _FEWEST and all(label is Label.REFERENCE for label in labels[at : at + _FEWEST])


def _heads_another(text: str) -> bool:
    return opens_references(text) or opens_series(text)


def _is_torn(before: str, after: str) -> bool:
    """Whether one entry runs from the line `before` the end to the line `after` it."""
    is_open = bool(re.search(r"(?:[,;&\u00ad-]|\b(?:and|und|et|y|of|in|the|der|de|for|on|zur|von))$", before))
    return is_open or (after[:1].islower() and not re.search(r"[.\])]$", before) and bool(marks(after)))


def _counts_on(lines: Sequence[Line], end: int, start: int) -> bool:
    """Whether the numbering of the entries goes on."""
    last = next((number for at in range(end - 1, max(-1, end - _NEAR), -1) if (number := _number(lines[at]))), None)
    following = (_number(line) for line in lines[start : start + _NEAR])
    first = next((number for number in following if number), None)
    return last is not None and first is not None and 0 < first - last <= _STEP


def _number(line: Line) -> int | None:
    match = _NUMBER.match(line.text)
    return int(match.group(1)) if match and LABEL.match(line.text) else None


def _spells_on(lines: Sequence[Line], end: int, start: int) -> bool:
    """Whether the alphabet of the entries goes on: about the same letters on both sides, and later ones after it."""
    before = _letters(lines[max(0, end - _NEAR) : end])
    after = _letters(lines[start : start + _NEAR])
    if len(before) < 2 or len(after) < 2:
        return False
    return -1 <= after[len(after) // 2] - before[len(before) // 2] <= _LETTERS


def _letters(lines: Sequence[Line]) -> list[int]:
    """The first letters of names that entries begin with, as code points, in alphabetical order."""
    keys = (
        alphabetical_key(line.text)
        for at, line in enumerate(lines)
        if has_author(line.text) and (at == 0 or re.search(r"[.\d)\]/]$", lines[at - 1].text))
    )
    return sorted(ord(key[0]) for key in keys if key)
