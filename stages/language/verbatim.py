"""Whether what a model quotes stands in print: pure.

A quotation stands in print when all its letters and figures (`folding`) do, in one run, beginning and ending where
words do. The run may go on over the end of a line, a column or a page, and over what is printed at the edge of several
pages: running heads and page numbers are taken out before, and nothing else is. So no quotation is put together from
pieces, and none passes that has a letter or a figure of its own.

Columns: the text of a page is one column after the other, as a rule, and an entry that goes on in the next one is one
run. Where most lines of a page have two columns beside each other, with a wide gap between, what stands left of it is
read first. Columns that alternate line by line without a gap are not told apart: entries there are not found.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dl_lit.core.language import PageText
from stages.language.folding import Folded, fold

FEWEST_LETTERS = 15  # letters and figures of a quotation that is no accident
_BEFORE = 24  # characters before a quotation in which a label may stand
_EDGE = 3  # lines at the head and at the foot of a page, among which running heads stand
_WIDE = re.compile(r"(?<=\S) {3,}(?=\S)|\t+")  # between columns of one line
_COLUMN = 15  # letters of a line of a column: a label and its entry are none
_COLUMNS_SHARE = 0.5  # of a page's lines, which have such a gap where the page is set so
_FIGURES = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"[\W_]*(?:p(?:age|\.)?\s*)?(?:\d{1,5}|[ivxlc]{1,7})(?:\s*(?:of|/)\s*\d{1,5})?[\W_]*", re.IGNORECASE
)
_BROKEN = re.compile(r"(\w+)[-\u00ad\u2010\u2011]\s*\n\s*(\w+)")


@dataclass(frozen=True, slots=True)
class Found:
    """Where a quotation stands."""

    page: int  # on which it begins
    start: int  # among all letters of the pages: quotations in print order are in this order
    end: int
    raw: str  # as printed: hyphenation undone, white space folded
    before: str = ""  # what is printed before it, some characters

    def overlaps(self, other: Found) -> bool:
        """Whether the two have letters in common."""
        return self.start < other.end and other.start < self.end


class Print:
    """What stands on some pages of a document."""

    def __init__(self, pages: Iterable[PageText]) -> None:
        """The pages in any order; each counts once."""
        self._pages = {one.page: one for one in sorted(pages, key=lambda one: one.page)}
        texts = [_in_columns(one.text) for one in self._pages.values()]
        heads = _running_heads(texts)
        begins, edges, gaps, length = [], [], [], 0
        for one, text in zip(self._pages.values(), texts, strict=True):
            if one.is_image or one.page - 1 not in self._pages or self._pages[one.page - 1].is_image:
                gaps.append(length)  # what stands before is not known
            begins.append(length)
            edges += [(length + start, length + end) for start, end in _edges(text, heads)]
            length += len(text) + 1
        self._begins, self._edges = begins, edges
        self._all = Folded.of("".join(f"{text}\n" for text in texts))
        places = self._all.places
        self._gaps = [bisect_left(places, gap) for gap in gaps]
        out = [(bisect_left(places, start), bisect_left(places, end)) for start, end in edges]
        self._kept = _without(len(places), out)
        self._letters = "".join(self._all.letters[n] for n in self._kept)

    @property
    def pages(self) -> Sequence[int]:
        """Their numbers."""
        return list(self._pages)

    def is_image(self, page: int) -> bool:
        """Whether the page is one of these and has no text layer: nothing that is said of it can be checked."""
        return page in self._pages and self._pages[page].is_image

    def find(self, quotation: str, page: int | None = None) -> Found | None:
        """Where `quotation` stands: on `page` if it begins there, else where it stands first. None: not in print."""
        letters = fold(quotation)
        if len(letters) < FEWEST_LETTERS:
            return None
        spans = [(self._page_of(start), start, end, edges) for start, end, edges in self._spans(letters)]
        if not spans:
            return None
        number, start, end, edges = min(spans, key=lambda one: (one[0] != page, one[1]))
        first = self._all.places[start]
        before = self._all.text[max(0, first - _BEFORE) : first]
        return Found(number, start, end, _raw(self._printed(start, end, edges), quotation), before)

    def _page_of(self, letter: int) -> int:
        return list(self._pages)[bisect_right(self._begins, self._all.places[letter]) - 1]

    def _spans(self, letters: str) -> Iterator[tuple[int, int, Sequence[tuple[int, int]]]]:
        """First letter, that behind the last one, and the running heads left out, of every run that is `letters`."""
        ways = (self._letters, self._kept, self._edges), (self._all.letters, range(len(self._all.letters)), ())
        for text, kept, edges in ways:
            at = text.find(letters)
            while at >= 0:
                start, end = kept[at], kept[at + len(letters) - 1] + 1
                if (
                    self._all.is_edge(start)
                    and self._all.is_edge(end)
                    and not any(start < gap < end for gap in self._gaps)
                ):
                    yield start, end, edges
                at = text.find(letters, at + 1)

    def _printed(self, start: int, end: int, edges: Sequence[tuple[int, int]]) -> str:
        """The text of a run, with the marks that open before it and close behind it, without the `edges` in it."""
        text = self._all.text
        first, last = self._all.places[start], self._all.places[end - 1]
        while first > 0 and text[first - 1] in "([{«„“\"‘'<":
            first -= 1
        while last + 1 < len(text) and text[last + 1] in ".)]}»”\"’'>":
            last += 1
        parts = []
        for out, back in edges:
            if first <= out and back <= last:
                parts.append(text[first:out])
                first = back
        return "".join((*parts, text[first : last + 1]))


def _without(length: int, out: Sequence[tuple[int, int]]) -> list[int]:
    """The numbers below `length` that are in none of the ranges `out`, which are in order."""
    kept: list[int] = []
    at = 0
    for start, end in out:
        kept += range(at, start)
        at = max(at, end)
    return [*kept, *range(at, length)]


def _raw(printed: str, quotation: str) -> str:
    """The printed text in one line; whether a hyphen at a line's end belongs to the word, the quotation may say."""
    quoted = quotation.casefold()

    def joined(match: re.Match[str]) -> str:
        hyphenated = f"{match[1]}-{match[2]}"
        keeps = hyphenated.casefold() in quoted or match[2][0].isupper() or match[2][0].isdigit()
        return hyphenated if keeps else match[1] + match[2]

    return " ".join(_BROKEN.sub(joined, printed).split())


