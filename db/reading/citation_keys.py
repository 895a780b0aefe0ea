"""Every work's citation key, in a table that lives as long as the connection: a million of them need no memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from sqlalchemy import Connection

from db.codec import decode_work, encode
from dl_lit.core.model import Work

Bare = Callable[[Work], str]
Candidates = Callable[[str], Iterator[str]]

_TABLES = (
    "CREATE TEMP TABLE IF NOT EXISTS given_keys (work_id INTEGER PRIMARY KEY, key TEXT, folded TEXT NOT NULL UNIQUE)",
    "CREATE TEMP TABLE IF NOT EXISTS bare_keys (folded TEXT PRIMARY KEY, given INTEGER NOT NULL) WITHOUT ROWID",
    "DELETE FROM given_keys",
    "DELETE FROM bare_keys",
)
_WORKS = "SELECT id, record FROM works WHERE id > ? ORDER BY id LIMIT 500"
_GIVEN = "SELECT given FROM bare_keys WHERE folded = ?"
_TAKEN = "SELECT 1 FROM given_keys WHERE folded = ?"
_GIVE = "INSERT INTO given_keys (work_id, key, folded) VALUES (?, ?, ?)"
_NOTE = "INSERT INTO bare_keys (folded, given) VALUES (?, ?) ON CONFLICT (folded) DO UPDATE SET given = excluded.given"
_KEYS = "SELECT work_id, key FROM given_keys WHERE work_id IN (SELECT value FROM json_each(?))"


class CitationKeys:
    """The keys of all works, given in the order in which these were found: each depends on those before it alone."""

    def __init__(self, connection: Connection, bare: Bare, candidates: Candidates) -> None:
        """Gives them all now. `candidates` of a `bare` key are tried in their order."""
        self._connection = connection
        for statement in _TABLES:
            connection.exec_driver_sql(statement)
        last = 0
        while rows := connection.exec_driver_sql(_WORKS, (last,)).all():
            for work_id, record in rows:
                self._give(work_id, bare(decode_work(record)), candidates)
            last = rows[-1][0]

    def _give(self, work_id: int, bare: str, candidates: Candidates) -> None:
        ask = self._connection.exec_driver_sql
        # All before it are taken: keys are only ever given.
        given = ask(_GIVEN, (bare.casefold(),)).scalar() or 0
        for tried, key in enumerate(islice(candidates(bare), given, None), given + 1):
            if ask(_TAKEN, (key.casefold(),)).scalar() is None:
                ask(_GIVE, (work_id, key, key.casefold()))
                ask(_NOTE, (bare.casefold(), tried))
                return

    def of(self, work_ids: Iterable[int]) -> dict[int, str]:
        """The keys of these works, by their ids; those that are not there are left out."""
        rows = self._connection.exec_driver_sql(_KEYS, (encode(sorted(set(work_ids))),))
        return {work_id: key for work_id, key in rows}  # noqa: C416 - dict() of rows is not typed
