"""The line before a service, driven by a clock of its own."""

from __future__ import annotations

import heapq
import math
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.breaker import Admission
from dl_lit.core.reasons import Reason
from dl_lit.core.services import BY_NAME, Lane, Service, Window
from dl_lit.net.line import Instant, Line, Permit

CROSSREF = replace(BY_NAME["crossref"], announces_pool=False)


def at(seconds: float) -> Instant:
    return Instant(seconds, seconds)


def line(service: Service = CROSSREF, *, is_polite: bool = True, is_keyed: bool = False, buffer: float = 1.0) -> Line:
    return Line(service, is_polite=is_polite, is_keyed=is_keyed, buffer=buffer)


def simulate(
    subject: Line, arrivals: list[tuple[float, str]], duration_s: float, patience_s: float = 1e9
) -> list[tuple[float, Permit]]:
    """Run `arrivals` (time, lane) through the line; each request lasts `duration_s`. Returns grants in order."""
    events: list[tuple[float, int, str, object]] = []
    for number, (when, lane) in enumerate(arrivals):
        heapq.heappush(events, (when, number, "ask", lane))
    grants: list[tuple[float, Permit]] = []
    count = len(arrivals)
    ticks: set[float] = set()

    def settle(now: float) -> None:
        nonlocal count
        for permit in subject.settle(at(now)):
            if permit.admission is not None:
                grants.append((now, permit))
                count += 1
                heapq.heappush(events, (now + duration_s, count, "end", permit))
        for head in subject.heads():
            wake = subject.wake_at(head)
            if wake < math.inf and wake not in ticks:
                ticks.add(wake)
                count += 1
                heapq.heappush(events, (max(now, wake), count, "tick", None))

    while events:
        now, _, what, payload = heapq.heappop(events)
        ticks.discard(now)
        if what == "ask":
            subject.join(str(payload), 0, patience_s, at(now))
        elif what == "end":
            assert isinstance(payload, Permit)
            subject.release(payload, at(now))
        settle(now)
    return grants


def test_a_backlog_uses_exactly_three_a_second_in_the_list_lane() -> None:
    """Pacing does not drift: 90 list requests waiting take 30 seconds, give or take one second."""
    grants = simulate(line(), [(0.0, "list")] * 90, 0.2)
    assert len(grants) == 90
    assert 29.0 <= grants[-1][0] <= 30.0
    times = [when for when, _ in grants]
    assert all(later - earlier >= 1.0 - 1e-6 for earlier, later in zip(times, times[3:], strict=False))


@pytest.mark.parametrize("permits", [2, 4])
def test_threads_that_wake_late_never_overstep_a_rate_of_ours(permits: int) -> None:
    """A late permit counts from when it was due, but the next ones are not so early that a window holds one more."""
    lane = Lane((Window(permits, 1.0),), 20)
    subject = line(replace(BY_NAME["europepmc"], polite=lane, anonymous=lane))
    rng, now, times = random.Random(3), 100.0, []
    for _ in range(40 * permits):
        subject.join("", 0, 1e9, at(now))
    while len(times) < 40 * permits:
        for permit in subject.settle(at(now)):
            times.append(now)
            subject.release(permit, at(now))
        if heads := subject.heads():
            now = max(now, subject.wake_at(heads[0])) + rng.choice([0.0, 0.0, 0.004, 0.02])
    for seconds in (1, 5, 10):
        most = max(sum(start <= one < start + seconds - 1e-6 for one in times) for start in times)
        assert most == permits * seconds
    assert times[-1] - times[0] < 40 * 1.025, "and pacing does not drift"


def test_arxiv_is_asked_once_in_three_seconds_however_many_ask() -> None:
    grants = simulate(line(BY_NAME["arxiv"]), [(0.0, "")] * 20, 0.5)
    times = [when for when, _ in grants]
    assert times == [3.0 * n for n in range(20)]


def test_a_lane_that_waits_lets_the_others_pass() -> None:
    grants = simulate(line(), [(0.0, "list")] * 9 + [(0.0, "")] * 14, 0.01)
    singles = [when for when, permit in grants if permit.lane == ""]
    assert singles[-1] < 2.2, "10/s are the service's; the lists' own 3/s do not hold the others back"


def test_a_slow_service_is_never_asked_more_than_its_concurrency_at_once() -> None:
    grants = simulate(line(), [(0.0, "")] * 12, 5.0)
    times = [when for when, _ in grants]
    assert all(later - earlier >= 5.0 - 1e-6 for earlier, later in zip(times, times[3:], strict=False))


@given(
    st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.7, 2.0]), st.sampled_from(["", "list"])), min_size=1, max_size=60),
    st.sampled_from([0.01, 0.4, 2.0]),
    st.booleans(),
)
def test_windows_concurrency_and_order_hold_for_any_arrivals(
    gaps: list[tuple[float, str]], duration_s: float, is_polite: bool
) -> None:
    subject = line(is_polite=is_polite)
    now, arrivals = 0.0, []
    for gap, lane in gaps:
        now += gap
        arrivals.append((now, lane))
    grants = simulate(subject, arrivals, duration_s)
    assert len(grants) == len(arrivals)
    policies = {"": CROSSREF.polite if is_polite else CROSSREF.anonymous}
    policies["list"] = CROSSREF.lanes[0][1 if is_polite else 2]
    for lane, policy in policies.items():
        mine = [(when, permit) for when, permit in grants if lane in {"", permit.lane}]
        times = [when for when, _ in mine]
        (window,) = policy.windows
        late = 0.02  # a permit counts from when it was due, at most this long before its thread woke
        for earlier, later in zip(times, times[window.permits :], strict=False):
            assert later - earlier >= window.seconds - late - 1e-6
        for earlier, later in zip(times, times[policy.concurrency :], strict=False):
            assert later - earlier >= duration_s - 1e-6
        numbers = [permit.number for _, permit in mine if permit.lane == lane]
        assert numbers == sorted(numbers)
    assert subject.order_violations == 0


