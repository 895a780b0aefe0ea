"""Titles with the number of their part written otherwise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.matching.numerals import as_roman, respelt, roman


@given(st.integers(1, 39))
def test_what_is_written_in_roman_numerals_is_read_again(number: int) -> None:
    assert roman(as_roman(number).lower()) == number


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("On the drift of pack ice. II. Winter stations", "On the drift of pack ice. Part 2. Winter stations"),
        ("The theory of ice lenses, part 3: field evidence", "The theory of ice lenses, III: field evidence"),
        ("Catalogue of shorelines (IV)", "Catalogue of shorelines (4)"),
    ],
)
def test_a_part_is_known_by_its_other_spellings(title: str, other: str) -> None:
    assert other in respelt(title)


@pytest.mark.parametrize("title", ["Vitamin C", "A study of 12 cases", "Report 1987", ""])
def test_other_numbers_are_left_alone(title: str) -> None:
    assert respelt(title) == ()


@given(st.text(max_size=60))
def test_no_title_breaks_it(title: str) -> None:
    assert title not in respelt(title)
