"""What was put into Zotero libraries, and what was found there: kept so that nothing is sent twice.

A row is written before its item is sent (`INTENDED`), under the key that the item will have; an end between the two
leaves a row that the next push looks into. Short transactions beside whoever works on the database.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Engine

from db.codec import encode, stamp
from db.connect import connect
from db.refusing import named
from dl_lit.core.clock import Clock
from dl_lit.core.values import dataclass

INTENDED = "?"
"""`sent_hash` of what is about to be sent."""

FOUND = ""
"""`sent_hash` of what was there already."""

_OF = (
    "SELECT thing, item_key, version, sent_hash, sent FROM pushed_items "
    "WHERE target = ? AND thing IN (SELECT CAST(value AS TEXT) FROM json_each(?))"
)
_TAKEN = (
    "SELECT item_key, thing FROM pushed_items WHERE target = ? "
    "AND item_key IN (SELECT CAST(value AS TEXT) FROM json_each(?)) AND thing LIKE 'work:%'"
)
_LIKE = "SELECT thing, item_key, version, sent_hash, sent FROM pushed_items WHERE target = ? AND thing LIKE ?"
_NOTE = (
    "INSERT INTO pushed_items (target, thing, item_key, version, sent_hash, sent, pushed_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (target, thing) DO UPDATE SET item_key = excluded.item_key, "
    "version = excluded.version, sent_hash = excluded.sent_hash, sent = excluded.sent, pushed_at = excluded.pushed_at"
)
_FORGET = "DELETE FROM pushed_items WHERE target = ? AND thing IN (SELECT CAST(value AS TEXT) FROM json_each(?))"
_MERGED = """
SELECT p.thing, substr(p.thing, 1, instr(p.thing, ':')) || (
    SELECT m.kept_work_id FROM merges AS m WHERE m.undone_at IS NULL
    AND m.gone_work_id = CAST(substr(p.thing, instr(p.thing, ':') + 1) AS INTEGER) ORDER BY m.id DESC LIMIT 1)
FROM pushed_items AS p
WHERE p.target = ? AND substr(p.thing, 1, 5) IN ('work:', 'note:', 'file:')
AND CAST(substr(p.thing, instr(p.thing, ':') + 1) AS INTEGER) IN (
    SELECT gone_work_id FROM merges WHERE undone_at IS NULL)
"""
_FOLLOW = """
UPDATE pushed_items SET thing = ?3 WHERE target = ?1 AND thing = ?2
AND NOT EXISTS (SELECT 1 FROM pushed_items AS o WHERE o.target = ?1 AND o.thing = ?3)
"""
_MOST_MERGES = 20  # of a work into a work that was merged into another, and so on
_COUNTS = (
    "SELECT target, substr(thing, 1, instr(thing, ':') - 1), sum(sent_hash NOT IN ('', '?')), sum(sent_hash = ''), "
    "max(pushed_at) FROM pushed_items GROUP BY 1, 2 ORDER BY 1, 2"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """One thing that stands in a Zotero library, or is about to."""

    thing: str  # "work:12", "source:3", "file:12", "note:12", "root:dl_lit"
    item_key: str
    version: int | None = None  # the library's, when it was sent
    sent_hash: str = INTENDED
    sent: Mapping[str, Any] | None = None

    @property
    def is_intended(self) -> bool:
        """Whether nothing is known of its having arrived."""
        return self.sent_hash == INTENDED

    @property
    def is_found(self) -> bool:
        """Whether it was there before us."""
        return self.sent_hash == FOUND


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedCount:
    """How many things of one kind stand in one library."""

    target: str
    kind: str
    sent: int
    found: int
    last_at: str  # ISO 8601 in UTC


class PushedBook:
    """The rows about one target. Close it."""

    def __init__(self, path: Path, target: str, clock: Clock) -> None:
        """The database is at `path` and has the present schema."""
        self._engine: Engine = connect(path)
        self._target, self._clock = target, clock

    def of(self, things: Iterable[str]) -> dict[str, Pushed]:
        """Those of these things that are known."""
        return self._read(_OF, encode(list(things)))

    def of_kind(self, kind: str) -> dict[str, Pushed]:
        """All things of a kind: "source", "root"."""
        return self._read(_LIKE, f"{kind}:%")

    def works_at(self, keys: Iterable[str]) -> dict[str, str]:
        """The works, as "work:12", that stand under these keys."""
        with named(), self._engine.connect() as connection:
            rows = connection.exec_driver_sql(_TAKEN, (self._target, encode(list(keys)))).all()
        return {str(key): str(thing) for key, thing in rows}

    def note(self, rows: Iterable[Pushed]) -> None:
        """Write these down, in one transaction. Raises `DatabaseUnusable` or `DatabaseFull`."""
        at = stamp(self._clock.time())
        values = [
            (
                *(self._target, row.thing, row.item_key, row.version, row.sent_hash),
                None if row.sent is None else json.dumps(row.sent, sort_keys=True, separators=(",", ":")),
                at,
            )
            for row in rows
        ]
        if values:
            with named(), self._engine.begin() as connection:
                connection.exec_driver_sql(_NOTE, values)

    def forget(self, things: Iterable[str]) -> None:
        """Strike these out."""
        with named(), self._engine.begin() as connection:
            connection.exec_driver_sql(_FORGET, (self._target, encode(list(things))))

    def follow_merges(self) -> None:
        """What was sent of a work that was taken for another since is that one's, which has nothing there itself."""
        with named(), self._engine.begin() as connection:
            for _ in range(_MOST_MERGES):
                merged = connection.exec_driver_sql(_MERGED, (self._target,)).all()
                if not sum(connection.exec_driver_sql(_FOLLOW, (self._target, *row)).rowcount for row in merged):
                    break

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def _read(self, query: str, which: str) -> dict[str, Pushed]:
        with named(), self._engine.connect() as connection:
            rows = connection.exec_driver_sql(query, (self._target, which)).all()
        return {
            thing: Pushed(
                thing=thing,
                item_key=key,
                version=version,
                sent_hash=sent_hash,
                sent=None if sent is None else json.loads(sent),
            )
            for thing, key, version, sent_hash, sent in rows
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def pushed_counts(connection: Connection) -> list[PushedCount]:
    """How many things stand in which library, by kind."""
    return [
        PushedCount(target=target, kind=kind, sent=sent, found=found, last_at=last_at)
        for target, kind, sent, found, last_at in connection.exec_driver_sql(_COUNTS).all()
    ]
