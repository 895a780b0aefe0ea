"""Statements that run thousands of times a second: built with SQLAlchemy once, executed by the driver directly.

SQLAlchemy says what is meant and renders it for the dialect; its work per execution (30 to 50 µs) is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.sql.expression import ClauseElement

_DIALECT = sqlite_dialect(paramstyle="qmark")


class Hot:
    """One compiled statement; its parameters are given by position, in the order named when it was built."""

    __slots__ = ("_order", "names", "sql")

    def __init__(self, statement: ClauseElement, names: Sequence[str]) -> None:
        """Compile `statement`, whose bind parameters are exactly `names`."""
        compiled = statement.compile(dialect=_DIALECT)
        positions = list(getattr(compiled, "positiontup", None) or ())
        if set(positions) != set(names):
            message = f"parameters are {positions}, not {list(names)}: {compiled}"
            raise AssertionError(message)
        self.sql = str(compiled)
        self.names = tuple(names)
        order = [self.names.index(name) for name in positions]
        self._order = None if order == list(range(len(names))) else order

    def many(self, cursor: Any, rows: Iterable[Sequence[object]]) -> int:
        """Run for each of `rows`; the number of rows touched."""
        order = self._order
        cursor.executemany(self.sql, rows if order is None else [[row[i] for i in order] for row in rows])
        return int(cursor.rowcount)

    def one(self, cursor: Any, *values: object) -> Any:
        """Run once; the cursor, to fetch from."""
        order = self._order
        return cursor.execute(self.sql, values if order is None else [values[i] for i in order])
