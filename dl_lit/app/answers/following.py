"""What those who listen to /events are told: how everything stands, and each item that is finished."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from db.reading.following import Attempt, Follower
from dl_lit.app.now.pulse import pulse_file
from dl_lit.core.clock import Clock
from dl_lit.settings import Settings
from dl_lit.web.contract import Document, Event

MOST_ITEMS = 200
"""Finished items that are told of one look; of those left out, the number is told."""

STATUS_S = 2.0
"""How often the status is worked out at most."""

_COST = 20.0  # times as long as it took is the least between two
_KINDS = {"extraction": "s", "enrichment": "e", "queueing": "w", "download": "w"}


class FollowingDatabase:
    """See `Following`."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        status: Callable[[], Document],
        conditions: Callable[[], Document],
    ) -> None:
        """Opens the database."""
        self._clock = clock
        self._status, self._conditions = status, conditions
        self._follower = Follower(settings.database)
        self._version: int | None = None
        self._last = 0
        self._now: dict[str, Any] = {}
        self._wrong: Document = {}
        self._status_after = 0.0  # monotonic: not worked out again before
        self._status_seen: object = None
        self._pulse = pulse_file(settings.database)

    def look(self) -> Sequence[Event]:
        """See `Following.look`."""
        events: list[Event] = []
        version = self._follower.version()
        if version != self._version:
            is_first, self._version = self._version is None, version
            last = self._follower.last()
            if not is_first:
                events += self._items(self._last, last)
            self._last = last
        now = self._clock.monotonic()
        seen = (version, self._beat())
        if self._status_seen != seen and now >= self._status_after:
            self._status_seen = seen
            events += self._changed_status()
            self._status_after = now + max(STATUS_S, _COST * (self._clock.monotonic() - now))
        wrong = self._conditions()
        if wrong != self._wrong:
            self._wrong = wrong
            events.append(Event("conditions", wrong))
        return events

    def snapshot(self) -> Event:
        """See `Following.snapshot`."""
        return Event("snapshot", {"status": self._now, "conditions": self._wrong}, self._last)

    def since(self, last: int) -> Sequence[Event]:
        """See `Following.since`."""
        return self._items(last, self._last) if last < self._last else []

    def close(self) -> None:
        """See `Following.close`."""
        self._follower.close()

    def _beat(self) -> int:
        """Something that changes when the process at work tells anew how it is; 0 where there is none."""
        try:
            return self._pulse.stat().st_mtime_ns
        except OSError:
            return 0

    def _items(self, after: int, last: int) -> list[Event]:
        found = self._follower.between(after, last, MOST_ITEMS)
        left_out = last - after - len(found)
        gap = [Event("gap", {"left_out": left_out})] if left_out > 0 and len(found) == MOST_ITEMS else []
        return [*gap, *(Event("item", _item(one), one.id) for one in found)]

    def _changed_status(self) -> list[Event]:
        """What of the status is different now, by its first keys."""
        before, self._now = self._now, dict(self._status())
        changed = {key: value for key, value in self._now.items() if before.get(key, ...) != value}
        return [Event("status", changed)] if changed.keys() - {"at", "size_bytes"} else []


def _item(one: Attempt) -> Document:
    return {
        "id": f"{_KINDS.get(one.stage, '')}{one.item}",
        "stage": one.stage,
        "outcome": one.outcome,
        "reason": one.reason,
        "detail": one.detail,
        "attempt": one.attempt,
        "started_at": one.started_at,
        "seconds": one.seconds,
    }
