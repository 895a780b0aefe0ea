"""Rules that hold whatever the entry and the record."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.model import Name, Reference, Work, WorkType
from dl_lit.matching.decide import Accepted, NoMatch, decide
from dl_lit.matching.evidence import weigh
from dl_lit.matching.identity import relation_of, same_work
from dl_lit.matching.normalise import title_key
from dl_lit.matching.numerals import in_figures, roman, value
from dl_lit.matching.printed import printed_text
from dl_lit.matching.vetoes import is_notice, numbers_conflict

WORDS = (
    "gravel",
    "tides",
    "sorting",
    "beach",
    "theory",
    "part",
    "II",
    "III",
    "2016",
    "2017",
    "of",
    "Erratum:",
    "vol. 2",
)
TITLES = st.lists(st.sampled_from(WORDS), min_size=2, max_size=8).map(" ".join)
FAMILIES = st.sampled_from(("Lee", "Moss", "Öst", "van der Berg", "Hansen", "Jansen"))
NAMES = st.lists(FAMILIES.map(lambda family: Name(family=family, given="A.")), max_size=3).map(tuple)
NUMBERS = st.sampled_from((None, "1", "2", "XIV", "14"))
YEARS = st.sampled_from((None, 2015, 2016, 2017, 1999))
WORKS = st.builds(
    Work,
    title=TITLES,
    type=st.sampled_from(list(WorkType)),
    authors=NAMES,
    year=YEARS,
    container_title=st.sampled_from((None, "Journal of Tides", "Ocean Physics")),
    volume=NUMBERS,
    pages=NUMBERS,
    doi=st.sampled_from((None, "10.5555/a", "10.5555/B")),
)


def printed(work: Work, **changes: object) -> Reference:
    """The entry that prints what the record has, with changes."""
    fields = {
        "title": work.title,
        "authors": work.authors,
        "year": work.year,
        "container_title": work.container_title,
        "volume": work.volume,
        "pages": work.pages,
        **changes,
    }
    people = ", ".join(f"{name.sort_key}, A." for name in work.authors)
    place = ", ".join(str(fields[name]) for name in ("container_title", "volume", "pages") if fields[name])
    raw = f"{people} ({fields['year'] or 'n.d.'}). {fields['title'] or ''}. {place}."
    return Reference(position=1, raw=raw, **fields)  # type: ignore[arg-type]


@given(TITLES, TITLES)
def test_number_vetoes_do_not_depend_on_the_side(one: str, other: str) -> None:
    """Two parts of a series are two works whichever of them is printed."""
    first, second = title_key(one), title_key(other)
    assert numbers_conflict(first, second) == numbers_conflict(second, first)
    assert numbers_conflict(first, first) is None


@given(WORKS, WORKS)
def test_relations_do_not_depend_on_the_side(one: Work, other: Work) -> None:
    """What two records are to each other they are both ways; two DOIs are never one work."""
    there, back = relation_of(one, other), relation_of(other, one)
    assert (there and there.kind) == (back and back.kind)
    if one.doi and other.doi and one.doi.lower() != other.doi.lower():
        assert not same_work(one, other)


@given(WORKS)
def test_a_record_with_an_identifier_is_itself(work: Work) -> None:
    """Nothing keeps a record with a DOI from being the same as itself."""
    assert same_work(replace(work, doi="10.5555/x"), replace(work, doi="10.5555/X"))


@given(WORKS, WORKS)
def test_scores_are_probabilities(one: Work, other: Work) -> None:
    """Between 0 and 1, whatever is compared."""
    assert 0.0 <= weigh(printed(one), other).score <= 1.0


@given(WORKS, WORKS, st.sets(st.sampled_from(("year", "container_title", "volume", "pages"))))
def test_saying_less_never_makes_a_match_of_none(one: Work, other: Work, dropped: set[str]) -> None:
    """An entry that no record fits is not accepted for leaving out what it shares with the record."""
    shared = {name for name in dropped if getattr(one, name) == getattr(other, name)}
    if isinstance(decide(printed(one), [other]), NoMatch):
        less = printed(one, **dict.fromkeys(shared))
        assert not isinstance(decide(less, [other]), Accepted)


@given(WORKS, st.permutations(range(3)))
def test_the_order_of_candidates_does_not_matter(work: Work, order: list[int]) -> None:
    """Services answer in any order."""
    candidates = [work, replace(work, title=f"{work.title} and more", doi=None), replace(work, year=1950, doi=None)]
    first = decide(printed(work), candidates)
    again = decide(printed(work), [candidates[at] for at in order])
    assert type(first) is type(again)
    if isinstance(first, Accepted) and isinstance(again, Accepted):
        assert first.work == again.work


@given(st.integers(1, 3999))
def test_roman_numerals_are_numbers(number: int) -> None:
    """Every numeral that a volume may bear is read."""
    signs = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"))
    signs += ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
    written, rest = "", number
    for worth, sign in signs:
        written += sign * (rest // worth)
        rest %= worth
    assert roman(written) == number == value(written) == value(str(number))


@given(TITLES)
def test_figures_stay_figures(title: str) -> None:
    """Writing the numbers of a key in figures once is enough."""
    key = in_figures(title_key(title))
    assert in_figures(key) == key == title_key(title)


def test_words_that_look_like_numerals_are_words() -> None:
    """A single letter is a number only behind "part" or at the end; "civil" and "mix" never are."""
    assert in_figures("vitamin c and the civil mix") == "vitamin c and the civil mix"
    assert in_figures("part i of the syntax ii") == "part 1 of the syntax 2"
    assert in_figures("bd iv") == "band 4"


def test_notices_are_known_before_and_behind_the_title() -> None:
    """Corrections, replies and reviews; works about data, reviews or responses are works."""
    for title in ("Erratum: Tides", "Tides: Erratum", "Tides (Corrigendum)", "Reply to “Tides”", "Tides — A reply"):
        assert is_notice(title)
    for title in (
        "Data mining",
        "Tides: a review",
        "Response surfaces",
        "Table tennis",
        "The reply to letters of 1900",
    ):
        assert not is_notice(title)


def test_a_title_is_found_in_the_text_with_its_misprints_and_borders() -> None:
    """A misread title is found between its marks; the beginning of a longer one is not bounded."""
    text = printed_text("Lee, M. (2017). Sprng tides and the sorting of gravel. J. Tides 8, 101.")
    found = text.find(title_key("Spring tides and the sorting of gravel"))
    assert found is not None
    assert found.is_bounded
    assert found.likeness > 0.95
    cut = text.find(title_key("Sprng tides and the sorting"))
    assert cut is not None
    assert not cut.is_bounded
    assert text.find("nothing of the kind stands in it") is None
