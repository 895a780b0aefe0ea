"""What people changed by hand: the rows concerned as they were and as they were made, in the change's own transaction.

Whoever changes something does so as always, within `deed`; triggers that only this connection has, and only for as
long, note each row. A deed that changed nothing leaves nothing. The story of attempts stays as it is: it tells what
happened.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from db import tables
from db.codec import stamp
from db.tables import metadata
from dl_lit.core.values import dataclass

MOST_ROWS = 50_000
"""A deed that changed more rows than these is kept without them, and cannot be undone."""

MOST_KEPT = 500
"""The latest deeds that are kept."""

NOTED = (
    tables.sources, tables.failed_extractions, tables.entries, tables.no_metadata, tables.failed_enrichments,
    tables.works, tables.work_keys, tables.work_aliases, tables.work_links, tables.merges, tables.separations,
    tables.citation_keys, tables.duplicate_references, tables.with_metadata, tables.to_download_references,
    tables.downloaded_references, tables.failed_downloads, tables.rechecks, tables.refused_files, tables.pins,
    tables.brought_files,
)  # fmt: skip
"""The tables of which deeds are kept."""

_KEYS = {table.name: [place for place, column in enumerate(table.columns) if column.primary_key] for table in NOTED}
_LOG = "deed_log"
_CHANGES = f"SELECT what, was, made FROM {_LOG} ORDER BY rowid"  # noqa: S608 - a name of ours
_KEEP = "INSERT INTO deeds (done_at, kind, said, rows) VALUES (?, ?, ?, ?) RETURNING id"
_FORGET = "DELETE FROM deeds WHERE id <= (SELECT max(id) FROM deeds) - ?"


class DeedKind(StrEnum):
    """What people change by hand."""

    RETRY = "retry"
    RECHECK = "recheck"
    ACCEPT = "review-accept"
    REJECT = "review-reject"
    KEEP_FILE = "review-keep-file"
    REFUSE_FILE = "review-refuse-file"
    HAND_IN = "hand-in"
    UNMERGE = "unmerge"
    PIN = "pin"
    UNPIN = "unpin"
    KEY = "key"
    RENEW_KEYS = "renew-keys"


@dataclass(slots=True)
class Doing:
    """A deed under way: what it is called may be known only when it is done."""

    said: str = ""  # what was done, for people, one line
    why_not: str | None = None  # why it cannot be undone; None: it can
    id: int | None = None  # in `deeds`, once it is done; None where nothing changed


@dataclass(frozen=True, slots=True)
class Change:
    """One row, as it was and as it was made, its columns by name."""

    table: str
    was: dict[str, Any] | None  # None: there was none
    made: dict[str, Any] | None  # None: it was removed

    @property
    def key(self) -> dict[str, Any]:
        """The values of the primary key."""
        row = self.made or self.was or {}
        return {column.name: row[column.name] for column in metadata.tables[self.table].primary_key}


@dataclass(frozen=True, slots=True)
class Deed:
    """A deed as it is kept."""

    id: int
    done_at: str  # ISO 8601 in UTC
    kind: DeedKind
    said: str
    why_not: str | None  # why it cannot be undone
    undone_at: str | None
    rows: int  # that it changed


@contextmanager
def deed(connection: Connection, kind: DeedKind, now: float, said: str = "") -> Iterator[Doing]:
    """Keep what is changed within, by this connection's transaction; `now` is seconds since the Unix epoch.

    Where an exception leaves it the transaction has to be rolled back, which forgets the deed as well.
    """
    doing = Doing(said)
    _begin(connection)
    yield doing
    changes = _end(connection)
    if not changes:
        return
    if len(changes) > MOST_ROWS:
        doing.why_not = f"it changed {len(changes):,} rows, and of more than {MOST_ROWS:,} they are not kept"
    columns = {name: [column.name for column in metadata.tables[name].columns] for name in {one[0] for one in changes}}
    kept = {
        "number": len(changes),
        "why_not": doing.why_not,
        "columns": columns,
        "changes": changes if doing.why_not is None else [],
    }
    told = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
    row = connection.exec_driver_sql(_KEEP, (stamp(now), kind.value, doing.said, told))
    doing.id = int(row.scalar_one())
    connection.exec_driver_sql(_FORGET, (MOST_KEPT,))


def deeds(connection: Connection, most: int) -> list[Deed]:
    """The latest deeds, at most `most`, the last one first."""
    query = (
        "SELECT id, done_at, kind, said, rows ->> '$.why_not', undone_at, rows ->> '$.number' FROM deeds "
        "ORDER BY id DESC LIMIT ?"
    )
    return [_deed(row) for row in connection.exec_driver_sql(query, (most,))]


def deed_numbered(connection: Connection, number: int | None) -> tuple[Deed, list[Change]] | None:
    """One deed with the rows that it changed; None stands for the last one that is not undone."""
    which = "undone_at IS NULL ORDER BY id DESC LIMIT 1" if number is None else "id = ?"
    query = (
        "SELECT id, done_at, kind, said, rows ->> '$.why_not', undone_at, rows ->> '$.number', rows "  # noqa: S608 - ours
        f"FROM deeds WHERE {which}"
    )
    row = connection.exec_driver_sql(query, () if number is None else (number,)).first()
    if row is None:
        return None
    kept = json.loads(row[7])
    changes = []
    for table, was, made in kept["changes"]:
        names = kept["columns"][table]
        changes.append(Change(table, _named(names, was), _named(names, made)))
    return _deed(row), changes


def _deed(row: Any) -> Deed:
    id_, done_at, kind, said, why_not, undone_at, number = row[:7]
    return Deed(id_, done_at, DeedKind(kind), said, why_not, undone_at, int(number))


def _named(names: list[str], values: list[Any] | None) -> dict[str, Any] | None:
    return None if values is None else dict(zip(names, values, strict=True))


def _begin(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        from db.postgres import deed_log  # noqa: PLC0415 - where an extra's driver is

        deed_log.begin(connection)
        return
    connection.exec_driver_sql(f"CREATE TEMP TABLE {_LOG} (what TEXT, was TEXT, made TEXT)")
    for table in NOTED:
        every = [column.name for column in table.columns]
        for verb, old, new in (("INSERT", None, "NEW"), ("UPDATE", "OLD", "NEW"), ("DELETE", "OLD", None)):
            note = f"INSERT INTO {_LOG} VALUES ('{table.name}', {_array(old, every)}, {_array(new, every)})"  # noqa: S608
            trigger = f"{_LOG}_{table.name}_{verb} AFTER {verb} ON main.{table.name} BEGIN {note}; END"
            connection.exec_driver_sql(f"CREATE TEMP TRIGGER {trigger}")


def _array(row: str | None, names: list[str]) -> str:
    return "NULL" if row is None else "json_array({})".format(", ".join(f'{row}."{name}"' for name in names))


def _end(connection: Connection) -> list[tuple[str, list[Any] | None, list[Any] | None]]:
    """The net change of each row, in the order in which rows were first touched."""
    first: dict[tuple[Any, ...], list[Any] | None] = {}
    last: dict[tuple[Any, ...], list[Any] | None] = {}
    for what, was, made in _noted(connection):
        row = made or was or []
        which = (what, *(row[place] for place in _KEYS[what]))
        first.setdefault(which, was)
        last[which] = made
    return [(which[0], was, last[which]) for which, was in first.items() if was != last[which]]


def _noted(connection: Connection) -> list[tuple[str, list[Any] | None, list[Any] | None]]:
    """What was noted: the table, the row as it was, the row as it was made; nothing is noted from then on."""
    if connection.dialect.name == "postgresql":
        from db.postgres import deed_log  # noqa: PLC0415 - where an extra's driver is

        return [(what, _values(what, was), _values(what, made)) for what, was, made in deed_log.end(connection)]
    found = [(what, _read(was), _read(made)) for what, was, made in connection.exec_driver_sql(_CHANGES)]
    for table in NOTED:
        for verb in ("INSERT", "UPDATE", "DELETE"):
            connection.exec_driver_sql(f"DROP TRIGGER temp.{_LOG}_{table.name}_{verb}")
    connection.exec_driver_sql(f"DROP TABLE temp.{_LOG}")
    return found


def _values(what: str, row: dict[str, Any] | None) -> list[Any] | None:
    return None if row is None else [row[column.name] for column in metadata.tables[what].columns]


def _read(row: str | None) -> list[Any] | None:
    return None if row is None else json.loads(row)
