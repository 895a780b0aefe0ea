"""Leave a failing service alone for a while, then try it with one request.

    closed ── 10 failures in a row ──▶ open ── 60 s, or Retry-After ──▶ half-open ── the probe succeeds ──▶ closed
                                        ▲                                   │
                                        └────────── the probe fails ────────┘

Decisions only: the caller brings the time and holds the lock.
"""

from __future__ import annotations

import math
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


class Breaker:
    """The breaker of one service."""

    def __init__(self, *, failures_to_open: int = FAILURES_TO_OPEN, open_s: float = OPEN_S) -> None:
        """Start closed."""
        self._failures_to_open = failures_to_open
        self._open_s = open_s
        self._failures = 0
        self._open_until: float | None = None  # None: closed
        self._probing = False
        self.trips = 0

    def state(self, now: float) -> BreakerState:
        """What it lets through at `now`."""
        if self._open_until is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if now < self._open_until else BreakerState.HALF_OPEN

    def wait_s(self, now: float) -> float:
        """Seconds until a request has a chance; infinity while a probe is out."""
        if self._probing:
            return math.inf
        return 0.0 if self._open_until is None else max(0.0, self._open_until - now)

    def admit(self, now: float) -> Admission:
        """Let a request through, as a call or as the one probe, or refuse it."""
        if self._open_until is None:
            return Admission.CALL
        if now < self._open_until or self._probing:
            return Admission.REFUSED
        self._probing = True
        return Admission.PROBE

    def succeeded(self, admission: Admission) -> None:
        """The service answered. Calls from before it opened change nothing."""
        if admission is Admission.PROBE:
            self._probing = False
            self._open_until = None
            self._failures = 0
        elif self._open_until is None:
            self._failures = 0

    def failed(self, admission: Admission, now: float, *, retry_after: float | None = None) -> None:
        """The service did not answer; `retry_after` (seconds), if it named one, lengthens the rest."""
        rest = max(self._open_s, retry_after or 0.0)
        if admission is Admission.PROBE:
            self._probing = False
            self._open(now + rest)
        elif self._open_until is None:
            self._failures += 1
            if self._failures >= self._failures_to_open:
                self._open(now + rest)
        elif retry_after is not None:
            self._open_until = max(self._open_until, now + retry_after)

    def abandoned(self, admission: Admission) -> None:
        """The request ended without telling anything about the service (it was cancelled, or rate-limited)."""
        if admission is Admission.PROBE:
            self._probing = False

    def _open(self, until: float) -> None:
        self._open_until = until
        self._failures = 0
        self.trips += 1
