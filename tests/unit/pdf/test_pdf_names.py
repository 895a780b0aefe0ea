"""Names at the head of an entry are read in the styles they are printed in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.pdf.names import read_names


@pytest.mark.parametrize(
    ("text", "families"),
    [
        ("Knuth, D. E. (1984). Literate programming.", ["Knuth"]),
        ("Knuth, D. E., & Bentley, J. L. (1984). Literate", ["Knuth", "Bentley"]),
        ("Andreopoulou E, Sparano JA. Chemotherapy in patients", ["Andreopoulou", "Sparano"]),
        ("Abbate A, Melfi R, Di Sciascio G: Apoptosis in recent", ["Abbate", "Melfi", "Di Sciascio"]),
        ("D. E. Knuth and J.-P. Serre, “A title”", ["Knuth", "Serre"]),
        ("Antti Airola and Tapio Pahikkala. Fast Kronecker", ["Airola", "Pahikkala"]),
        ("Tim Besard, Christophe Foket, and Bjorn De Sutter. Effective", ["Besard", "Foket", "De Sutter"]),
        ("NAVARRO, A.; ALCARAZ, F. J. La divulgación", ["NAVARRO", "ALCARAZ"]),
        ("van der Berg, P., de Vries, A. (2001) Title", ["van der Berg", "de Vries"]),
        ("Knuth, Donald E., and Jon Bentley. “Programming", ["Knuth", "Bentley"]),
        ("Müller, Hans und Meier, Eva (1999): Der Titel", ["Müller", "Meier"]),
        ("O’Brien, T., & D'Angelo, S. (2011). Title", ["O’Brien", "D'Angelo"]),
        ("Иванов И. И., Петров П. П. Название статьи", ["Иванов", "Петров"]),
    ],
)
def test_families_come_in_printed_order(text, families):
    assert [name.family for name in read_names(text).names] == families


def test_et_al_is_no_person():
    heads = read_names("Lee J, Kim D-M, et al. Prognostic role")
    assert [name.family for name in heads.names] == ["Lee", "Kim"]
    assert not heads.complete


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("World Health Organization. Global status report on alcohol and health. 2018.", "World Health Organization"),
        ("R Core Team (2018). R: A language and environment", "R Core Team"),
    ],
)
def test_bodies_are_literal(text, body):
    assert read_names(text).names[0].literal == body


def test_a_body_that_looks_like_a_person_is_known_by_the_lists_order():
    text = "Blackboard Help. (2024). Calculate grades."
    assert read_names(text, "family-first").names[0].literal == "Blackboard Help"


def test_editors_are_told_apart():
    heads = read_names("Smith, J., & Doe, A. (Eds.). (2001). A handbook.")
    assert heads.are_editors
    assert [name.family for name in heads.names] == ["Smith", "Doe"]


@given(st.text(max_size=120))
def test_any_text_gives_names_within_it(text):
    heads = read_names(text)
    assert 0 <= heads.end <= len(text)
