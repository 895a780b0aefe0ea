"""How long to wait before trying again: exponential with full jitter, or what the server asked for."""

from __future__ import annotations

import random
import re
from datetime import UTC
from email.utils import parsedate_to_datetime

BASE_S = 1.0
FACTOR = 2.0
CAP_S = 300.0
RETRY_AFTER_CAP_S = 7 * 86_400.0  # a server cannot park us for longer than a week

_SECONDS = re.compile(r"\d{1,15}(?:\.\d{1,15})?", re.ASCII)


def ceiling_s(attempt: int, *, base_s: float = BASE_S, factor: float = FACTOR, cap_s: float = CAP_S) -> float:
    """Seconds that the wait after failed attempt number `attempt` (from 1) can reach."""
    steps = max(0, attempt - 1)
    try:
        return float(min(cap_s, base_s * factor**steps))
    except OverflowError:
        return cap_s


def delay_s(
    attempt: int, rng: random.Random, *, base_s: float = BASE_S, factor: float = FACTOR, cap_s: float = CAP_S
) -> float:
    """Seconds to wait after failed attempt number `attempt` (from 1): anything from 0 to the ceiling.

    Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ (read 2026-11-22).
    """
    return rng.uniform(0.0, ceiling_s(attempt, base_s=base_s, factor=factor, cap_s=cap_s))


def retry_after_s(value: str | None, now: float, *, cap_s: float = RETRY_AFTER_CAP_S) -> float | None:
    """Seconds that a Retry-After header asks for, at most `cap_s`; None where it is absent or says nothing.

    `now` is in seconds since the Unix epoch; an HTTP date in the past gives 0.
    """
    text = (value or "").strip()
    if _SECONDS.fullmatch(text):
        return min(cap_s, float(text))
    try:
        when = parsedate_to_datetime(text)
        then = when.replace(tzinfo=when.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return min(cap_s, max(0.0, then - now))
