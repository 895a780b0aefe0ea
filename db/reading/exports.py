"""Works with those who cite them and the files they came in: what exports are made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from db.codec import decode_reference
from db.reading.places import WorkView, works_of
from db.reading.scope import Scope
from dl_lit.core.items import MatchedAs
from dl_lit.core.model import Reference


@dataclass(frozen=True, slots=True)
class Citation:
    """One entry that cites a work."""

    entry_id: int
    source_id: int
    source_path: str
    reference: Reference
    matched_as: MatchedAs  # the work itself, or only the book that the entry is a chapter of


@dataclass(frozen=True, slots=True)
class CitedWork:
    """A work with the entries that cite it, those of the oldest source first."""

    view: WorkView
    citations: tuple[Citation, ...]


_CITATIONS = """
SELECT e.work_id, e.id, s.id, s.path, e.reference, e.matched_as
FROM entries AS e JOIN sources AS s ON s.id = e.source_id
WHERE e.id IN (SELECT id FROM listed) AND e.work_id IS NOT NULL ORDER BY s.id, e.position
"""


def cited_works(
    connection: Connection, source_ids: Iterable[int] | None = None, *, downloaded_only: bool = False
) -> list[CitedWork]:
    """The works that these sources (all of them when None) cite, in printed order of their first citation."""
    scope = Scope(source_ids)
    citations: dict[int, list[Citation]] = defaultdict(list)
    works = works_of(connection, scope)
    for work_id, entry_id, source_id, path, reference, matched_as in scope.rows(connection, _CITATIONS):
        if works[work_id].file or not downloaded_only:
            part = MatchedAs(matched_as or MatchedAs.WORK)
            citations[work_id].append(Citation(entry_id, source_id, path, decode_reference(reference), part))
    return [CitedWork(works[work_id], tuple(who)) for work_id, who in citations.items()]
