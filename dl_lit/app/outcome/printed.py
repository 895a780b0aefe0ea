"""Printed bibliographies as records for the exports: what was read, before anybody was asked what it is."""

from __future__ import annotations

from collections.abc import Iterable

from dl_lit.core.model import Bibliography, Reference, Work
from dl_lit.exports.keys import assign_keys
from dl_lit.exports.record import ExportRecord, ItemState

_DOUBTFUL = 0.5  # confidence below which the entry as printed goes along


def printed_records(documents: Iterable[tuple[str, Bibliography]]) -> list[ExportRecord]:
    """One record for each reference of each document (its name and bibliography), in printed order.

    An entry whose fields are doubtful, or that has no title, has its printed text in a note.
    """
    printed = [(name, reference) for name, found in documents for reference in found.references]
    works = [work_of(reference) for _, reference in printed]
    keys = assign_keys(enumerate(works), {})
    return [
        ExportRecord(
            key=keys[number],
            work=works[number],
            state=ItemState.WAITING,
            sources=(name,),
            notes=_notes(reference),
        )
        for number, (name, reference) in enumerate(printed)
    ]


def work_of(reference: Reference) -> Work:
    """The work as its entry describes it; without a printed title the title is empty."""
    return Work(
        title=reference.title or "",
        type=reference.type,
        authors=reference.authors,
        editors=reference.editors,
        year=reference.year,
        container_title=reference.container_title,
        publisher=reference.publisher,
        volume=reference.volume,
        issue=reference.issue,
        pages=reference.pages,
        doi=reference.doi,
        arxiv_id=reference.arxiv_id,
        pmid=reference.pmid,
        isbn=reference.isbn,
        url=reference.url,
    )


def _notes(reference: Reference) -> tuple[str, ...]:
    if reference.title and reference.confidence >= _DOUBTFUL:
        return ()
    return (f"Printed: {reference.raw}",)
