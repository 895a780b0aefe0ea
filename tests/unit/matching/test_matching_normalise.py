"""One form for what print and catalogues write differently."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.matching.normalise import (
    first_page,
    in_arabic,
    last_page,
    number_key,
    plain_text,
    surname_key,
    text_key,
    title_key,
)

ANY_TEXT = st.text(max_size=200)


@pytest.mark.parametrize(
    ("printed", "key"),
    [
        ("The Élan of <i>Drosophila</i> &amp; co.", "the elan of drosophila and co"),
        ("CO<sub>2</sub> uptake: p < 0.05?", "co2 uptake p 0 05"),
        (r"Gr{\"o}bner bases in $\mathbb{R}^n$", "grobner bases in rn"),
        ("ﬁne‐grained  eﬀects", "fine grained effects"),
        ("&amp;lt;b&amp;gt; decoded twice", "decoded twice"),
        ("TNF-α signalling", "tnf alpha signalling"),
        ("Straße nach Łódź, ångström", "strasse nach lodz angstrom"),
        ("inter- national law", "international law"),
        ("d’Alembert's paradox", "dalemberts paradox"),
        ("", ""),
    ],
)
def test_text_key_undoes_what_type_setting_adds(printed: str, key: str) -> None:
    """Tags, entities, LaTeX, ligatures, accents, hyphenation and punctuation leave no trace."""
    assert text_key(printed) == key


def test_a_mathml_title_keeps_its_letters_and_loses_its_annotations() -> None:
    """What a MathML annotation repeats is dropped, what is shown stays."""
    title = "On <mml:math><mml:mi>k</mml:mi><mml:annotation>k\\in N</mml:annotation></mml:math>-cores"
    assert plain_text(title) == "On k-cores"


def test_a_retraction_mark_is_no_part_of_the_title() -> None:
    """Publishers put the mark before the title when they retract a work."""
    assert title_key("RETRACTED ARTICLE: Cold fusion in beer") == title_key("Cold fusion in beer")
    assert title_key("Retracted") == "retracted"


@pytest.mark.parametrize(
    ("family", "key"),
    [
        ("van der Müller Jr.", "muller"),
        ("Mueller", "muller"),
        ("García Márquez", "garcia marquz"),
        ("D Schloss", "schloss"),
        ("O’Neil", "oneil"),
        ("de", "de"),
        ("Öst", "ost"),
    ],
)
def test_surnames_lose_particles_initials_and_accents(family: str, key: str) -> None:
    """What differs between styles is left out of a surname's key."""
    assert surname_key(family) == key


@pytest.mark.parametrize(
    ("pages", "page"), [("0123-130", "123"), ("e1001", "e1001"), ("S12–S20", "s12"), ("in press", None), (None, None)]
)
def test_first_page(pages: str | None, page: str | None) -> None:
    """The first page is read off any way of printing a range."""
    assert first_page(pages) == page


def test_volume_numbers_are_bare() -> None:
    """Volumes "Vol. 012" and "12" are one."""
    assert number_key("Vol. 012") == number_key("12") == "12"
    assert number_key("") is None


@given(ANY_TEXT)
def test_keys_are_stable(text: str) -> None:
    """Making a key of a key changes nothing, whatever the text."""
    for key_of in (text_key, title_key, surname_key):
        key = key_of(text)
        assert key_of(key) == key
        assert key == key.strip()
        assert key.isascii()


@given(ANY_TEXT)
def test_case_and_spacing_do_not_matter(text: str) -> None:
    """Doubling the white space of a text leaves its key alone."""
    assert text_key(text.replace(" ", "  ")) == text_key(text)


def test_figures_that_a_scan_took_for_letters_are_figures() -> None:
    """In years, pages and volumes; words and article numbers stay as they are."""
    assert in_arabic("l977, 2O1l, 63l-642") == "1977, 2011, 631-642"
    assert in_arabic("Illinois, e1001, 10th, B12, Oil") == "Illinois, e1001, 10th, B12, Oil"
    assert (first_page("63l-642"), first_page("e1001"), first_page("S12–S20")) == ("631", "e1001", "s12")


def test_only_a_range_in_full_has_a_last_page() -> None:
    """What "123-30" ends on is left open: 30 or 130."""
    assert [last_page(pages) for pages in ("123-130", "790–394", "123-30", "e1001", "3-9", None)] == [
        "130",
        "394",
        None,
        None,
        None,
        None,
    ]
