"""What belongs together with a work: its other versions, its translations, and its other titles."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import Connection

from db.reading.places import WorkView, works_of
from db.reading.scope import Scope
from dl_lit.core.model import Alias, RelationKind
from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Linked:
    """Another work that a work is linked with."""

    kind: RelationKind
    view: WorkView  # the other; `view.file` where its PDF is in the library
    evidence: str
    linked_at: str  # ISO 8601 in UTC


_LINKS = """
SELECT work_id, other_id, kind, matched_on, linked_at FROM work_links WHERE work_id IN (SELECT id FROM cited)
UNION ALL
SELECT other_id, work_id, kind, matched_on, linked_at FROM work_links WHERE other_id IN (SELECT id FROM cited)
ORDER BY 1, 3, 2
"""
_TITLES = """
SELECT work_id, title, language FROM work_aliases WHERE work_id IN (SELECT id FROM cited) ORDER BY work_id, title
"""


def linked_with(connection: Connection, scope: Scope) -> dict[int, tuple[Linked, ...]]:
    """The works that each work of the scope is linked with, versions after translations; those without left out."""
    rows = scope.rows(connection, _LINKS)
    if not rows:
        return {}
    others = works_of(connection, Scope.of_works(row[1] for row in rows))
    found: dict[int, list[Linked]] = defaultdict(list)
    for work_id, other_id, kind, evidence, linked_at in rows:
        found[work_id].append(Linked(RelationKind(kind), others[other_id], evidence, linked_at))
    return {work_id: tuple(linked) for work_id, linked in found.items()}


def other_titles(connection: Connection, scope: Scope) -> dict[int, tuple[Alias, ...]]:
    """The titles that each work of the scope is known by beside its own; those without left out."""
    found: dict[int, list[Alias]] = defaultdict(list)
    for work_id, title, language in scope.rows(connection, _TITLES):
        found[work_id].append(Alias(title=title, language=language))
    return {work_id: tuple(titles) for work_id, titles in found.items()}
