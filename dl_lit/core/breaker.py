"""Leave a failing service alone for a while, then try it with one request.

    closed ── 10 failures in a row ──▶ open ── 60 s, or Retry-After ──▶ half-open ── the probe succeeds ──▶ closed
                                        ▲                                   │
                                        └────────── the probe fails ────────┘

Decisions only: the caller brings the time and holds the lock.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

FAILURES_TO_OPEN = 10
OPEN_S = 60.0


class BreakerState(StrEnum):
    """What the breaker lets through."""

    CLOSED = "closed"  # everything
    OPEN = "open"  # nothing
    HALF_OPEN = "half-open"  # one probe


class Admission(StrEnum):
    """What the breaker says to one request; the request hands it back with its result."""

    CALL = "call"
    PROBE = "probe"
    REFUSED = "refused"


@dataclass(slots=True, kw_only=True)
class Breaker:
    """The breaker of one service; starts closed."""

    failures_to_open: int = FAILURES_TO_OPEN
    open_s: float = OPEN_S
    failures: int = 0  # in a row
    open_until: float | None = None  # None: closed
    probing: bool = False  # the one probe is out
    trips: int = 0

    def state(self, now: float) -> BreakerState:
        """What it lets through at `now`."""
        if self.open_until is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if now < self.open_until else BreakerState.HALF_OPEN

    def wait_s(self, now: float) -> float:
        """Seconds until a request has a chance; infinity while a probe is out."""
        if self.probing:
            return math.inf
        return 0.0 if self.open_until is None else max(0.0, self.open_until - now)

    def admit(self, now: float) -> Admission:
        """Let a request through, as a call or as the one probe, or refuse it."""
        if self.open_until is None:
            return Admission.CALL
        if now < self.open_until or self.probing:
            return Admission.REFUSED
        self.probing = True
        return Admission.PROBE

    def succeeded(self, admission: Admission) -> None:
        """The service answered. Calls from before it opened change nothing."""
        if admission is Admission.PROBE:
            self.probing = False
            self.open_until = None
            self.failures = 0
        elif self.open_until is None:
            self.failures = 0

    def failed(self, admission: Admission, now: float, *, retry_after: float | None = None) -> None:
        """The service did not answer; `retry_after` (seconds), if it named one, lengthens the rest."""
        rest = max(self.open_s, retry_after or 0.0)
        if admission is Admission.PROBE:
            self.probing = False
            self._open(now + rest)
        elif self.open_until is None:
            self.failures += 1
            if self.failures >= self.failures_to_open:
                self._open(now + rest)
        elif retry_after is not None:
            self.open_until = max(self.open_until, now + retry_after)

    def abandoned(self, admission: Admission) -> None:
        """The request ended without telling anything about the service (it was cancelled, or rate-limited)."""
        if admission is Admission.PROBE:
            self.probing = False

    def turn_back(self, seconds: float) -> None:
        """The clock was set back by `seconds`."""
        if self.open_until is not None:
            self.open_until -= seconds

    def _open(self, until: float) -> None:
        self.open_until = until
        self.failures = 0
        self.trips += 1
