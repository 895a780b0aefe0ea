"""Limits that learn: what is announced is believed downwards, refusals halve, answers give back, time-outs follow."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.learning import (
    COUNTED,
    LEAST_SHARE,
    Announced,
    Heard,
    LanePolicy,
    LatencyHistory,
    Learned,
    lane_now,
)
from dl_lit.core.services import Lane, Window

POLITE = Lane((Window(10, 1.0),), 3, is_published=True)
PUBLIC = Lane((Window(5, 1.0),), 1, is_published=True)
OURS = Lane((Window(10, 1.0), Window(100_000, 86_400.0)), 8)
POOLED = LanePolicy(POLITE, PUBLIC)
PLAIN = LanePolicy(OURS, OURS)
DAY = 86_400.0


def rate(lane: Lane) -> float:
    return min(window.permits / window.seconds for window in lane.windows)


def test_a_stranger_until_the_service_says_polite_and_again_when_it_takes_that_back() -> None:
    learned = Learned()
    assert lane_now("", POOLED, Heard(), 1.0, 0.8) == Lane((Window(5, 1.25),), 1)
    learned.hear("me", "", Announced(permits=10, concurrency=3, is_polite=True))
    assert lane_now("", POOLED, learned.heard["me"], 1.0, 0.8) == Lane((Window(10, 1.25),), 3)
    learned.hear("me", "list", Announced(permits=1, concurrency=1, is_polite=False))
    assert lane_now("", POOLED, learned.heard["me"], 1.0, 0.8) == Lane((Window(5, 1.25),), 1)
    assert lane_now("list", POOLED, learned.heard["me"], 1.0, 0.8).concurrency == 1


def test_a_share_is_left_of_the_services_own_limits_and_nothing_of_ours() -> None:
    assert lane_now("", PLAIN, Heard(), 1.0, 0.8).windows == OURS.windows
    told = Heard({"": Announced(permits=5)})
    assert rate(lane_now("", PLAIN, told, 1.0, 0.8)) == min(4.0, 100_000 / DAY)


def test_who_announces_more_gets_no_more() -> None:
    told = Heard({"": Announced(permits=1_000, concurrency=100, is_polite=True)}, is_polite=True)
    assert lane_now("", POOLED, told, 1.0, 1.0) == Lane(POLITE.windows, 3)


@given(
    st.sampled_from([POOLED, PLAIN]),
    st.none() | st.integers(1, 10_000),
    st.sampled_from([0.05, 1.0, 60.0]),
    st.none() | st.integers(0, 50),
    st.none() | st.booleans(),
    st.floats(LEAST_SHARE, 1.0),
    st.floats(0.1, 1.0),
)
def test_never_more_than_was_decided_nor_than_was_announced(  # noqa: PLR0917 - what hypothesis draws
    policy: LanePolicy,
    permits: int | None,
    seconds: float,
    concurrency: int | None,
    is_polite: bool | None,
    share: float,
    buffer: float,
) -> None:
    said = Announced(permits=permits, seconds=seconds, concurrency=concurrency, is_polite=is_polite)
    lane = lane_now("", policy, Heard({"": said}, is_polite), share, buffer)
    assert rate(lane) <= rate(policy.most) * (1 + 1e-9)
    assert 1 <= lane.concurrency <= policy.most.concurrency
    if permits is not None and permits <= COUNTED:
        assert rate(lane) <= permits / seconds * buffer * (1 + 1e-9) or rate(lane) <= rate(policy.unproven)
        assert rate(lane) <= permits / seconds * (1 + 1e-9)


def test_long_windows_give_up_permits_and_never_become_short_ones() -> None:
    (_, day) = lane_now("", PLAIN, Heard(), 0.5, 1.0).windows
    assert day == Window(50_000, DAY)
    wide = Lane((Window(300, 1.0),), 8)
    assert lane_now("", LanePolicy(wide, wide), Heard(), LEAST_SHARE, 1.0).windows == (Window(COUNTED + 1, 1.0),)


def test_refusals_halve_once_for_all_that_were_under_way_and_answers_give_back() -> None:
    learned = Learned()
    for granted_at in (1.0, 2.0, 3.0):
        learned.cut("", granted_at, 10.0)
    assert learned.share("", 10.0) == 0.5, "all three were let go before the cut"
    learned.cut("", 11.0, 12.0)
    assert learned.share("", 12.0) == 0.25
    for number in range(20):
        learned.cut("", 13.0 + number, 13.0 + number)
    assert learned.share("", 40.0) == LEAST_SHARE
    answers = 0
    while learned.share("", 40.0) < 1.0:
        learned.grow("")
        answers += 1
    assert answers == 94
    assert learned.shares == {}
    learned.grow("")
    assert learned.share("", 40.0) == 1.0


def test_a_refusal_of_yesterday_says_nothing_about_today() -> None:
    learned = Learned()
    learned.cut("", 1.0, 10.0)
    assert learned.share("", 10.0 + DAY) == 0.5
    assert learned.share("", 11.0 + DAY) == 1.0
    learned.turn_back(5.0)
    assert learned.cut_at == {"": 5.0}


def test_users_with_other_keys_hear_other_things_and_few_are_remembered() -> None:
    learned = Learned()
    for number in range(50):
        learned.hear(f"user {number}", "", Announced(permits=number + 1))
    assert len(learned.heard) <= 8
    assert learned.heard["user 49"].lanes[""].permits == 50


def history(*seconds: float) -> LatencyHistory:
    made = LatencyHistory()
    for one in seconds:
        made.answered(one)
    return made


def bound(of: LatencyHistory) -> float:
    return of.timeout_s(45.0, least_s=5.0, most_s=90.0)


def test_time_outs_follow_what_the_service_takes_between_the_bounds() -> None:
    assert bound(history(*[0.1] * 19)) == 45.0, "too few to tell"
    assert bound(history(*[0.1] * 50)) == 5.0
    assert 12.0 <= bound(history(*[3.0] * 50)) <= 13.3
    assert bound(history(*[40.0] * 50)) == 90.0
    assert bound(history(*[0.0] * 50)) == 5.0


def test_a_time_out_counts_when_the_service_answers_again_and_not_when_it_was_an_outage() -> None:
    slow = history(*[0.1] * 50)
    for _ in range(3):
        slow.timed_out(5.0)
    assert bound(slow) == 5.0
    slow.answered(0.1)
    assert bound(slow) > 19.0
    dead = history(*[0.1] * 50)
    for _ in range(10):
        dead.timed_out(5.0)
    dead.gave_up()
    dead.answered(0.1)
    assert bound(dead) == 5.0


def test_a_probe_that_is_answered_slowly_is_believed_at_once() -> None:
    """Otherwise a service that has become slow for good would trip its breaker for ever."""
    slow = history(*[0.1] * 900)
    slow.answered(8.0, is_probe=True)
    assert bound(slow) > 31.0


def test_old_answers_fade() -> None:
    fading = history(*[30.0] * 200, *[0.1] * 20_000)
    assert bound(fading) == 5.0
    assert sum(fading.steps.values()) <= 1_002
