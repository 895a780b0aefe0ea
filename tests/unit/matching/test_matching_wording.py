"""Titles that differ in one word: misprints are one title, opposites and other things are two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.matching.wording import another_word, are_opposites, is_misprint

WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("eastern", "western"),
        ("male", "female"),
        ("prenatal", "postnatal"),
        ("hypertension", "hypotension"),
        ("intracellular", "extracellular"),
        ("sulfate", "sulfite"),
        ("methanol", "ethanol"),
        ("controlled", "uncontrolled"),
        ("without", "with"),
    ],
)
def test_opposites_are_no_misprints(one: str, other: str) -> None:
    """However few letters tell them apart, and whichever comes first."""
    assert are_opposites(one, other)
    assert are_opposites(other, one)
    assert not is_misprint(one, other)
    assert another_word(f"gravel and {one} tides", f"gravel and {other} tides") == (one, other)


@pytest.mark.parametrize(("one", "other"), [("eastern", "eastem"), ("sorting", "srotng"), ("colour", "color")])
def test_misprints_tell_nothing(one: str, other: str) -> None:
    """A few letters, more of them in longer words."""
    assert is_misprint(one, other)
    assert another_word(f"gravel and {one} tides", f"gravel and {other} tides") is None


def test_words_missing_broken_or_small_tell_nothing() -> None:
    """Readers lose words, run them together and mistake the little ones."""
    assert another_word("spring tides and gravel", "spring tides and sorted gravel") is None
    assert another_word("spring tides and gravel", "springtides and gravel") is None
    assert another_word("sorting of gravel on beaches", "sorting the gravel on beaches") is None


def test_one_other_word_makes_two_titles() -> None:
    """One metal for another; where much differs, likeness of the whole must tell."""
    assert another_word("uptake of copper by mussels", "uptake of cadmium by mussels") == ("copper", "cadmium")
    assert another_word("uptake of copper by mussels", "release of cadmium by oysters") is None


@given(WORDS, WORDS)
def test_the_side_does_not_matter(one: str, other: str) -> None:
    """What is printed and what is recorded may change places; a word is its own misprint and never its opposite."""
    assert is_misprint(one, other) == is_misprint(other, one)
    assert are_opposites(one, other) == are_opposites(other, one)
    assert is_misprint(one, one)
    assert not are_opposites(one, one)
