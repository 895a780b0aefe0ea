"""What of a reading a language model is to see: as little as may be. Pure.

Sections: a list in which less was read than a share of what its numbering, or the text's markers, promise; the pages
around labels that no entry has; a list under whose heading nothing could be cut, or whose entries are doubtful in the
mean; where nothing was found at all, the last pages. Markers by names ("Knuth 1997") that no entry answers count only
through the coverage's score: a text has many that are none.

Entries: those of which our reader is unsure, and that no section brings anew.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from statistics import fmean

from dl_lit.core.model import Bibliography, ListSpan, Reference
from dl_lit.core.values import dataclass
from stages.readings.aligning import number_of

_LAST_SHARE = 8  # a bibliography is sought in the last eighth of a document in which none was found
_NUMBER = re.compile(r"\d{1,5}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """From where on a reading is doubtful, and how much of a document a model may see."""

    doubtful_below: float = 0.5  # confidence of an entry, 0 to 1
    gap_below: float = 0.9  # share of what a list promises that was found in it, 0 to 1
    most_pages: int = 120  # of one document
    section_pages: int = 8  # in one question


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Pages that are to be read again, in order, and why."""

    pages: tuple[int, ...]  # 1-based
    why: str
    heading: str | None = None  # of the list on them
    begins_on: int | None = None  # the page of that heading


@dataclass(frozen=True, slots=True)
class Bounded:
    """What of the doubtful pages is read, and what is beyond the bound."""

    sections: tuple[Doubtful, ...]
    left: tuple[int, ...]  # pages


def doubtful_sections(own: Bibliography, bounds: Bounds) -> list[Doubtful]:
    """The lists, or parts of lists, that were read with gaps or without confidence, in their order."""
    found = []
    missing = _missing(own)
    is_poor = _is_poor(own, bounds)
    gaps = [_gap(one, bounds) for one in own.lists]
    for span, gap in zip(own.lists, gaps, strict=True):
        entries = _entries_of(own, span)
        why = gap or _unsure(entries, bounds)
        if not why and is_poor and not any(gaps):
            why = f"coverage {own.coverage.score:.2f}" if own.coverage and own.coverage.score is not None else "gaps"
        if why:
            found.append(Doubtful(_range(span), why, span.heading, span.first_page))
        elif around := _around(missing, entries, span):
            found.append(Doubtful(around, "missing labels", span.heading, span.first_page))
    return found


def last_pages(page_count: int, bounds: Bounds) -> tuple[int, ...]:
    """Where the bibliography stands, if there is one, of a document in which none was found."""
    count = min(bounds.most_pages, max(bounds.section_pages, math.ceil(page_count / _LAST_SHARE)))
    return tuple(range(max(1, page_count - count + 1), page_count + 1))


def bounded(sections: Iterable[Doubtful], bounds: Bounds) -> Bounded:
    """The sections as far as they go; a page counts once, in whichever sections it is."""
    kept: list[Doubtful] = []
    seen: set[int] = set()
    left: set[int] = set()
    for section in sections:
        pages = []
        for page in section.pages:
            if page in seen or len(seen) < bounds.most_pages:
                seen.add(page)
                pages.append(page)
            else:
                left.add(page)
        if pages:
            kept.append(replace(section, pages=tuple(pages)))
    return Bounded(tuple(kept), tuple(sorted(left)))


def parts(pages: Sequence[int], section_pages: int) -> list[tuple[int, ...]]:
    """The pages in parts of at most so many; each part after another begins with the last page of the one before.

    So no entry that goes on over a page's end is cut by a part's, unless a part is a single page.
    """
    found: list[tuple[int, ...]] = []
    for run in _runs(pages):
        step = max(1, section_pages - 1)
        firsts = range(0, max(1, len(run) - min(1, section_pages - 1)), step)
        found += [tuple(run[first : first + section_pages]) for first in firsts]
    return found


def halves(pages: Sequence[int]) -> list[tuple[int, ...]]:
    """A part that was too long for one answer as two with one page in common; two pages as single ones."""
    middle = len(pages) // 2
    return [tuple(pages[: middle + (len(pages) > 2)]), tuple(pages[middle:])]


def doubtful_entries(references: Iterable[Reference], bounds: Bounds) -> list[Reference]:
    """Those whose fields our reader is not sure of."""
    return [one for one in references if one.confidence < bounds.doubtful_below]


def _gap(span: ListSpan, bounds: Bounds) -> str:
    if not span.found:
        return "nothing was read under its heading"
    if span.expected is not None and span.found < bounds.gap_below * span.expected:
        return f"{span.found} of {span.expected} entries were read"
    return ""


def _unsure(entries: Sequence[Reference], bounds: Bounds) -> str:
    sure = fmean(one.confidence for one in entries) if entries else 1.0
    return f"confidence {sure:.2f}" if sure < bounds.doubtful_below else ""


def _is_poor(own: Bibliography, bounds: Bounds) -> bool:
    """Whether the whole has a gap of which no list is known to have it."""
    score = own.coverage.score if own.coverage else None
    return score is not None and score < bounds.gap_below


def _entries_of(own: Bibliography, span: ListSpan) -> list[Reference]:
    on = [one for one in own.references if one.page and span.first_page <= one.page <= span.last_page]
    headed = [one for one in on if one.section == span.heading]
    return headed or on


def _missing(own: Bibliography) -> set[int]:
    """Numbers of entries that are known to be missing."""
    if own.coverage is None:
        return set()
    promised = [*own.coverage.missing_labels, *own.coverage.unanswered_markers]
    return {int(found[0]) for one in promised if len(found := _NUMBER.findall(one)) == 1 and _is_number(one)}


def _is_number(marker: str) -> bool:
    """Whether a label or marker is a number and no name with a year: "S12", "[57]"."""
    return sum(character.isalpha() for character in marker) <= 1


def _around(missing: set[int], entries: Sequence[Reference], span: ListSpan) -> tuple[int, ...]:
    """The pages of the list on which the entries with the `missing` numbers must stand."""
    placed = sorted((n, one.page) for one in entries if (n := number_of(one.label)) is not None and one.page)
    if not placed:
        return ()
    pages: set[int] = set()
    is_whole = len(placed) < len(entries) or (span.expected is not None and span.found >= span.expected)
    for number in sorted(missing - {n for n, _ in placed}):
        if number > placed[-1][0] and is_whole:
            continue  # another list's: this one has all that it promises, or is not numbered throughout
        before = max((page for n, page in placed if n < number), default=span.first_page)
        behind = min((page for n, page in placed if n > number), default=span.last_page)
        pages.update(range(before, behind + 1) if before <= behind else ())
    return tuple(sorted(pages))


def _range(span: ListSpan) -> tuple[int, ...]:
    return tuple(range(span.first_page, span.last_page + 1))


def _runs(pages: Sequence[int]) -> Iterator[list[int]]:
    """The pages cut where others are between them."""
    run: list[int] = []
    for page in pages:
        if run and page != run[-1] + 1:
            yield run
            run = []
        run.append(page)
    if run:
        yield run
