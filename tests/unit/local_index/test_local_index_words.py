"""Which words a work is found by, and which an entry asks for."""

from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st

from db.local_index.words import asked_by, words_of
from dl_lit.core.model import Name, Reference, Work
from dl_lit.matching.normalise import text_key

names = st.builds(Name, family=st.text(max_size=20), given=st.none() | st.text(max_size=9), literal=st.none())
works = st.builds(
    Work,
    title=st.text(max_size=200),
    authors=st.lists(names, max_size=15).map(tuple),
    editors=st.lists(names, max_size=3).map(tuple),
    year=st.none() | st.integers(1400, 2100),
    container_title=st.none() | st.text(max_size=60),
    volume=st.none() | st.text(max_size=8),
    pages=st.none() | st.text(max_size=12),
)


@given(works)
def test_words_are_plain_ones_each_once_and_the_titles_first(work: Work):
    words = words_of(work, text_key)
    every = words.all()
    assert set("".join(every)) <= set(string.ascii_lowercase + string.digits)
    assert len(set(every)) == len(every)
    assert set(every[: words.title]) == set(text_key(work.title).split()[:120])
    assert words_of(work, text_key) == words


@given(st.text(max_size=3_000), st.none() | st.text(max_size=300), st.none() | st.integers(1, 2100))
def test_what_an_entry_asks_for_is_bounded_whatever_is_printed(raw: str, title: str | None, year: int | None):
    asked = asked_by(Reference(position=1, raw=raw, title=title, year=year), text_key)
    assert len(asked.words) <= 100
    assert len(asked.joined) <= 300
    assert all(word.isascii() and word.isalnum() for word in (*asked.words, *asked.joined))


def test_surname_and_year_and_volume_and_page_are_joined_alike_on_both_sides():
    """A physicist's entry has no title: "D. Gross and F. Wilczek, Phys. Rev. Lett. 30 (1973) 1343"."""
    work = Work(
        title="Ultraviolet behavior of non-abelian gauge theories",
        authors=(Name(family="Gross", given="D. J."), Name(family="Wilczek", given="F.")),
        year=1973,
        container_title="Physical Review Letters",
        volume="30",
        pages="1343-1346",
    )
    indexed = set(words_of(work, text_key).all())
    entry = Reference(position=1, raw="D. Gross and F. Wilczek, Phys. Rev. Lett. 30 (1973) 1343")
    assert {"gross1973", "wilczek1973", "30v1343"} <= indexed & set(asked_by(entry, text_key).joined)


def test_a_year_that_was_read_asks_for_its_neighbours_too():
    entry = Reference(position=1, raw="", authors=(Name(family="Müller"),), year=1999)
    assert {"muller1998", "muller1999", "muller2000"} <= set(asked_by(entry, text_key).joined)


def test_addresses_are_no_words_of_an_entry():
    asked = asked_by(Reference(position=1, raw="A title. https://doi.org/10.1234/abc.def doi:10.1/x"), text_key)
    assert asked.words == ("a", "title")
