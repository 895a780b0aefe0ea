"""The tokeniser of reference strings."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dl_lit.pdf.fields.tokens import tokenise
from dl_lit.pdf.fields.traits import AFFIX_BUCKETS, COLUMNS, SHAPES, WORD_BUCKETS, touches, traits


@given(st.text(max_size=200))
def test_offsets_rebuild_any_string(string):
    """Each token is what stands at its offsets, in order, and only white space is between tokens."""
    position = 0
    for token in tokenise(string):
        assert string[token.start : token.end] == token.text
        assert not string[position : token.start].strip()
        assert token.start < token.end
        position = token.end
    assert not string[position:].strip()


def test_words_numbers_and_marks_are_apart():
    """A volume that sticks to the journal's letter, or a span of pages, falls into its pieces."""
    assert [token.text for token in tokenise("Phys. Rev. A89, 053–6")] == [
        *("Phys", ".", "Rev", ".", "A", "89", ",", "053", "–", "6")
    ]


@given(st.text(min_size=1, max_size=30).filter(lambda text: not text.isspace()))
def test_traits_of_any_token_are_within_their_tables(string):
    """Whatever a token is made of, its buckets exist."""
    for token in tokenise(string):
        word, *affixes, shape = traits(token.text)
        assert len(affixes) + 2 == COLUMNS
        assert 0 <= word < WORD_BUCKETS
        assert all(0 <= affix < AFFIX_BUCKETS for affix in affixes)
        assert 0 <= shape < SHAPES


def test_touches_say_where_no_space_is():
    """A comma touches the word before it and not the one after."""
    assert touches(tokenise("Knuth, D")) == [2, 1, 0]
    assert touches([]) == []
