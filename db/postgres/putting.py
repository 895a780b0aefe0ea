"""Many new rows at once: PostgreSQL copies them in, or takes each column as one array.

An INSERT with a parameter for every value costs both sides several times as much.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from db.hot import Into

_TYPES = {"INTEGER": "bigint", "BOOLEAN": "bigint", "FLOAT": "double precision"}
"""Whatever else there is, is text."""


def put(cursor: Any, into: Into, rows: Sequence[Sequence[object]]) -> None:
    """Put `rows` into the table; those that are there already are left as they are where `into` says so."""
    if into.only_new:
        cursor.execute(_unnesting(into), [_array(column) for column in zip(*rows, strict=True)])
        return
    lines = ["\t".join(map(_copied, row)) for row in rows]
    lines.append("")
    with cursor.copy(_copying(into)) as copy:
        copy.write("\n".join(lines).encode("utf-8", "replace"))


@lru_cache(maxsize=64)
def _copying(into: Into) -> str:
    return f"COPY {into.table} ({', '.join(into.names)}) FROM STDIN"


@lru_cache(maxsize=64)
def _unnesting(into: Into) -> str:
    columns = ", ".join(f"CAST(? AS {_TYPES.get(kind, 'text')}[])" for kind in into.types)
    return (
        f"INSERT INTO {into.table} ({', '.join(into.names)}) SELECT * FROM unnest({columns}) "  # noqa: S608 - names of ours
        "ON CONFLICT DO NOTHING"
    )


def _copied(value: object) -> str:
    """A value as COPY reads it."""
    if value is None:
        return "\\N"
    if isinstance(value, str):
        if "\\" not in value and value.isprintable():
            return value
        value = value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
        return value.replace("\0", "\ufffd")
    return str(value * 1) if isinstance(value, bool) else str(value)


def _array(values: Iterable[object]) -> str:
    """Values as an array is written."""
    return f"{{{','.join(map(_in_array, values))}}}"


def _in_array(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value * 1) if isinstance(value, bool) else str(value)
