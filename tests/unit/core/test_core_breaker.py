"""The circuit breaker: ten failures, a rest, one probe."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.breaker import Admission, Breaker, BreakerState


def opened(breaker: Breaker, now: float = 0.0, **kwargs: float) -> None:
    for _ in range(10):
        breaker.failed(breaker.admit(now), now, **kwargs)


def test_ten_failures_in_a_row_open_it_for_a_minute() -> None:
    breaker = Breaker()
    for _ in range(9):
        breaker.failed(breaker.admit(0.0), 0.0)
    assert breaker.state(0.0) is BreakerState.CLOSED
    breaker.failed(breaker.admit(0.0), 0.0)
    assert breaker.state(0.0) is BreakerState.OPEN
    assert breaker.admit(59.9) is Admission.REFUSED
    assert breaker.wait_s(20.0) == 40.0
    assert breaker.state(60.0) is BreakerState.HALF_OPEN
    assert breaker.trips == 1


def test_a_success_in_between_starts_the_count_again() -> None:
    breaker = Breaker()
    for _ in range(9):
        breaker.failed(breaker.admit(0.0), 0.0)
    breaker.succeeded(breaker.admit(0.0))
    breaker.failed(breaker.admit(0.0), 0.0)
    assert breaker.state(0.0) is BreakerState.CLOSED


def test_half_open_lets_exactly_one_probe_through_and_its_success_closes() -> None:
    breaker = Breaker()
    opened(breaker)
    admissions = [breaker.admit(60.0) for _ in range(8)]
    assert admissions.count(Admission.PROBE) == 1
    assert breaker.wait_s(60.0) == math.inf
    breaker.succeeded(Admission.PROBE)
    assert breaker.state(60.0) is BreakerState.CLOSED
    assert breaker.wait_s(60.0) == 0.0
    assert breaker.admit(60.0) is Admission.CALL


def test_a_failing_probe_opens_it_again() -> None:
    breaker = Breaker()
    opened(breaker)
    breaker.failed(breaker.admit(60.0), 61.0)
    assert breaker.state(120.0) is BreakerState.OPEN
    assert breaker.state(121.0) is BreakerState.HALF_OPEN
    assert breaker.trips == 2


def test_an_abandoned_probe_gives_its_place_to_the_next() -> None:
    breaker = Breaker()
    opened(breaker)
    breaker.abandoned(breaker.admit(60.0))
    assert breaker.admit(60.0) is Admission.PROBE
    breaker.abandoned(Admission.CALL)
    assert breaker.admit(60.0) is Admission.REFUSED


def test_retry_after_lengthens_the_rest() -> None:
    breaker = Breaker()
    opened(breaker, retry_after=600.0)
    assert breaker.wait_s(0.0) == 600.0
    breaker.failed(Admission.CALL, 0.0, retry_after=700.0)
    assert breaker.wait_s(0.0) == 700.0


def test_results_of_calls_from_before_it_opened_change_nothing() -> None:
    breaker = Breaker()
    opened(breaker)
    breaker.succeeded(Admission.CALL)
    breaker.failed(Admission.CALL, 30.0)
    assert breaker.wait_s(0.0) == 60.0


@given(st.lists(st.tuples(st.floats(0, 100), st.sampled_from(["ok", "fail", "abandon", "hold"])), max_size=80))
def test_never_two_probes_at_once(events: list[tuple[float, str]]) -> None:
    breaker, now, held = Breaker(failures_to_open=2), 0.0, []
    for wait, what in events:
        now += wait
        admission = breaker.admit(now)
        if admission is Admission.REFUSED:
            if held and what != "hold":
                breaker.failed(held.pop(), now)
            continue
        held.append(admission)
        assert held.count(Admission.PROBE) <= 1
        if what == "ok":
            breaker.succeeded(held.pop())
        elif what == "fail":
            breaker.failed(held.pop(), now)
        elif what == "abandon":
            breaker.abandoned(held.pop())


def test_a_clock_that_is_set_back_takes_the_rest_with_it() -> None:
    breaker = Breaker()
    breaker.turn_back(1_000.0)
    assert breaker.state(0.0) is BreakerState.CLOSED
    opened(breaker, 5_000.0)
    breaker.turn_back(1_000.0)
    assert breaker.wait_s(4_000.0) == 60.0
