"""How long a work waits for locators that cannot be asked just now."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from dl_lit.core.clock import Clock
from dl_lit.core.errors import ServiceError
from dl_lit.core.reasons import Reason

OUTAGE_S = 6 * 3_600.0  # a service of the first round that is down, parked or too busy
FURTHER_S = 3_600.0  # one of the further round, which seldom knows more, that is too busy
# One of the further round that is down: a breaker's period and a little more. Nobody waits for one that will surely be
# away longer: there are many of them, works without an open copy wait for all, and they are looked for again later.
FURTHER_DOWN_S = 75.0
ATTEMPTS = 3  # that one of the further round gets which was asked and failed, the first included
BUDGET_S = 25 * 3_600.0  # a budget that is used up: to its next renewal and a little more
MAX_WORKS = 100_000  # that are remembered; the longest remembered one is forgotten first, and waits anew


class Patience:
    """Since when which works wait for locators. Thread-safe; a new process starts anew.

    Being put off costs a work no attempt, so without an end to it a locator that stays away would keep the work for
    ever. Whoever is offline by choice waits as long as that lasts.
    """

    def __init__(self, clock: Clock, max_works: int = MAX_WORKS) -> None:
        """Nobody waits."""
        self._max_works = max_works
        self._clock = clock
        self._lock = threading.Lock()
        self._since: dict[int, float] = {}  # by work: monotonic seconds

    def awaited(
        self, work_id: int, errors: Sequence[ServiceError], *, attempt: int = 1, is_further: bool = False
    ) -> list[ServiceError]:
        """Of the failures of one round's locators those that the work still waits for, none beyond its patience."""
        now = self._clock.monotonic()
        with self._lock:
            since = self._since.get(work_id, now)
            if work_id not in self._since and any(not one.costs_attempt for one in errors):
                if len(self._since) >= self._max_works:
                    self._since.pop(next(iter(self._since)))
                self._since[work_id] = now
        if is_further:
            errors = [one for one in errors if _is_worth_waiting_for(one, now - since, attempt)]
        outage_s = FURTHER_S if is_further else OUTAGE_S
        return [kept for one in errors if (kept := _within(one, now - since, outage_s)) is not None]

    def forget(self, work_id: int) -> None:
        """The work has been answered."""
        with self._lock:
            self._since.pop(work_id, None)


def _is_worth_waiting_for(error: ServiceError, waited_s: float, attempt: int) -> bool:
    """Whether one of the further round may still be heard soon."""
    if error.reason in {Reason.OFFLINE, Reason.RATE_LIMITED, Reason.BUDGET_EXHAUSTED}:
        return True
    left_s = FURTHER_DOWN_S if error.costs_attempt else FURTHER_DOWN_S - waited_s
    is_soon = left_s > 0.0 and (error.after or 0.0) <= left_s
    return is_soon and not (error.costs_attempt and attempt >= ATTEMPTS)


def _within(error: ServiceError, waited_s: float, outage_s: float) -> ServiceError | None:
    if error.costs_attempt or error.reason is Reason.OFFLINE:
        return error
    left_s = (BUDGET_S if error.reason is Reason.BUDGET_EXHAUSTED else outage_s) - waited_s
    if left_s <= 0.0:
        return None
    if error.after is None or error.after <= left_s:
        return error
    return ServiceError(error.service, error.reason, error.detail, after=left_s, costs_attempt=False)
