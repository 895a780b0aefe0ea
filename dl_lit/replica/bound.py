"""The least time any schedule could have taken for a set of requests: what a benchmark's figure is held against.

Every resource gives a bound of its own, and the busiest one decides: a service's windows and concurrency, a host's
connections and gap, a pool of workers. Nothing here knows in which order requests depend on each other, so the bound
is never too high.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field

from dl_lit.core.services import Lane, Window
from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request of a log."""

    group: str  # a service, "publisher" or "repository"
    host: str  # address, or address and port
    kind: str  # record, batch, search, pdf, landing, ...
    start: float  # seconds on any clock
    duration: float  # seconds


@dataclass(frozen=True, slots=True)
class HostRule:
    """How a host may be asked: connections at once, and the least seconds between two beginnings."""

    connections: int = 1
    gap_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a client keeps to. Groups that are not named are unlimited."""

    services: Mapping[str, Lane] = field(default_factory=dict)  # all requests of a service
    lanes: Mapping[tuple[str, str], Lane] = field(default_factory=dict)  # (service, kind): a stricter lane of its own
    hosts: Mapping[str, HostRule] = field(default_factory=dict)  # by group: every host of it
    pools: Mapping[str, int] = field(default_factory=dict)  # workers, by pool
    pool_of: Callable[[Call], str | None] | None = None  # which pool a request occupies a worker of


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """One resource's bound."""

    seconds: float
    resource: str  # "openalex window 10/1s", "crossref concurrency 3", "host 127.0.1.4", "pool download", ...
    requests: int


def calls_from_log(entries: Iterable[Mapping[str, object]]) -> list[Call]:
    """The calls of a request log's JSON objects; requests that got no answer are left out."""
    return [
        Call(
            group=str(entry["group"]),
            host=str(entry["host"]),
            kind=str(entry["kind"]),
            start=float(str(entry["at"])),
            duration=float(str(entry["duration"])),
        )
        for entry in entries
        if entry["status"] != 0
    ]


def lower_bound(calls: Sequence[Call], limits: Limits) -> Bound:
    """The busiest resource's bound; 0 seconds and resource "none" without calls."""
    return max(all_bounds(calls, limits), key=lambda bound: bound.seconds)


def all_bounds(calls: Sequence[Call], limits: Limits) -> list[Bound]:
    """Every resource's bound, the highest first; at least the one of the longest single request."""
    longest = max((call.duration for call in calls), default=0.0)
    found = [Bound(seconds=longest, resource="longest request" if calls else "none", requests=min(1, len(calls)))]
    for service, lane in limits.services.items():
        found += _lane_bounds(service, lane, [call.duration for call in calls if call.group == service])
    for (service, kind), lane in limits.lanes.items():
        chosen = [call.duration for call in calls if call.group == service and call.kind == kind]
        found += _lane_bounds(f"{service}/{kind}", lane, chosen)
    found += _host_bounds(calls, limits.hosts)
    found += _pool_bounds(calls, limits)
    return sorted(found, key=lambda bound: -bound.seconds)


def _lane_bounds(name: str, lane: Lane, durations: list[float]) -> list[Bound]:
    if not durations:
        return []
    found = [
        Bound(
            seconds=window_bound(window, durations),
            resource=f"{name} window {window.permits}/{window.seconds:g}s",
            requests=len(durations),
        )
        for window in lane.windows
    ]
    busy = Bound(
        seconds=parallel_bound(durations, lane.concurrency),
        resource=f"{name} concurrency {lane.concurrency}",
        requests=len(durations),
    )
    return [*found, busy]


def _host_bounds(calls: Sequence[Call], rules: Mapping[str, HostRule]) -> list[Bound]:
    by_host: dict[tuple[str, str], list[float]] = defaultdict(list)
    for call in calls:
        if call.group in rules:
            by_host[call.group, call.host].append(call.duration)
    return [
        Bound(seconds=host_bound(rules[group], durations), resource=f"host {host}", requests=len(durations))
        for (group, host), durations in by_host.items()
    ]


def _pool_bounds(calls: Sequence[Call], limits: Limits) -> list[Bound]:
    if limits.pool_of is None:
        return []
    by_pool: dict[str, list[float]] = defaultdict(list)
    for call in calls:
        pool = limits.pool_of(call)
        if pool is not None and pool in limits.pools:
            by_pool[pool].append(call.duration)
    return [
        Bound(seconds=parallel_bound(durations, limits.pools[pool]), resource=f"pool {pool}", requests=len(durations))
        for pool, durations in by_pool.items()
    ]


def window_bound(window: Window, durations: Sequence[float]) -> float:
    """The least seconds in which requests can end of which at most `permits` begin in any window.

    The first window's permits may all be used at once; every further set of `permits` begins a whole window later.
    Those that begin last are the shortest.
    """
    if not durations:
        return 0.0
    rounds = math.ceil(len(durations) / window.permits) - 1
    in_last_round = len(durations) - rounds * window.permits
    shortest = heapq.nsmallest(in_last_round, durations)[-1]
    return max(rounds * window.seconds + shortest, *durations)


def parallel_bound(durations: Sequence[float], places: int) -> float:
    """The least seconds in which requests can end of which at most `places` run at once."""
    if not durations:
        return 0.0
    longest = heapq.nlargest(places + 1, durations)
    pair = longest[places - 1] + longest[places] if len(longest) > places else 0.0  # two of them share a place
    return max(math.fsum(durations) / places, longest[0], pair)


def host_bound(rule: HostRule, durations: Sequence[float]) -> float:
    """The least seconds for one host: requests in its connections, each beginning a gap after the one before.

    With one connection a request occupies it for its duration or the gap, whichever is longer; nothing follows the
    last, which is best the one that would lose most by waiting.
    """
    if not durations:
        return 0.0
    by_gap = (len(durations) - 1) * rule.gap_s + min(durations)
    if rule.connections == 1:
        slots = [max(rule.gap_s, duration) for duration in durations]
        spared = max(slot - duration for slot, duration in zip(slots, durations, strict=True))
        return math.fsum(slots) - spared
    return max(by_gap, parallel_bound(durations, rule.connections))
