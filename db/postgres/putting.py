"""Many rows at once: PostgreSQL copies new ones in, or takes each column as one array.

A statement with a parameter for every value, or JSON that the server takes apart, costs both sides several times as
much. What is the same for a whole column is looked at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from db.hot import Into, Those

_TYPES = {"INTEGER": "bigint", "BOOLEAN": "bigint", "FLOAT": "double precision"}
"""Whatever else there is, is text."""

_NUMBERS = frozenset({int, float})
_COPIED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\ufffd"})


def put(cursor: Any, into: Into, rows: Sequence[Sequence[object]]) -> None:
    """Put `rows` into the table; those that are there already are left as they are where `into` says so."""
    columns = zip(*rows, strict=True)
    if into.only_new:
        cursor.execute(_unnesting(into), list(map(_array, columns)))
        return
    lines = list(map("\t".join, zip(*map(_copied, columns), strict=True)))
    lines.append("")
    with cursor.copy(_copying(into)) as copy:
        copy.write("\n".join(lines).encode("utf-8", "replace"))


def change(cursor: Any, those: Those, rows: Sequence[Sequence[object]]) -> None:
    """Change the rows of the table that are found by the last values of each of `rows`, to its first."""
    cursor.execute(_changing(those), list(map(_array, zip(*rows, strict=True))))


@lru_cache(maxsize=64)
def _copying(into: Into) -> str:
    return f"COPY {into.table} ({', '.join(into.names)}) FROM STDIN"


@lru_cache(maxsize=64)
def _unnesting(into: Into) -> str:
    return (
        f"INSERT INTO {into.table} ({', '.join(into.names)}) SELECT * FROM {_unnest(into.types)} "  # noqa: S608 - names of ours
        "ON CONFLICT DO NOTHING"
    )


@lru_cache(maxsize=64)
def _changing(those: Those) -> str:
    names = [f"n{place}" for place in range(len(those.types))]
    given = f"{_unnest(those.types)} AS j ({', '.join(names)})"
    here = " AND ".join(
        f"{those.table}.{key} = j.{name}" for key, name in zip(those.keys, names[len(those.sets) :], strict=True)
    )
    if not those.sets:
        return f"DELETE FROM {those.table} USING {given} WHERE {here}"  # noqa: S608 - names of ours
    values = ", ".join(f"{column} = j.{name}" for column, name in zip(those.sets, names, strict=False))
    return f"UPDATE {those.table} SET {values} FROM {given} WHERE {here}"  # noqa: S608 - names of ours


def _unnest(types: Sequence[str]) -> str:
    columns = (f"CAST(? AS {_TYPES.get(kind, 'text')}[])" for kind in types)
    return f"unnest({', '.join(columns)})"


def _copied(values: Sequence[Any]) -> Iterable[str]:
    """A column's values as COPY reads them."""
    kinds = set(map(type, values))
    if kinds == {str}:
        return values if _is_plain(values, "\\\t\n\r\0") else [value.translate(_COPIED) for value in values]
    if kinds <= _NUMBERS:
        return map(repr, values)
    return ["\\N" if value is None else _text(value).translate(_COPIED) for value in values]


def _array(values: Sequence[Any]) -> str:
    """A column's values as an array is written."""
    kinds = set(map(type, values))
    if kinds == {str} and _is_plain(values, '\\"'):
        return '{"' + '","'.join(values) + '"}'
    if kinds <= _NUMBERS:
        return f"{{{','.join(map(repr, values))}}}"
    return f"{{{','.join(map(_in_array, values))}}}"


def _in_array(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return _text(value)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return str(value * 1) if isinstance(value, bool) else str(value)


def _is_plain(values: Sequence[str], special: str) -> bool:
    """Whether none of the characters is in any of the texts."""
    whole = "".join(values)
    return not any(character in whole for character in special)