def _running_heads(texts: Sequence[str]) -> frozenset[str]:
    """Lines, without their figures, that stand at the edge of several pages."""
    seen: Counter[str] = Counter()
    for text in texts:
        lines = [line for line in text.splitlines() if line.strip()]
        edges = {_without_figures(line) for line in (*lines[:_EDGE], *lines[-_EDGE:])}
        seen.update(edge for edge in edges if edge)
    return frozenset(edge for edge, count in seen.items() if count > 1)


def _without_figures(line: str) -> str:
    return fold(_FIGURES.sub(" ", line))


def _edges(text: str, heads: frozenset[str]) -> list[tuple[int, int]]:
    """Where in the text of a page running heads and page numbers stand."""
    at, spans = 0, []
    for line in text.splitlines(keepends=True):
        spans.append((at, at + len(line), line))
        at += len(line)
    filled = [one for one in spans if one[2].strip()]
    head = list(_from_edge(filled[:_EDGE], heads))
    foot = list(_from_edge(filled[len(head) :][: -_EDGE - 1 : -1], heads))
    return [*head, *reversed(foot)]


def _from_edge(lines: Sequence[tuple[int, int, str]], heads: frozenset[str]) -> Iterator[tuple[int, int]]:
    """From the edge inwards, as far as there are but running heads and one page number."""
    has_number = False
    for start, end, line in lines:
        is_number = not has_number and _PAGE_NUMBER.fullmatch(line.strip()) is not None
        if not is_number and _without_figures(line) not in heads:
            return
        has_number = has_number or is_number
        yield start, end


def _in_columns(text: str) -> str:
    """The text with what stands left of wide gaps before what stands right of them, where most lines have such gaps."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    beside = [tuple(_WIDE.split(line)) for line in lines]
    if sum(all(len(fold(part)) >= _COLUMN for part in parts) for parts in beside if len(parts) > 1) < max(
        2.0, _COLUMNS_SHARE * len(lines)
    ):
        return text
    width = max(map(len, beside))
    return "\n".join(parts[n] for n in range(width) for parts in beside if n < len(parts))
