"""A document's text made a `Bibliography`: a pure function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dl_lit.core.errors import PdfError
from dl_lit.core.model import Bibliography, Reference
from dl_lit.core.reasons import Reason
from dl_lit.pdf.document import DocumentText, Section
from dl_lit.pdf.frontmatter import own_doi, own_title
from dl_lit.pdf.layout import read_in_order
from dl_lit.pdf.legibility import judge_text
from dl_lit.pdf.parsing import parse_entries
from dl_lit.pdf.sections import reference_sections
from dl_lit.pdf.splitting import Entry, split_entries

_SHORTEST_ENTRY = 12  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A bibliography with the way to it: which lines were taken for lists, and from which entry each reference is."""

    bibliography: Bibliography
    sections: tuple[Section, ...]
    entries: tuple[Entry, ...]  # one for each reference, in the same order


def read_bibliography(document: DocumentText) -> Bibliography:
    """The bibliography of `document`; raises `PdfError` where there is no text, no legible text, or no reference."""
    return read_with_trace(document).bibliography


def read_with_trace(document: DocumentText) -> Reading:
    """The bibliography of `document` and the way to it; raises as `read_bibliography`."""
    judge_text(document)
    sections = reference_sections(read_in_order(document))
    lists = [split_entries(section.lines) for section in sections]
    kept: list[Entry] = []
    references: list[Reference] = []
    for entries in lists:
        good = [entry for entry in entries if _is_entry(entry)]
        references += parse_entries(good, len(references) + 1)
        kept += good
    if not references:
        raise PdfError(Reason.NO_REFERENCES_FOUND)
    bibliography = Bibliography(
        page_count=document.page_count,
        references=tuple(references),
        expected_references=expected_references(lists),
        doi=own_doi(document, references),
        title=own_title(document),
    )
    return Reading(bibliography=bibliography, sections=tuple(sections), entries=tuple(kept))


def expected_references(lists: Sequence[Sequence[Entry]]) -> int | None:
    """What the numbering of all lists together promises; `None` where a list is not numbered."""
    total = 0
    for entries in lists:
        numbers = [entry.number for entry in entries if entry.number is not None]
        if not numbers or len(numbers) < 0.7 * len(entries):
            return None
        # Lists that go on counting from the one before promise the last number, the others add theirs.
        total = max(numbers) if min(numbers) > 1 and min(numbers) == total + 1 else total + max(numbers)
    return total or None


def _is_entry(entry: Entry) -> bool:
    return len(entry.text) >= _SHORTEST_ENTRY and sum(c.isalpha() for c in entry.text) >= 6
