"""Statements that run thousands of times a second: built with SQLAlchemy once, executed by the driver directly.

SQLAlchemy says what is meant and renders it for the dialect; its work per execution (30 to 50 µs) is left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import Insert
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


class Into(NamedTuple):
    """What an INSERT of plain values puts rows into."""

    table: str
    names: tuple[str, ...]  # of the columns, in the order that a row's values have
    types: tuple[str, ...]  # "TEXT", "INTEGER", …
    only_new: bool  # rows that are there already are passed over


def types_of(table: Any, names: Sequence[str]) -> tuple[str, ...]:
    """The columns' types, as `Into` and `Those` say them."""
    return tuple(str(table.c[name].type.__visit_name__).upper() for name in names)


class Hot:
    """One statement, compiled at its first use; its parameters are given by position, in the order they are named in.

    At a start none is: a few are needed for the first item, and all of them took a tenth of the time until then.
    """

    __slots__ = ("_into", "_many_sql", "_order", "_sql", "_statement", "names")

    def __init__(self, statement: ClauseElement, names: Sequence[str]) -> None:
        """The bind parameters of `statement` are exactly `names`."""
        self._statement = statement
        self.names = tuple(names)
        self._sql: str | None = None
        self._order: list[int] | None = None
        self._many_sql: str | None = None
        self._into: Into | None = None

    @property
    def sql(self) -> str:
        """The statement, for the driver. Raises `AssertionError` where its parameters are others than named."""
        return self._sql or self._compiled()

    def many(self, cursor: Any, rows: Sequence[Sequence[object]]) -> None:
        """Run for each of `rows`. A cursor that can `put` rows is given those that are inserted all at once."""
        sql = self._sql or self._compiled()
        if self._into is not None and (put := getattr(cursor, "put", None)) is not None:
            if rows:
                put(self._into, rows)
            return
        order = self._order
        if order is not None:
            rows = [[row[i] for i in order] for row in rows]
        if self._many_sql is not None:
            whole = len(rows) - len(rows) % _TOGETHER
            for first in range(0, whole, _TOGETHER):
                cursor.execute(self._many_sql, list(chain.from_iterable(rows[first : first + _TOGETHER])))
            rows = rows[whole:]
        cursor.executemany(sql, rows)

    def one(self, cursor: Any, *values: object) -> Any:
        """Run once; the cursor, to fetch from."""
        sql = self._sql or self._compiled()
        order = self._order
        return cursor.execute(sql, values if order is None else [values[i] for i in order])

    def _compiled(self) -> str:
        """Compile it; two threads that do so at once come to the same."""
        compiled = self._statement.compile(dialect=_DIALECT)
        positions = list(getattr(compiled, "positiontup", None) or ())
        if set(positions) != set(self.names):
            message = f"parameters are {positions}, not {list(self.names)}: {compiled}"
            raise AssertionError(message)
        sql = str(compiled)
        order = [self.names.index(name) for name in positions]
        self._many_sql = _for_many_rows(sql)
        if self._many_sql is not None and isinstance(self._statement, Insert):
            table: Any = self._statement.table
            types = types_of(table, self.names)
            self._into = Into(table.name, self.names, types, only_new=" ON CONFLICT " in sql)
        self._order = None if order == list(range(len(order))) else order
        self._sql = sql  # last: whoever sees it finds the rest
        return sql


class Those(NamedTuple):
    """Which rows of a table are changed, and how."""

    table: str
    sets: tuple[str, ...]  # the columns that are given values; none: the rows are taken out
    keys: tuple[str, ...]  # the columns by which a row is found
    types: tuple[str, ...]  # of both, "TEXT", "INTEGER", …


class Lot:
    """One statement that changes many rows at once: its only parameter is a JSON array of arrays, one for each row."""

    __slots__ = ("_those", "sql")

    def __init__(self, sql: str, those: Those | None = None) -> None:
        """`sql` reads its rows from `json_each(?)`; `those` says the same for a cursor that can `change` rows."""
        self.sql = sql
        self._those = those

    def many(self, cursor: Any, rows: Sequence[Sequence[object]]) -> None:
        """Run for all of `rows`."""
        if self._those is not None and (change := getattr(cursor, "change", None)) is not None:
            if rows:
                change(self._those, rows)
            return
        cursor.execute(self.sql, (encode(rows),))
