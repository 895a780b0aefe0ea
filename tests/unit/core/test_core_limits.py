"""Windows and daily credits: never more than allowed, never less than possible."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.limits import DailyCredits, Windows
from dl_lit.core.services import Window

windows_lists = st.lists(
    st.builds(Window, st.integers(1, 6), st.sampled_from([0.25, 1.0, 3.0, 10.0])), min_size=1, max_size=3
)
steps = st.lists(st.sampled_from([0.0, 0.0, 0.05, 0.3, 1.0, 2.75]), min_size=1, max_size=60)


def _reserve(windows: Windows, now: float) -> float:
    """Take the next permit; from when it holds."""
    at = windows.free_at(now)
    windows.take(at)
    return at


def _reservations(windows: Windows, waits: list[float]) -> list[float]:
    now, granted = 0.0, []
    for wait in waits:
        now += wait
        granted.append(_reserve(windows, now))
    return granted


@given(windows_lists, steps, st.sampled_from([1.0, 0.8]))
def test_no_window_ever_holds_more_than_it_allows(policy: list[Window], waits: list[float], buffer: float) -> None:
    granted = _reservations(Windows(policy, buffer=buffer), waits)
    for window in policy:
        for earlier, later in zip(granted, granted[window.permits :], strict=False):
            assert later - earlier >= window.seconds / buffer - 1e-9


@given(windows_lists, steps)
def test_permits_are_reserved_in_order_and_never_in_the_past(policy: list[Window], waits: list[float]) -> None:
    windows, now, last = Windows(policy), 0.0, -math.inf
    for wait in waits:
        now += wait
        at = _reserve(windows, now)
        assert at >= max(now, last)
        last = at


@given(windows_lists, steps, st.sampled_from([0.0, 0.1, 0.4]))
def test_no_permit_is_later_than_it_must_be(policy: list[Window], waits: list[float], gap_s: float) -> None:
    """A permit is given at once unless a full window or the gap stands against it."""
    windows, now, granted = Windows(policy, gap_s=gap_s), 0.0, []
    for wait in waits:
        now += wait
        at = _reserve(windows, now)
        bounds = [now]
        bounds += [granted[-w.permits] + w.seconds for w in policy if len(granted) >= w.permits]
        bounds += [granted[-1] + gap_s] if granted else []
        assert at == max(bounds)
        granted.append(at)


@given(windows_lists, steps, st.integers(0, 20), st.sampled_from([0.0, 0.2]))
def test_a_place_in_the_line_is_predicted_exactly(
    policy: list[Window], waits: list[float], ahead: int, gap_s: float
) -> None:
    windows = Windows(policy, gap_s=gap_s)
    _reservations(windows, waits)
    now = sum(waits)
    predicted = windows.reserved_by(now, ahead)
    assert [_reserve(windows, now) for _ in range(ahead + 1)][-1] == predicted


def test_a_backlog_uses_the_whole_allowance() -> None:
    """3 a second for 100 seconds are 300 permits, no fewer."""
    windows = Windows([Window(3, 1.0)])
    assert len([at for at in (_reserve(windows, 0.0) for _ in range(400)) if at < 100.0]) == 300


def test_the_window_that_binds_is_known() -> None:
    windows = Windows([Window(2, 1.0), Window(3, 60.0)], gap_s=0.1)
    lengths = []
    for at in (0.0, 0.1, 1.0):
        windows.take(at)
        lengths.append(windows.binding_s)
    assert lengths == [0.0, 1.0, 60.0]


def test_taking_before_the_time_is_an_error() -> None:
    windows = Windows([Window(1, 3.0)])
    windows.take(10.0)
    with pytest.raises(ValueError, match="no permit is free"):
        windows.take(12.9)


def test_what_was_granted_counts_in_the_windows_that_come_after() -> None:
    """A service that says it allows less is kept to at once, not when the permits of before are forgotten."""
    windows = Windows([Window(4, 1.0)])
    for at in (10.0, 10.1, 10.2, 10.3, 11.0):
        windows.take(at)
    windows.become([Window(2, 5.0), Window(9, 60.0)], gap_s=0.5)
    assert windows.due == 15.3
    windows.take(15.3)
    assert windows.due == 16.0
    windows.become([Window(1, 1.0)], gap_s=0.0)
    assert windows.due == 16.3


@pytest.mark.parametrize("buffer", [0.0, -1.0, 1.01])
def test_a_senseless_buffer_is_refused(buffer: float) -> None:
    with pytest.raises(ValueError, match="buffer"):
        Windows([Window(1, 1.0)], buffer=buffer)


DAY = 86_400.0


@given(st.integers(0, 50), st.lists(st.tuples(st.floats(0, 20_000), st.integers(0, 12)), max_size=60))
def test_no_day_ever_uses_more_credits_than_its_limit(limit: int, calls: list[tuple[float, int]]) -> None:
    credits_, now, by_day = DailyCredits(limit), 0.0, dict.fromkeys(range(20), 0)
    for wait, cost in calls:
        now += wait
        if credits_.take(now, cost):
            by_day[int(now // DAY)] += cost
    assert all(used <= limit for used in by_day.values())


def test_credits_come_back_at_midnight_utc() -> None:
    credits_ = DailyCredits(10)
    assert credits_.take(DAY - 5, 10)
    assert not credits_.take(DAY - 5, 1)
    assert credits_.take(DAY - 5, 0), "a free call passes"
    assert credits_.resets_in(DAY - 5) == 5
    assert credits_.take(DAY, 10)


def test_a_service_that_says_fewer_are_left_is_believed() -> None:
    credits_ = DailyCredits(100)
    credits_.learn(0.0, 7)
    assert credits_.remaining(0.0) == 7
    credits_.learn(0.0, 50)
    assert credits_.remaining(0.0) == 7, "never the other way round"


def test_without_a_limit_everything_passes_until_the_service_closes() -> None:
    credits_ = DailyCredits(None)
    credits_.learn(0.0, 0)
    assert credits_.remaining(0.0) == math.inf
    assert credits_.take(0.0, 10**9)
    credits_.close_until(100_000.0)
    assert credits_.remaining(DAY + 1) == 0
    assert credits_.resets_in(100.0) == 99_900.0
    assert credits_.take(100_000.0, 1)


def test_the_services_own_day_counts() -> None:
    """It says when credits come back; a reset later than ours belongs to a day that has begun there already."""
    credits_ = DailyCredits(100)
    credits_.take(DAY - 100.0, 90)
    credits_.learn(DAY - 100.0, 10, resets_in=40.0)
    assert credits_.resets_in(DAY - 100.0) == 40.0
    assert credits_.remaining(DAY - 60.0) == 100
    credits_.take(DAY - 60.0, 90)
    credits_.learn(DAY - 60.0, 97, resets_in=DAY)
    assert credits_.remaining(DAY - 60.0) == 97
    assert credits_.resets_in(DAY - 60.0) == DAY
    credits_.turn_back(3_600.0, DAY - 3_660.0)
    assert credits_.resets_in(DAY - 3_660.0) == 3_660.0
