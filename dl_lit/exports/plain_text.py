"""One document's bibliography as plain text for people to read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dl_lit.core.coverage_text import coverage_sentence
from dl_lit.core.model import Bibliography, Name, Reference
from dl_lit.exports.record import one_line, sortable_name

DOUBTFUL = 0.5  # an entry's confidence below which it is shown as printed, with a question mark
_MOST_NAMES = 8
_LABEL_WIDTH = 6


def bibliography_lines(bibliography: Bibliography) -> Iterator[str]:
    """What was read, line by line: the citing work, how complete the reading is, then every list with its entries."""
    if citing := _citing_work(bibliography):
        yield f"  cited by: {citing}"
    coverage = bibliography.coverage
    yield f"  {coverage_sentence(coverage) if coverage else _counted(len(bibliography.references), 'reference')}"
    for note in bibliography.notes:
        yield f"  note: {one_line(note)}"
    heading: str | None = None
    for reference in bibliography.references:
        if reference.section is not None and reference.section != heading:
            heading = reference.section
            yield f"  {one_line(heading)}"
        yield entry_line(reference)
    if bibliography.short_forms:
        yield f"  {_counted(len(bibliography.short_forms), 'short form')} of works cited in full elsewhere"


def entry_line(reference: Reference) -> str:
    """One entry: its label, then its fields; a doubtful one as printed, behind a question mark and its confidence."""
    label = one_line(reference.label or str(reference.position))
    if reference.confidence < DOUBTFUL or not reference.title:
        return f"  {label:>{_LABEL_WIDTH}} ? {one_line(reference.raw)} (confidence {reference.confidence:.2f})"
    return f"  {label:>{_LABEL_WIDTH}}   {_fields(reference)}"


def _fields(reference: Reference) -> str:
    authors = _names(reference.authors) or (f"{_names(reference.editors)} (eds.)" if reference.editors else "")
    year = f"({reference.year})" if reference.year else ""
    parts = [
        " ".join(filter(None, (authors, year))),
        one_line(reference.title or ""),
        _place(reference),
        _identifiers(reference),
    ]
    return " ".join(part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if part)


def _place(reference: Reference) -> str:
    """Container, volume, issue, pages, publisher, as far as they are known."""
    issue = f"({reference.issue})" if reference.issue else ""
    where = " ".join(filter(None, (reference.container_title, f"{reference.volume or ''}{issue}")))
    return one_line(", ".join(filter(None, (where, reference.pages, reference.publisher))))


def _identifiers(reference: Reference) -> str:
    named = (
        ("doi:", reference.doi),
        ("arXiv:", reference.arxiv_id),
        ("PMID:", reference.pmid),
        ("ISBN ", reference.isbn),
        ("", reference.url),
    )
    return " ".join(f"{name}{one_line(value)}" for name, value in named if value)


def _names(names: Sequence[Name]) -> str:
    shown = [sortable_name(name) for name in names[:_MOST_NAMES]]
    return "; ".join(filter(None, shown)) + (" et al" if len(names) > _MOST_NAMES else "")


def _citing_work(bibliography: Bibliography) -> str:
    year = f"({bibliography.year})" if bibliography.year else ""
    who = " ".join(filter(None, (_names(bibliography.authors), year)))
    parts = (who, one_line(bibliography.title or ""), f"doi:{bibliography.doi}" if bibliography.doi else "")
    return ". ".join(part for part in parts if part)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
