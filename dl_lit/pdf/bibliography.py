"""A document's text made a `Bibliography`: a pure function."""

from __future__ import annotations

from collections.abc import Sequence

from dl_lit.core.errors import PdfError
from dl_lit.core.model import Bibliography, Reference
from dl_lit.core.reasons import Reason
from dl_lit.pdf.document import DocumentText
from dl_lit.pdf.frontmatter import own_doi, own_title
from dl_lit.pdf.layout import read_in_order
from dl_lit.pdf.legibility import judge_text
from dl_lit.pdf.parsing import parse_entries
from dl_lit.pdf.sections import reference_sections
from dl_lit.pdf.splitting import Entry, split_entries

_SHORTEST_ENTRY = 12  # characters


def read_bibliography(document: DocumentText) -> Bibliography:
    """The bibliography of `document`; raises `PdfError` where there is no text, no legible text, or no reference."""
    judge_text(document)
    lists = [split_entries(section.lines) for section in reference_sections(read_in_order(document))]
    references: list[Reference] = []
    for entries in lists:
        references += parse_entries([entry for entry in entries if _is_entry(entry)], len(references) + 1)
    if not references:
        raise PdfError(Reason.NO_REFERENCES_FOUND)
    return Bibliography(
        page_count=document.page_count,
        references=tuple(references),
        expected_references=expected_references(lists),
        doi=own_doi(document, references),
        title=own_title(document),
    )


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
