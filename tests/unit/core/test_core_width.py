"""How many questions to a model are in flight: the rules, for all that may happen."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from dl_lit.core.width import Width

BOUNDS = st.integers(1, 60)


def round_trip(width: Width, *, limited: int = 0) -> None:
    """As many as may be are asked; `limited` of them are too much, the others are answered."""
    marks = [width.mark() for _ in range(width.now)]
    for mark in marks[:limited]:
        width.limited(mark)
    for mark in marks[limited:]:
        width.good(mark)


def test_it_doubles_while_answers_are_good_and_stays_at_the_most() -> None:
    width = Width(5, 50)
    seen = []
    for _ in range(6):
        seen.append(width.now)
        round_trip(width)
    assert seen == [5, 10, 20, 40, 50, 50]


def test_it_grows_by_a_quarter_beyond_where_it_went_wrong() -> None:
    width = Width(40, 50)
    round_trip(width, limited=1)
    seen = []
    for _ in range(5):
        seen.append(width.now)
        round_trip(width)
    assert seen == [20, 25, 31, 39, 48]


@pytest.mark.parametrize(("first", "most"), [(0, 0), (9, 3), (-1, 5)])
def test_the_start_is_within_the_bounds(first: int, most: int) -> None:
    assert Width(first, most).now == min(max(1, first), max(1, most))


@given(BOUNDS, BOUNDS, st.integers(1, 60))
def test_all_refusals_of_one_round_trip_halve_once(first: int, most: int, refused: int) -> None:
    width = Width(first, most)
    before = width.now
    marks = [width.mark() for _ in range(before)]
    halved = [width.limited(mark) for mark in marks[:refused]]
    assert sum(halved) == 1
    for mark in marks[refused:]:
        width.good(mark)  # answers to what was asked before say nothing of the new width
    assert width.now == max(1, before // 2)


@given(BOUNDS, BOUNDS)
def test_refusals_without_end_lead_down_to_one_and_good_answers_back_to_the_most(first: int, most: int) -> None:
    width = Width(first, most)
    for _ in range(7):
        round_trip(width, limited=1)
    assert width.now == 1
    rounds = 0
    while width.now < most:
        round_trip(width)
        rounds += 1
    assert rounds <= 30


@given(BOUNDS, BOUNDS, st.integers(0, 9))
def test_the_shares_of_all_batches_use_the_whole_width_and_none_starves(first: int, most: int, hungry: int) -> None:
    width = Width(first, most)
    assert width.share(hungry) >= 1
    assert width.share(hungry) * max(1, hungry) >= width.now
    assert width.share(hungry) <= max(1, width.now)


def test_after_a_rest_it_begins_as_at_the_start_but_knows_how_far_it_may_double() -> None:
    width = Width(5, 50)
    for _ in range(5):
        round_trip(width)
    width.rests()
    assert width.now == 5
    round_trip(width)
    assert width.now == 10
    round_trip(width, limited=3)
    width.rests()
    assert width.now == 5


def test_other_bounds_hold_from_now_on() -> None:
    width = Width(5, 50)
    width.become(3, 8)
    round_trip(width)
    assert (width.now, width.most) == (8, 8)
    width.become(3, 20)
    assert width.now == 8
    round_trip(width)
    assert width.now == 16
    round_trip(width, limited=1)
    width.become(1, 40)
    round_trip(width)
    assert width.now == 10, "it still knows where it went wrong"


class Life(RuleBasedStateMachine):
    """Whatever is asked, answered and refused, in whatever order."""

    def __init__(self) -> None:
        super().__init__()
        self.width = Width(5, 50)
        self.marks: list[int] = []

    @rule()
    def ask(self) -> None:
        self.marks.append(self.width.mark())

    @precondition(lambda self: self.marks)
    @rule(which=st.integers(0, 1_000), is_good=st.booleans())
    def hear(self, which: int, is_good: bool) -> None:
        mark = self.marks.pop(which % len(self.marks))
        before = self.width.now
        if is_good:
            self.width.good(mark)
            assert before <= self.width.now <= before + 1
        elif self.width.limited(mark):
            assert self.width.now == max(1, before // 2)
        else:
            assert self.width.now == before

    @rule()
    def rest(self) -> None:
        self.width.rests()
        assert self.width.now <= 5

    @rule(first=BOUNDS, most=BOUNDS)
    def become(self, first: int, most: int) -> None:
        self.width.become(first, most)
        self.width.become(5, 50)

    @invariant()
    def is_within_bounds(self) -> None:
        assert 1 <= self.width.now <= self.width.most


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=25, stateful_step_count=30)
