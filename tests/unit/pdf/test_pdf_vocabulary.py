"""A document's own words tell whether a hyphen at a line's end is one of the typesetter's."""

import pytest

from dl_lit.pdf.vocabulary import Hyphen, hyphen_between, words_of

LINES = [
    "Bibliography and self-efficacy in the",
    "long-term view of eco-",
    "nomics; Ökonomie, co-operation: 3 items",
    "end\u00ad",
]


def test_words_are_folded_and_compounds_kept():
    words = words_of(LINES)
    assert {"bibliography", "self-efficacy", "long-term", "ökonomie", "items"} <= words


def test_what_is_broken_over_two_lines_is_no_word():
    words = words_of(LINES)
    assert words.isdisjoint({"eco", "nomics", "eco-nomics", "end"})


@pytest.mark.parametrize(
    ("stem", "rest", "hyphen"),
    [
        ("An annotated biblio", "graphy of", Hyphen.SOFT),
        ("A study of self", "efficacy", Hyphen.HARD),
        ("in the LONG", "term", Hyphen.HARD),
        ("Die Öko", "nomie", Hyphen.SOFT),
        ("never heard", "of", None),
        ("1987", "1990", None),
        ("", "graphy", None),
    ],
)
def test_a_hyphen_at_a_lines_end_is_judged_by_the_documents_words(stem, rest, hyphen):
    assert hyphen_between(stem, rest, words_of(LINES)) is hyphen


def test_a_document_that_spells_both_ways_says_nothing():
    assert hyphen_between("co", "operation", words_of(["co-operation and cooperation"])) is None


def test_no_lines_have_no_words():
    assert words_of([]) == frozenset()
