"""Signs of references that single lines bear."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from dl_lit.pdf.document import Line
from dl_lit.pdf.lines.lexicon import PROSE_WORDS

_YEAR = re.compile(
    r"(?<!\d)(?:1[5-9]|20)\d{2}[a-z]?(?!\d)|\bn\.\s?d\.|\bin press\b|\bforthcoming\b|\bim Druck\b", re.IGNORECASE
)
LABEL = re.compile(
    r"\s*(?:\[\s*(?:\d{1,4}|[A-Z][A-Za-z+]{0,8}\d{2,4}[a-z]?)\s*\]|\(\d{1,3}\)|\d{1,4}[.)]?(?=\s|[A-Z]))"
)
_REFERENCE_MARKS = re.compile(
    r"\b10\.\d{4,9}/|https?:|\bdoi\b|\bet al\b|\bpp?\.\s*\d|\bvol\b|\bno\.\s*\d|\(\d+\)\s*[:,]|\d+\s*[:;]\s*e?\d+|"
    r"\barxiv\b|"
    r"\bJ(?:ournal)?\b|\bPress\b|\bVerlag\b|\bUniversity\b|\bProc(?:eedings)?\b|\bISBN\b|\bIn:|\bEds?\.|\bHrsg\b|"
    r"出版社|大学|學報|学报|雑誌|\[[JMCDNPR](?:/OL)?\]",
    re.IGNORECASE,
)
_AUTHOR = re.compile(
    r"^[\"“„«]?(?:(?:[a-z'’]{1,4}\s){0,3}[^\W\d_][\w'’´`\-–]+(?:[ \-][A-ZÀ-ÞА-Я][\w'’\-]+){0,2},\s*(?:[A-ZÀ-ÞА-Я]\.|"
    r"[A-ZÀ-ÞА-Я][\w\-]+)|"
    r"(?:[A-ZÀ-ÞА-Я]\.[\s-]?){1,3}\s?[A-ZÀ-ÞА-Я][\w'’\-]+|[A-ZÀ-ÞА-Я][\w'’\-]+\s[A-ZÀ-ÞА-Я]{1,3}[,.:;\s])"
)
# What begins a line only in the middle of an entry, at its end: an address, an identifier, pages, a lone year.
CONTINUES = re.compile(
    r"(?:https?:|doi\b|10\.\d{4}|//|www\.|\[?PMID|\[?PubMed|\[Cross|"
    r"[\w./()\-]*\d[\w./()\-]*\.?$|pp?\.\s?\d|\(?\d{4}[).])",
    re.IGNORECASE,
)


def has_year(text: str) -> bool:
    """Whether a year, or what stands in for one, is in `text`."""
    return bool(_YEAR.search(text))


def has_author(text: str) -> bool:
    """Whether `text` begins as an entry does that begins with a name."""
    return bool(_AUTHOR.match(text))


@lru_cache(maxsize=4_096)  # headings, ends and gaps ask for the same lines
def marks(text: str) -> int:
    """1 when a line bears a sign of being part of a reference (year, DOI, page range …), else 0."""
    return int(bool(_YEAR.search(text) or _REFERENCE_MARKS.search(text) or LABEL.match(text)))


def is_prose(text: str) -> bool:
    """Whether `text` holds words that running text needs and titles seldom have."""
    return not PROSE_WORDS.isdisjoint(text.split())


def strength(text: str) -> int:
    """How many kinds of signs a line bears, 0 to 3."""
    return bool(_YEAR.search(text)) + bool(_REFERENCE_MARKS.search(text)) + bool(_AUTHOR.match(text))


def usual_size(lines: Sequence[Line]) -> float:
    """The median of the lines' font sizes in points; 0 for none."""
    sizes = sorted(line.size for line in lines)
    return sizes[len(sizes) // 2] if sizes else 0.0
