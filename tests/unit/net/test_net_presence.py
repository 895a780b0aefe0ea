"""Who holds permits and connections, who waits, and for which limit."""

from __future__ import annotations

import logging
import random
import threading
from contextlib import ExitStack

import pytest

from dl_lit.core.reasons import Reason
from dl_lit.core.services import Lane, Service, Window
from dl_lit.net.gate import ServiceGate
from dl_lit.net.hosts import HostPolicy, HostTurns
from dl_lit.net.line import Instant, Line
from dl_lit.net.permit import Limit
from dl_lit.net.presence import Visitors, allowance, who_asks
from dl_lit.net.report import Verdict
from tests.fakes.engine import ManualClock, eventually


def service(*windows: Window, concurrency: int = 8, lanes: tuple[tuple[str, Lane, Lane], ...] = ()) -> Service:
    lane = Lane(windows, concurrency)
    return Service(name="test", base_url="http://test.example", polite=lane, anonymous=lane, lanes=lanes)


def gate_of(one: Service, clock: ManualClock) -> ServiceGate:
    return ServiceGate(one, clock=clock, rng=random.Random(1), is_polite=True)


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("download-12", "download"),
        ("recorder", "recorder"),
        ("download-feeder", "download-feeder"),
        ("MainThread",) * 2,
    ],
)
def test_a_thread_asks_for_the_stage_it_works_for(name: str, who: str) -> None:
    asked: list[str] = []
    thread = threading.Thread(target=lambda: asked.append(who_asks()), name=name)
    thread.start()
    thread.join()
    assert asked == [who]


def test_a_lane_tells_what_it_allows() -> None:
    assert allowance(Lane((Window(10, 1.0), Window(100_000, 86_400.0)), 2)) == (
        "10 in 1 s, 100,000 in 86400 s, 2 at once"
    )


def second(at: float) -> Instant:
    return Instant(at, at)


def test_the_limit_that_makes_a_request_wait_is_counted_with_its_seconds() -> None:
    """First the window of a second, then the number at once, then the service's own wish."""
    slow = Lane((Window(1, 10.0),), 2)
    line = Line(service(Window(2, 1.0), concurrency=2, lanes=(("slow", slow, slow),)), is_polite=True)
    first, other, third = (line.join("", 0, 1e6, second(0.0)) for _ in range(3))
    line.settle(second(0.0))
    line.settle(second(0.5))
    assert (first.is_settled, other.is_settled, third.limit) == (True, True, Limit.CONCURRENCY)
    assert line.waited_s == {Limit.WINDOW: 1.0}  # half a second each: permits are given that far apart
    line.release(first, second(0.6))
    line.settle(second(0.6))
    assert third.limit is Limit.WINDOW
    line.park(5.0, Reason.RATE_LIMITED, second(0.7))
    line.settle(second(0.7))
    assert third.limit is Limit.PARKED
    line.settle(second(6.0))
    assert third.is_settled
    assert line.waited_s == pytest.approx({Limit.WINDOW: 1.0 + 0.1, Limit.CONCURRENCY: 0.1, Limit.PARKED: 5.3})


def test_a_long_window_is_a_days_budget_and_a_lane_has_limits_of_its_own() -> None:
    slow = Lane((Window(1, 10.0),), 2)
    line = Line(service(Window(1, 7_200.0), lanes=(("slow", slow, slow),)), is_polite=True)
    line.join("", 0, 1e6, second(0.0))
    later = line.join("", 0, 1e6, second(0.0))
    line.settle(second(4_000.0))
    assert later.limit is Limit.DAY
    line = Line(service(Window(9, 1.0), lanes=(("slow", slow, slow),)), is_polite=True)
    line.join("slow", 0, 1e6, second(0.0))
    held = line.join("slow", 0, 1e6, second(0.0))
    line.settle(second(0.0))
    line.settle(second(2.0))
    assert held.limit is Limit.LANE
    line.leave(held, second(5.0))
    assert line.waited_s[Limit.LANE] == 3.0


def test_a_gate_tells_who_holds_permits_and_who_waits(caplog: pytest.LogCaptureFixture) -> None:
    """And a wait that was long is told in the log, with those who had the permits."""
    caplog.set_level(logging.DEBUG, "dl_lit.net.gate")
    clock = ManualClock()
    gate = gate_of(service(Window(100, 1.0), concurrency=1), clock)
    held = gate.acquire()

    def ask() -> None:
        gate.release(gate.acquire(wait_s=60.0), Verdict.ANSWERED, status=200)

    thread = threading.Thread(target=ask, name="enrichment-2")
    thread.start()
    eventually(lambda: gate.waiting_of("enrichment") == 1)
    clock.advance(7.0)
    pulse = gate.pulse()
    assert (pulse.held_by, pulse.waiting_by, pulse.waiting_for) == (
        {"MainThread": 1},
        {"enrichment": 1},
        {"concurrency": 1},
    )
    assert (pulse.waited_for, pulse.waited_s) == ({"concurrency": 7.0}, 7.0)
    gate.release(held, Verdict.ANSWERED, status=200)
    thread.join()
    pulse = gate.pulse()
    assert (pulse.held_by, pulse.waiting, pulse.requests, gate.waiting_of("enrichment")) == ({}, 0, 2, 0)
    assert caplog.messages == ["permit_waited: enrichment waited 7.0 s for test; it is held by MainThread 1"]


def test_hosts_tell_who_has_a_connection() -> None:
    clock = ManualClock()
    turns = HostTurns(clock=clock, rng=random.Random(1), policy=HostPolicy(0.0), host_wait_s=0.0)
    with ExitStack() as stack:
        stack.enter_context(turns.turn("host.example", "a"))
        pulse = turns.pulse()
        assert (pulse.held_by, pulse.requests, pulse.waiting) == ({"MainThread": 1}, 1, 0)
    assert turns.pulse().held_by == {}
    assert turns.waiting_of("download") == 0


def test_who_waits_for_a_hosts_turn_counts_under_host() -> None:
    clock = ManualClock()
    visitors = Visitors(clock)
    with visitors.waiting("download"):
        clock.advance(2.0)
        pulse = visitors.pulse(3, {"host-busy": 4, "host-parked": 0}, "1 at once")
        assert (pulse.waiting_by, pulse.waiting_for, pulse.turned_away) == (
            {"download": 1},
            {"host": 1},
            {"host-busy": 4},
        )
        assert visitors.waiting_of("download") == 1
    assert visitors.pulse(3, {}, "").waited_for == {"host": 2.0}
    assert visitors.waiting_of("download") == 0
