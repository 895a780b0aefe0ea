"""Which questions are being asked just now, by all processes of the machine (`core.language.Claims`).

Two processes that ask the same at once make one call: the second waits until the first has left its claim, and finds
the answer remembered.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from db.language.schema import CLAIMS
from db.machine.processes import is_alive, may_live, this_process
from db.sidefile import SideFile, Unusable
from dl_lit.core.language import Claimed
from dl_lit.core.sharing import Holder

if TYPE_CHECKING:
    from db.postgres.beside import SideTables

LEFT_S = 60.0
"""For so long a claim that was left is remembered, so that who comes just then looks for its answer."""

_FIND = "SELECT until, pid, started, space FROM claims WHERE key = ?"
_TAKE = """
INSERT INTO claims (key, until, pid, started, space) VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET
    until = excluded.until, pid = excluded.pid, started = excluded.started, space = excluded.space
"""
_LEAVE = "UPDATE claims SET until = ? WHERE key = ? AND pid = ? AND started = ? AND space = ?"
_FORGET = "DELETE FROM claims WHERE until < ?"


@dataclass(slots=True)
class _Wish:
    key: str
    now: float
    for_s: float | None  # None: it is left
    said: list[Claimed] = field(default_factory=list)  # one, once it was decided


class DiskClaims:
    """Keeps the claims in the file of language models. Thread-safe; raises nothing.

    Threads that come while another one writes are served together by the next: fifty calls that begin at once take a
    few transactions, not fifty.
    """

    def __init__(self, file: SideFile | SideTables) -> None:
        """`file` is another's to close."""
        self._file = file
        self._lives = may_live if file.is_of_all_hosts else is_alive
        self._gathering = threading.Lock()
        self._waiting: list[_Wish] = []
        self._turn = threading.Lock()
        self._forgot_at = 0.0

    def take(self, key: str, now: float, *, for_s: float) -> Claimed:
        """Claim the question; see `core.language.Claims`."""
        return self._decided(_Wish(key, now, for_s))

    def leave(self, key: str, now: float) -> None:
        """Let others have it."""
        self._decided(_Wish(key, now, None))

    def _decided(self, wish: _Wish) -> Claimed:
        with self._gathering:
            self._waiting.append(wish)
        with self._turn:
            if not wish.said:
                with self._gathering:
                    wishes, self._waiting = self._waiting, []
                self._serve(wishes, wish.now)
        return wish.said[0]

    def _serve(self, wishes: Sequence[_Wish], now: float) -> None:
        try:
            with self._file.writing() as connection:
                connection.execute(CLAIMS)
                found = [_served(connection, wish, self._lives) for wish in wishes]
                if not 0 <= now - self._forgot_at < LEFT_S:
                    connection.execute(_FORGET, (now - LEFT_S,))
                    self._forgot_at = now
        except Unusable:
            found = [Claimed.OURS] * len(wishes)
        for wish, said in zip(wishes, found, strict=True):
            wish.said.append(said)


def _served(connection: sqlite3.Connection, wish: _Wish, lives: Callable[[Holder], bool]) -> Claimed:
    me = this_process()
    if wish.for_s is None:
        connection.execute(_LEAVE, (wish.now, wish.key, me.pid, me.started, me.space))
        return Claimed.OURS
    row = connection.execute(_FIND, (wish.key,)).fetchone()
    if row is not None and wish.now < row[0] <= wish.now + wish.for_s and lives(Holder(*row[1:])):
        return Claimed.THEIRS  # a time further off than anybody claims is that of another clock
    connection.execute(_TAKE, (wish.key, wish.now + wish.for_s, me.pid, me.started, me.space))
    return Claimed.OURS if row is None else Claimed.OURS_AFTER
