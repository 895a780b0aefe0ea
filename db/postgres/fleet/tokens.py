"""Wrong tokens that any `dl-lit serve` of a fleet was sent, by who sent them: a balancer gives nobody more tries."""

from __future__ import annotations

from pathlib import Path

from db.postgres.beside import SideTables
from db.sidefile import Unusable

_PART, _VERSION = "tokens", 1
_TABLES = "CREATE TABLE wrong_tokens (who TEXT PRIMARY KEY, began REAL NOT NULL, number INTEGER NOT NULL);"

_FORGET = "DELETE FROM wrong_tokens WHERE began <= extract(epoch FROM clock_timestamp())::float8 - CAST(? AS REAL)"
_COUNT = """
INSERT INTO wrong_tokens (who, began, number) VALUES (?, extract(epoch FROM clock_timestamp())::float8, 1)
ON CONFLICT (who) DO UPDATE SET number = wrong_tokens.number + 1
RETURNING number, extract(epoch FROM clock_timestamp())::float8 - began
"""


class WrongTokens:
    """Counts them in the database, by its clock. Thread-safe."""

    def __init__(self, signpost: Path) -> None:
        """Nothing is opened."""
        path = signpost / f"{_PART}.db"
        self._tables = SideTables(path, "wrong tokens", _TABLES, _VERSION, busy_s=1.0, is_lasting=False)

    def count(self, who: str, window_s: float) -> tuple[int, float] | None:
        """Count one: how many that makes in the window, and the seconds left of it; None: the database is silent."""
        try:
            with self._tables.writing() as connection:
                connection.execute(_FORGET, (window_s,))
                number, for_s = connection.execute(_COUNT, (who,)).fetchone()
        except Unusable:
            return None
        return int(number), window_s - for_s

    def close(self) -> None:
        """Let go of the connections."""
        self._tables.close()
