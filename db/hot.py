"""Statements that run thousands of times a second: built with SQLAlchemy once, executed by the driver directly.

SQLAlchemy says what is meant and renders it for the dialect; its work per execution (30 to 50 µs) is left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain
from typing import Any

from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.sql.expression import ClauseElement

from db.codec import encode

_DIALECT = sqlite_dialect(paramstyle="qmark")

_TOGETHER = 32
"""Rows of one INSERT. The driver lets go of the interpreter for every statement it runs; taking it back from busy
workers costs more than a row does."""

_VALUES = re.compile(r"(?<= VALUES )(\([?, ]+\))")


def _for_many_rows(sql: str) -> str | None:
    """The same INSERT for `_TOGETHER` rows; None where `sql` inserts no plain values."""
    if not sql.startswith("INSERT"):
        return None
    found = _VALUES.search(sql)
    return None if found is None else _VALUES.sub(", ".join([found[1]] * _TOGETHER), sql, count=1)


class Hot:
    """One compiled statement; its parameters are given by position, in the order named when it was built."""

    __slots__ = ("_many_sql", "_order", "names", "sql")

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
        self._many_sql = _for_many_rows(self.sql)
        self._order = None if order == list(range(len(names))) else order

    def many(self, cursor: Any, rows: Sequence[Sequence[object]]) -> None:
        """Run for each of `rows`."""
        order = self._order
        if order is not None:
            rows = [[row[i] for i in order] for row in rows]
        if self._many_sql is not None:
            whole = len(rows) - len(rows) % _TOGETHER
            for first in range(0, whole, _TOGETHER):
                cursor.execute(self._many_sql, list(chain.from_iterable(rows[first : first + _TOGETHER])))
            rows = rows[whole:]
        cursor.executemany(self.sql, rows)

    def one(self, cursor: Any, *values: object) -> Any:
        """Run once; the cursor, to fetch from."""
        order = self._order
        return cursor.execute(self.sql, values if order is None else [values[i] for i in order])


class Lot:
    """One statement that changes many rows at once: its only parameter is a JSON array of arrays, one for each row."""

    __slots__ = ("sql",)

    def __init__(self, sql: str) -> None:
        """`sql` reads its rows from `json_each(?)`."""
        self.sql = sql

    def many(self, cursor: Any, rows: Sequence[Sequence[object]]) -> None:
        """Run for all of `rows`."""
        cursor.execute(self.sql, (encode(rows),))
