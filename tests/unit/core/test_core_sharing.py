"""What processes of one machine may do together at one service, with clocks that go wrong and neighbours that die."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.breaker import Admission, Breaker, BreakerState
from dl_lit.core.grants import Grants
from dl_lit.core.reasons import Reason
from dl_lit.core.services import BY_NAME, Window
from dl_lit.core.sharing import (
    LEASE_S,
    POLL_S,
    PROBE_OUT_S,
    Denied,
    Granted,
    Held,
    Holder,
    LaneWish,
    OwnStates,
    ServiceState,
    Wish,
    place_of,
)

ADA, BEN = Holder(1, "a"), Holder(2, "b")
MAIN = LaneWish("", (Window(10, 1.0),), 0.05, 3)
LIST = LaneWish("list", (Window(3, 1.0),), 0.0, 2)
NOON = 1_795_435_200.0  # 2026-11-23T12:00:00Z
DAY = 86_400.0


def everybody(_holder: Holder) -> bool:
    return True


def wish(now: float, who: Holder = ADA, *lanes: LaneWish, **more: object) -> Wish:
    return Wish(holder=who, lanes=lanes or (MAIN,), at=now, now=now, **more)


def granted(state: ServiceState, now: float, who: Holder = ADA, *lanes: LaneWish, **more: object) -> Granted:
    answer = state.grant(wish(now, who, *lanes, **more), everybody)
    assert isinstance(answer, Granted), answer
    return answer


def test_the_window_is_everybodys() -> None:
    state = ServiceState()
    for number in range(10):
        one = granted(state, NOON + number * 0.05, (ADA, BEN)[number % 2])
        state.end((ADA, BEN)[number % 2], one.lease)
    answer = state.grant(wish(NOON + 0.6), everybody)
    assert answer == Held("", pytest.approx(NOON + 1.0))
    assert state.grants[""].within(1.0, NOON + 0.6) == 10
    assert isinstance(state.grant(wish(NOON + 1.0), everybody), Granted)
    assert state.requests_today(NOON) == 11
    assert state.requests_today(NOON + DAY) == 0


def test_a_permit_that_was_due_a_moment_ago_counts_from_then() -> None:
    state = ServiceState()
    alone = LaneWish("", (Window(1, 1.0),), 0.0, 5)
    granted(state, NOON, ADA, alone)
    late = replace(wish(NOON + 1.01, ADA, alone), at=NOON + 0.99)
    assert state.grant(late, everybody) == Granted(late.lease, Admission.CALL, NOON + 1.0)


def test_places_in_flight_are_everybodys_by_lane_and_in_all() -> None:
    state = ServiceState()
    first = granted(state, NOON, ADA, MAIN, LIST)
    granted(state, NOON + 0.1, BEN, MAIN, LIST)
    assert state.grant(wish(NOON + 0.2, BEN, MAIN, LIST), everybody) == Held("list", NOON + 0.2 + POLL_S)
    granted(state, NOON + 0.2, BEN)
    assert state.grant(wish(NOON + 0.3), everybody) == Held("", NOON + 0.3 + POLL_S)
    assert (state.in_flight(), state.in_flight("list")) == (3, 2)
    state.end(BEN, first.lease)
    assert state.in_flight() == 3, "that place is Ada's"
    state.end(ADA, first.lease)
    assert isinstance(state.grant(wish(NOON + 0.3, BEN, MAIN, LIST), everybody), Granted)


def test_places_of_the_dead_and_of_the_forgotten_are_free() -> None:
    one_place = replace(MAIN, concurrency=1)
    state = ServiceState()
    granted(state, NOON, BEN, one_place)
    assert isinstance(state.grant(wish(NOON + 1, ADA, one_place), lambda who: who == ADA), Granted)
    assert isinstance(state.grant(wish(NOON + 1 + LEASE_S, BEN, one_place), everybody), Granted)
    state.only(ADA)
    assert state.leases == []


def opened(at: float) -> ServiceState:
    state = ServiceState(breaker=Breaker())
    for _ in range(10):
        state.breaker.failed(Admission.CALL, at)
    return state


def test_one_probe_for_all_and_the_next_when_its_process_dies() -> None:
    state = opened(NOON)
    assert state.grant(wish(NOON + 1), everybody) == Denied(Reason.SERVICE_DOWN, 59.0)
    probe = granted(state, NOON + 60, BEN)
    assert probe.admission is Admission.PROBE
    assert state.grant(wish(NOON + 61), everybody) == Denied(Reason.SERVICE_DOWN, PROBE_OUT_S)
    again = state.grant(wish(NOON + 62), lambda who: who == ADA)
    assert isinstance(again, Granted)
    assert again.admission is Admission.PROBE
    state.breaker.succeeded(Admission.PROBE)
    state.end(ADA, again.lease)
    assert granted(state, NOON + 63).admission is Admission.CALL


def test_a_parked_service_holds_everybody() -> None:
    state = ServiceState()
    state.park(NOON + 53_578, "rate-limited")
    state.park(NOON + 5, "service-down")
    assert state.grant(wish(NOON), everybody) == Held("", NOON + 53_578)
    assert (state.parked_s(NOON), state.parked_for) == (53_578, "rate-limited")
    assert isinstance(state.grant(wish(NOON + 53_578), everybody), Granted)


def test_credits_are_counted_by_key_and_few_keys_are_remembered() -> None:
    state = ServiceState()
    granted(state, NOON, ADA, credits=60, key="k", credits_per_day=100)
    assert state.grant(wish(NOON + 1, BEN, credits=60, key="k", credits_per_day=100), everybody) == Denied(
        Reason.BUDGET_EXHAUSTED, DAY / 2 - 1
    )
    granted(state, NOON + 1, BEN, credits=60, key="other", credits_per_day=100)
    granted(state, NOON + 2, BEN, credits=0, key="k", credits_per_day=100)
    for number in range(20):
        state.purse(str(number), 10)
        state.distrust(str(number), "refused", NOON)
    assert len(state.credits) <= 8
    assert len(state.key_trouble) <= 8
    state.trust("19")
    assert "19" not in state.key_trouble


def test_the_purse_shrinks_to_what_the_service_says_it_gives() -> None:
    state = ServiceState()
    state.purse("k", 10_000).announced = 1_000
    assert state.purse("k", 10_000).remaining(NOON) == 1_000
    assert state.purse("k", 500).remaining(NOON) == 500


@given(st.lists(st.tuples(st.floats(0, 0.7), st.booleans(), st.booleans()), max_size=80), st.floats(-1e6, 1e6))
def test_windows_and_places_hold_whatever_the_processes_do(
    events: list[tuple[float, bool, bool]], start: float
) -> None:
    state, now, times, lists, held = ServiceState(), NOON + start, [], [], []
    for wait, is_list, ends in events:
        now += wait
        if ends and held:
            state.end(*held.pop(0))
        who = ADA if is_list else BEN
        answer = state.grant(wish(now, who, *((MAIN, LIST) if is_list else (MAIN,))), everybody)
        if isinstance(answer, Granted):
            times.append(now)
            lists += [now] if is_list else []
            held.append((who, answer.lease))
        else:
            assert isinstance(answer, Held)
            assert now < answer.until <= now + 1.0 + POLL_S
        assert len(held) <= MAIN.concurrency
    for granted_at, permits in ((times, 10), (lists, 3)):
        for earlier, later in zip(granted_at, granted_at[permits:], strict=False):
            assert later - earlier >= 1.0 - 0.002


def test_a_window_of_a_day_is_counted_in_few_numbers_and_never_holds_more() -> None:
    grants, windows, taken = Grants(), (Window(1_000, DAY), Window(5, 0.001)), 0
    now = NOON
    while grants.due(windows, 0.0) <= now:
        grants.take(now, windows)
        now += 40.0
        taken += 1
    assert taken == 1_000
    due = grants.due(windows, 0.0)
    assert NOON + DAY <= due <= NOON + DAY * (1 + 1 / 64)
    grants.take(due, windows)
    assert len(grants.slots["86400"]) <= 65
    assert len(grants.times) <= 5
    before = grants.due(windows, 0.0)
    grants.turn_back(DAY)
    assert grants.due(windows, 0.0) == pytest.approx(before - DAY, abs=DAY / 64)


@pytest.mark.parametrize("back_s", [3_600.0, 20 * 365 * DAY])
def test_a_clock_that_is_set_back_locks_nothing_up(back_s: float) -> None:
    """Whatever was to last a while lasts no longer than that from now on."""
    state = opened(NOON)
    state.grant(wish(NOON), everybody)
    state.breaker = Breaker()
    state.park(NOON + 100, "rate-limited")
    state.learned.cut("", NOON - 1, NOON)
    lease = granted(state, NOON + 100, ADA, replace(MAIN, concurrency=1), credits=5, key="k", credits_per_day=10)
    state.purse("k", 10).close_until(NOON + 200)
    for _ in range(10):
        state.breaker.failed(Admission.CALL, NOON + 100)
    now = NOON + 101 - back_s
    assert state.turn(now) == now
    assert state.parked_s(now) == 0.0
    assert state.breaker.wait_s(now) == pytest.approx(60.0, abs=1.5)
    assert state.purse("k", 10).resets_in(now) == pytest.approx(100.0, abs=1.5)
    assert state.leases[0].expires_at == pytest.approx(now + LEASE_S, abs=1.5)
    state.end(ADA, lease.lease)
    assert isinstance(state.grant(wish(now + 62), everybody), Granted)
    assert state.learned.share("", now) == 0.5


def test_processes_that_see_each_others_time_are_no_clock_that_was_set() -> None:
    state = ServiceState()
    assert state.turn(NOON) == NOON
    assert state.turn(NOON - 0.3) == NOON
    assert state.turn(NOON + 0.1) == NOON + 0.1


def test_only_two_days_of_requests_are_remembered() -> None:
    state = ServiceState()
    for day in range(5):
        one = granted(state, NOON + day * DAY)
        state.end(ADA, one.lease)
    assert len(state.requests) == 2


def test_a_gap_is_kept_from_when_the_request_really_left() -> None:
    state = ServiceState()
    state.left(NOON)
    state.grants[""] = Grants()
    state.left(NOON)
    granted(state, NOON)
    state.left(NOON + 0.5)
    assert state.grants[""].due((), 2.0) == NOON + 2.5


def test_states_of_one_process_alone() -> None:
    states = OwnStates()
    assert states.is_alive(states.me)
    assert not states.is_alive(ADA)
    lease = states.change("x", lambda state: granted(state, NOON))
    assert states.change("x", lambda state: state.in_flight()) == 1
    states.only(states.me)
    assert states.read()["x"].in_flight() == 0, "it was Ada's"
    states.keep("x", ServiceState())
    assert states.read()["x"].requests == {}
    assert lease.admission is Admission.CALL
    assert states.read()["x"].breaker.state(math.inf) is BreakerState.CLOSED


def test_few_places_are_remembered_in_memory() -> None:
    states = OwnStates()
    for number in range(2_100):
        states.keep(f"host:{number}", ServiceState())
    assert len(states.read()) == 2_000
    assert "host:2099" in states.read()


def test_a_mirror_is_another_place_than_the_service() -> None:
    crossref = BY_NAME["crossref"]
    assert place_of(crossref) == "crossref"
    assert place_of(replace(crossref, base_url="https://api.crossref.org/")) == "crossref"
    assert place_of(replace(crossref, base_url="http://127.0.0.3:8000")) == "crossref http://127.0.0.3:8000"


def test_a_day_used_up_within_one_of_its_slots_comes_back_a_day_after_that_slot() -> None:
    grants, windows = Grants(), (Window(1_000, DAY),)
    for _ in range(1_000):
        grants.take(NOON, windows)
    assert NOON + DAY <= grants.due(windows, 0.0) <= NOON + DAY * (1 + 1 / 64)
