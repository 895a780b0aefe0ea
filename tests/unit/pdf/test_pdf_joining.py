"""Lines become running text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.pdf.joining import join
from dl_lit.pdf.vocabulary import words_of


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["Fast Kronecker prod-", "uct kernels"], "Fast Kronecker product kernels"),
        (["Effec\u00ad", "tive programming"], "Effective programming"),
        (["Vassbakk-", "Svindland K."], "Vassbakk-Svindland K."),
        (["a self-", "organising map"], "a self-organising map"),
        (["pp. 85–", "100"], "pp. 85–100"),
        (["pp. 85-", "100"], "pp. 85-100"),
        (["see https://doi.", "org/10.1000/abc"], "see https://doi.org/10.1000/abc"),
        (["doi: 10.1016/S1138-", "4891(10)70019-4."], "doi: 10.1016/S1138-4891(10)70019-4."),
        (["https://doi.org/10.1016/j.jclepro.", "2011.08.021"], "https://doi.org/10.1016/j.jclepro.2011.08.021"),
        (["https://example.org/a/", "b/c Accessed"], "https://example.org/a/b/c Accessed"),
        (["https://example.org/a.", "Accessed 2019"], "https://example.org/a. Accessed 2019"),
        (["One", "two"], "One two"),
        ([], ""),
    ],
)
def test_lines_are_joined_as_they_were_before_they_were_broken(lines, text):
    assert join(lines) == text


@given(st.lists(st.text(alphabet="ab -\u00ad./:1", max_size=20), max_size=6))
def test_joining_invents_nothing(lines):
    letters = [c for c in join(lines) if c.isalnum()]
    assert letters == [c for c in "".join(lines) if c.isalnum()]


WORDS = words_of(
    [
        "We compare thin layers with a thick layer, and the self of the user with that of the state.",
        "Inheritance is no theory. An integrated large scale study of insecticide treated nets, in Science.",
    ]
)


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["coverage in-", "heritance"], "coverage inheritance"),
        (["Number The-", "ory"], "Number Theory"),
        (["using a thin-", "layer test"], "using a thin-layer test"),
        (["a large-", "scale study"], "a large-scale study"),
        (["insecticide-", "treated nets"], "insecticide-treated nets"),
        (["the Bose-", "Einstein condensate"], "the Bose-Einstein condensate"),
        (["Proceedings of CON-", "CUR’98"], "Proceedings of CONCUR’98"),
        (["COVID-", "19"], "COVID-19"),
        (["state-of-the-", "art"], "state-of-the-art"),
        (["drought-respon-", "sive"], "drought-responsive"),
        (["https://doi.org/10.1126/sci\u00ad", "ence.1213847"], "https://doi.org/10.1126/science.1213847"),
    ],
)
def test_the_documents_own_words_tell_what_a_hyphen_is(lines, text):
    assert join(lines, WORDS) == text


def test_scripts_without_spaces_get_none():
    assert join(["丸山眞男『日本政治思想史", "研究』1952 年"]) == "丸山眞男『日本政治思想史研究』1952年"


def test_a_page_range_is_one_though_its_dash_begins_a_line():
    assert join(["Science 12, 45", "–61"]) == "Science 12, 45–61"


def test_german_compounds_are_one_word():
    words = words_of(["Die Namen der Personen und nicht einer Sache"])
    assert (
        join(["Morphosyntax der Personen-", "namen im Deutschen"], words)
        == "Morphosyntax der Personennamen im Deutschen"
    )
    assert join(["die Hans-", "Böckler-Stiftung"], words) == "die Hans-Böckler-Stiftung"
