"""Whether what a model quotes stands in print: pure.

A quotation stands in print when all its letters and figures (`folding`) do, in one run, beginning and ending where
words do. The run may go on over the end of a line, a column or a page, and over whole lines that stand at the edge of a
page and on another one as well: running heads and page numbers are taken out before, and nothing else is. So no
quotation is put together from pieces, and none passes that has a letter or a figure of its own.

Columns: the text of a page is one column after the other, as a rule, and an entry that goes on in the next one is one
run. Where most lines of a page have two columns beside each other, with a wide gap between, what stands left of it is
read first. Columns that alternate line by line without a gap are not told apart: entries there are not found.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from dl_lit.core.language import PageText
from dl_lit.core.values import dataclass
from stages.language.folding import Folded, fold

Span = tuple[int, int]
"""First character, and that behind the last one."""

FEWEST_LETTERS = 15  # letters and figures of a quotation that is no accident
_BEFORE = 24  # characters before a quotation in which a label may stand
_EDGE = 3  # lines at the head and at the foot of a page, among which running heads stand
_WIDE = re.compile(r"(?<=\S) {3,}(?=\S)|\t+")  # between columns of one line
_COLUMN = 15  # letters of a line of a column: a label and its entry are none
_COLUMNS_SHARE = 0.5  # of a page's lines, which have such a gap where the page is set so
_FEW = 4  # letters: a line of fewer is told from others by its figures
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


class Print:
    """What stands on some pages of a document."""

    def __init__(self, pages: Iterable[PageText]) -> None:
        """The pages in any order; each counts once."""
        self._pages = {one.page: one for one in sorted(pages, key=lambda one: one.page)}
        texts = [_in_columns(one.text) for one in self._pages.values()]
        heads = _running_heads(texts)
        begins, gaps, length = [], [], 0
        at_edges: list[Span] = []
        anywhere: list[Span] = []
        for one, text in zip(self._pages.values(), texts, strict=True):
            if one.is_image or one.page - 1 not in self._pages or self._pages[one.page - 1].is_image:
                gaps.append(length)  # what stands before is not known
            begins.append(length)
            for start, end, is_at_edge in _heads_in(text, heads):
                anywhere.append((length + start, length + end))
                at_edges += anywhere[-1:] if is_at_edge else []
            length += len(text) + 1
        self._begins = begins
        self._all = Folded.of("".join(f"{text}\n" for text in texts))
        places = self._all.places
        self._gaps = [bisect_left(places, gap) for gap in gaps]
        self._ways = [_Way.of(self._all, out) for out in dict.fromkeys(map(tuple, (at_edges, anywhere, ())))]

    def is_image(self, page: int) -> bool:
        """Whether the page is one of these and has no text layer: nothing that is said of it can be checked."""
        return page in self._pages and self._pages[page].is_image

    def behind(self, heading: str, page: int) -> int | None:
        """The first letter behind the line that is `heading`; None where no line of `page` or several of all are."""
        letters = fold(heading)
        spans = [span for span in self._lines() if letters and self._all.letters[slice(*span)] == letters]
        if len(spans) != 1 or self._page_of(spans[0][0]) != page:
            return None
        return spans[0][1]

    def _lines(self) -> Iterator[Span]:
        """The letters of every line that has some."""
        at = 0
        for line in self._all.text.splitlines(keepends=True):
            start, end = (bisect_left(self._all.places, place) for place in (at, at + len(line)))
            at += len(line)
            if start < end:
                yield start, end

    def find(self, quotation: str, page: int | None = None) -> Found | None:
        """Where `quotation` stands: on `page` if it begins there, else where it stands first. None: not in print."""
        letters = fold(quotation)
        if len(letters) < FEWEST_LETTERS:
            return None
        spans = [(self._page_of(start), start, end, heads) for start, end, heads in self._spans(letters)]
        if not spans:
            return None
        number, start, end, heads = min(spans, key=lambda one: (one[0] != page, one[1]))
        first = self._all.places[start]
        before = self._all.text[max(0, first - _BEFORE) : first]
        return Found(number, start, end, _raw(self._printed(start, end, heads), quotation), before)

    def _page_of(self, letter: int) -> int:
        return list(self._pages)[bisect_right(self._begins, self._all.places[letter]) - 1]

    def _spans(self, letters: str) -> Iterator[tuple[int, int, Sequence[Span]]]:
        """First letter, that behind the last one, and the running heads left out, of every run that is `letters`."""
        for way in self._ways:
            at = way.letters.find(letters)
            while at >= 0:
                start, end = way.kept[at], way.kept[at + len(letters) - 1] + 1
                if (
                    self._all.is_edge(start)
                    and self._all.is_edge(end)
                    and not any(start < gap < end for gap in self._gaps)
                ):
                    yield start, end, way.out
                at = way.letters.find(letters, at + 1)

    def _printed(self, start: int, end: int, heads: Sequence[Span]) -> str:
        """The text of a run, with the marks that open before it and close behind it, without the `heads` in it."""
        text = self._all.text
        first, last = self._all.places[start], self._all.places[end - 1]
        while first > 0 and text[first - 1] in "([{«„“\"‘'<":
            first -= 1
        while last + 1 < len(text) and text[last + 1] in ".)]}»”\"’'>":
            last += 1
        parts = []
        for out, back in heads:
            if first <= out and back <= last:
                parts.append(text[first:out])
                first = back
        return "".join((*parts, text[first : last + 1]))


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to read the pages: all of their letters but those of some lines."""

    out: tuple[Span, ...]  # what is left out, in the text
    kept: Sequence[int]  # of the letters: their numbers among all
    letters: str

    @classmethod
    def of(cls, whole: Folded, out: tuple[Span, ...]) -> _Way:
        kept: list[int] = []
        at = 0
        for start, end in out:
            kept += range(at, bisect_left(whole.places, start))
            at = bisect_left(whole.places, end)
        kept += range(at, len(whole.letters))
        return cls(out, kept, "".join(whole.letters[n] for n in kept))


