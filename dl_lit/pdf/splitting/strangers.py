"""Lines that got among a list's entries: footnotes, footers and licence lines at a column's foot, running heads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from dl_lit.pdf.document import Line
from dl_lit.pdf.headings import ends_with_sentence
from dl_lit.pdf.splitting.patterns import HEAD, STARTS_STRICT

_OTHER_SIZE = 0.4  # points: less is the same type
_APART = 1.15  # of the list's usual distance of two lines: the least space before lines in other type
_FAR_APART = 2.6  # the least space before lines in the same type
_WIDER = 1.5  # than the gaps before entries
_MOST_LINES = 10
_MOST_SHARE = 0.5  # of a column
_LONGEST_ENTRY = 60  # lines
_FEWEST_LINES = 6  # of a list whose usual type and distances can be told
_PHRASES = re.compile(
    r"(?:this is an? open[- ]access|.{0,60}creative commons|.{0,40}licen[cs]ed under|.{0,30}\ball rights reserved|"
    r"e?-?issn\b.{0,40}|.{0,20}©|copyright\b|conflicts? of interests?\b|competing interests?\b|"
    r".{0,20}correspond(?:ence|ing)\b|"
    r"received\b.{0,40}\b(?:19|20)\d\d|accepted\b.{0,30}\b(?:19|20)\d\d|recebido|aceito|recibido|aceptado|"
    r"submitted\b.{0,30}\b(?:19|20)\d\d|eingegangen|поступила|e-?mail\b|how to cite|publisher['’]s note|"
    r"(?:the )?authors? declares?|citation:|peer.review|(?:fig(?:ure|\.)|table)\s*\d+[.:])",
    re.IGNORECASE,
)
_SIGNS = re.compile(
    r"(?<!\d)(?:1[5-9]|20)\d{2}(?!\d)|\b10\.\d{4,9}/|https?:|www\.|\bpp?\.\s*\d|\b[SsСс]\.\s*\d|\d\s?[–-]\s?\d|"
    r"\b[nNsS]\.\s?[dDaAfF]\.|\bo\.\s?J\.|\b[bб]\.\s?[rг]\.|\b[Ii]n press\b|[Ff]orthcoming|arXiv|\b[Vv]ol\b|"
    r"(?<![^\W\d_])[^\W\d_a-z]\.|[『《「]"
)
_DATED = re.compile(r"(?<!\d)(?:1[5-9]|20)\d{2}(?!\d)")
_DATED_SHARE = 0.5  # of the entries: where fewer bear a year, one without is none the less one


def strangers(lines: Sequence[Line]) -> set[int]:
    """Indices of the lines at the foot or head of a column that are set in other type, or far apart."""
    if len(lines) < _FEWEST_LINES:
        return set()
    size = _median([line.size for line in lines])
    steps = [before.y0 - line.y0 for before, line in pairwise(lines) if _is_below(before, line)]
    usual = _median([step for step in steps if step > 0])
    if usual <= 0:
        return set()
    widest = sorted(steps)[len(steps) * 9 // 10]
    far = max(_FAR_APART * usual, _WIDER * widest)
    found: set[int] = set()
    for start, end in _columns(lines):
        foot = _foot(lines[start:end], size, usual, far)
        head = _head(lines[start : end - foot], size, usual)
        found.update(range(start, start + head))
        found.update(range(end - foot, end))
    return found if len(found) < _MOST_SHARE * len(lines) else set()


def is_no_reference(text: str) -> bool:
    """Whether an entry at the foot of a column, by its words, is a publisher's line and no reference."""
    return bool(_PHRASES.match(text) or ends_with_sentence(text) or _has_no_sign(text))


def odd_ones(texts: Sequence[str]) -> set[int]:
    """Which of an unlabelled list's entries are none: words of comment, headings between the readings of a syllabus."""
    if sum(bool(_DATED.search(text)) for text in texts) < _DATED_SHARE * len(texts):
        return set()
    return {index for index, text in enumerate(texts) if _has_no_sign(text)}


def _has_no_sign(text: str) -> bool:
    """Whether `text` neither shows a sign of a reference nor begins with names."""
    return not _SIGNS.search(text) and not STARTS_STRICT.match(text[:HEAD])


def annotation(lines: Sequence[Line]) -> int:
    """How many of an entry's last lines are an annotation: set in other type, below its end."""
    for at in range(1, min(len(lines), _LONGEST_ENTRY)):
        if all(abs(line.size - lines[0].size) > _OTHER_SIZE for line in lines[at:]):
            ended = re.search(r"[.\d)\]/»”]$", lines[at - 1].text)
            return len(lines) - at if ended and lines[at].text[:1].isupper() else 0
    return 0


def _columns(lines: Sequence[Line]) -> list[tuple[int, int]]:
    """Where the lines of one column of one page begin and end."""
    cuts = [at for at in range(1, len(lines)) if not _is_below(lines[at - 1], lines[at])]
    return list(zip([0, *cuts], [*cuts, len(lines)], strict=True))


def _foot(lines: Sequence[Line], size: float, usual: float, far: float) -> int:
    """How many of a column's last lines are strangers."""
    most = min(_MOST_LINES, int(_MOST_SHARE * len(lines)))
    best = 0
    for count in range(1, most + 1):
        step = lines[-count - 1].y0 - lines[-count].y0
        others = [line for line in lines[-count:] if abs(line.size - size) > _OTHER_SIZE]
        if (len(others) == count and step > _APART * usual) or (step > far and count <= 4):
            best = count
    return best


def _head(lines: Sequence[Line], size: float, usual: float) -> int:
    """How many of a column's first lines are strangers."""
    most = min(3, int(_MOST_SHARE * len(lines)))
    best = 0
    for count in range(1, most + 1):
        step = lines[count - 1].y0 - lines[count].y0
        others = [line for line in lines[:count] if abs(line.size - size) > _OTHER_SIZE]
        if len(others) == count and step > _APART * usual:
            best = count
    return best


def _is_below(before: Line, line: Line) -> bool:
    return (line.page, line.column) == (before.page, before.column) and line.y0 < before.y0 + 1


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return ordered[len(ordered) // 2] if ordered else 0.0
