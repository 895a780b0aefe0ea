"""Where an alphabetical list begins anew: what follows is another list, of what a series or an author has published."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from dl_lit.pdf.document import Line
from dl_lit.pdf.headings import opens_references
from dl_lit.pdf.lines.signs import LABEL, has_author, usual_size

_FEWEST_BEFORE = 8  # entries that make an order
_FEWEST_AFTER = 3
_ORDERLY = 0.85  # of neighbouring entries must stand in alphabetical order
_EDGE = 3.0  # points around a column's left edge


def restart(lines: Sequence[Line]) -> int:
    """How many of `lines`, one list, stand before a second list in another dress on a page of its own."""
    starts = _entry_starts(lines)
    if len(starts) < _FEWEST_BEFORE + _FEWEST_AFTER:
        return len(lines)
    keys = [alphabetical_key(lines[at].text) for at in starts]
    rises = [first <= second for first, second in pairwise(keys)]
    for number in range(_FEWEST_BEFORE, len(starts) - _FEWEST_AFTER + 1):
        before, after = keys[number - 1], keys[number]
        if after >= before or sum(rises[: number - 1]) < _ORDERLY * (number - 1):
            continue
        if not (before[:1] >= "p" and after[:1] <= "h"):
            continue
        cut = _page_top(lines, starts[number])
        if cut is not None and _is_other_dress(lines, cut, starts[number]):
            return cut
    return len(lines)


def _entry_starts(lines: Sequence[Line]) -> list[int]:
    """The lines at their column's left edge that begin with a name."""
    edges: dict[tuple[int, int], float] = {}
    for line in lines:
        key = (line.page, line.column)
        edges[key] = min(edges.get(key, line.x0), line.x0)
    return [
        at
        for at, line in enumerate(lines)
        if line.x0 - edges[line.page, line.column] < _EDGE and has_author(line.text) and not LABEL.match(line.text)
    ]


def alphabetical_key(text: str) -> str:
    """What an entry that begins with a name is sorted by: its first letters, folded."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in folded if character.isalpha())[:4]


def _page_top(lines: Sequence[Line], at: int) -> int | None:
    """The first line of the page on which the line at `at` stands; `None` if the list begins on that page."""
    page = lines[at].page
    while at > 0 and lines[at - 1].page == page:
        at -= 1
    return at if at > 0 else None


def _is_other_dress(lines: Sequence[Line], cut: int, start: int) -> bool:
    """Whether the page that begins at `cut` has a heading of its own, or is set in another type."""
    head = lines[cut:start]
    if any(opens_references(line.text) for line in head):
        return False
    size_before, size_after = usual_size(lines[:cut]), usual_size(lines[start:])
    has_heading = any((line.bold and not lines[cut - 1].bold) or line.size > size_after + 0.8 for line in head)
    return bool(head) and (has_heading or abs(size_before - size_after) > 0.3)
