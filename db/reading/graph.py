"""The most connected part of who cites what: the most cited works, and the sources that cite most of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from db.reading.source_list import people
from db.reading.work_list import WorkLine, work_lines

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


_MOST_CITED = """
WITH cited AS (SELECT work_id, count(*) AS number FROM entries WHERE work_id IS NOT NULL GROUP BY work_id)
SELECT work_id, count(*) OVER () AS cited, sum(number) OVER () AS links,
       count(CASE WHEN number > 1 THEN 1 END) OVER () AS shared
FROM cited ORDER BY number DESC, work_id LIMIT ?
"""
_SOURCES = """
SELECT id, title, path, authors, year FROM sources WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id
"""
_LINKS = """
SELECT DISTINCT source_id, work_id FROM entries WHERE work_id IN (SELECT value FROM json_each(?)) ORDER BY 1, 2
"""


def graph(connection: Connection, *, works: int, sources: int) -> Graph:
    """At most so many of the most cited works, and of the sources that cite most of these."""
    most_cited = connection.exec_driver_sql(_MOST_CITED, (works,)).all()
    ids = [row[0] for row in most_cited]
    cited, links, shared = most_cited[0][1:] if most_cited else (0, 0, 0)
    edges = [(row[0], row[1]) for row in connection.exec_driver_sql(_LINKS, (json.dumps(ids),))]
    chosen = {source for source, _ in Counter(source for source, _ in edges).most_common(sources)}
    kept = tuple(edge for edge in edges if edge[0] in chosen)[:_MOST_LINKS]
    linked = {work for _, work in kept}
    return Graph(
        sources=_sources(connection, {source for source, _ in kept}),
        works=work_lines(connection, [id_ for id_ in ids if id_ in linked]),
        links=kept,
        all_sources=connection.exec_driver_sql("SELECT count(*) FROM sources WHERE found_references > 0").scalar_one(),
        all_works=cited,
        all_links=links,
        shared_works=shared,
    )


def _sources(connection: Connection, ids: Iterable[int]) -> tuple[GraphSource, ...]:
    rows = connection.exec_driver_sql(_SOURCES, (json.dumps(sorted(ids)),))
    return tuple(
        GraphSource(id=id_, title=title or path, people=people(json.loads(authors) if authors else ()), year=year)
        for id_, title, path, authors, year in rows
    )
