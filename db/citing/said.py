"""What works were called in one look at the database, which does not see what was written since it began."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from db.codec import encode

_TABLES = (
    "CREATE TABLE said_keys (work_id INTEGER PRIMARY KEY, key TEXT NOT NULL, folded TEXT NOT NULL)",
    "CREATE INDEX ix_said_keys_folded ON said_keys (folded)",
)
_SAID = "SELECT work_id, key FROM said_keys WHERE work_id IN (SELECT value FROM json_each(?))"
_IS_SAID = "SELECT 1 FROM said_keys WHERE folded = ?"
_SAY = "INSERT INTO said_keys (work_id, key, folded) VALUES (?, ?, ?)"


class SaidKeys:
    """Kept in a database of their own, which goes when it is closed and is on disk where they are many."""

    def __init__(self) -> None:
        """None were said yet."""
        self._connection = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode=OFF")
        for statement in _TABLES:
            self._connection.execute(statement)

    def of(self, work_ids: Iterable[int]) -> dict[int, str]:
        """What these works were called, as far as that was said."""
        return dict(self._connection.execute(_SAID, (encode(list(work_ids)),)).fetchall())

    def has(self, key: str) -> bool:
        """Whether a work was called so, upper and lower case being the same."""
        return self._connection.execute(_IS_SAID, (key.casefold(),)).fetchone() is not None

    def say(self, work_id: int, key: str) -> None:
        """The work was called so."""
        self._connection.execute(_SAY, (work_id, key, key.casefold()))

    def close(self) -> None:
        """Forget them."""
        self._connection.close()
