"""Giving works their citation keys: once, in short transactions of their own, beside whoever works on the database."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine

from db.citing.choosing import Chooser, KeyMaker, is_another_works, is_not_free
from db.codec import decode_work, encode, stamp
from db.connect import connect
from db.refusing import named
from dl_lit.core.clock import Clock
from dl_lit.core.key_pattern import fault_of
from dl_lit.core.model import Work
from dl_lit.core.values import dataclass

PATIENCE_S = 5.0
"""How long is waited for another process's transaction before works are called by keys that are not kept."""


class GivenBy(StrEnum):
    """Whom a work has its key from."""

    PATTERN = "pattern"
    IMPORT = "import"  # a bibliography that people brought
    PERSON = "person"


_PRESENT = (
    "SELECT work_id, key, given_by FROM citation_keys "
    "WHERE retired_at IS NULL AND work_id IN (SELECT value FROM json_each(?))"
)
# Works that were merged into one that has no key of its own lend it theirs: that of the one that came first.
_LENT = """
WITH RECURSIVE part(root, id, joined) AS (
    SELECT CAST(j.value AS INTEGER), m.gone_work_id, m.id FROM json_each(?) AS j
    JOIN merges AS m ON m.kept_work_id = CAST(j.value AS INTEGER) AND m.undone_at IS NULL
    UNION SELECT part.root, m.gone_work_id, max(part.joined, m.id) FROM part
    JOIN merges AS m ON m.kept_work_id = part.id AND m.undone_at IS NULL)
SELECT part.root, k.key, k.given_by FROM part JOIN citation_keys AS k ON k.work_id = part.id AND k.retired_at IS NULL
ORDER BY part.joined DESC, k.work_id DESC
"""
_RECORDS = "SELECT id, record FROM works WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
_NO_KEY = "NOT EXISTS (SELECT 1 FROM citation_keys AS k WHERE k.work_id = w.id AND k.retired_at IS NULL)"
_LACKING = f"SELECT w.id FROM works AS w WHERE w.id > ? AND {_NO_KEY} ORDER BY w.id LIMIT ?"  # noqa: S608 - texts of ours
_LACKING_OF = f"""
SELECT DISTINCT w.id FROM entries AS e JOIN works AS w ON w.id = e.work_id
WHERE e.source_id = ? AND {_NO_KEY} ORDER BY w.id
"""  # noqa: S608 - as above
WORKS_AT_A_TIME = 500
"""Works of one transaction, between which others may write."""

_BROUGHT = (
    "SELECT citation_key FROM entries WHERE work_id = ? AND citation_key IS NOT NULL ORDER BY source_id, position"
)
_ADD = "INSERT INTO citation_keys (key, work_id, folded, given_at, given_by) VALUES (?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class Held:
    """A key that a work has."""

    key: str
    by: GivenBy


def held_keys(connection: Connection, work_ids: Iterable[int]) -> dict[int, Held]:
    """The keys that these works have, by whom; those that have none yet are left out."""
    wanted = sorted(set(work_ids))
    own = connection.exec_driver_sql(_PRESENT, (encode(wanted),)).all()
    held = {work_id: Held(key, GivenBy(by)) for work_id, key, by in own}
    lacking = [work_id for work_id in wanted if work_id not in held]
    lent = connection.exec_driver_sql(_LENT, (encode(lacking),)).all() if lacking else ()
    return {work_id: Held(key, GivenBy(by)) for work_id, key, by in lent} | held


def present_keys(connection: Connection, work_ids: Iterable[int]) -> dict[int, str]:
    """The keys that these works have; those that have none yet are left out."""
    return {work_id: held.key for work_id, held in held_keys(connection, work_ids).items()}


def brought_keys(connection: Connection, work_id: int) -> list[str]:
    """The keys that the work has in bibliographies that people brought, the oldest first, as far as they will do."""
    rows = connection.exec_driver_sql(_BROUGHT, (work_id,)).scalars()
    return [key for key in dict.fromkeys(rows) if fault_of(key) is None]


def add_key(connection: Connection, work_id: int, key: str, by: GivenBy, now: float) -> None:
    """Write down that the key is the work's, which has none."""
    connection.exec_driver_sql(_ADD, (key, work_id, key.casefold(), stamp(now), by.value))


def give_keys(connection: Connection, work_ids: Iterable[int], chooser: Chooser, now: float) -> dict[int, str]:
    """The keys of these works, which are given to those that have none; unknown works are left out.

    `connection` is in a transaction that writes. A key from people's own files comes before one by the pattern.
    """
    wanted = sorted(set(work_ids))
    keys = present_keys(connection, wanted)
    lacking = encode([work_id for work_id in wanted if work_id not in keys])
    for work_id, record in connection.exec_driver_sql(_RECORDS, (lacking,)).all():
        key, by = _chosen(connection, work_id, decode_work(record), chooser)
        add_key(connection, work_id, key, by, now)
        keys[work_id] = key
    return keys


def _chosen(connection: Connection, work_id: int, work: Work, chooser: Chooser) -> tuple[str, GivenBy]:
    for key in brought_keys(connection, work_id):
        if not is_another_works(connection, key, work_id):
            return key, GivenBy.IMPORT
    return chooser.choose(work, lambda key: is_not_free(connection, key, work_id)), GivenBy.PATTERN


class KeyGiver:
    """Gives keys in a database that others may work on; opened when the first is wanted. Close it."""

    def __init__(self, path: Path, maker: KeyMaker, clock: Clock, patience_s: float = PATIENCE_S) -> None:
        """The database is at `path` and has the present schema."""
        self._path, self._clock, self._patience_s = path, clock, patience_s
        self._chooser = Chooser(maker)
        self._engine: Engine | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def give(self, work_ids: Iterable[int]) -> dict[int, str]:
        """See `give_keys`. Raises `DatabaseUnusable` or `DatabaseFull` where nothing can be written now."""
        with named(), self._opened().begin() as connection:
            return give_keys(connection, work_ids, self._chooser, self._clock.time())

    def give_ahead(self, source_ids: Iterable[int] | None = None) -> None:
        """Give keys to all works that these sources cite (all there are when None), in the order they were found in.

        Before anything long is read: what is written beside a long look at the database is kept twice until that ends.
        Raises as `give`.
        """
        if source_ids is None:
            last = 0
            while lacking := self._lacking(_LACKING, last, WORKS_AT_A_TIME):
                self.give(lacking)
                last = lacking[-1]
            return
        for source_id in source_ids:
            lacking = self._lacking(_LACKING_OF, source_id)
            for place in range(0, len(lacking), WORKS_AT_A_TIME):
                self.give(lacking[place : place + WORKS_AT_A_TIME])

    def _lacking(self, query: str, *values: int) -> list[int]:
        with named(), self._opened().connect() as connection:
            driver = connection.connection.driver_connection  # without the transaction that would write
            return [row[0] for row in driver.execute(query, values)] if driver is not None else []

    def _opened(self) -> Engine:
        if self._engine is None:
            self._engine = connect(self._path, patience_s=self._patience_s)
        return self._engine

    def close(self) -> None:
        """Let go of the database."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None
