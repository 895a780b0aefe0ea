"""What a question is about: the same queries serve some sources, some entries, some works, and everything."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Self

from sqlalchemy import Connection

_EVERYTHING = """
WITH chosen(id) AS (SELECT id FROM sources),
     listed(id) AS (SELECT id FROM entries),
     cited(id) AS (SELECT DISTINCT work_id FROM entries WHERE work_id IS NOT NULL)
"""
_SOURCES = """
WITH chosen(id) AS (SELECT id FROM sources WHERE id IN (SELECT value FROM json_each(?))),
     listed(id) AS (SELECT id FROM entries WHERE source_id IN (SELECT id FROM chosen)),
     cited(id) AS (SELECT DISTINCT work_id FROM entries WHERE id IN (SELECT id FROM listed) AND work_id IS NOT NULL)
"""
_RUN = _SOURCES.replace("SELECT value FROM json_each(?)", "SELECT source_id FROM run_sources WHERE run_id = ?")
_ENTRIES = """
WITH listed(id) AS (SELECT id FROM entries WHERE id IN (SELECT value FROM json_each(?))),
     chosen(id) AS (SELECT DISTINCT source_id FROM entries WHERE id IN (SELECT id FROM listed)),
     cited(id) AS (SELECT DISTINCT work_id FROM entries WHERE id IN (SELECT id FROM listed) AND work_id IS NOT NULL)
"""
_WORKS = """
WITH cited(id) AS (SELECT id FROM works WHERE id IN (SELECT value FROM json_each(?))),
     listed(id) AS (SELECT id FROM entries WHERE work_id IN (SELECT id FROM cited)),
     chosen(id) AS (SELECT DISTINCT source_id FROM entries WHERE id IN (SELECT id FROM listed))
"""


class Scope:
    """Names the sources, entries and works in question as the tables `chosen`, `listed` and `cited` (column `id`)."""

    def __init__(self, source_ids: Iterable[int] | None = None) -> None:
        """These sources, their entries and the works these cite; everything when None. Unknown ids are left out."""
        self._tables = _EVERYTHING if source_ids is None else _SOURCES
        self._parameters: tuple[object, ...] = () if source_ids is None else _json(source_ids)

    @classmethod
    def of_entries(cls, ids: Iterable[int]) -> Self:
        """These entries with their sources and works."""
        scope = cls()
        scope._tables, scope._parameters = _ENTRIES, _json(ids)
        return scope

    @classmethod
    def of_works(cls, ids: Iterable[int]) -> Self:
        """These works with the entries that cite them and their sources."""
        scope = cls()
        scope._tables, scope._parameters = _WORKS, _json(ids)
        return scope

    @classmethod
    def of_run(cls, run_id: int) -> Self:
        """The sources that a run was given, found left over or found itself, with their entries and works."""
        scope = cls()
        scope._tables, scope._parameters = _RUN, (run_id,)
        return scope

    def rows(self, connection: Connection, query: str) -> list[Any]:
        """All rows of `query`, which may read the three tables."""
        return list(connection.exec_driver_sql(self._tables + query, self._parameters))

    def number(self, connection: Connection, query: str) -> int:
        """The one number that `query` answers with."""
        return int(self.rows(connection, query)[0][0])

    def counts(self, connection: Connection, query: str) -> dict[str, int]:
        """Name and number of each row of `query`, the largest number first."""
        rows = sorted(self.rows(connection, query), key=lambda row: (-row[1], str(row[0])))
        return {str(name): int(number) for name, number in rows}


def _json(ids: Iterable[int]) -> tuple[str, ...]:
    return (json.dumps(sorted(set(ids))),)
