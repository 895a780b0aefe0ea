"""The bound: no schedule that keeps the limits is quicker."""

from __future__ import annotations

import heapq

from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.services import Lane, Window
from dl_lit.replica.bound import (
    Call,
    HostRule,
    Limits,
    all_bounds,
    calls_from_log,
    host_bound,
    lower_bound,
    parallel_bound,
    window_bound,
)

durations = st.lists(st.floats(0.0, 10.0), min_size=1, max_size=40)


def greedy_window(window: Window, order: list[float]) -> float:
    """What a client needs that begins as early as the window allows, in this order."""
    starts: list[float] = []
    for number in range(len(order)):
        earliest = starts[number - window.permits] + window.seconds if number >= window.permits else 0.0
        starts.append(max(earliest, starts[-1] if starts else 0.0))
    return max(start + duration for start, duration in zip(starts, order, strict=True))


def greedy_parallel(order: list[float], places: int) -> float:
    free = [0.0] * places
    for duration in order:
        heapq.heapreplace(free, free[0] + duration)
    return max(free)


def serial_host(order: list[float], gap_s: float) -> float:
    start = end = 0.0
    for number, duration in enumerate(order):
        start = max(end, start + gap_s) if number else 0.0
        end = start + duration
    return end


@given(durations, st.integers(1, 10), st.floats(0.01, 5.0))
def test_no_client_beats_the_window(order: list[float], permits: int, seconds: float) -> None:
    window = Window(permits, seconds)
    assert window_bound(window, order) <= greedy_window(window, order) + 1e-9


@given(durations, st.integers(1, 10))
def test_no_client_beats_the_concurrency(order: list[float], places: int) -> None:
    assert parallel_bound(order, places) <= greedy_parallel(order, places) + 1e-9


@given(durations, st.floats(0.0, 5.0), st.integers(1, 3))
def test_no_client_beats_the_host(order: list[float], gap_s: float, connections: int) -> None:
    assert host_bound(HostRule(connections, gap_s), order) <= serial_host(order, gap_s) + 1e-9


def test_the_interval_of_a_service_is_met_exactly() -> None:
    """(n - 1) intervals and the last, best the shortest, request."""
    assert window_bound(Window(1, 3.0), [0.5, 0.2, 1.0]) == 6.2


def test_a_serial_host_takes_its_slots() -> None:
    assert host_bound(HostRule(1, 1.0), [0.25, 2.0, 0.5]) == 1.0 + 2.0 + 1.0 - 0.75


def call(group: str, host: str, kind: str, duration: float) -> Call:
    return Call(group=group, host=host, kind=kind, start=0.0, duration=duration)


CALLS = [
    *(call("crossref", "127.0.0.3", "search", 1.0) for _ in range(9)),
    *(call("publisher", "127.0.1.1", "pdf", 2.0) for _ in range(3)),
    *(call("publisher", "127.0.1.2", "pdf", 2.0) for _ in range(2)),
]
LIMITS = Limits(
    services={"crossref": Lane((Window(10, 1.0),), 3)},
    lanes={("crossref", "search"): Lane((Window(1, 1.0),), 3)},
    hosts={"publisher": HostRule(1, 3.0)},
    pools={"download": 2},
    pool_of=lambda made: "download" if made.group == "publisher" else None,
)


def test_the_busiest_resource_is_named() -> None:
    bound = lower_bound(CALLS, LIMITS)
    assert (bound.seconds, bound.resource, bound.requests) == (9.0, "crossref/search window 1/1s", 9)
    found = {entry.resource: entry.seconds for entry in all_bounds(CALLS, LIMITS)}
    assert found["crossref concurrency 3"] == 3.0
    assert found["host 127.0.1.1"] == 8.0
    assert found["host 127.0.1.2"] == 5.0
    assert found["pool download"] == 5.0


def test_nothing_takes_no_time() -> None:
    assert lower_bound([], LIMITS).seconds == 0.0
    assert lower_bound([], LIMITS).resource == "none"


def test_calls_are_read_from_a_log() -> None:
    line = {"group": "doi", "host": "127.0.0.9:1", "kind": "record", "at": 5.0, "duration": 0.1, "status": 200}
    assert calls_from_log([line, {**line, "status": 0}]) == [
        Call(group="doi", host="127.0.0.9:1", kind="record", start=5.0, duration=0.1)
    ]
