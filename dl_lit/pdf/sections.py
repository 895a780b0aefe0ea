"""Which lines of a document are its lists of references: one at the end, one per chapter, or one without a heading."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dl_lit.pdf.document import Line, Section
from dl_lit.pdf.headings import ends_references, ends_with_sentence, is_weak_opening, opens_references

_YEAR = re.compile(
    r"(?<!\d)(?:1[5-9]|20)\d{2}[a-z]?(?!\d)|\bn\.\s?d\.|\bin press\b|\bforthcoming\b|\bim Druck\b", re.IGNORECASE
)
_LABEL = re.compile(
    r"\s*(?:\[\s*(?:\d{1,4}|[A-Z][A-Za-z+]{0,8}\d{2,4}[a-z]?)\s*\]|\(\d{1,3}\)|\d{1,4}[.)]?(?=\s|[A-Z]))"
)
_REFERENCE_MARKS = re.compile(
    r"\b10\.\d{4,9}/|https?:|\bdoi\b|\bet al\b|\bpp?\.\s*\d|\bvol\b|\bno\.\s*\d|\(\d+\)\s*[:,]|\d+\s*[:;]\s*e?\d+|"
    r"\barxiv\b|"
    r"\bJ(?:ournal)?\b|\bPress\b|\bVerlag\b|\bUniversity\b|\bProc(?:eedings)?\b|\bISBN\b|\bIn:|\bEds?\.|\bHrsg\b",
    re.IGNORECASE,
)
_AUTHORISH = re.compile(
    r"^[\"“„«]?(?:(?:[a-z'’]{1,4}\s){0,3}[^\W\d_][\w'’´`\-–]+(?:[ \-][A-ZÀ-ÞА-Я][\w'’\-]+){0,2},\s*(?:[A-ZÀ-ÞА-Я]\.|"
    r"[A-ZÀ-ÞА-Я][\w\-]+)|"
    r"(?:[A-ZÀ-ÞА-Я]\.[\s-]?){1,3}\s?[A-ZÀ-ÞА-Я][\w'’\-]+|[A-ZÀ-ÞА-Я][\w'’\-]+\s[A-ZÀ-ÞА-Я]{1,3}[,.:;\s])"
)
_PROOF_WINDOW = 24  # lines after a heading in which a list must show itself
_GAP_WITHOUT_MARKS = 14  # lines without any sign of a reference end a list


def reference_sections(lines: Sequence[Line]) -> list[Section]:
    """The document's lists of references, in reading order, headings left out."""
    openings = [index for index in range(len(lines)) if _is_opening(lines, index)]
    sections: list[Section] = []
    taken: set[Line] = set()
    for index in openings:
        if lines[index] in taken:
            continue
        following = _below(lines, index)
        body = following[: _end(lines[index], following)]
        taken.update(body)
        # A second heading inside the list ("Primary sources") goes on with it.
        entries = [line for line in body if not opens_references(line.text)]
        if entries:
            sections.append(Section(tuple(entries), heading=lines[index]))
    if sections:
        return _without_weak(sections)
    tail = _tail(lines)
    return [Section(tuple(tail))] if tail else []


def _without_weak(sections: list[Section]) -> list[Section]:
    """Leave out what is hardly a list beside the document's real one."""
    longest = max(len(section.lines) for section in sections)
    return [section for section in sections if len(section.lines) >= min(4, longest)] or sections


def _is_opening(lines: Sequence[Line], index: int) -> bool:
    line = lines[index]
    if not opens_references(line.text):
        return False
    window = [other for other in lines[index + 1 : index + 1 + _PROOF_WINDOW] if not opens_references(other.text)]
    if not window:
        return False
    share = sum(marks(other.text) for other in window) / len(window)
    needed = 0.45 if is_weak_opening(line.text) else 0.22
    if _LABEL.match(window[0].text) and not is_weak_opening(line.text):
        needed = 0.12
    if not line.text[:1].isupper() and not line.text[:1].isdigit() and not line.bold:
        needed += 0.2  # the last word of a sentence, alone on its line
    return share >= needed


