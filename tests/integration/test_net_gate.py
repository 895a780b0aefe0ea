"""Threads at a gate: pace, concurrency, fairness and waking up, in real time."""

from __future__ import annotations

import random
import threading
import time

import pytest
from freezegun import freeze_time

from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import ServiceError
from dl_lit.core.reasons import Reason
from dl_lit.core.services import Lane, Service, Window
from dl_lit.net.gate import ServiceGate, Verdict
from dl_lit.net.politeness import Politeness


def service(permits: int, seconds: float, concurrency: int, **more: object) -> Service:
    lane = Lane((Window(permits, seconds),), concurrency)
    return Service(name="s", base_url="http://s", polite=lane, anonymous=lane, **more)


def gate_of(policy: Service, **more: object) -> ServiceGate:
    return ServiceGate(policy, clock=SystemClock(), rng=random.Random(1), is_polite=True, **more)


def in_threads(count: int, work) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


def test_sixteen_threads_use_the_whole_allowance_and_no_more() -> None:
    gate = gate_of(service(20, 0.5, 3))
    grants, lock, holding, peak = [], threading.Lock(), 0, 0

    def work() -> None:
        nonlocal holding, peak
        for _ in range(5):
            permit = gate.acquire()
            with lock:
                grants.append(permit.counts_from)
                holding += 1
                peak = max(peak, holding)
            with lock:
                holding -= 1
            gate.release(permit, Verdict.ANSWERED, status=200, latency_s=0.01, size_bytes=100)

    in_threads(16, work)
    grants.sort()
    assert len(grants) == 80
    spread = [later - earlier for earlier, later in zip(grants, grants[20:], strict=False)]
    assert min(spread) > 0.5 - 0.005, "20 in any half second"
    assert grants[-1] - grants[0] < 15.0, "80 at 40/s: 2 seconds on a machine that does nothing else"
    use = gate.use()
    assert (use.requests, use.order_violations, use.bytes) == (80, 0, 8_000)
    assert peak <= use.concurrency_peak <= 3
    assert use.by_status == {"2xx": 80}
    assert use.latency_mean_s == pytest.approx(0.01)
    assert 0.01 <= use.latency_p95_s <= 0.0111
    assert use.permit_wait_s > 1.0


def test_stopping_wakes_every_waiter_at_once() -> None:
    gate = gate_of(service(1, 1_000.0, 1), permit_wait_s=100_000.0)
    permit = gate.acquire()
    errors, entered = [], threading.Barrier(9)

    def work() -> None:
        entered.wait(10)
        with pytest.raises(ServiceError) as raised:
            gate.acquire()
        errors.append(raised.value)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    entered.wait(10)
    started = time.monotonic()
    gate.stop()
    for thread in threads:
        thread.join(10)
    assert time.monotonic() - started < 9.0
    assert [error.costs_attempt for error in errors] == [False] * 8
    assert {error.after for error in errors} == {0.0}
    gate.release(permit, Verdict.SAYS_NOTHING)


def test_no_permit_in_time_is_an_error_that_costs_no_attempt() -> None:
    """The slot never gets free: the wait ends after the limit, not later."""
    gate = gate_of(service(100, 1.0, 1), permit_wait_s=0.1)
    held = gate.acquire()
    with pytest.raises(ServiceError) as raised:
        gate.acquire()
    assert (raised.value.reason, raised.value.costs_attempt) == (Reason.RATE_LIMITED, False)
    assert raised.value.after >= 1.0
    assert gate.use().permits_refused == 1
    gate.release(held, Verdict.ANSWERED, status=200)
    gate.release(gate.acquire(), Verdict.ANSWERED, status=200)


def test_a_freed_slot_goes_to_the_next_in_line_without_delay() -> None:
    gate = gate_of(service(1_000, 1.0, 1))
    held = gate.acquire()
    got = threading.Event()

    def work() -> None:
        gate.release(gate.acquire(), Verdict.ANSWERED, status=200)
        got.set()

    thread = threading.Thread(target=work)
    thread.start()
    while not gate._line.heads():
        pass
    gate.release(held, Verdict.ANSWERED, status=200)
    assert got.wait(25), "the next wait of its own accord is 30 seconds away"
    thread.join(5)


def test_ten_failures_open_the_breaker_and_one_probe_closes_it() -> None:
    gate = gate_of(service(1_000, 1.0, 20))
    with freeze_time("2026-11-22T12:00:00Z") as frozen:
        for _ in range(10):
            gate.release(gate.acquire(), Verdict.FAILED, status=503)
            frozen.tick(1)
        with pytest.raises(ServiceError) as raised:
            gate.acquire()
        assert (raised.value.reason, raised.value.costs_attempt) == (Reason.SERVICE_DOWN, False)
        assert raised.value.after == pytest.approx(59.0)
        frozen.tick(59)
        probe = gate.acquire()
        with pytest.raises(ServiceError):
            gate.acquire()
        gate.release(probe, Verdict.ANSWERED, status=200)
        frozen.tick(1)
        gate.release(gate.acquire(), Verdict.ANSWERED, status=200)
    assert gate.use().breaker_trips == 1


def test_with_a_clock_that_stands_still_the_wait_ends() -> None:
    """A whole-path test under frozen time gets a snooze instead of hanging."""
    gate = gate_of(service(1, 0.1, 2))
    with freeze_time("2026-11-22T12:00:00Z") as frozen:
        gate.release(gate.acquire(), Verdict.ANSWERED, status=200)
        with pytest.raises(ServiceError) as raised:
            gate.acquire()
        assert raised.value.reason is Reason.RATE_LIMITED
        frozen.tick(1)
        gate.release(gate.acquire(), Verdict.ANSWERED, status=200)


def test_429_without_a_time_backs_off_further_each_time() -> None:
    gate = gate_of(service(1_000, 1.0, 20))
    rests = [gate.limited(None) for _ in range(12)]
    assert all(1.0 <= rest <= 301.0 for rest in rests)
    assert max(rests) > 20.0
    assert gate.wait_s() > 10.0
    assert gate.limited(7.0) == 7.0


def test_politeness_knows_who_has_a_key_and_who_is_anonymous() -> None:
    anonymous = Lane((Window(1, 1.0),), 1)
    polite = Lane((Window(10, 1.0),), 8)
    policies = [
        Service(
            name=name,
            base_url="http://x",
            polite=polite,
            anonymous=anonymous,
            credits_per_day=1,
            credits_per_day_keyed=100,
        )
        for name in ("a", "b")
    ]
    politeness = Politeness(policies, clock=SystemClock(), rng=random.Random(1), has_contact=False, keyed={"b"})
    assert "a" in politeness
    assert "c" not in politeness
    for name, credits_ in (("a", 1), ("b", 50)):
        politeness.gate(name).release(politeness.gate(name).acquire("", credits_), Verdict.ANSWERED, status=200)
    with pytest.raises(ServiceError) as raised:
        politeness.gate("a").acquire("", 1)
    assert raised.value.reason is Reason.BUDGET_EXHAUSTED
    assert {name: use.credits_used for name, use in politeness.snapshot().items()} == {"a": 1, "b": 50}
    politeness.stop()
    with pytest.raises(ServiceError):
        politeness.gate("b").acquire()
