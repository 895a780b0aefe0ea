"""From what is wrong at each moment to what is wrong for a while: nothing begins or ends for a flicker."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping

from dl_lit.core.conditions import Ailment, Condition, Finding
from dl_lit.core.values import dataclass

Key = tuple[Ailment, str]

_BEGINS_S = {Ailment.MEMORY_HIGH: 30.0, Ailment.SERVICE_DOWN: 5.0, Ailment.SERVICE_PARKED: 30.0}
"""How long a finding must last to be a condition; the others are one at once."""

_ENDS_S = {Ailment.SERVICE_DOWN: 15.0, Ailment.MEMORY_HIGH: 30.0, Ailment.WATCHER_BLIND: 3.0}
"""How long it must be gone for the condition to end; 5 s for the others."""

_ENDS_USUALLY_S = 5.0

_TAKEN_UP_S = 60.0
"""How soon what a process before left must be found again to go on; else it has ended with that process."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What has become of conditions since the last look."""

    begun: tuple[Condition, ...] = ()
    ended: tuple[Condition, ...] = ()


class Lasting:
    """The conditions that hold. For one thread at a time."""

    def __init__(self, before: Iterable[Condition] = ()) -> None:
        """`before` are those of a process before: what still holds goes on since then, and does not begin anew."""
        self._before: dict[Key, Condition] = {one.key: one for one in before}
        self._began_at: float | None = None
        self._first: dict[Key, float] = {}  # when a finding was first made that is no condition yet
        self._last: dict[Key, float] = {}  # when a condition was last found
        self._held: dict[Key, Condition] = {}

    @property
    def held(self) -> Mapping[Key, Condition]:
        """Those that hold."""
        return self._held

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Those that hold, the gravest first, then those that have held for longest."""
        return ordered(self._held.values())

    def update(self, findings: Iterable[Finding], now: float) -> Changes:
        """Take what is wrong at `now` (epoch seconds)."""
        self._began_at = now if self._began_at is None else self._began_at
        begun = []
        found = {one.key: one for one in findings}
        for key, one in found.items():
            self._last[key] = now
            before = self._before.pop(key, None)
            first = self._first.setdefault(key, now)
            if key in self._held:
                self._held[key] = _condition(one, self._held[key].since)
            elif before is not None:
                self._held[key] = _condition(one, before.since)
            elif now - first >= _BEGINS_S.get(one.ailment, 0.0):
                self._held[key] = _condition(one, first)
                begun.append(self._held[key])
        for key in self._first.keys() - found.keys():
            if key not in self._held:
                del self._first[key], self._last[key]
        return Changes(tuple(begun), (*self._end(found, now), *self._end_of_those_before(now)))

    def _end(self, found: Mapping[Key, Finding], now: float) -> list[Condition]:
        over = [
            key
            for key in self._held.keys() - found.keys()
            if now - self._last[key] >= _ENDS_S.get(key[0], _ENDS_USUALLY_S)
        ]
        for key in over:
            self._first.pop(key, None)
            self._last.pop(key, None)
        return [self._held.pop(key) for key in over]

    def _end_of_those_before(self, now: float) -> list[Condition]:
        if not self._before or self._began_at is None or now - self._began_at < _TAKEN_UP_S:
            return []
        over = list(self._before.values())
        self._before.clear()
        return over


class Complaints:
    """What those who meet it report themselves: a folder, the control surface, the reload. Thread-safe."""

    def __init__(self) -> None:
        """Nobody complains yet."""
        self._lock = threading.Lock()
        self._made: dict[Key, Finding] = {}

    def make(self, ailment: Ailment, subject: str = "", *, says: str, remedy: str = "") -> None:
        """Report something that is wrong until it is settled."""
        with self._lock:
            self._made[ailment, subject] = Finding(ailment=ailment, subject=subject, says=says, remedy=remedy)

    def settle(self, ailment: Ailment, subject: str = "") -> None:
        """It is well again; harmless where nothing was reported."""
        with self._lock:
            self._made.pop((ailment, subject), None)

    @property
    def standing(self) -> tuple[Finding, ...]:
        """Those not settled."""
        with self._lock:
            return tuple(self._made.values())


def ordered(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    """The gravest first, then those that have held for longest."""
    gravity = {"broken": 0, "degraded": 1, "notice": 2}
    return tuple(sorted(conditions, key=lambda one: (gravity[one.severity.value], one.since, one.key)))


def at_once(findings: Iterable[Finding], now: float, before: Iterable[Condition] = ()) -> tuple[Condition, ...]:
    """Conditions of a single look, where no process watches for how long they last."""
    since = {one.key: one.since for one in before}
    return ordered(_condition(one, since.get(one.key, now)) for one in findings)


def _condition(one: Finding, since: float) -> Condition:
    return Condition(ailment=one.ailment, subject=one.subject, says=one.says, remedy=one.remedy, since=since)
