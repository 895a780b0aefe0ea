"""Lines that a program reads or writes: records of BibTeX among entries, what is typed at a prompt and printed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dl_lit.pdf.document import Line

_RECORD = re.compile(r"\s*@[A-Za-z]{4,20}\s?\{\s?[^\s{},]*,?")
_FIELD = re.compile(r"\s*[A-Za-z][\w-]*\s?=\s?[{\"\d]")
_MOST_LINES = 40  # of a record
_CONSOLE = re.compile(
    r"\s*(?:R>|>>>|\$|>|In \[\d+\]:|Out\[\d+\]:|julia>|sage:|gap>)\s\S"  # a prompt
    r"|\s*\[\d+\]\s*(?:\"[^\"]*\"\s*)+$"  # [1] "2004-01-05 GMT" "2004-01-06 GMT"
    r"|\s*(?:\[\d+\]\s*)?(?:\d{4}-\d\d-\d\d\s*)?(?:-?\d+\.\d+(?:[eE][+-]?\d+)?\s+)+-?\d+\.\d+(?:[eE][+-]?\d+)?\s*$"
    r"|\s*(?:\d{4}-\d\d-\d\d\s+){2,}(?:\d{4}-\d\d-\d\d\s*)$"
)


def records(lines: Sequence[Line]) -> set[int]:
    """The indices of those of `lines` that are the source of an entry: "@book{key, author = {…}, …}"."""
    found: set[int] = set()
    at = 0
    while at < len(lines):
        if not _RECORD.match(lines[at].text):
            at += 1
            continue
        open_braces, end = 0, at
        for end in range(at, min(at + _MOST_LINES, len(lines))):
            open_braces += lines[end].text.count("{") - lines[end].text.count("}")
            if open_braces <= 0:
                break
        # A list may end, or be taken to end, amid a record.
        is_cut_off = end == len(lines) - 1 and end > at and bool(_FIELD.match(lines[at + 1].text))
        if open_braces <= 0 or is_cut_off:
            found.update(range(at, end + 1))
            at = end
        at += 1
    return found


def is_console(text: str) -> bool:
    """Whether `text`, a whole line, was typed at a program's prompt or printed by a program as numbers and dates."""
    return bool(_CONSOLE.match(text))
