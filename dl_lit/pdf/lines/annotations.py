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


def is_annotated(heading: str) -> bool:
    """Whether a heading says that its list is annotated."""
    return bool(_ANNOTATED.search(folded(heading)))


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
