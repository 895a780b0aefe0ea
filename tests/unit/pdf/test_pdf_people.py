"""Names in a span that holds nothing else are read in whatever order and style they are printed."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dl_lit.pdf.people import read_people


@pytest.mark.parametrize(
    ("text", "families"),
    [
        ("Knuth, D. E., & Bentley, J. L.", ["Knuth", "Bentley"]),
        ("Andreopoulou E, Sparano JA", ["Andreopoulou", "Sparano"]),
        ("S Segura, G Fraser, A B Sanchez, and A Ruiz-Cortés", ["Segura", "Fraser", "Sanchez", "Ruiz-Cortés"]),
        ("Knuth, Donald E., and Jon Bentley", ["Knuth", "Bentley"]),
        ("Beck, Ulrich/Müller, Hans", ["Beck", "Müller"]),
        ("Hlatky, Mark A., Derek Boothroyd, and Mary A. Whooley", ["Hlatky", "Boothroyd", "Whooley"]),
        ("Cleese, John, Terry Gilliam, Eric Idle, and Michael Palin", ["Cleese", "Gilliam", "Idle", "Palin"]),
        ("Goossens, Michel, Frank Mittelbach, and Alexander Samarin", ["Goossens", "Mittelbach", "Samarin"]),
        ("Lucas, Robert E., Jr.", ["Lucas"]),
        ("Lucas, Robert E., Jr., and Nancy L. Stokey", ["Lucas", "Stokey"]),
        ("Achleitner, A.-K./Thommen, J.-P.", ["Achleitner", "Thommen"]),
        ("Bamberg, G./Baur, F.", ["Bamberg", "Baur"]),
        ("Müller, K. / Schmidt, H.", ["Müller", "Schmidt"]),
        ("DUPONT, Marie", ["DUPONT"]),
        ("O’Brien, Conan (@ConanOBrien)", ["O’Brien"]),
        ("Sterk, A. (Übers.)", ["Sterk"]),
        ("Creasey, John [Jeremy York, pseud.]", ["Creasey"]),
        ("Ders./Müller, K.", ["Müller"]),
        ("LEVI, G.; XU, F.", ["LEVI", "XU"]),
        ("Ateş DA, Erdoğrul ÖT", ["Ateş", "Erdoğrul"]),
        ("Wang Ai-wu, Liu Y, Luo Q", ["Wang", "Liu", "Luo"]),
        ("J.-P. Berrut and L. N. Trefethen", ["Berrut", "Trefethen"]),
        ("D. J. de S. Price", ["Price"]),
        ("Ward JR, Cloud RS", ["Ward", "Cloud"]),
        ("Иванов И. И., Петров П. П.", ["Иванов", "Петров"]),
        ("van der Meer, T. & van Ingen, E.", ["van der Meer", "van Ingen"]),
        ("Siewert M, Dressman J; Shah VP", ["Siewert", "Dressman", "Shah"]),
    ],
)
def test_families_come_in_printed_order(text: str, families: list[str]) -> None:
    assert [name.family for name in read_people(text).names] == families


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("World Health Organization", "World Health Organization"),
        ("Sociaal en Cultureel Planbureau", "Sociaal en Cultureel Planbureau"),
        ("ATLAS Collaboration", "ATLAS Collaboration"),
        ("BMFSFJ [Bundesministerium für Familie, Senioren, Frauen und Jugend]", "BMFSFJ"),
    ],
)
def test_a_body_is_one_name(text: str, body: str) -> None:
    assert [name.literal for name in read_people(text).names] == [body]


def test_the_others_are_no_person_but_known_to_be_missing() -> None:
    people = read_people("Lee J, Kim D-M, et al.")
    assert [name.family for name in people.names] == ["Lee", "Kim"]
    assert not people.complete


def test_editors_lose_the_word_that_says_so() -> None:
    assert [name.family for name in read_people("Kreckel, Reinhard (Hrsg.)").names] == ["Kreckel"]


def test_the_lists_order_tells_families_from_given_names() -> None:
    assert read_people("ROSSI Maria", "family-first").names[0].family == "ROSSI"
    assert read_people("Maria Rossi", "given-first").names[0].family == "Rossi"


@given(st.text(max_size=200))
@example("\x1f,0A")
def test_any_text_is_survived(text: str) -> None:
    assert all(name.sort_key for name in read_people(text).names)
