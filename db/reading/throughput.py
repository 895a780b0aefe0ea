"""How much each stage got done, minute by minute, of the last week.

The attempts are counted once and remembered by the process that is asked: a question reads what is new, and looks
further back for a few hundredths of a second at most, so that a million attempts hold nobody up. Until it has looked
back far enough the answer says from when on it is whole.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from db.codec import stamp
from dl_lit.core.model import StageName
from dl_lit.core.values import dataclass

LONGEST_H = 168
"""Hours that can be asked for."""

_STEPS_S = ((1, 60), (6, 300), (24, 900), (72, 1_800), (LONGEST_H, 3_600))  # hours up to which, seconds of a step
_CHUNK = 5_000  # rows read at a time
_PATIENCE_S = 0.04
_OUTCOMES = {"done": 0, "reject": 1, "retry": 2}
_NEW = "SELECT id, stage, outcome, started_at FROM attempts WHERE id > ? ORDER BY id LIMIT ?"
_OLD = "SELECT id, stage, outcome, started_at FROM attempts WHERE id < ? ORDER BY id DESC LIMIT ?"


@dataclass(frozen=True, slots=True)
class Ended:
    """Attempts of one stage, one number for each step of time."""

    done: tuple[int, ...]
    failed: tuple[int, ...]  # given up
    again: tuple[int, ...]  # to be tried again


@dataclass(frozen=True, slots=True, kw_only=True)
class Throughput:
    """What was ended in each step; the last step goes on still."""

    begins_at: float  # epoch seconds
    step_s: int
    stages: Mapping[StageName, Ended]
    whole_from: float | None  # epoch seconds from which everything is counted; None: all of it is


class _Minute:
    """What was ended of what had begun in one minute."""

    __slots__ = ("at", "counts")

    def __init__(self, at: float) -> None:
        self.at = at  # epoch seconds
        self.counts: dict[tuple[str, str], int] = defaultdict(int)  # by stage and outcome


class MinuteCounts:
    """Attempts by minute, stage and outcome, counted as far as anybody has asked. May be asked by many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self._minutes: dict[str, _Minute] = {}  # by "2026-11-22T12:04"
        self._first: int | None = None  # the lowest id counted
        self._last = 0
        self._reached = "9999"  # the moment back to which everything is counted; "" : the beginning

    def throughput(self, connection: Connection, now: float, hours: int) -> Throughput:
        """What was ended in the last `hours` (1 to `LONGEST_H`) before `now` (epoch seconds)."""
        step = next(step for most, step in _STEPS_S if hours <= most)
        begins_at = (now // step + 1) * step - hours * 3600
        with self._lock:
            self._look(connection, stamp(begins_at), stamp(now - (LONGEST_H + 1) * 3600))
            stages = self._stages(begins_at, step, hours * 3600 // step)
            whole = None if self._reached <= stamp(begins_at) else _epoch(self._reached)
        return Throughput(begins_at=begins_at, step_s=step, stages=stages, whole_from=whole)

    def _look(self, connection: Connection, wanted: str, oldest: str) -> None:
        """Count what is new, then further back, until `wanted` or until patience ends."""
        newest = connection.exec_driver_sql("SELECT id FROM attempts ORDER BY id DESC LIMIT 1").scalar() or 0
        if newest < self._last:  # another database under the same name
            self._forget()
        ends = time.monotonic() + _PATIENCE_S
        if self._first is None:
            self._first, self._last = newest + 1, newest
        while self._last < newest:
            rows = connection.exec_driver_sql(_NEW, (self._last, _CHUNK)).all()
            self._count(rows)
            self._last = rows[-1][0] if rows else newest
        while self._reached > wanted:
            rows = connection.exec_driver_sql(_OLD, (self._first, _CHUNK)).all()
            self._count(rows)
            self._first = rows[-1][0] if rows else 0
            # Rows are written when they end and dated when they began: the latest of many tells how far back we are.
            self._reached = min(self._reached, max((row[3] for row in rows), default="")) if len(rows) == _CHUNK else ""
            if time.monotonic() >= ends:
                break
        for minute in [minute for minute in self._minutes if minute < oldest]:
            del self._minutes[minute]

    def _count(self, rows: Iterable[Any]) -> None:
        for _, stage, outcome, at in rows:
            minute = self._minutes.get(at[:16])
            if minute is None:
                minute = self._minutes[at[:16]] = _Minute(_epoch(at))
            minute.counts[stage, outcome] += 1

    def _stages(self, begins_at: float, step: int, steps: int) -> dict[StageName, Ended]:
        numbers = {stage: ([0] * steps, [0] * steps, [0] * steps) for stage in StageName}
        for minute in self._minutes.values():
            place = int((minute.at - begins_at) // step)
            if 0 <= place < steps:
                for (stage, outcome), number in minute.counts.items():
                    numbers[StageName(stage)][_OUTCOMES[outcome]][place] += number
        return {stage: Ended(*map(tuple, three)) for stage, three in numbers.items()}


def _epoch(moment: str) -> float:
    """Epoch seconds of a minute or a stamp."""
    return datetime.fromisoformat(f"{moment[:16]}:00+00:00").timestamp()
