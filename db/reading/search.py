"""Finds sources, works and unrecognised entries by words of their titles, by authors and by DOI."""

from __future__ import annotations

from sqlalchemy import Connection

from db.finding.folding import Asked
from db.finding.looking import Hits, hits
from db.reading.source_list import EntryLine, SourceLine, entry_lines, source_lines
from db.reading.work_list import WorkLine, work_lines
from dl_lit.core.identifiers import normalise_doi
from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """What fits, each kind the newest first."""

    sources: tuple[SourceLine, ...]
    works: tuple[WorkLine, ...]
    entries: tuple[EntryLine, ...]  # those that are no work yet
    is_cut: bool  # there may be more


_BY_DOI = "SELECT work_id FROM work_keys WHERE kind = 'doi' AND value = ? LIMIT ?"


def search(connection: Connection, text: str, *, limit: int) -> Found:
    """At most `limit` of each kind in which all words of `text` begin words; nothing where `text` has none."""
    asked = Asked.of(text)
    sources = hits(connection, "sources", asked, limit)
    works = _by_doi(connection, text, limit) or hits(connection, "works", asked, limit)
    entries = hits(connection, "entries", asked, limit, also="+work_id IS NULL")  # not by its index: they are found
    return Found(
        sources=source_lines(connection, sources.ids),
        works=work_lines(connection, works.ids),
        entries=entry_lines(connection, entries.ids),
        is_cut=sources.is_cut or works.is_cut or entries.is_cut,
    )


def _by_doi(connection: Connection, text: str, limit: int) -> Hits | None:
    """The works with just this DOI; None where there is none."""
    doi = normalise_doi(text.strip())
    ids = connection.exec_driver_sql(_BY_DOI, (doi, limit + 1)).scalars().all() if doi else []
    return Hits(tuple(ids[:limit]), is_cut=len(ids) > limit) if ids else None
