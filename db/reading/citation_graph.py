"""Who cites what, source by source, for exports of the whole graph: memory grows with the sources' number alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection

from db.codec import decode_names, encode
from dl_lit.core.model import Name, RelationKind
from dl_lit.core.store import SourceKind
from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceNode:
    """A source as it stands in the graph."""

    id: int
    kind: SourceKind
    path: str
    state: str  # pending, extracted, failed
    title: str | None
    doi: str | None
    year: int | None
    authors: tuple[Name, ...]
    level: int
    about_work_id: int | None  # the work whose citing works it lists; None: it is no such list


@dataclass(frozen=True, slots=True)
class InList:
    """That a source has a work in its list."""

    work_id: int
    entries: int  # of the list that are this work
    contexts: int  # places of the text that cite it, as far as they are known


_AT_A_TIME = 500
_SOURCES = """
SELECT id, kind, path, state, title, doi, year, authors, level, CASE WHEN kind = 'citing' THEN from_work_id END
FROM sources WHERE id > ? {} ORDER BY id LIMIT ?
"""
# The work whose PDF a source is, or the one that has its DOI.
_THEMSELVES = """
SELECT s.id, coalesce((SELECT w.id FROM works AS w WHERE w.id = s.from_work_id),
    (SELECT min(k.work_id) FROM work_keys AS k WHERE k.kind = 'doi' AND k.value = lower(s.doi))) AS work_id
FROM sources AS s WHERE s.kind = 'pdf' AND (s.from_work_id IS NOT NULL OR s.doi IS NOT NULL) {} ORDER BY s.id
"""
_LISTED = """
SELECT work_id, count(*), sum(CASE WHEN contexts IS NULL THEN 0 ELSE json_array_length(contexts) END)
FROM entries WHERE source_id = ? AND work_id IS NOT NULL GROUP BY work_id ORDER BY min(position)
"""
_LINKS = """
SELECT work_id, other_id, kind FROM work_links WHERE (work_id, other_id, kind) > (?, ?, ?)
ORDER BY work_id, other_id, kind LIMIT ?
"""
_CHOSEN = "AND id IN (SELECT value FROM json_each(?))"


def works_themselves(connection: Connection, source_ids: Iterable[int] | None = None) -> dict[int, int]:
    """The source that is a work itself, for each such work; of several sources the first."""
    found: dict[int, int] = {}
    for source_id, work_id in _rows(connection, _THEMSELVES, (), source_ids, ()):
        if work_id is not None:
            found.setdefault(work_id, source_id)
    return found


def source_nodes(connection: Connection, source_ids: Iterable[int] | None = None) -> Iterator[SourceNode]:
    """These sources (all when None), in the order in which they were added."""
    last = 0
    chosen = None if source_ids is None else sorted(set(source_ids))
    while rows := _rows(connection, _SOURCES, (last,), chosen, (_AT_A_TIME,)):
        for id_, kind, path, state, title, doi, year, authors, level, about in rows:
            yield SourceNode(
                id=id_,
                kind=SourceKind(kind),
                path=path,
                state=state,
                title=title,
                doi=doi,
                year=year,
                authors=decode_names(authors) if authors else (),
                level=level,
                about_work_id=about,
            )
        last = rows[-1][0]


def listed_by(connection: Connection, source_id: int) -> list[InList]:
    """The works in the source's list, in printed order."""
    return [InList(*row) for row in connection.exec_driver_sql(_LISTED, (source_id,))]


def links_of_works(connection: Connection) -> Iterator[tuple[int, int, RelationKind]]:
    """Which works are versions or translations of which."""
    last: tuple[Any, ...] = (0, 0, "")
    while rows := connection.exec_driver_sql(_LINKS, (*last, _AT_A_TIME)).all():
        for one, other, kind in rows:
            yield one, other, RelationKind(kind)
        last = tuple(rows[-1])


def _rows(
    connection: Connection,
    query: str,
    before: tuple[object, ...],
    source_ids: Iterable[int] | None,
    after: tuple[object, ...],
) -> list[Any]:
    if source_ids is None:
        return list(connection.exec_driver_sql(query.format(""), (*before, *after)))
    return list(connection.exec_driver_sql(query.format(_CHOSEN), (*before, encode(list(source_ids)), *after)))
