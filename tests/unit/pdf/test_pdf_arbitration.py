"""Between two readings of a title the entry and the habits of its list decide."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dl_lit.pdf.arbitration import Candidate, Habits, alike, best, common_habits, position_of

TEXT = "Doe, J. (2001). A fine title. With more of it. Journal of Things, 3, 4–5."


def candidate(title: str, odds: float = 0.0) -> Candidate:
    return Candidate(title, *position_of(TEXT, title), odds)


def test_a_title_with_numbers_of_pages_in_it_loses() -> None:
    short, long = candidate("A fine title"), candidate("A fine title. With more of it. Journal of Things, 3, 4–5")
    assert best(TEXT, [long, short], Habits()) is short


def test_a_title_that_ends_within_a_word_loses() -> None:
    assert best(TEXT, [candidate("A fine tit", 1.0), candidate("A fine title")], Habits()) == candidate("A fine title")


def test_what_surely_is_something_else_is_no_title() -> None:
    chosen = best(TEXT, [candidate("Doe, J", 0.5), candidate("A fine title")], Habits(), taken=[(0, 7)])
    assert chosen == candidate("A fine title")


def test_the_habits_of_the_list_decide_between_equals() -> None:
    quoted = "Roe, R. “One thing.” Nature 1 (2000): 2."
    at = position_of(quoted, "One thing")
    habits = common_habits([(quoted, *at)] * 5)
    text = "Poe, P. Essays: “Another thing.” Nature 2 (2001): 3."
    usual = Candidate("Another thing", *position_of(text, "Another thing"), 0.0)
    unusual = Candidate("Essays", *position_of(text, "Essays"), 0.3)
    assert best(text, [unusual, usual], habits) is usual


def test_nothing_comes_of_nothing() -> None:
    assert best(TEXT, [], Habits()) is None


def test_marks_and_case_make_no_difference() -> None:
    assert alike("A fine, fine title", "a FINE fine title.")
    assert not alike("A fine title", "A fine tile")


@given(st.text(max_size=60), st.text(min_size=1, max_size=20))
def test_a_title_is_found_where_it_stands(before: str, title: str) -> None:
    text = before + title
    start, end = position_of(text, title)
    assert start == -1 or (0 <= start <= end <= len(text))
    assert title not in text or start >= 0 or not any(c.isalnum() for c in title)