def marks(text: str) -> int:
    """1 when a line bears a sign of being part of a reference (year, DOI, page range …), else 0."""
    return int(bool(_YEAR.search(text) or _REFERENCE_MARKS.search(text) or _LABEL.match(text)))


def _below(lines: Sequence[Line], heading: int) -> list[Line]:
    """What follows a heading, without what stands beside it in another column and in another type, above it."""
    opening, following = lines[heading], list(lines[heading + 1 :])
    size = _usual_size(following[:12])
    return [
        line
        for line in following
        if not (
            line.page == opening.page
            and line.column != opening.column
            and line.y0 > opening.y1 - 2
            and abs(line.size - size) > 0.6
            and not opens_references(line.text)
        )
        and not _is_float_caption(line)
    ]


def _is_float_caption(line: Line) -> bool:
    """The caption of a figure or table that floated into the list."""
    return bool(re.match(r"(?:Fig(?:ure|\.)|Table|Abb(?:ildung|\.)|Tab\.)\s*\d+\s*[.:|]\s", line.text))


def _end(opening: Line, lines: Sequence[Line]) -> int:
    """How many of `lines`, which follow the heading `opening`, belong to its list."""
    body_size = _usual_size(lines[:40])
    heading_stands_out = opening.bold or opening.size > body_size + 0.8
    quiet = 0
    last_mark = -1
    for index, line in enumerate(lines):
        if opens_references(line.text):
            quiet = 0
            if index - last_mark > 2 and not _is_opening(lines, index):
                return index
            continue
        if ends_references(line.text) and _stands_alone(lines, index, body_size):
            return index
        if heading_stands_out and _is_alike(line, opening, body_size) and not _goes_on(lines, index):
            return index
        if marks(line.text) or _AUTHORISH.match(line.text):
            quiet, last_mark = 0, index
        else:
            quiet += 1
            if quiet >= _GAP_WITHOUT_MARKS:
                return last_mark + 1
    return len(lines)


def _usual_size(lines: Sequence[Line]) -> float:
    sizes = sorted(line.size for line in lines)
    return sizes[len(sizes) // 2] if sizes else 0.0


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
    if len(line.text) > 60 and _YEAR.search(line.text):
        return True
    if re.match(r"\d{1,2}(?:\.\d+)*\.?\s+[A-ZÀ-Þ]", line.text) and not _YEAR.search(line.text):
        return False
    window = lines[index + 1 : index + 9]
    return len(window) >= 3 and sum(marks(other.text) for other in window) >= 0.6 * len(window)


def _tail(lines: Sequence[Line]) -> list[Line]:
    """A list without heading at the document's end: a dense run of numbered or year-bearing lines."""
    if len(lines) < 12:
        return []
    labelled = _numbered_tail(lines)
    if labelled:
        return labelled
    start = int(len(lines) * 0.4)
    best: tuple[float, int, int] = (0.0, 0, 0)
    run_start, score, peak, peak_at = start, 0.0, 0.0, start
    for index in range(start, len(lines)):
        text = lines[index].text
        signs = bool(_YEAR.search(text)) + bool(_REFERENCE_MARKS.search(text)) + bool(_AUTHORISH.match(text))
        score += (1.0, 1.6, 2.2)[signs - 1] if signs else -1.1
        if score <= 0:
            run_start, score, peak, peak_at = index + 1, 0.0, 0.0, index + 1
        elif score > peak:
            peak, peak_at = score, index
            if peak > best[0]:
                best = (peak, run_start, peak_at)
    _, first, last = best
    run = list(lines[first : last + 1])
    enough = len(run) >= 10 and sum(bool(_AUTHORISH.match(line.text)) for line in run) >= max(3, 0.15 * len(run))
    dense = enough and sum(marks(line.text) for line in run) >= 0.6 * len(run)
    return run if dense else []


def _numbered_tail(lines: Sequence[Line]) -> list[Line]:
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
    run = list(lines[best[0] : min(best[-1] + 4, len(lines))])
    return run if sum(marks(line.text) and bool(_YEAR.search(line.text)) for line in run) >= 0.6 * len(best) else []
