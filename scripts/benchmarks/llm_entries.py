"""Entries, many in flight: how much sooner than one at a time, and what prompt caches make of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from benchmarks.llm_scene import PATHS, Replica, language, misplaced, printed, right, taken_apart

from dl_lit.replica.log import peak

_CACHES = ("openrouter", "gemini", "anthropic")  # by any prefix from some length on, longer ones, marked ones
_ROUNDS = 3  # of what takes about a second: other programs of the machine weigh much there
_OTHERS_S = 0.05  # each entry that is asked about before the clock starts


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a request came, in seconds."""

    at: float


@dataclass(frozen=True, slots=True)
class Timed:
    """One way to ask about entries."""

    seconds: float
    order_violations: int
    right: int
    most_in_flight: int  # as the replica saw it
    account: dict[str, Any]  # what the replica counted


def timed(
    served: Replica, count: int, seconds: float, width: int, *, warm_up: bool = False, provider: str = "openrouter"
) -> Timed:
    """Ask about `count` entries that take so many seconds each, `width` at a time, after as many others."""
    entries, others = printed(count), printed(2 * count)[count:]
    site = PATHS[provider][0]
    with language(
        served,
        provider,
        MAX_CONCURRENT_MODEL_CALLS=width,
        LLM_BATCH_WIDTH=width,
        LLM_BATCH_FIRST=width,
        LLM_BATCH_TIMEOUT_S=3_600,
        LLM_WARM_UP="on" if warm_up else "off",
    ) as opened:
        served.anew({f"{site}/entry": min(seconds, _OTHERS_S)})
        taken_apart(opened, others)  # connections are open in a program that has asked before
        served.anew({f"{site}/entry": seconds})
        took_s, done = taken_apart(opened, entries)
        violations = opened.use().order_violations + misplaced(entries, done)
    asked = served.log(site, "entry")
    return Timed(
        took_s,
        violations,
        right(entries, done),
        max(one["concurrency"] for one in asked),
        served.account(site),
    )


def fifty_in_flight(served: Replica, scale: float) -> dict[str, Any]:
    """50 entries of a second each, all in flight, against one at a time; the best of some rounds, all of them told."""
    sequential = timed(served, 50, 1.0 * scale, 1)
    rounds = [timed(served, 50, 1.0 * scale, 50) for _ in range(_ROUNDS)]
    best = min(rounds, key=lambda one: one.seconds)
    violations = sum(one.order_violations for one in rounds)
    figures = _compared(sequential, replace(best, order_violations=violations), 50)
    return {**figures, "rounds_s": [round(one.seconds, 3) for one in rounds]}


def with_five_workers(served: Replica, count: int, seconds: float) -> dict[str, Any]:
    """Entries with five workers, against one at a time."""
    return _compared(timed(served, count, seconds, 1), timed(served, count, seconds, 5), count)


def within_the_rate(served: Replica, count: int, per_minute: int) -> dict[str, Any]:
    """Quick answers to many questions: how many were asked within any second, of a rate of which a tenth is a burst."""
    served.anew({"chat/entry": 0.01})
    entries = printed(count)
    with language(
        served,
        "openrouter",
        MAX_CONCURRENT_MODEL_CALLS=50,
        LLM_BATCH_FIRST=50,
        LLM_REQUESTS_PER_MINUTE=per_minute,
    ) as opened:
        took_s, done = taken_apart(opened, entries)
        refused = opened.use().rate_limited
    most = peak((Arrival(one["at"]) for one in served.log("chat", "entry")), 1.0)
    return {
        "entries": count,
        "seconds": round(took_s, 3),
        "right": right(entries, done),
        "allowed_in_a_second": per_minute // 10,
        "most_in_a_second": most,
        "rate_limited": refused,
        "limits_exceeded": int(most > per_minute // 10),
    }


def _compared(sequential: Timed, at_once: Timed, count: int) -> dict[str, Any]:
    return {
        "entries": count,
        "right": min(sequential.right, at_once.right),
        "sequential_s": round(sequential.seconds, 3),
        "seconds": round(at_once.seconds, 3),
        "speedup": round(sequential.seconds / at_once.seconds, 2),
        "most_in_flight": at_once.most_in_flight,
        "order_violations": sequential.order_violations + at_once.order_violations,
    }


def prompt_cache(
    served: Replica, count: int, seconds: float, width: int, *, provider: str = "openrouter"
) -> dict[str, Any]:
    """What a provider's prompt cache gives: one at a time, all together after one went ahead, and just together.

    Rates and costs are told against one at a time, which has of them what can be had at all.
    """
    sequential = timed(served, count, seconds, 1, provider=provider)
    warmed = timed(served, count, seconds, width, warm_up=True, provider=provider)
    naive = timed(served, count, seconds, width, provider=provider)
    ways = {"sequential": sequential, "warmed": warmed, "naive": naive}
    base = sequential.account
    return {
        "hit_rate": round(warmed.account["hit_rate"] / max(base["hit_rate"], 1e-9), 4),
        "cost_ratio": round(warmed.account["cost"] / base["cost"], 4),
        "naive_hit_rate": round(naive.account["hit_rate"] / max(base["hit_rate"], 1e-9), 4),
        "naive_cost_ratio": round(naive.account["cost"] / base["cost"], 4),
        "ways": {
            name: {
                "seconds": round(way.seconds, 3),
                "hit_rate": round(way.account["hit_rate"], 4),
                "cost": round(way.account["cost"], 6),
                "cost_per_entry": round(way.account["cost"] / count, 8),
            }
            for name, way in ways.items()
        },
        "order_violations": sum(way.order_violations for way in ways.values()),
    }


def prompt_caches(served: Replica, count: int, seconds: float, width: int) -> dict[str, Any]:
    """The same at each kind of provider; the worst of them stands for all."""
    found = {one: prompt_cache(served, count, seconds, width, provider=one) for one in _CACHES}
    worst = max(found.values(), key=lambda one: (one["cost_ratio"], -one["hit_rate"]))
    return {
        "hit_rate": min(one["hit_rate"] for one in found.values()),
        "cost_ratio": worst["cost_ratio"],
        "naive_hit_rate": max(one["naive_hit_rate"] for one in found.values()),
        "naive_cost_ratio": min(one["naive_cost_ratio"] for one in found.values()),
        "order_violations": sum(one["order_violations"] for one in found.values()),
        "providers": found,
    }
