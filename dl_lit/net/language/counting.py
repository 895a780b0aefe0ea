"""Counts what is asked of a model, in bounded memory. Thread-safe."""

from __future__ import annotations

import threading
from collections import Counter

from dl_lit.core.language import ModelUse, Task, Tokens, Trouble
from dl_lit.net.language.place import Prices
from dl_lit.net.meter import Latencies

_MILLION = 1_000_000.0


class Counting:
    """The counters of one model."""

    def __init__(self) -> None:
        """Start at nought."""
        self._lock = threading.Lock()
        self._latencies = Latencies()
        self._counts: Counter[str] = Counter()
        self._troubles: Counter[str] = Counter()
        self._by_task: Counter[str] = Counter()
        self._tokens = Tokens()
        self._in_flight = 0
        self._most = 0

    def began(self) -> None:
        """A call goes out."""
        with self._lock:
            self._counts["requests"] += 1
            self._in_flight += 1
            self._most = max(self._most, self._in_flight)

    def ended(self, latency_s: float, tokens: Tokens) -> None:
        """It has come back, or never will."""
        with self._lock:
            self._in_flight -= 1
            self._latencies.add(latency_s)
            self._tokens += tokens

    def troubled(self, trouble: Trouble) -> None:
        """A call, or the wait for its turn, came to nothing."""
        with self._lock:
            self._troubles[trouble.value] += 1

    def limited(self) -> None:
        """The provider said "too much"."""
        with self._lock:
            self._counts["rate_limited"] += 1

    def tried_again(self) -> None:
        """A question is asked once more."""
        with self._lock:
            self._counts["retries"] += 1

    def used(self, task: Task, *, is_remembered: bool) -> None:
        """An answer is handed on."""
        with self._lock:
            self._by_task[task.value] += 1
            self._counts["remembered"] += is_remembered

    def note(self, *, entries: int, invented: int, order_violations: int) -> None:
        """What became of answers."""
        with self._lock:
            self._counts.update(entries=entries, invented=invented, order_violations=order_violations)

    def use(self, *, trips: int, remote_files: int) -> ModelUse:
        """All counters as one value."""
        with self._lock:
            counts = self._counts
            return ModelUse(
                requests=counts["requests"],
                in_flight=self._in_flight,
                most_in_flight=self._most,
                latency_mean_s=self._latencies.mean_s,
                latency_p95_s=self._latencies.quantile_s(0.95),
                rate_limited=counts["rate_limited"],
                breaker_trips=trips,
                retries=counts["retries"],
                order_violations=counts["order_violations"],
                remembered=counts["remembered"],
                troubles=dict(sorted(self._troubles.items())),
                by_task=dict(sorted(self._by_task.items())),
                entries=counts["entries"],
                invented=counts["invented"],
                tokens=self._tokens,
                remote_files=remote_files,
            )


def priced(tokens: Tokens, prices: Prices, said: float | None) -> Tokens:
    """`tokens` with their cost: what the provider `said`, else by the prices; 0 where neither is known."""
    if said is not None:
        cost = said
    else:
        plain = prices.input or 0.0
        cached = plain if prices.cached is None else prices.cached
        written = plain if prices.written is None else prices.written
        rest = max(0, tokens.input - tokens.cached - tokens.written)
        cost = rest * plain + tokens.cached * cached + tokens.written * written
        cost = (cost + tokens.output * (prices.output or 0.0)) / _MILLION
    return Tokens(input=tokens.input, cached=tokens.cached, written=tokens.written, output=tokens.output, cost=cost)
