"""The most connected part of who cites what: the most cited works, and the sources that cite most of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable

from sqlalchemy import Connection

from db.reading.counted import Counts, rows_of
from db.reading.source_list import people
from db.reading.work_list import WorkLine, most_cited, work_lines
from dl_lit.core.values import dataclass

MOST_WORKS = 400
MOST_SOURCES = 400
_MOST_LINKS = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphSource:
    """A source in few words."""

    id: int
    title: str
    people: str  # family names of the first authors
    year: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A part of the graph, and how much there is in all."""

    sources: tuple[GraphSource, ...]
    works: tuple[WorkLine, ...]  # the most cited first
    links: tuple[tuple[int, int], ...]  # (source's id, work's id), each once
    all_sources: int  # with entries
    all_works: int  # cited
    all_links: int  # entries that are recognised
    shared_works: int  # cited more than once


_LOOKED_AT = 3_000
"""Citations of the chosen works that are looked at for the sources that cite most of them, shared among the works."""

_SOURCES = """
SELECT id, title, path, authors, year FROM sources WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id
"""
_CITING = "SELECT source_id FROM entries WHERE work_id = ? ORDER BY source_id DESC LIMIT ?"
_LINKS = """
SELECT DISTINCT source_id, work_id FROM entries
WHERE source_id IN (SELECT value FROM json_each(?)) AND +work_id IN (SELECT value FROM json_each(?)) ORDER BY 1, 2
"""


def graph(connection: Connection, *, works: int, sources: int) -> Graph:
    """At most so many of the most cited works, and of the sources that cite most of these."""
    counts = Counts(rows_of(connection))
    ids = most_cited(connection, counts, works)
    each = max(16, _LOOKED_AT // max(1, len(ids)))
    citing: Counter[int] = Counter()
    for work in ids:  # of one that thousands cite the latest
        citing.update(set(connection.exec_driver_sql(_CITING, (work, each)).scalars()))
    chosen = sorted(source for source, _ in citing.most_common(sources))
    edges = [(row[0], row[1]) for row in connection.exec_driver_sql(_LINKS, (json.dumps(chosen), json.dumps(ids)))]
    kept = tuple(edges[:_MOST_LINKS])
    linked = {work for _, work in kept}
    return Graph(
        sources=_sources(connection, {source for source, _ in kept}),
        works=work_lines(connection, [id_ for id_ in ids if id_ in linked]),
        links=kept,
        all_sources=counts.of("bibliographies", "with entries").number,
        all_works=counts.works,
        all_links=counts.resolved,
        shared_works=sum(one.number for one in counts.each("shared_works").values()),
    )


def _sources(connection: Connection, ids: Iterable[int]) -> tuple[GraphSource, ...]:
    rows = connection.exec_driver_sql(_SOURCES, (json.dumps(sorted(ids)),))
    return tuple(
        GraphSource(id=id_, title=title or path, people=people(json.loads(authors) if authors else ()), year=year)
        for id_, title, path, authors, year in rows
    )
