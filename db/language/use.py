"""What models took today, of all processes of the machine, and whether that is as much as they may (`UseBook`)."""

from __future__ import annotations

import math
import sqlite3
import threading
from dataclasses import field
from typing import TYPE_CHECKING

from db.language.schema import DAY_S
from db.sidefile import SideFile, Unusable
from dl_lit.core.language import Tokens
from dl_lit.core.values import dataclass

if TYPE_CHECKING:
    from db.postgres.beside import SideTables

KEPT_DAYS = 400
"""How many days are told of."""

_TOGETHER_S = 1.0  # for so long counts are gathered where no budget is set
_MOST_TOKENS = 10**9  # of one answer
_MOST_DOLLARS = 10**6  # ... which is the largest budget

_SUM = "SELECT total(requests), total(cost) FROM days WHERE day = ?"
_ADD = """
INSERT INTO days VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (day, model) DO UPDATE SET
    requests = requests + excluded.requests,
    input = input + excluded.input,
    cached = cached + excluded.cached,
    written = written + excluded.written,
    output = output + excluded.output,
    cost = cost + excluded.cost
"""
_FORGET = "DELETE FROM days WHERE day < ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a day may take, of all models together; None: as much as is wanted. Days begin at midnight UTC."""

    requests: int | None = None
    dollars: float | None = None

    def is_gone(self, requests: float, dollars: float) -> bool:
        """Whether after so much nothing more may be asked that day."""
        return (self.requests is not None and requests >= self.requests) or (
            self.dollars is not None and dollars >= self.dollars
        )


@dataclass(slots=True)
class _Taken:
    """What is counted and not yet on disk."""

    requests: int = 0
    tokens: Tokens = field(default_factory=Tokens)


class DiskUse:
    """Counts requests and what they took. Thread-safe; raises nothing.

    While the file cannot be used, what it said last and what this process has taken since decide; that is written down
    later. What calls in flight will cost is not known, so money may be overdrawn by as much as they take.
    """

    def __init__(self, file: SideFile | SideTables, model: str, budget: Budget) -> None:
        """`model` is what the use is counted under; `file` is another's to close."""
        self._file = file
        self._model = model
        self._budget = budget
        self._lock = threading.Lock()
        self._unwritten: dict[int, _Taken] = {}  # by day
        self._written_at = -math.inf  # by the time that is said with each answer
        self._known: tuple[int, float, float] = (0, 0.0, 0.0)  # day, requests, dollars: as the file said last

    def take(self, now: float) -> float | None:
        """Count a request before it goes; None: it may go, else the seconds until midnight UTC."""
        day = int(now // DAY_S)
        with self._lock:
            if self._budget == Budget():
                self._unwritten.setdefault(day, _Taken()).requests += 1
                return None
            try:
                is_taken = self._taken(day)
            except Unusable:
                is_taken = self._taken_alone(day)
        return None if is_taken else (day + 1) * DAY_S - now

    def add(self, tokens: Tokens, now: float) -> None:
        """Count what a request took."""
        with self._lock:
            waiting = self._unwritten.setdefault(int(now // DAY_S), _Taken())
            waiting.tokens += _believed(tokens)
            if self._is_due(now):
                self._flush()

    def flush(self) -> None:
        """Write down what waits to be written with more of its like: for whoever looks now and then."""
        with self._lock:
            if self._unwritten:
                self._flush()

    def close(self) -> None:
        """Write down what was not written so far."""
        self.flush()

    def _is_due(self, now: float) -> bool:
        """Whether it is to be written now. Nobody waits for counts where no budget is set: they are written together.

        Each writing keeps all other calls that begin or end waiting.
        """
        if self._budget == Budget() and 0 <= now - self._written_at < _TOGETHER_S:
            return False
        self._written_at = now
        return True

    def _taken(self, day: int) -> bool:
        with self._file.writing() as connection:
            self._write(connection)
            self._forget(connection, day)
            requests, dollars = connection.execute(_SUM, (day,)).fetchone()
            is_taken = not self._budget.is_gone(requests, dollars)
            if is_taken:
                connection.execute(_ADD, (day, self._model, 1, 0, 0, 0, 0, 0.0))
        self._written(day, requests + is_taken, dollars)
        return is_taken

    def _taken_alone(self, day: int) -> bool:
        waiting = self._unwritten.setdefault(day, _Taken())
        requests, dollars = self._known[1:] if self._known[0] == day else (0.0, 0.0)
        if self._budget.is_gone(requests + waiting.requests, dollars + waiting.tokens.cost):
            return False
        waiting.requests += 1
        return True

    def _flush(self) -> None:
        day = max(self._unwritten)
        try:
            with self._file.writing() as connection:
                self._write(connection)
                self._forget(connection, day)
                requests, dollars = connection.execute(_SUM, (day,)).fetchone()
        except Unusable:
            return
        self._written(day, requests, dollars)

    def _write(self, connection: sqlite3.Connection) -> None:
        connection.executemany(
            _ADD,
            (
                (day, self._model, one.requests, *_numbers(one.tokens), one.tokens.cost)
                for day, one in self._unwritten.items()
            ),
        )

    def _forget(self, connection: sqlite3.Connection, day: int) -> None:
        """Let go of old days, once a day."""
        if day != self._known[0]:
            connection.execute(_FORGET, (day - KEPT_DAYS,))

    def _written(self, day: int, requests: float, dollars: float) -> None:
        self._unwritten.clear()
        self._known = (day, requests, dollars)


def _believed(tokens: Tokens) -> Tokens:
    """`tokens` in bounds that the file can hold and add up for as long as it is kept, whatever a server said."""
    input_, cached, written, output = (max(0, min(one, _MOST_TOKENS)) for one in _numbers(tokens))
    cost = min(tokens.cost, _MOST_DOLLARS) if tokens.cost >= 0 else 0.0  # which NaN is not either
    return Tokens(input=input_, cached=cached, written=written, output=output, cost=cost)


def _numbers(tokens: Tokens) -> tuple[int, int, int, int]:
    return tokens.input, tokens.cached, tokens.written, tokens.output
