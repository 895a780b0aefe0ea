"""Citation keys: pinned once given, ASCII, never twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.key_pattern import FIELDS, KeyPattern
from dl_lit.core.model import Name, Work, WorkType
from dl_lit.exports.keys import MAX_KEY_LENGTH, assign_keys, bare_key, candidate, new_key, number_of


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


KNUTH = Work(
    title="The Art of Computer Programming: Über Alles",
    type=WorkType.BOOK,
    authors=(Name("Knuth", "Donald"), Name("Møller"), Name("van der Berg")),
    year=1997,
    container_title="Journal of the ACM",
    volume="12",
    pages="e12-e19",
)


@pytest.mark.parametrize(
    ("pattern", "key"),
    [
        ("{author}{year}", "Knuth1997"),
        ("{author:lower}_{shortyear}", "knuth_97"),
        ("{author:3:upper}{year}", "KNU1997"),
        ("{lastauthor:capitalize}-{year}", "Vanderberg-1997"),
        ("{authors}", "KnuthMollerVanderBerg"),
        ("{authors:2}{year}", "KnuthMollerEtAl1997"),
        ("{authors:abbr}{year}", "KMV1997"),
        ("{title}", "TheArtOfComputerProgrammingUeberAlles"),
        ("{shorttitle:lower}", "artcomputerprogramming"),
        ("{veryshorttitle}/{title_words:2:abbr}", "Art/AC"),
        ("{container}:{container:abbr}", "JournalACM:JA"),
        ("v{volume}.{firstpage}+{type}", "v12.e12+book"),
    ],
)
def test_a_pattern_says_what_a_key_is_made_of(pattern: str, key: str) -> None:
    assert bare_key(KNUTH, KeyPattern.parse(pattern)) == key


def test_what_a_work_lacks_is_left_out_or_stands_as_the_pattern_says() -> None:
    bare = Work(title="")
    assert bare_key(bare, KeyPattern.parse("{author}{year:(nd)}")) == "Anonymousnd"
    assert bare_key(bare, KeyPattern.parse("{volume}{shorttitle}{container:abbr}{firstpage}{shortyear}")) == "Anonymous"
    assert bare_key(Work(title="The of"), KeyPattern.parse("{shorttitle}")) == "TheOf"


@given(st.sampled_from(FIELDS), st.text(max_size=60), st.text(max_size=60))
def test_whatever_a_work_is_called_its_key_fits_every_bib_file(field: str, title: str, name: str) -> None:
    odd = Work(title=title, authors=(Name(name), Name(title)), container_title=name, volume=title, pages=name, year=7)
    key = bare_key(odd, KeyPattern.parse(f"{{{field}:lower}}-{{{field}:5}}"))
    assert key.isascii()
    assert key.replace("-", "").isalnum() or key == "-"
    assert len(key) <= MAX_KEY_LENGTH


@given(st.integers(0, 100_000), st.sampled_from(["Knuth1997", "x", "Ab-", ""]))
def test_which_number_a_key_has_can_be_told_from_it(number: int, bare: str) -> None:
    key = candidate(bare, number)
    assert number_of(bare, key.upper()) == number
    assert [candidate("K", n) for n in (0, 1, 26, 27, 28, 702, 703)] == ["K", "Ka", "Kz", "Kaa", "Kab", "Kzz", "Kaaa"]


def test_a_key_of_another_name_has_no_number() -> None:
    assert number_of("Knuth1997", "Hale1997a") is None
    assert number_of("Knuth", "Knuth1997") is None
