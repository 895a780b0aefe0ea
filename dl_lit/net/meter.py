"""Counts what is asked of one service, in bounded memory."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import field

from dl_lit.core.values import dataclass

_GROWTH = 1.1  # each step of the histogram is a tenth longer: p95 is at most that much too high
_FIRST_S = 0.001
_STEPS = 145  # up to some 1,000 s


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceUse:
    """What a run asked of one service."""

    requests: int = 0
    by_status: dict[str, int] = field(default_factory=dict)  # "2xx", "4xx", ..., "error" where none came
    concurrency_peak: int = 0
    latency_mean_s: float = 0.0
    latency_p95_s: float = 0.0
    rate_limit_hits: int = 0
    breaker_trips: int = 0
    retries: int = 0
    permit_wait_s: float = 0.0  # waited for permits by all workers together
    permits_refused: int = 0  # asked for, but not to be had in time
    bytes: int = 0  # of bodies, decoded
    order_violations: int = 0  # permits of a lane given after one that was asked for later; must be 0
    credits_used: int = 0


class Latencies:
    """A histogram of durations."""

    def __init__(self) -> None:
        """Start empty."""
        self._steps = [0] * _STEPS
        self._count = 0
        self._sum_s = 0.0

    def add(self, seconds: float) -> None:
        """Count one duration."""
        step = 0 if seconds <= _FIRST_S else math.ceil(math.log(seconds / _FIRST_S, _GROWTH))
        self._steps[min(step, _STEPS - 1)] += 1
        self._count += 1
        self._sum_s += seconds

    @property
    def mean_s(self) -> float:
        """The mean; 0 before the first."""
        return self._sum_s / self._count if self._count else 0.0

    def quantile_s(self, share: float) -> float:
        """The duration that `share` of all do not exceed, at most a tenth too high; 0 before the first."""
        wanted, seen = share * self._count, 0
        for step, count in enumerate(self._steps):
            seen += count
            if count and seen >= wanted:
                return float(_FIRST_S * _GROWTH**step)
        return 0.0


class Meter:
    """The counters of one service. The gate's lock guards it."""

    def __init__(self) -> None:
        """Start at nought."""
        self.latencies = Latencies()
        self.by_status: Counter[str] = Counter()
        self.concurrency_peak = 0
        self.rate_limit_hits = 0
        self.retries = 0
        self.permit_wait_s = 0.0
        self.permits_refused = 0
        self.bytes = 0

    def answered(self, *, status: int | None, latency_s: float, size_bytes: int) -> None:
        """Count a request that ended; `status` None where no answer came."""
        self.by_status["error" if status is None else f"{status // 100}xx"] += 1
        self.latencies.add(latency_s)
        self.bytes += size_bytes
        self.rate_limit_hits += status == 429

    def use(self, *, trips: int, credits_used: int, order_violations: int) -> ServiceUse:
        """All counters as one value."""
        return ServiceUse(
            requests=self.by_status.total(),
            by_status=dict(sorted(self.by_status.items())),
            concurrency_peak=self.concurrency_peak,
            latency_mean_s=self.latencies.mean_s,
            latency_p95_s=self.latencies.quantile_s(0.95),
            rate_limit_hits=self.rate_limit_hits,
            breaker_trips=trips,
            retries=self.retries,
            permit_wait_s=self.permit_wait_s,
            permits_refused=self.permits_refused,
            bytes=self.bytes,
            order_violations=order_violations,
            credits_used=credits_used,
        )
