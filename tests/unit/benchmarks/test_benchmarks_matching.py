"""The matching benchmark in its shortest form, and the hand-made pairs: what must hold without the shared records."""

from __future__ import annotations

from itertools import pairwise

import pytest
from benchmarks.matching import DEMO, figures, run
from benchmarks.matching_entries import made
from benchmarks.matching_pairs import Pair, pairs
from benchmarks.matching_universe import Universe
from benchmarks.matching_wear import LEVELS

PAIRS = pairs()


def test_there_are_enough_pairs_of_both_kinds() -> None:
    """Sixty at the least, and neither verdict is the rule."""
    assert len(PAIRS) >= 60
    assert 25 <= sum(pair.is_same for pair in PAIRS) <= len(PAIRS) - 25


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.why)
def test_every_pair_is_judged_as_by_hand(pair: Pair) -> None:
    """What a careful librarian says of it."""
    assert pair.is_judged_right


@pytest.fixture(scope="module")
def universe() -> Universe:
    """The demonstration's records."""
    return Universe.read(DEMO)


def test_the_draw_depends_on_the_seed_alone(universe: Universe) -> None:
    """Twice the same entries; held out and kept works share no record; learning uses the other half."""
    first, again = made(universe, 60), made(universe, 60)
    assert first.lists == again.lists
    assert first.left_out == again.left_out
    groups = {universe.group(one.record) for entries in first.lists for one in entries if one.is_present}
    assert not groups & {universe.group(number) for number in first.left_out}
    taught = {one.record for entries in made(universe, 60, is_training=True).lists for one in entries}
    assert all(universe.hash(number) % 2 for number in taught)
    assert not any(universe.hash(one.record) % 2 for entries in first.lists for one in entries)


def test_wear_goes_by_degree() -> None:
    """No degree does a thing less often than the one before."""
    for milder, harder in pairwise(LEVELS):
        assert harder.typo > milder.typo
        assert harder.missing > milder.missing
        assert harder.year_near > milder.year_near


def test_matches_are_sure_on_a_small_sample(universe: Universe) -> None:
    """The published rates hold on the demonstration's records as far as so few can show it."""
    cases, seconds = run(universe, made(universe, 120))
    result = figures(cases)
    assert len(cases) >= 100
    assert result["candidate_recall"] >= 0.97
    assert result["precision"] >= 0.99
    assert result["recall"] >= 0.9
    assert result["false_accept_absent"] <= 0.02
    assert {"by_style", "by_noise_level", "by_likeness", "reliability"} <= result.keys()
    assert min(seconds.values()) > 0
