"""Which levels are fed, with how many works, and why no further."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from db.reading.levels import FED, KNOWN, WAITS, Level
from dl_lit.app.snowballing.deciding import Step, Stopped, steps, told
from dl_lit.settings.snowball import SnowballSettings

RULE = SnowballSettings(depth=2, per_level=10, max_sources=100, least_new=0)


def level(number: int, waits: int = 0, **facts: Any) -> Level:
    """A level that is done, with so many candidates for the next."""
    usual: dict[str, Any] = {
        "sources": 5,
        "read": 5,
        "waiting": 0,
        "entries": 50,
        "cut": 0,
        "works": 40,
        "new_works": 40,
        "entries_waiting": 0,
        "works_waiting": 0,
        "in_library": waits,
        "taken": 5 if number else 0,
    }
    return Level(level=number, **{**usual, "next": {WAITS: waits}, **facts})


def decided(*levels: Level, rule: SnowballSettings = RULE, **how: bool) -> list[Step]:
    return steps(levels, rule, **{"at_rest": True, "is_paused": False, **how})


def test_the_best_of_a_level_are_read_within_its_budget() -> None:
    assert decided(level(0, waits=25)) == [Step(0, feed=10, left=15, stopped=Stopped.BUDGET)]


def test_what_was_read_before_counts_against_the_budget() -> None:
    """So a run that was killed goes on where it was, and takes no budget twice."""
    first, *_ = decided(level(0, waits=25), level(1, taken=8))
    assert (first.feed, first.left) == (2, 23)


def test_the_budget_of_all_levels_ends_it_too() -> None:
    tight = SnowballSettings(depth=2, per_level=10, max_sources=6, least_new=0)
    (only,) = decided(level(0, waits=25), rule=tight)
    assert (only.feed, only.stopped) == (6, Stopped.MAX_SOURCES)


def test_nothing_is_read_beyond_the_depth() -> None:
    *_, last = decided(level(0), level(1), level(2, waits=7))
    assert last == Step(2, feed=0, left=7, stopped=Stopped.DEPTH)


def test_no_choice_is_made_while_better_ones_may_come() -> None:
    busy = level(0, waits=8, works_waiting=30)
    assert decided(busy, at_rest=False) == [Step(0, feed=0, left=0, stopped=None)]
    assert decided(busy) == [Step(0, feed=8, left=0, stopped=None)]


def test_what_can_all_be_taken_is_taken_as_it_comes() -> None:
    assert decided(level(0, waits=3, works_waiting=4), at_rest=False)[0].feed == 3
    assert decided(level(0, waits=3, waiting=1), at_rest=False)[0].feed == 0  # who knows what that one cites


def test_a_level_is_decided_on_only_when_those_below_are_done() -> None:
    """What is fed now may still bring the next level better ones."""
    first, second = decided(level(0, waits=4), level(1, waits=30))
    assert first.feed == 4
    assert second == Step(1, feed=0, left=0, stopped=None)


def test_a_level_that_brought_little_new_is_the_last() -> None:
    rule = SnowballSettings(depth=3, least_new=5)
    _, poor = decided(level(0), level(1, waits=3, works=100, new_works=4), rule=rule)
    assert poor == Step(1, feed=0, left=3, stopped=Stopped.FEW_NEW)
    _, rich = decided(level(0), level(1, waits=3, works=100, new_works=5), rule=rule)
    assert rich.feed == 3


def test_people_who_pause_extraction_pause_it() -> None:
    assert decided(level(0, waits=3), is_paused=True) == [Step(0, feed=0, left=0, stopped=Stopped.PAUSED)]


def test_every_candidate_is_told_with_what_became_of_it() -> None:
    one = level(0, waits=25, next={WAITS: 25, FED: 4, KNOWN: 2})
    document = told(one, Step(0, feed=10, left=15, stopped=Stopped.BUDGET), gone=3, run_id=7)
    assert document["next"] == {FED: 14, KNOWN: 2, "level-budget": 12, "no-file": 3}
    assert document["stopped"] == "level-budget"


@given(
    waits=st.lists(st.integers(0, 50), min_size=1, max_size=5),
    taken=st.lists(st.integers(0, 20), min_size=5, max_size=5),
    busy=st.lists(st.integers(0, 3), min_size=5, max_size=5),
    rule=st.builds(
        SnowballSettings,
        depth=st.integers(0, 4),
        per_level=st.integers(0, 20),
        max_sources=st.integers(0, 60),
        least_new=st.sampled_from([0.0, 5.0]),
    ),
    at_rest=st.booleans(),
    is_paused=st.booleans(),
)
def test_no_bound_is_ever_passed_and_no_candidate_lost(  # noqa: PLR0917 - hypothesis gives them by name
    waits: list[int], taken: list[int], busy: list[int], rule: SnowballSettings, at_rest: bool, is_paused: bool
) -> None:
    levels = [
        level(number, waits=some, taken=taken[number] if number else 0, works_waiting=busy[number])
        for number, some in enumerate(waits)
    ]
    found = steps(levels, rule, at_rest=at_rest, is_paused=is_paused)
    for one, step in zip(levels, found, strict=True):
        before = levels[step.level + 1].taken if step.level + 1 < len(levels) else 0
        assert 0 <= step.feed <= max(0, rule.per_level - before)
        assert step.feed + step.left <= one.next[WAITS]
        assert not step.feed or (step.level < rule.depth and not is_paused)
    fed = sum(step.feed for step in found)
    assert not fed or fed + sum(one.taken for one in levels) <= rule.max_sources
