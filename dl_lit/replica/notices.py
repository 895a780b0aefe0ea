"""Works that are notices about others: those of the universe, and made-up ones where a work is just retracted."""

from __future__ import annotations

from dataclasses import replace

from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.records import Record, Update

_WITHDRAWING = frozenset({"retraction", "withdrawal", "removal"})
_MADE_UP = ".retraction"


def notices_about(catalogue: Catalogue, record: Record) -> list[Record]:
    """The notices about `record`; a retracted work without one in the universe has one made up."""
    found = catalogue.universe.notices_about(record.doi) if record.doi else []
    if not record.is_retracted or any(_is_withdrawing(notice, record) for notice in found):
        return found
    return [*found, _made_up(record)] if record.doi else found


def made_up(catalogue: Catalogue, doi: str) -> Record | None:
    """The notice with this DOI that was made up for a retracted work."""
    record = catalogue.by_doi(doi.removesuffix(_MADE_UP)) if doi.endswith(_MADE_UP) else None
    notices = notices_about(catalogue, record) if record else []
    return next((notice for notice in notices if notice.doi == doi), None)


def is_retracted(catalogue: Catalogue, record: Record) -> bool:
    """Whether the work is retracted, by its own record or a notice."""
    return record.is_retracted or any(_is_withdrawing(one, record) for one in notices_about(catalogue, record))


def _is_withdrawing(notice: Record, record: Record) -> bool:
    return any(update.type in _WITHDRAWING and update.doi == record.doi for update in notice.updates)


def _made_up(record: Record) -> Record:
    year = (record.year or 2000) + 2
    update = Update(doi=record.doi or "", type="retraction", source="retraction-watch", date=f"{year}-05-04")
    return replace(
        record,
        title=f"Retraction: {record.title}",
        doi=f"{record.doi}{_MADE_UP}",
        year=year,
        abstract=None,
        arxiv_id=None,
        pmid=None,
        pmcid=None,
        is_retracted=False,
        references=(),
        updates=(update,),
    )
