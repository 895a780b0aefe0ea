"""Annotated bibliographies: what is said about the entries is left out, the entries stay."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dl_lit.pdf.document import Line
from dl_lit.pdf.headings import folded
from dl_lit.pdf.lines.signs import LABEL, has_author, has_year, is_prose, marks

_ANNOTATED = re.compile(
    r"\b(?:annotated|annotations?|kommentierte?\w*|commentée?|commentaires|comentada|ragionata|commentata|"
    r"geannoteerde?|аннотированн\w+|komentowana)\b",
    re.IGNORECASE,
)
_LONGEST_ENTRY = 8  # lines
_REMARKED_LINES = 30  # of a list, that tell whether its entries bear remarks in smaller type
_SMALLER = 0.4  # points
_INDENT = 4  # points by which such remarks stand in, at least
_FEWEST_REMARKS = 4  # among those lines
_REMARKS_LEAST, _REMARKS_MOST = 0.25, 0.75  # of those lines


def is_annotated(heading: str) -> bool:
    """Whether a heading says that its list is annotated."""
    return bool(_ANNOTATED.search(folded(heading)))


def small_remarks(lines: Sequence[Line]) -> set[int]:
    """The indices of remarks in smaller type below the entries of a list that begins with `lines`; mostly none.

    They are told by the first lines: type of two sizes takes turns, the first entry's and a smaller one further in.
    """
    if not lines:
        return set()
    size, left = lines[0].size, lines[0].x0
    head = lines[:_REMARKED_LINES]
    small = [line.size < size - _SMALLER for line in head]
    turns = sum(small[at] and not small[at - 1] for at in range(1, len(small)))
    if turns < _FEWEST_REMARKS or not _REMARKS_LEAST <= sum(small) / len(small) <= _REMARKS_MOST:
        return set()
    if any(is_small and line.x0 < left + _INDENT for line, is_small in zip(head, small, strict=True)):
        return set()
    return {at for at, line in enumerate(lines) if line.size < size - _SMALLER}


def without_annotations(lines: Sequence[Line]) -> list[int]:
    """The indices of those of `lines`, an annotated list, that belong to entries and not to what is said of them."""
    kept: list[int] = []
    entry: list[int] = []
    for at, line in enumerate(lines):
        if _begins_entry(lines, at):
            kept += entry
            entry = [at]
            continue
        goes_on = bool(entry) and entry[-1] == at - 1 and len(entry) < _LONGEST_ENTRY
        bears_signs = bool(marks(line.text)) and not is_prose(line.text)
        if goes_on and (bears_signs or not _is_remark(lines, entry, at)):
            entry.append(at)
    return kept + entry


def _begins_entry(lines: Sequence[Line], at: int) -> bool:
    text = lines[at].text
    if is_prose(text) or not (has_author(text) or LABEL.match(text)):
        return False
    return any(has_year(line.text) for line in lines[at : at + 3])


def _is_remark(lines: Sequence[Line], entry: Sequence[int], at: int) -> bool:
    """Whether a remark begins at `at`: a paragraph of its own in running text, after an entry that has its year."""
    line, before = lines[at], lines[at - 1]
    if not any(has_year(lines[other].text) for other in entry):
        return False
    together = (line.page, line.column) == (before.page, before.column)
    is_apart = together and before.y0 - line.y1 > 0.4 * max(line.height, 4.0)
    is_text = sum(is_prose(other.text) for other in lines[at : at + 3]) >= 2
    return is_text and (is_apart or abs(line.x0 - lines[entry[-1]].x0) > 4 or not marks(line.text))
