"""What a model tells of an entry is taken as it is printed, and its people only where people stand."""

from __future__ import annotations

import time
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.model import Name, Reference
from stages.language.believing import believed
from stages.language.folding import fold
from stages.language.slices import Printed
from tests.fakes.effort import within
from tests.fakes.language import fields

RAW = (
    "M. Oyelaran, J. van der Berg, Therapist and the rapist: what is under- standing? Riv. Lett. vol. 12 (no. 2), "
    "345–8, 2011. In: Nature of Rivers, K. Sand (Ed.), Shore Press. https://rivers.example/Stones/7, "
    "doi:10.5555/riv.2011.77"
)


def told(raw: str = RAW, **said: Any) -> Reference:
    return believed(fields(**said), raw, position=1)


@pytest.mark.parametrize(
    ("name", "said", "taken"),
    [
        ("title", "The rapist and the rapist", "Therapist and the rapist"),
        ("title", "The Rapist and ther a pist", "Therapist and the rapist"),
        ("title", "the\x1brapist[\x07 \u202e\0 and the rapist", "Therapist and the rapist"),
        ("title", "Therapist" + "\u0301" * 1_500 + " and", "Therapist and"),
        ("title", "and the Rapist: what is understanding?", "and the rapist: what is understanding?"),
        ("title", "what is under-standing?", "what is under-standing?"),
        ("title", "what is under standing", "what is under- standing"),
        ("title", "“Therapist and the rapist”,", "Therapist and the rapist"),
        ("title", '"Therapist', "Therapist"),
        ("title", "herapist and", None),
        ("title", "Therapist and the rap", None),
        ("container_title", "RIV LETT", "Riv. Lett"),
        ("container_title", "Riv. Lett.,", "Riv. Lett."),
        ("volume", "12 (no. 2)", "12 (no. 2)"),
        ("volume", "12\0", "12"),
        ("volume", "vol 12", "12"),
        ("issue", "no. 2", "2"),
        ("issue", "(2)", "2"),
        ("pages", "345\x1b\u202e-348", "345-8"),
        ("pages", "345 - 8", "345-8"),
        ("pages", "345-2011", "345-8"),  # printed, but no end of these pages
        ("pages", "345", "345"),
        ("url", "https://rivers.example/stones/7", "https://rivers.example/Stones/7"),
        ("url", "HTTPS://RIVERS.example/STONES/7/", "https://rivers.example/Stones/7"),
        ("url", "https://rivers.example/Sto", None),
        ("doi", "10.5555/riv.2011.77", "10.5555/riv.2011.77"),
        ("doi", "10.5555/riv.2011.7", None),  # goes on
        ("doi", "10.5555/riv.2011", None),
    ],
)  # fmt: skip
def test_a_field_is_taken_as_it_is_printed(name: str, said: str, taken: str | None) -> None:
    assert getattr(told(**{name: said}), name) == taken


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        (("Oyelaran", "M."), (Name(family="Oyelaran", given="M."),)),
        (("OYELARAN\x1b", "m\0"), (Name(family="Oyelaran", given="M"),)),
        (("van der Berg", "J."), (Name(family="van der Berg", given="J."),)),
        (("Oyelaran", "K."), (Name(family="Oyelaran"),)),  # printed far away
        (("Nature", None), ()),
        (("Shore", None), ()),
        (("Rivers", "Nature"), ()),
        (("rapist", "the"), ()),  # stands in the title
    ],
)
def test_a_word_is_an_author_only_where_authors_stand(said: tuple[str, str | None], taken: tuple[Name, ...]) -> None:
    told_besides = {
        "title": "Therapist and the rapist", "container_title": "Nature of Rivers", "publisher": "Shore Press",
    }  # fmt: skip
    assert told(authors=[said], **told_besides).authors == taken


@pytest.mark.parametrize(
    ("printed", "said", "taken"),
    [
        ("A. B, ‘What, then ?’ Oslo", "What, then?", "What, then"),
        ("A. B, ‘What, then ?’ Oslo", "What, then ?", "What, then ?"),
        ("A. B, “Sorry” is hard. Oslo", '"Sorry" is hard', "“Sorry” is hard"),
        ("A. B, ``Sorry,'' Oslo", "``Sorry,''", "Sorry"),
        ("A. B, Programming in C++. Oslo", "Programming in C++", "Programming in C++"),
        ("A. B, Cafe\u0301. Oslo", "Café", "Cafe\u0301"),
    ],
)
def test_marks_that_are_the_values_own_are_kept(printed: str, said: str, taken: str) -> None:
    assert told(printed, title=said).title == taken


def test_editors_stand_behind_the_title_where_they_are_called_so() -> None:
    assert told(title="Therapist and the rapist", editors=[("Sand", None)]).editors == (Name(family="Sand"),)
    raw = RAW.replace("(Ed.)", "")
    assert told(raw, title="Therapist and the rapist", editors=[("Sand", None)]).editors == ()
    assert told(raw, title="Therapist and the rapist", editors=[("Sand", "K.")]).editors[0].given == "K."


def test_two_of_one_name_are_two_and_no_more() -> None:
    found = told("Chen, X., Chen, X., Sand, K. On dunes. 2009", title="On dunes", authors=[("Chen", "X.")] * 5)
    assert found.authors == (Name(family="Chen", given="X."),) * 2


def test_a_body_may_publish_what_it_wrote_and_name_it_after_itself() -> None:
    for raw, title in (("WHO. Food additives. WHO, Geneva 1982", "Food additives"), ("WHO Team. WHO, 2018", "WHO")):
        name = raw.partition(".")[0]
        said = {**fields(title=title, publisher="WHO"), "authors": [{"family": None, "given": None, "literal": name}]}
        assert believed(said, raw, position=1).authors == (Name(literal=name),)


def test_nobody_is_named_twice() -> None:
    assert len(told(authors=[("Oyelaran", "M.")] * 200).authors) == 1


def test_a_body_is_an_author_before_the_title() -> None:
    raw = "Board of Coasts. Annual report. World Bank, 1990."
    body = {"family": None, "given": None, "literal": "Board of  coasts"}
    found = believed({**fields(title="Annual report"), "authors": [body, {**body, "literal": "World Bank"}]}, raw,
                     position=1)  # fmt: skip
    assert found.authors == (Name(literal="Board of Coasts"),)


def test_many_places_of_many_names_take_no_long_time() -> None:
    begun = time.process_time()
    told("a b " * 1_000, authors=[("a", "b c")] * 200, editors=[("b", "a c")] * 200, title="a a")
    assert time.process_time() - begun < within(0.5)


texts = st.text(st.sampled_from("abcAB12éß.,-–\u00ad\u0301\u202e ()\x1b"), max_size=60)


@given(texts, texts)
def test_what_is_found_is_printed_there_whatever_is_said(raw: str, said: str) -> None:
    text = " ".join(raw.split())
    for one in Printed(text).every(said):
        assert fold(one.text) == fold(said) == fold(text[one.start : one.end])
        assert set(one.text) <= set(text)
        assert one.text == " ".join(one.text.split())


@given(st.lists(st.text(st.sampled_from("abcXYZéß019"), min_size=1, max_size=6), min_size=3, max_size=12), st.data())
def test_an_honest_value_is_taken_letter_by_letter(words: list[str], data: st.DataObject) -> None:
    text = unicodedata.normalize("NFC", " ".join(words))
    first = data.draw(st.integers(0, len(words) - 1))
    value = " ".join(words[first : data.draw(st.integers(first + 1, len(words)))])
    found = Printed(text).find(value)
    assert found is not None
    assert found.text == value
