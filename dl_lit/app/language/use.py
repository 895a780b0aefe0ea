"""What was asked of models in one process, whatever settings they were asked by: counts add up over reloads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from dl_lit.core.language import ModelUse


def together(uses: Iterable[ModelUse]) -> ModelUse | None:
    """All of it, the newest last; None where there is none.

    Latencies are those of the newest that was asked; of the key, the cost and the addresses the newest alone tells.
    """
    found = None
    for use in uses:
        found = use if found is None else _added(found, use)
    return found


def ended(use: ModelUse) -> ModelUse:
    """What is left of a model that is asked no more: nothing is in flight, nothing wrong with it any more."""
    return replace(use, in_flight=0, key_trouble="", cost_trouble="", at_rest={})


def _added(earlier: ModelUse, now: ModelUse) -> ModelUse:
    newest = now if now.requests else earlier
    return ModelUse(
        requests=earlier.requests + now.requests,
        in_flight=earlier.in_flight + now.in_flight,
        most_in_flight=max(earlier.most_in_flight, now.most_in_flight),
        latency_mean_s=newest.latency_mean_s,
        latency_p95_s=newest.latency_p95_s,
        rate_limited=earlier.rate_limited + now.rate_limited,
        breaker_trips=earlier.breaker_trips + now.breaker_trips,
        retries=earlier.retries + now.retries,
        order_violations=earlier.order_violations + now.order_violations,
        remembered=earlier.remembered + now.remembered,
        troubles=Counter(earlier.troubles) + Counter(now.troubles),
        by_task=Counter(earlier.by_task) + Counter(now.by_task),
        entries=earlier.entries + now.entries,
        invented=earlier.invented + now.invented,
        tokens=earlier.tokens + now.tokens,
        remote_files=earlier.remote_files + now.remote_files,
        key_trouble=now.key_trouble,
        cost_trouble=now.cost_trouble,
        at_rest=now.at_rest,
    )
