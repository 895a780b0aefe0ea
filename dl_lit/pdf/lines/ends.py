"""Where a list of references ends: at a heading, where lines cease to look like references, where the model says so."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dl_lit.core.values import dataclass
from dl_lit.pdf.document import Line
from dl_lit.pdf.headings import ends_references, ends_with_sentence, opens_references, opens_series
from dl_lit.pdf.lines.model import Label
from dl_lit.pdf.lines.signs import CONTINUES, has_author, has_year, is_prose, marks, usual_size

_GAP_WITHOUT_MARKS = 14  # lines without any sign of a reference end a list
_SHORT_GAP = 2  # lines that the model may call something else anywhere within a list
_SURE_SHARE = 0.6  # of a list's lines must be references to the model before it may shorten the list
_TORN_SHARE = 0.25  # of references in what would be cut off: so many, and it is no tail but a list with annotations
_OPEN = re.compile(r"(?:[,&\u00ad-]|\b(?:and|und|et|y|of|in|the|der|de)|/)$")  # ends of lines that go on


@dataclass(frozen=True, slots=True)
class End:
    """How many lines belong to a list, and whether something that stands there says so."""

    at: int
    is_marked: bool  # a heading or a set phrase, not only silence


def ruled_end(opening: Line, lines: Sequence[Line], labels: Sequence[Label]) -> End:
    """The end of the list below the heading `opening`, judged by headings and signs.

    The model's `labels` of `lines` are asked only whether a bold line is a heading or an entry that is set in bold.
    """
    body_size = usual_size(lines[:40])
    stands_out = opening.bold or opening.size > body_size + 0.8
    quiet, last_mark = 0, -1
    for index, line in enumerate(lines):
        if opens_references(line.text):
            quiet = 0
            if index - last_mark > 2 and not looks_proven(lines[index + 1 : index + 25]):
                return End(index, is_marked=True)
            continue
        if _is_ending(opening, lines, index, body_size):
            return End(index, is_marked=True)
        is_entry = line.size <= body_size + 0.4 and _is_amid_references(labels, index)
        if stands_out and not is_entry and _is_alike(line, opening, body_size) and not _goes_on(lines, index):
            return End(index, is_marked=True)
        if marks(line.text) or has_author(line.text):
            quiet, last_mark = 0, index
        else:
            quiet += 1
            if quiet >= _GAP_WITHOUT_MARKS:
                return End(last_mark + 1, is_marked=False)
    return End(len(lines), is_marked=False)


def looks_proven(window: Sequence[Line], least: float = 0.22) -> bool:
    """Whether at least the share `least` of the lines below a heading bear signs of references."""
    below = [line for line in window if not opens_references(line.text)]
    return bool(below) and sum(marks(line.text) for line in below) / len(below) >= least


def settled_end(lines: Sequence[Line], labels: Sequence[Label], ruled: End) -> int:
    """The end that rules and model agree on; `labels` are those of `lines`."""
    told = model_end(labels)
    if told == 0:
        return ruled.at
    if told > ruled.at:
        return ruled.at if ruled.is_marked else told
    tail = labels[told : ruled.at]
    sure = _references(labels[:told]) >= _SURE_SHARE * told
    if not tail or not sure or (len(tail) >= _GAP_WITHOUT_MARKS and _references(tail) >= _TORN_SHARE * len(tail)):
        return ruled.at
    return with_continuation(lines, told, ruled.at)


def model_end(labels: Sequence[Label]) -> int:
    """The end of the chain of reference lines that begins near the first one; 0 where there is none."""
    end = at = 0
    count = len(labels)
    while at < count:
        if not _is_reference(labels[at]):
            at += 1
            continue
        start = at
        while at < count and _is_reference(labels[at]):
            at += 1
        gap = start - end
        if gap > _GAP_WITHOUT_MARKS or (end and gap > _SHORT_GAP and at - start < max(3, gap)):
            break
        end = at
    return end


def with_continuation(lines: Sequence[Line], end: int, limit: int) -> int:
    """`end`, moved on over an entry's last lines: an address, a number, the rest of a sentence; at most to `limit`."""
    for index in range(end, limit):
        line, before = lines[index], lines[index - 1]
        if index - end >= 3 or line.bold != before.bold or abs(line.size - before.size) > 0.4:
            return index
        together = (line.page, line.column) == (before.page, before.column)
        if together and before.y0 - line.y1 > 0.9 * max(line.height, 4.0):
            return index
        is_open = bool(_OPEN.search(before.text)) or (together and before.text[-1:].isalpha() and marks(line.text))
        if not is_open and not CONTINUES.match(line.text):
            return index
    return limit


def _is_reference(label: Label) -> bool:
    return label in (Label.REFERENCE, Label.HEADING)


def _references(labels: Sequence[Label]) -> int:
    return sum(map(_is_reference, labels))


def _is_amid_references(labels: Sequence[Label], index: int) -> bool:
    """Whether the model takes a line and those around it for references."""
    around = labels[max(0, index - 1) : index + 4]
    return len(around) >= 3 and all(label is Label.REFERENCE for label in around)


def _is_ending(opening: Line, lines: Sequence[Line], index: int, body_size: float) -> bool:
    """Whether the line at `index` heads what is no list of references any more."""
    line = lines[index]
    if not ends_references(line.text) or not _stands_alone(lines, index, body_size):
        return False
    if not opens_series(line.text):
        return True
    # "Books", "Working papers": within a list they head a part of it, unless they rank with the list's own heading.
    opens_page = index == 0 or lines[index - 1].page != line.page
    ranks = line.size >= opening.size - 0.3 and (line.bold or not opening.bold)
    return ranks and (opens_page or line.size > body_size + 0.4 or line.bold)


def _stands_alone(lines: Sequence[Line], index: int, body_size: float) -> bool:
    """Whether the words of an ending really head something, and are not the last words of an entry."""
    if index == 0:
        return True
    line, before = lines[index], lines[index - 1]
    if line.bold or abs(line.size - body_size) > 0.4:
        return True
    if (line.page, line.column) != (before.page, before.column):
        return len(line.text) <= 40 and bool(re.search(r"[.\d)\]]$", before.text))
    if ends_with_sentence(line.text):
        return True
    gap = before.y0 - line.y1
    return gap > 0.35 * max(line.height, 1.0) and bool(re.search(r"[.\d)\]]$", before.text))


def _is_alike(line: Line, opening: Line, body_size: float) -> bool:
    """Whether `line` looks like a heading of the same rank as `opening`, or a higher one."""
    if len(line.text) > 100 or len(line.text) < 3 or not re.search(r"[^\W\d_]{3}", line.text):
        return False
    if opening.size > body_size + 0.8:
        return line.size >= opening.size - 0.3 and (line.bold or not opening.bold)
    return line.bold and opening.bold and line.size >= opening.size - 0.3


def _goes_on(lines: Sequence[Line], index: int) -> bool:
    """Whether references go on right after a line that looks like a heading: it only parts the list."""
    line = lines[index]
    if len(line.text) > 60 and has_year(line.text):
        return True
    if re.match(r"\d{1,2}(?:\.\d+)*\.?\s+[A-ZÀ-Þ]", line.text) and not has_year(line.text):
        return False
    window = lines[index + 1 : index + 9]
    if len(window) < 3 or sum(is_prose(other.text) for other in window) > 0.4 * len(window):
        return False
    return sum(marks(other.text) for other in window) >= 0.6 * len(window)
