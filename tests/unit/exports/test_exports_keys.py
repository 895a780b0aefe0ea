"""Citation keys: pinned once given, ASCII, never twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.model import Name, Work
from dl_lit.exports.keys import assign_keys, bare_key, new_key


def work(family: str | None = "Müller", year: int | None = 2019, title: str = "On keys") -> Work:
    return Work(title=title, authors=(Name(family),) if family else (), year=year)


@pytest.mark.parametrize(
    ("given_work", "key"),
    [
        (work(), "Mueller2019"),
        (work("Łukasz"), "Lukasz2019"),
        (work("O'Brien-Smith"), "OBrienSmith2019"),
        (work("van der Berg", None), "VanderBerg"),
        (work(None), "On2019"),
        (work("王"), "Wang2019"),
        (Work(title="…", year=2000), "Anonymous2000"),
        (Work(title="X", editors=(Name("Ito"),)), "Ito"),
    ],
)
def test_key_is_author_and_year_in_ascii(given_work, key) -> None:
    assert bare_key(given_work) == key


def test_first_work_keeps_the_bare_key_later_ones_get_letters() -> None:
    assert assign_keys([(1, work()), (2, work()), (3, work())], {}) == {
        1: "Mueller2019",
        2: "Mueller2019a",
        3: "Mueller2019b",
    }


def test_pinned_keys_stay_and_are_not_given_again() -> None:
    keys = assign_keys([(5, work()), (6, work())], {6: "Mueller2019", 9: "mueller2019A"})
    assert keys == {6: "Mueller2019", 9: "mueller2019A", 5: "Mueller2019b"}


def test_letters_go_on_after_z() -> None:
    taken = ["Mueller2019", *(f"Mueller2019{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")]
    assert new_key(work(), taken) == "Mueller2019aa"


@given(st.lists(st.tuples(st.text(max_size=20), st.integers(1500, 2100)), max_size=30))
def test_keys_are_unique_and_fit_every_bib_file(people) -> None:
    works = [(i, work(family or None, year)) for i, (family, year) in enumerate(people)]
    keys = list(assign_keys(works, {}).values())
    assert len({key.casefold() for key in keys}) == len(people)
    assert all(key.isascii() and key.isalnum() for key in keys)
