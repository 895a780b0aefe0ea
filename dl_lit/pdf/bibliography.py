"""A document's text made a `Bibliography`: a pure function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dl_lit.core.errors import PdfError
from dl_lit.core.model import Bibliography, Reference, ShortForm
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass
from dl_lit.pdf.contexts import find_contexts
from dl_lit.pdf.coverage import body_of, judge_coverage
from dl_lit.pdf.document import DocumentText, Section, SectionKind
from dl_lit.pdf.frontmatter import front_matter
from dl_lit.pdf.layout import read_in_order
from dl_lit.pdf.legibility import judge_text
from dl_lit.pdf.notes import Kind, are_notes, cross_references, cut_notes, settle
from dl_lit.pdf.parsing import parse_entries
from dl_lit.pdf.sections import reference_sections
from dl_lit.pdf.spans import list_spans
from dl_lit.pdf.splitting import Entry, inherit, split_entries
from dl_lit.pdf.vocabulary import words_of

MOST_REFERENCES = 9_000
"""From one file; no label has more than four figures, so a list of more would seem to end there."""
_SHORTEST_ENTRY = 12  # characters
_NOTES = "footnotes"  # the section of what is cited in notes only


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A bibliography with the way to it: which lines were taken for lists, and from which entry each reference is."""

    bibliography: Bibliography
    sections: tuple[Section, ...]
    entries: tuple[Entry, ...]  # one for each reference, in the same order


def read_bibliography(document: DocumentText) -> Bibliography:
    """The bibliography of `document`; raises `PdfError` where there is no text, no legible text, or no reference.

    So does one of more than `MOST_REFERENCES`: each would be looked up, and a file can be made to have any number.
    """
    return read_with_trace(document).bibliography


def read_with_trace(document: DocumentText, *, most: int = MOST_REFERENCES) -> Reading:
    """The bibliography of `document` and the way to it; raises as `read_bibliography`."""
    judge_text(document)
    lines = read_in_order(document)
    sections = reference_sections(lines)
    words = words_of(line.text for line in lines) if sections else frozenset()
    kept: list[Entry] = []
    references: list[Reference] = []
    lists: dict[int, Sequence[Reference]] = {}  # by the section's number
    notes: list[Reference] = []
    shorts: list[ShortForm] = []
    works = [[] if one.kind is SectionKind.NOTES else split_entries(one.lines, words) for one in sections]
    of_notes = _of_notes(sections, works)
    lists_of = {
        number: [entry for entry in entries if _is_entry(entry)]
        for number, entries in enumerate(works)
        if number not in of_notes
    }
    _refuse_too_many(sum(len(entries) for entries in lists_of.values()), most)
    for number, good in lists_of.items():
        heading = sections[number].heading
        found = _placed(inherit(parse_entries(good, len(references) + 1), good), heading.text if heading else None)
        kept += good
        references += found
        lists[number] = found
        shorts += cross_references(found)
    if of_notes:
        citations = cut_notes([line for number in of_notes for line in sections[number].lines], words)
        full = [citation.entry for citation in citations if citation.kind is Kind.FULL]
        _refuse_too_many(len(kept) + len(full), most)
        settled = settle(citations, inherit(parse_entries(full), full), references)
        placed = _placed(settled.references, _NOTES)
        kept += settled.entries
        references += placed
        notes += placed
        shorts += settled.short_forms
    if not references:
        raise PdfError(Reason.NO_REFERENCES_FOUND)
    own = front_matter(document, references, sections)
    body = body_of(lines, sections)
    coverage = judge_coverage(list(lists.values()), body, notes=notes, authors=own.authors, year=own.year)
    contexts = find_contexts(list(lists.values()), notes, body, words)
    bibliography = Bibliography(
        page_count=document.page_count,
        # What a foot line between two entries says of the document is no entry's DOI.
        references=tuple(replace(one, doi=None) if own.doi and one.doi == own.doi else one for one in references),
        expected_references=coverage.expected,
        doi=own.doi,
        title=own.title,
        authors=own.authors,
        year=own.year,
        arxiv_id=own.arxiv_id,
        short_forms=tuple(shorts),
        coverage=coverage,
        lists=list_spans(sections, lists, notes, coverage.expected),
        notes=(contexts.note,) if contexts.note else (),
        contexts=contexts.kept,
    )
    return Reading(bibliography=bibliography, sections=tuple(sections), entries=tuple(kept))


def _refuse_too_many(count: int, most: int) -> None:
    if count > most:
        raise PdfError(Reason.TOO_LARGE, f"{count:,} references or more, at most {most:,} are taken from one file")


def _of_notes(sections: Sequence[Section], works: Sequence[Sequence[Entry]]) -> list[int]:
    """Which sections are to be read as notes: those of that kind, and what was cut as a list and shows to be one."""
    found = {number for number, one in enumerate(sections) if one.kind is SectionKind.NOTES or are_notes(works[number])}
    if any(sections[number].heading is None for number in found):
        found |= {number for number, one in enumerate(sections) if one.heading is None}
    return sorted(found)


def _placed(references: Sequence[Reference], section: str | None) -> list[Reference]:
    return [replace(one, section=section) for one in references]


def _is_entry(entry: Entry) -> bool:
    return len(entry.text) >= _SHORTEST_ENTRY and sum(c.isalpha() for c in entry.text) >= 6
