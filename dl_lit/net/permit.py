"""A place in the line before a service, and what becomes of it."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import NamedTuple

from dl_lit.core.breaker import Admission
from dl_lit.core.reasons import Reason


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
    woken: threading.Event | None = None  # once somebody sleeps on it

    @property
    def is_settled(self) -> bool:
        """Whether it is known what becomes of it."""
        return self.admission is not None or self.refusal is not None

    def wake(self) -> None:
        """Wake who sleeps on it."""
        if self.woken is not None:
            self.woken.set()
