"""What the line model knows about a line, whoever laid the page out: the record that training and reading share."""

from __future__ import annotations

from collections.abc import Sequence

from dl_lit.core.values import dataclass
from dl_lit.pdf.document import Line

_SIZE_STEP = 0.45  # points; smaller differences are the same type to a reader
_BLOCK_GAP = 0.75  # of a line's height: wider than this between two lines, and a new block begins


@dataclass(frozen=True, slots=True)
class LineFacts:
    """One line of a document, running heads and page numbers left out."""

    text: str
    opens_page: bool = False  # the first line of a page
    opens_block: bool = False  # set apart from the line before it: by space, a new column or page, another type size
    size_step: int = 0  # -1, 0 or 1: in smaller, the same or larger type than the line before it
    bold: bool = False


def line_facts(lines: Sequence[Line]) -> list[LineFacts]:
    """The facts of `lines`, which stand in reading order."""
    facts: list[LineFacts] = []
    before: Line | None = None
    for line in lines:
        opens_page = before is None or before.page != line.page
        step = 0 if before is None else _step(line.size - before.size)
        opens_block = opens_page or step != 0 or before is None or _is_apart(before, line)
        facts.append(LineFacts(line.text, opens_page, opens_block, step, line.bold))
        before = line
    return facts


def _step(difference: float) -> int:
    return 0 if abs(difference) < _SIZE_STEP else 1 if difference > 0 else -1


def _is_apart(before: Line, line: Line) -> bool:
    if before.column != line.column or line.y0 > before.y0:
        return True
    return before.y0 - line.y1 > _BLOCK_GAP * max(min(before.height, line.height), 4.0)