def test_the_violation_counter_counts_for_real() -> None:
    """Granted behind the line's back in the wrong order, it shows."""
    subject = line()
    subject._waiting = [subject.join("", 0, 30.0, at(0.0)) for _ in range(3)][::-1]
    for second in range(3):
        subject.settle(at(float(second)))
    assert subject.order_violations == 2


def test_the_safety_buffer_is_kept() -> None:
    grants = simulate(line(buffer=0.8), [(0.0, "list")] * 30, 0.01)
    times = [when for when, _ in grants]
    assert all(later - earlier >= 1.25 - 1e-6 for earlier, later in zip(times, times[3:], strict=False))


def test_who_would_wait_too_long_is_sent_away_at_once_with_the_time_to_come_back() -> None:
    subject = line(BY_NAME["arxiv"])
    permits = [subject.join("", 0, 30.0, at(0.0)) for _ in range(13)]
    assert [permit.refusal is None for permit in permits] == [True] * 11 + [False] * 2
    assert permits[-1].refusal is not None
    assert permits[-1].refusal.reason is Reason.RATE_LIMITED
    assert permits[-1].refusal.after == 33.0


def test_parking_holds_back_the_patient_and_sends_away_the_others() -> None:
    subject = line()
    subject.park(10.0, Reason.RATE_LIMITED, at(0.0))
    patient, hasty = subject.join("", 0, 30.0, at(0.0)), subject.join("", 0, 5.0, at(0.0))
    assert hasty.refusal is not None
    assert hasty.refusal.after == 10.0
    assert subject.settle(at(9.9)) == []
    assert subject.wake_at(patient) == 10.0
    assert subject.settle(at(10.0)) == [patient]


def test_a_park_that_outlasts_the_patience_ends_the_wait() -> None:
    subject = line()
    waiting = [subject.join("", 0, 30.0, at(0.0)) for _ in range(5)]
    subject.settle(at(0.0))
    subject.park(50_000.0, Reason.BUDGET_EXHAUSTED, at(0.0))
    assert subject.settle(at(0.0)) == waiting[1:]
    assert waiting[1].refusal is not None
    assert waiting[1].refusal.reason is Reason.BUDGET_EXHAUSTED


def test_an_open_breaker_refuses_everybody_and_then_lets_one_probe_through() -> None:
    subject = line(BY_NAME["datacite"])
    waiting = subject.join("", 0, 30.0, at(0.0))
    for _ in range(10):
        subject.breaker.failed(Admission.CALL, 0.0)
    assert subject.settle(at(0.0)) == [waiting]
    assert waiting.refusal is not None
    assert (waiting.refusal.reason, waiting.refusal.after) == (Reason.SERVICE_DOWN, 60.0)
    assert subject.wait_s("", at(1.0)) == math.inf
    probe, other = subject.join("", 0, 30.0, at(60.0)), subject.join("", 0, 30.0, at(60.0))
    subject.settle(at(60.0))
    assert probe.admission is Admission.PROBE
    assert other.refusal is not None


def test_credits_are_kept_and_free_requests_pass_without_them() -> None:
    openalex = replace(BY_NAME["openalex"], credits_per_day=10)
    subject = line(openalex)
    costly = [subject.join("", 4, 30.0, at(1_000.0)) for _ in range(3)]
    for step in range(30):
        subject.settle(at(1_000.0 + step))
    assert [permit.admission for permit in costly[:2]] == [Admission.CALL, Admission.CALL]
    assert costly[2].refusal is not None
    assert costly[2].refusal.reason is Reason.BUDGET_EXHAUSTED
    assert 86_400.0 - 1_030.0 <= costly[2].refusal.after <= 86_400.0 - 1_000.0
    free = subject.join("", 0, 30.0, at(2_000.0))
    assert subject.settle(at(2_000.0)) == [free]
    assert subject.join("", 4, 30.0, at(86_400.0)).refusal is None


def test_stopping_refuses_all_at_once() -> None:
    subject = line()
    waiting = [subject.join("list", 0, 30.0, at(0.0)) for _ in range(5)]
    subject.stop()
    assert subject.settle(at(0.0)) == waiting
    assert all(permit.refusal and permit.refusal.after == 0.0 for permit in waiting)
    assert subject.wait_s("", at(0.0)) == math.inf


def test_an_unknown_lane_is_the_services_own() -> None:
    assert line(BY_NAME["datacite"]).join("list", 0, 30.0, at(0.0)).lane == ""


def test_the_wait_is_predicted() -> None:
    subject = line(BY_NAME["arxiv"])
    assert subject.wait_s("", at(0.0)) == 0.0
    for _ in range(4):
        subject.join("", 0, 60.0, at(0.0))
    subject.settle(at(0.0))
    assert subject.wait_s("", at(1.0)) == 11.0


def test_several_windows_hold_at_once() -> None:
    policy = Lane((Window(2, 1.0), Window(5, 60.0)), 9)
    service = Service(name="x", base_url="http://x", polite=policy, anonymous=policy)
    times = [when for when, _ in simulate(line(service), [(0.0, "")] * 12, 0.001)]
    assert times[4] <= 2.5
    assert times[5] >= 60.0
    assert times[10] >= 120.0


def test_a_random_crowd_is_served_in_full() -> None:
    rng = random.Random(5)
    arrivals = sorted((rng.uniform(0, 20), rng.choice(["", "list"])) for _ in range(200))
    subject = line()
    assert len(simulate(subject, arrivals, 0.15)) == 200
    assert subject.in_flight == 0
