"""Entries that are labelled with keys: [Knu97], [ABC+12], [Knuth 1997], Knu97, or set off by bullets."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dl_lit.pdf.document import Line
from dl_lit.pdf.splitting.labels import Label, Labels
from dl_lit.pdf.splitting.patterns import UPPER

_BRACKETED = re.compile(rf"\s*(?P<label>[\[〔【]\s*(?P<key>[{UPPER}][^\[\]〔〕【】]{{0,48}}?)\s*[\]〕】])[.:]?\s*")
_PLAIN = re.compile(
    rf"\s*(?P<label>(?P<key>[{UPPER}][^\W\d_]{{0,7}}\+?\s?['’]?\d{{2}}(?:\d\d)?[a-z]?))[.:]?\s+(?=[{UPPER}])"
)
# What else stands in brackets at the head of a line.
_NO_KEY = re.compile(
    r"(?:online|internet|cross\s?ref|pub\s?med|medline|google|scholar|pmc|doi|isi|web of|accessed|cited|in [A-Z]|"
    r"in press|"
    r"electronic|available|computer|abstract|translat|hrsg|eds?\b|n\. ?d|s\. ?[ln]|arxiv|astro|hep|erratum|"
    r"цит|дата|электронный|текст|DVD\b|CD-|CD\b)",
    re.IGNORECASE,
)
_BULLET = re.compile(r"\s*([•▪■●◦○►▶➢➤✓❖·∙*◆◇□‣⁃]|[–—-](?=\s))\s*(?=\S)")
_FEWEST = 3  # entries of keys without brackets, or with bullets
_MOST_LINES = 12  # an entry
_UNLIKE = 0.9  # of the keys differ from each other


def by_keys(lines: Sequence[Line]) -> tuple[list[int], Labels] | None:
    """Indices of the lines at which entries begin that bear keys in brackets; `None` if they do not."""
    found = _matches(lines, _BRACKETED)
    if len(found) < 2 or min(found) > 4 or len(lines) / len(found) > _MOST_LINES:
        return None
    return sorted(found), found


def by_plain_keys(lines: Sequence[Line]) -> tuple[list[int], Labels] | None:
    """The same for keys of letters and years without brackets, in a column of their own."""
    found = _matches(lines, _PLAIN)
    if len(found) < _FEWEST or min(found) > 0 or len(lines) / len(found) > _MOST_LINES / 2:
        return None
    return sorted(found), found


def by_bullets(lines: Sequence[Line]) -> tuple[list[int], Labels] | None:
    """The same for entries that each begin with the same bullet."""
    found: Labels = {}
    first = _BULLET.match(lines[0].text) if lines else None
    if first is None:
        return None
    for index, line in enumerate(lines):
        if (match := _BULLET.match(line.text)) and match.group(1) == first.group(1):
            found[index] = Label("", line.text[match.end() :])
    if len(found) < _FEWEST or len(lines) / len(found) > _MOST_LINES:
        return None
    return sorted(found), found


def _matches(lines: Sequence[Line], pattern: re.Pattern[str]) -> Labels:
    """The keys that stand at the head of lines; none where they repeat."""
    found: Labels = {}
    for index, line in enumerate(lines):
        match = pattern.match(line.text)
        if match and not _NO_KEY.match(match.group("key")):
            found[index] = Label(match.group("label").strip(), line.text[match.end() :])
    different = {label.text for label in found.values()}
    return found if len(different) >= _UNLIKE * len(found) else {}
