"""Who has what in hand, by the database's own tables and clock: how takeovers are timed."""

from __future__ import annotations

import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

_HANDS = """
SELECT d.pid, c.stage, c.id FROM dl_lit.daemons AS d LEFT JOIN dl_lit.claims AS c ON c.daemon = d.id
"""
_ALL = """
SELECT d.pid, c.stage, c.id, c.claimed_at FROM dl_lit.claims AS c
JOIN dl_lit.daemons AS d ON d.id = c.daemon
"""
_DAEMONS = "SELECT clock_timestamp(), pid FROM dl_lit.daemons"
_LOOK_S = 0.02
_TAKEN_WITHIN_S = 3.0  # another has something of it by then, or all of it was done between two looks

Item = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Takeover:
    """What became of that which a lost daemon had in hand; seconds of the server's clock from its loss."""

    items: int
    freed_s: float  # until nothing was its any more
    taken_s: float | None  # until another had the first of it; None: all was taken and done between two looks


class Watch:
    """Looks at the claims."""

    def __init__(self, address: str) -> None:
        """Nothing is asked yet."""
        self._address = address
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None

    def asked(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows of a statement; none where the database does not answer or knows no such table."""
        for _ in range(2):  # the second time by a new connection: the server may have begun again
            try:
                if self._connection is None:
                    self._connection = psycopg.connect(self._address, autocommit=True)
                return self._connection.execute(statement.encode()).fetchall()
            except psycopg.OperationalError:
                self.close()
            except psycopg.ProgrammingError:
                return []
        return []

    def hands(self) -> dict[int, set[Item]]:
        """What each daemon has in hand, by its process."""
        found: dict[int, set[Item]] = defaultdict(set)
        for pid, stage, number in self.asked(_HANDS):
            held = found[int(pid)]
            if stage is not None:
                held.add((stage, number))
        return found

    def now(self) -> datetime:
        """The server's clock."""
        moment: datetime = self.asked("SELECT clock_timestamp()")[0][0]
        return moment

    def takeover(self, pid: int, held: set[Item], lost: datetime, patience_s: float) -> Takeover | None:
        """What became of what `pid` held when it was lost; None where nobody took it for lost in time."""
        freed: float | None = None
        taken: float | None = None
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            now = lost
            daemons = set()
            for now, process in self.asked(_DAEMONS):  # noqa: B007 - the same moment in all rows
                daemons.add(process)
            for process, stage, number, claimed in self.asked(_ALL):
                if process != pid and (stage, number) in held and claimed > lost:
                    first = (claimed - lost).total_seconds()
                    taken = first if taken is None else min(first, taken)
            if freed is None and daemons and pid not in daemons:
                freed = (now - lost).total_seconds()
                deadline = time.monotonic() + _TAKEN_WITHIN_S
            if freed is not None and taken is not None:
                break
            time.sleep(_LOOK_S)
        return None if freed is None else Takeover(len(held), min(freed, taken or freed), taken)

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
        self._connection = None
