"""The first pages of a file as the judge sees them: cover sheets apart, each line with its letters. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final

from dl_lit.core.ports import PdfFacts
from dl_lit.core.printed import PrintedLine, PrintedPage
from dl_lit.core.values import dataclass
from dl_lit.matching.normalise import squash, text_key

LARGER: Final = 1.12  # times the usual size: type in which headings are set
HEAD: Final = 0.87  # of the page's height: above it stand mastheads and running heads
FOOT: Final = 0.12  # below it stand page numbers, copyright, addresses
THIN_WORDS: Final = 60  # a page of fewer words is a title page, a half-title, or the back of one
_USUAL_TOP: Final = 20  # lines of a page whose layout is not known, in which its title may stand
_BREAK: Final = "\u00ad"  # at a line's end where a word was broken
_NEXT_TITLE: Final = 1.3  # times the usual size: a title behind the end of another article
_EDGE: Final = 0.06  # of the page's height, in which nothing but heads and feet stands
_REFERENCES = re.compile(
    r"^\W*(?:\d{1,2}\.?\s+|[ivx]+\.\s+)?(?:references|references and notes|bibliography|works cited|"
    r"literature(?: cited)?|"
    r"literatur(?:verzeichnis)?|bibliographie|r[eé]f[eé]rences(?: bibliographiques)?|"
    r"referencias(?: bibliogr[aá]ficas)?|"
    r"refer[eê]ncias(?: bibliogr[aá]ficas)?|bibliograf[ií]a|riferimenti bibliografici|"
    r"список литературы|литература|参考文献)\W*$",
    re.IGNORECASE,
)
_ABSTRACT = re.compile(
    r"^\W*(?:abstract|summary|zusammenfassung|r[eé]sum[eé]|resumen|resumo|riassunto|аннотация|реферат|introduction|"
    r"1\.?\s+introduction|background|einleitung|keywords?|key words|highlights)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One printed line, ready to be compared."""

    line: PrintedLine
    letters: str  # of its key, without spaces
    is_larger: bool  # than the text of these pages

    @property
    def text(self) -> str:
        """As printed, without the mark of a broken word."""
        return self.line.text.rstrip(_BREAK)

    @property
    def is_in_margin(self) -> bool:
        """Whether it stands where mastheads, running heads and feet do."""
        return not FOOT <= self.line.height <= HEAD


@dataclass(frozen=True)
class Leaf:
    """One page of the work itself."""

    page: PrintedPage
    index: int  # 0 for the first that is no cover sheet
    rows: tuple[Row, ...]
    usual: float = 0.0  # size of type of the running text, points; 0 where it is not known

    @property
    def is_thin(self) -> bool:
        """Whether it has hardly any text: a title page."""
        return self.page.words < THIN_WORDS

    @cached_property
    def letters(self) -> str:
        """All its lines' letters in reading order."""
        return "".join(row.letters for row in self.rows)


@dataclass(frozen=True)
class Front:
    """The first pages of a file."""

    covers: tuple[PrintedPage, ...]
    leaves: tuple[Leaf, ...]
    usual: float  # size of type of the running text, points; 0 where it is not known

    @cached_property
    def cover_text(self) -> str:
        """The text of the cover sheets."""
        return "\n".join(page.text for page in self.covers)

    @cached_property
    def text(self) -> str:
        """The text of the work's own first pages."""
        return "\n".join(leaf.page.text for leaf in self.leaves)

    @cached_property
    def words(self) -> int:
        """How many words were read on the work's own first pages."""
        return sum(leaf.page.words for leaf in self.leaves)

    @property
    def opening(self) -> Leaf | None:
        """The first of the work's pages with running text, else the first of all."""
        return next((leaf for leaf in self.leaves if not leaf.is_thin), self.leaves[0] if self.leaves else None)

    def before_abstract(self) -> Iterator[Row]:
        """The rows of title pages, and of the opening page those above its abstract or introduction."""
        for leaf in self.leaves:
            ends = next((row.line.height for row in leaf.rows if _ABSTRACT.match(row.text)), None)
            if leaf.is_thin:
                yield from leaf.rows
                continue
            if ends is None:
                yield from leaf.rows[: 2 * _USUAL_TOP]
            else:
                yield from (row for row in leaf.rows if row.line.height > ends or row.line.height == ends == 0.5)
            return

    def margins(self) -> Iterator[Row]:
        """The rows in heads and feet of all pages, where journals print what an article is and where."""
        for leaf in self.leaves:
            yield from (row for row in leaf.rows if row.is_in_margin)


def front_of(facts: PdfFacts) -> Front:
    """The first pages of the file that `facts` describe."""
    printed = facts.printed or tuple(_unplaced(number, text) for number, text in enumerate(facts.pages, 1))
    own = [page for page in printed if page.cover is None]
    usual = _usual_size(own)
    leaves = tuple(Leaf(page, index, _rows(page, usual), usual) for index, page in enumerate(own))
    return Front(tuple(page for page in printed if page.cover is not None), leaves, usual)


def _unplaced(number: int, text: str) -> PrintedPage:
    """A page of which only the text is known."""
    lines = tuple(PrintedLine(line) for line in text.splitlines() if line.strip())
    return PrintedPage(number=number, lines=lines, words=len(text.split()))


def _usual_size(pages: Sequence[PrintedPage]) -> float:
    """The size of type in which the middle letter is set; 0 where sizes are not known."""
    weighed = sorted((line.size, len(line.text)) for page in pages for line in page.lines if line.size > 0)
    half = sum(length for _, length in weighed) / 2
    for size, length in weighed:
        half -= length
        if half <= 0:
            return size
    return 0.0


def _rows(page: PrintedPage, usual: float) -> tuple[Row, ...]:
    """The page's lines, but not those of a list of references: it names many works, and none of them is this one."""
    kept: list[Row] = []
    is_in_list = False
    for line in page.lines:
        if is_in_list and usual and line.size >= _NEXT_TITLE * usual:
            is_in_list = False  # the next article begins on this page
        is_in_list = is_in_list or bool(_REFERENCES.match(line.text))
        if not is_in_list or not _EDGE <= line.height <= 1 - _EDGE:
            kept.append(Row(line, letters_of(line.text), bool(usual) and line.size >= LARGER * usual))
    return tuple(kept)


def letters_of(text: str) -> str:
    """The letters and figures of a text's key, without spaces."""
    return squash(text_key(text.rstrip(_BREAK)))


def beginning(text: str, letters: int) -> str:
    """As much of the text as has so many letters."""
    return next((text[:end] for end in range(len(text)) if len(letters_of(text[:end])) >= letters), text)


def joined(rows: Sequence[Row]) -> str:
    """The rows as one text, words that were broken at their ends put together."""
    text = ""
    for row in rows:
        part = row.text.strip()
        is_broken = bool(text) and row.line.text != "" and text.endswith(_BREAK)
        text = text.rstrip(_BREAK) + part if is_broken else f"{text} {part}".strip()
        if row.line.text.endswith(_BREAK):
            text += _BREAK
    return text.rstrip(_BREAK)
