"""What is to be marked on each page: sections, entries, fields, short forms. Pure functions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import field

from dl_lit.core.model import Reference, ShortForm
from dl_lit.core.values import dataclass
from dl_lit.pdf.bibliography import Reading
from dl_lit.pdf.document import DocumentText, Line, Section
from dl_lit.pdf.picture.canvas import Box, line_box
from dl_lit.pdf.picture.trace import FieldSpan, Skeleton, Span, field_spans
from dl_lit.pdf.splitting import Entry

DOUBTFUL = 0.5  # an entry's confidence below which it is marked as doubtful
_FAR_APART = 5.0  # heights of a line between two lines of a section that are framed apart
_LABEL_LETTERS = 9  # before an entry's text on its first line: its label


@dataclass(frozen=True, slots=True)
class LinePart:
    """Some characters of a line."""

    line: Line
    span: Span


@dataclass(frozen=True, slots=True)
class EntryMark:
    """What of an entry stands on a page."""

    reference: Reference
    parts: tuple[LinePart, ...]
    fields: tuple[tuple[str, LinePart], ...]
    begins: bool  # on this page, not on the one before

    @property
    def is_doubtful(self) -> bool:
        """Whether its fields are hardly to be trusted."""
        return self.reference.confidence < DOUBTFUL


@dataclass(frozen=True, slots=True)
class SectionMark:
    """One column's share of a section on a page."""

    outline: Box  # in points
    heading: Line | None  # where it stands on this page
    loose: tuple[Line, ...]  # lines that no entry has


@dataclass(slots=True)
class PageMarks:
    """All marks of one page."""

    sections: list[SectionMark] = field(default_factory=list)
    entries: list[EntryMark] = field(default_factory=list)
    short_forms: list[tuple[ShortForm, tuple[LinePart, ...]]] = field(default_factory=list)


def marks_of(document: DocumentText, reading: Reading) -> dict[int, PageMarks]:
    """The marks of every page that has any, by its number, in the order of the pages."""
    pages: defaultdict[int, PageMarks] = defaultdict(PageMarks)
    for reference, entry in zip(reading.bibliography.references, reading.entries, strict=True):
        for page, mark in _entry_marks(reference, entry):
            pages[page].entries.append(mark)
    in_entries = {line for entry in reading.entries for line in entry.lines}
    for section in reading.sections:
        for page, section_mark in _section_marks(section, in_entries):
            pages[page].sections.append(section_mark)
    for short_form in reading.bibliography.short_forms:
        if short_form.page is not None and 1 <= short_form.page <= len(document.pages):
            lines = document.pages[short_form.page - 1].lines
            pages[short_form.page].short_forms.append((short_form, _found_in(lines, short_form.raw)))
    return {page: pages[page] for page in sorted(pages)}


def _entry_marks(reference: Reference, entry: Entry) -> list[tuple[int, EntryMark]]:
    lines = entry.lines
    parts = _parts_of(entry)
    fields: list[FieldSpan] = field_spans(reference, lines)
    pages = sorted({lines[part.line].page for part in parts})
    return [
        (
            page,
            EntryMark(
                reference,
                tuple(LinePart(lines[part.line], part) for part in parts if lines[part.line].page == page),
                tuple(
                    (found.field, LinePart(lines[found.span.line], found.span))
                    for found in fields
                    if lines[found.span.line].page == page
                ),
                begins=page == lines[parts[0].line].page,
            ),
        )
        for page in pages
    ]


def _parts_of(entry: Entry) -> list[Span]:
    """The entry's own characters: its whole lines, unless it shares them with another entry."""
    skeleton = Skeleton.of(entry.lines)
    whole = [Span(number, 0, len(line.text)) for number, line in enumerate(entry.lines)]
    hit = skeleton.find(entry.text, whole=False)
    if hit is None:
        return whole
    first, last = hit
    spans = list(skeleton.spans(first, last))
    starts_late = first > _LABEL_LETTERS and spans[0].start > 0
    ends_early = last < len(skeleton.letters) - 1
    parts = []
    for span in spans:
        text = entry.lines[span.line].text
        start = span.start if starts_late and span is spans[0] else 0
        end = span.end if ends_early and span is spans[-1] else len(text)
        parts.append(Span(span.line, start, end))
    return parts


def _section_marks(section: Section, in_entries: set[Line]) -> list[tuple[int, SectionMark]]:
    """The section's share of each column of each page; what stands far apart, as notes do, in shares of its own."""
    shares: defaultdict[tuple[int, int, int], list[Line]] = defaultdict(list)
    runs = 0
    for number, line in enumerate(section.lines):
        before = section.lines[number - 1] if number else line
        runs += abs(before.y0 - line.y0) > _FAR_APART * max(line.height, 1)
        shares[line.page, line.column, runs].append(line)
    heading = section.heading
    if heading is not None and not any(page == heading.page for page, _, _ in shares):
        shares[heading.page, heading.column, -1] = []
    marks = []
    for (page, _, _), lines in shares.items():
        own = heading if heading is not None and heading.page == page else None
        outlined = lines or ([own] if own else [])
        marks.append(
            (page, SectionMark(_around(outlined), own, tuple(line for line in lines if line not in in_entries)))
        )
        if own is not None:
            heading = None  # drawn once
    return marks


def _around(lines: Sequence[Line]) -> Box:
    boxes = [line_box(line) for line in lines]
    return Box(
        min(box.x0 for box in boxes),
        min(box.y0 for box in boxes),
        max(box.x1 for box in boxes),
        max(box.y1 for box in boxes),
    )


def _found_in(lines: Sequence[Line], text: str) -> tuple[LinePart, ...]:
    """Where `text` stands in `lines`; empty: nowhere."""
    skeleton = Skeleton.of(lines)
    hit = skeleton.find(text, whole=False)
    return tuple(LinePart(lines[span.line], span) for span in skeleton.spans(*hit)) if hit else ()
