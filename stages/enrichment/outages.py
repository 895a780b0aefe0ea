"""Which failing services a decision waits for, and for how long.

Whoever has works of every kind, or registered the DOI, is waited for as long as it takes: without them "no match" says
nothing. A service of one field is waited for an hour of an outage; then what the others say counts, and the decision
names who was not heard.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dl_lit.core.errors import RequestRefused, ServiceError
from dl_lit.core.reasons import Reason
from stages.enrichment.asking import Told

if TYPE_CHECKING:
    from stages.enrichment.desk import Desk

NARROW_WAIT_S = 3_600.0  # how long an outage of a service of one field keeps entries waiting
FORGOTTEN_S = 2 * NARROW_WAIT_S  # a failure so long ago belongs to another outage

_OURS = frozenset({Reason.BUDGET_EXHAUSTED, Reason.OFFLINE})  # says nothing about the service


class Outages:
    """Since when which services answer nobody here. Thread-safe; a new process starts anew."""

    def __init__(self) -> None:
        """Everybody is well."""
        self._lock = threading.Lock()
        self._spans: dict[str, tuple[float, float]] = {}  # by service: first and last failure, monotonic seconds

    def note(self, service: str, told: Told[Any], now: float) -> None:
        """Take over what asking a service has come to at `now` (monotonic seconds)."""
        is_heard = bool(told.values.keys() - told.remembered)
        is_failing = any(
            key not in told.remembered and error.reason not in _OURS and not isinstance(error, RequestRefused)
            for key, error in told.errors.items()
        )
        if is_heard:
            self.heard(service)
        elif is_failing:
            self.failed(service, now)

    def heard(self, service: str) -> None:
        """It answers."""
        with self._lock:
            self._spans.pop(service, None)

    def failed(self, service: str, now: float) -> None:
        """It gave no answer at `now` (monotonic seconds)."""
        with self._lock:
            since, last = self._spans.get(service, (now, now))
            self._spans[service] = (since if now - last < FORGOTTEN_S else now, now)

    def lasts_s(self, service: str, now: float) -> float:
        """For how many seconds the service has answered nobody; 0 where it did, or was not asked."""
        with self._lock:
            return now - self._spans[service][0] if service in self._spans else 0.0


def is_given_up(desk: Desk, error: ServiceError) -> bool:
    """Whether a service of one field has been out for so long that nobody waits for it any more."""
    return _left_s(desk, error) <= 0.0


def awaited(desk: Desk, errors: Sequence[ServiceError], attempt: int) -> list[ServiceError]:
    """The failures without which nothing is final: one that was asked and failed has so many tries.

    Whoever could not be asked is waited for; those of one field no longer than their outage may keep entries waiting.
    """
    found = []
    for error in errors:
        if error.costs_attempt:
            found += [error] if attempt < desk.habits.attempts else []
            continue
        left_s = _left_s(desk, error)
        if left_s > 0.0:
            found.append(error if error.after is None or error.after <= left_s else _sooner(error, left_s))
    return found


def _left_s(desk: Desk, error: ServiceError) -> float:
    """How much longer the service is waited for (seconds); infinity where there is no end to it."""
    is_narrow = any(source.is_narrow for source in desk.sources if source.service == error.service)
    if not is_narrow or error.reason in _OURS:
        return float("inf")
    return NARROW_WAIT_S - desk.outages.lasts_s(error.service, desk.clock.monotonic())


def _sooner(error: ServiceError, after: float) -> ServiceError:
    return ServiceError(error.service, error.reason, error.detail, after=after, costs_attempt=False)
