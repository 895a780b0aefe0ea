"""OpenAlex's credits: what a client has left today, and how answers say so."""

from __future__ import annotations

import math
import time
from typing import Any

from dl_lit.replica.wire import Header

_DAY_S = 86_400.0
DOLLARS_PER_CREDIT = 0.0001  # https://openalex.org/pricing, read 2026-11-22


class Budget:
    """The credits of one client; they come back when the (scaled) day ends."""

    def __init__(self, limit: int, time_scale: float) -> None:
        self.limit = limit
        self.remaining = limit
        self._time_scale = time_scale
        until_midnight = _DAY_S - time.time() % _DAY_S
        self._ends_at = time.monotonic() + until_midnight / time_scale

    def reset_s(self) -> int:
        """Seconds until the credits are back."""
        now = time.monotonic()
        if now >= self._ends_at:
            self.remaining = self.limit
            days = math.ceil((now - self._ends_at) * self._time_scale / _DAY_S) or 1
            self._ends_at += days * _DAY_S / self._time_scale
        return math.ceil(self._ends_at - now)

    def take(self, credits_: int) -> bool:
        """Take the credits, or say that there are too few."""
        self.reset_s()
        if credits_ > self.remaining:
            return False
        self.remaining -= credits_
        return True


def budget_headers(budget: Budget) -> tuple[Header, ...]:
    """What every answer says about the budget."""
    return (
        ("x-ratelimit-limit", str(budget.limit)),
        ("x-ratelimit-remaining", str(budget.remaining)),
        ("x-ratelimit-onetime-remaining", "0"),
        ("x-ratelimit-reset", str(budget.reset_s())),
        ("x-ratelimit-limit-usd", f"{budget.limit * DOLLARS_PER_CREDIT:g}"),
        ("x-ratelimit-remaining-usd", f"{budget.remaining * DOLLARS_PER_CREDIT:g}"),
        ("x-ratelimit-prepaid-remaining-usd", "0"),
    )


def limit_body(message: str, retry_after_s: float, budget: Budget, credits_: int) -> dict[str, Any]:
    """The body of a 429."""
    return {
        "error": "Rate limit exceeded",
        "message": message,
        "retryAfter": retry_after_s,
        "costUsd": credits_ * DOLLARS_PER_CREDIT,
        "dailyRemainingUsd": budget.remaining * DOLLARS_PER_CREDIT,
        "prepaidRemainingUsd": 0,
        "creditsRequired": credits_,
        "creditsRemaining": budget.remaining,
        "onetimeCreditsRemaining": 0,
    }
