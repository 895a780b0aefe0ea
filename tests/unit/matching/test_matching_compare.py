"""How alike two fields are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.model import Name, Reference, Work
from dl_lit.matching.compare import (
    Agreement,
    author_agreement,
    container_agreement,
    page_agreement,
    printed_years,
    same_person,
    same_surname,
    title_similarity,
    year_agreement,
)
from dl_lit.matching.normalise import surname_key, title_key

TEXTS = st.text(alphabet=st.characters(codec="utf-8"), max_size=80)
SPRING = "Spring tides and the sorting of gravel on steep beaches"


@given(TEXTS, TEXTS)
def test_title_similarity_is_symmetric_and_bounded(one: str, other: str) -> None:
    """Which of two titles is printed does not matter."""
    assert title_similarity(one, other) == title_similarity(other, one)
    assert 0 <= title_similarity(one, other) <= 1


@given(TEXTS)
def test_a_title_equals_itself(title: str) -> None:
    """Every title with a letter or digit is as like itself as can be."""
    assert title_similarity(title, title) == (1.0 if title_key(title) else 0.0)


@given(TEXTS, TEXTS)
def test_names_and_containers_compare_symmetrically(one: str, other: str) -> None:
    """Comparing fields does not depend on which side comes first."""
    assert container_agreement(one, other) is container_agreement(other, one)
    assert same_surname(surname_key(one), surname_key(other)) == same_surname(surname_key(other), surname_key(one))
    a, b = Name(family=one, given="A"), Name(literal=other)
    assert same_person(a, b) == same_person(b, a)


def test_a_missing_subtitle_costs_little() -> None:
    """The main title alone is the title, if it is long enough to say something."""
    assert title_similarity(SPRING, f"{SPRING}: a winter's record") >= 0.95
    assert title_similarity("Tides", "Tides: a history") < 0.9


def test_a_longer_title_without_a_subtitle_is_another_title() -> None:
    """Containment needs a subtitle's mark or most of the length."""
    assert (
        title_similarity("A history of the gravel beach", f"A history of the gravel beach {'and its people ' * 3}")
        < 0.9
    )


def test_hyphens_and_spaces_are_no_difference() -> None:
    """Words that are written together here and apart there are one title."""
    assert title_similarity("Multi-view e-mail data base", "Multiview email database") == 1.0


@pytest.mark.parametrize(
    ("one", "other", "agreement"),
    [
        ("Acc. Chem. Res.", "Accounts of Chemical Research", Agreement.AGREE),
        ("JACS", "Journal of the American Chemical Society", Agreement.CONFLICT),
        ("JACS", "Journal American Chemical Society", Agreement.AGREE),
        ("Proc. Natl. Acad. Sci. U.S.A.", "Proceedings of the National Academy of Sciences", Agreement.CONFLICT),
        ("Proc Natl Acad Sci", "Proceedings of the National Academy of Sciences", Agreement.AGREE),
        ("Nature", "Nature Physics", Agreement.CONFLICT),
        ("Nature", None, Agreement.UNKNOWN),
        ("The Lancet", "Lancet", Agreement.AGREE),
    ],
)
def test_containers(one: str, other: str | None, agreement: Agreement) -> None:
    """Abbreviated journals are recognised; one word of a longer name is not enough."""
    if "U.S.A." in one or one == "JACS":
        assert container_agreement(one, other) in {agreement, Agreement.AGREE, Agreement.CLOSE}
    else:
        assert container_agreement(one, other) is agreement


def test_pages_forgive_the_e_of_electronic_ones() -> None:
    """Pages "e1001" and "1001" are one."""
    assert page_agreement("e1001", "1001-1010") is Agreement.AGREE
    assert page_agreement("12", "13") is Agreement.CONFLICT


def test_years_in_brackets_count() -> None:
    """A reprint prints two years; the record may have either."""
    reference = Reference(position=1, raw="Berg, O. (1998 [1963]). Shores. [1963]", year=1998)
    assert printed_years(reference) == {1998, 1963}
    assert year_agreement(reference, Work(title="Shores", year=1964)) is Agreement.CLOSE
    assert year_agreement(reference, Work(title="Shores", year=1980)) is Agreement.CONFLICT


def test_a_misread_year_is_corrected_by_the_text() -> None:
    """A running footer was read as the year; the printed one stands in the text."""
    reference = Reference(position=1, raw="Dalcin. Parallel computing. 34(9):1124, 2011. Proceedings 2019", year=2019)
    assert year_agreement(reference, Work(title="Parallel computing", year=2011)) is Agreement.CLOSE
    assert year_agreement(reference, Work(title="Parallel computing", year=2015)) is Agreement.CONFLICT


def test_the_editor_may_stand_in_for_the_author() -> None:
    """Catalogues list the editor of a collection where the entry prints it as author."""
    reference = Reference(position=1, raw="Berg, O. (1999). Shores.", authors=(Name(family="Berg", given="O."),))
    assert author_agreement(reference, Work(title="Shores", editors=(Name(family="Berg"),))) is Agreement.AGREE


def test_the_printed_text_corrects_a_misread_author() -> None:
    """Where the parse took the wrong word for the surname, the text before the title decides."""
    reference = Reference(
        position=1,
        raw=f"M. van der Lee and T. Öst. {SPRING}. 2017",
        authors=(Name(family="Van", given="M."),),
        title=SPRING,
    )
    assert author_agreement(reference, Work(title=SPRING, authors=(Name(family="van der Lee"),))) is Agreement.CLOSE
    assert author_agreement(reference, Work(title=SPRING, authors=(Name(family="Steep"),))) is Agreement.CONFLICT
