"""A place in the line before a service, and what becomes of it."""

from __future__ import annotations

import threading
from enum import StrEnum
from typing import NamedTuple

from dl_lit.core.breaker import Admission
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass


class Limit(StrEnum):
    """What a request may have to wait for."""

    WINDOW = "window"  # so many in so many seconds
    DAY = "day"  # so many in an hour or longer
    CONCURRENCY = "concurrency"  # so many at once
    LANE = "lane"  # what its kind of request may use is less than what the service allows
    PARKED = "parked"  # the service asked us to wait
    OTHERS = "others"  # other processes of this machine have had the turns
    HOST = "host"  # the turn at a host that files come from


class Instant(NamedTuple):
    """One moment on both clocks."""

    mono: float  # for how long
    epoch: float  # for which day


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no permit, and when to come back (seconds)."""

    reason: Reason
    after: float
    detail: str = ""


@dataclass(slots=True, eq=False)
class Permit:
    """One request's place in the line; it may go once `admission` is set, and never once `refusal` is."""

    number: int  # in order of asking
    lane: str
    credits: int
    asked_at: float
    deadline: float  # it is not waited for longer
    admission: Admission | None = None
    refusal: Refusal | None = None
    waited_s: float = 0.0
    lease: int = 0  # its place among the requests of all processes
    granted_at: float = 0.0  # epoch
    counts_from: float = 0.0  # epoch: when it was due, or given
    woken: threading.Event | None = None  # once somebody sleeps on it
    who: str = ""  # the stage that asks, or what else the thread is there for
    limit: Limit | None = None  # what it waits for now
    limit_since: float = 0.0  # monotonic

    @property
    def is_settled(self) -> bool:
        """Whether it is known what becomes of it."""
        return self.admission is not None or self.refusal is not None

    def waits_for(self, limit: Limit | None, now: float, waited_s: dict[Limit, float]) -> None:
        """From now on it waits for `limit` (None: for nothing); how long it did for another is added to `waited_s`."""
        if limit is self.limit:
            return
        if self.limit is not None:
            waited_s[self.limit] = waited_s.get(self.limit, 0.0) + now - self.limit_since
        self.limit, self.limit_since = limit, now

    def wake(self) -> None:
        """Wake who sleeps on it."""
        if self.woken is not None:
            self.woken.set()
