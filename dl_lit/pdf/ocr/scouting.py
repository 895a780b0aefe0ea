"""Which pages of a scan to recognise whole: found by a glance at the upper part of some, from the end."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from dl_lit.pdf.headings import opens_references
from dl_lit.pdf.ocr.recogniser import SeenLine

ALL_OF = 12  # pages: so few are recognised whole without a glance
_LAST = 4  # pages that are recognised where none looks like it: the list may begin low on one of them
_FEWEST_LINES = 4
_SHARE_OF_MARKS = 0.45  # of the lines, on a page of references
_MISSES_THAT_END = 3  # pages without references before the run of those with them
_MARKS = re.compile(
    r"(?<!\d)(?:1[5-9]|20)\d\d[a-z]?(?!\d)|\b10\.\d{4,9}\s?/|https?:|\bdoi\b|\bet al\b|\b(?:pp?|S|vol|no|Bd|Nr)\.\s*\d|"
    r"\d\s?[:;(]\s*e?\d+|\d\s?[-–]\s?\d|\bIn:|\b(?:Eds?|Hrsg)\b|^\s*[\[(]?\d{1,3}[\]).]|"
    r"\b[^\W\d_][\w'’-]+,?\s(?:[^\W\da-z_]\.[\s-]?){1,3}",
    re.IGNORECASE,
)


def looks_like_references(lines: Sequence[SeenLine]) -> bool:
    """Whether the upper part of a page, as recognised in `lines`, is one of a list of references."""
    texts = [" ".join(line.text.split()) for line in lines]
    if any(opens_references(text) for text in texts):
        return True
    share = sum(bool(_MARKS.search(text)) for text in texts) / max(len(texts), 1)
    return len(texts) >= _FEWEST_LINES and share >= _SHARE_OF_MARKS


def pages_with_references(count: int, glance: Callable[[int], bool | None]) -> list[int]:
    """The indices, among `count` pages, of those that hold references, in order, with the one before each run.

    `glance` says of a page whether it looks like it, `None` when there is no time left to look. They are looked at from
    the end, where the list mostly is, until three pages before it have none. Where no page does, it is the last four.
    """
    if count <= ALL_OF:
        return list(range(count))
    found: list[int] = []
    misses = 0
    for index in reversed(range(count)):
        answer = glance(index)
        if answer is None:
            break
        if answer:
            found.append(index)
            misses = 0
        elif found:
            misses += 1
            if misses == _MISSES_THAT_END:
                break
    if not found:
        return list(range(count - _LAST, count))
    return sorted({page for index in found for page in (index - 1, index) if page >= 0})