def _raw(printed: str, quotation: str) -> str:
    """The printed text in one line; whether a hyphen at a line's end belongs to the word, the quotation may say."""
    quoted = quotation.casefold()

    def joined(match: re.Match[str]) -> str:
        hyphenated = f"{match[1]}-{match[2]}"
        keeps = hyphenated.casefold() in quoted or match[2][0].isupper() or match[2][0].isdigit()
        return hyphenated if keeps else match[1] + match[2]

    return " ".join(_BROKEN.sub(joined, printed).split())


def _running_heads(texts: Sequence[str]) -> frozenset[str]:
    """Lines that stand at the edge of a page and, but for their figures, on another page as well."""
    seen: Counter[str] = Counter()
    at_edges: set[str] = set()
    for text in texts:
        lines = [line for line in text.splitlines() if line.strip()]
        seen.update({_likeness(line) for line in lines})
        at_edges |= {_likeness(line) for line in (*lines[:_EDGE], *lines[-_EDGE:])}
    return frozenset(line for line in at_edges if line and seen[line] > 1)


def _likeness(line: str) -> str:
    """What running heads of several pages have in common; of lines of hardly a letter the figures as well."""
    letters = fold(_FIGURES.sub(" ", line))
    return letters if len(letters) >= _FEW else "".join(line.split())


def _heads_in(text: str, heads: frozenset[str]) -> Iterator[tuple[int, int, bool]]:
    """Where in the text of a page running heads and page numbers stand, and whether at its edge.

    They may stand anywhere: of a page of two columns the foot often comes before the second one. A number counts as the
    page's at the edge of the text and beside a running head.
    """
    at, spans = 0, []
    for line in text.splitlines(keepends=True):
        if line.strip():
            spans.append((at, at + len(line), line.strip()))
        at += len(line)
    is_head = [_likeness(line) in heads for _, _, line in spans]
    is_number = [_PAGE_NUMBER.fullmatch(line) is not None for _, _, line in spans]
    last = len(spans) - 1
    is_out = [
        is_head[n] or (is_number[n] and (n in {0, last} or is_head[n - 1] or is_head[n + 1])) for n in range(last + 1)
    ]
    from_head = next((n for n, out in enumerate(is_out) if not out), last + 1)
    from_foot = next((n for n, out in enumerate(reversed(is_out)) if not out), last + 1)
    for n, (start, end, _) in enumerate(spans):
        if is_out[n]:
            yield start, end, n < from_head or n > last - from_foot


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
