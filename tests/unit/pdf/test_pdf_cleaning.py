"""Characters as fonts and typesetters leave them become plain text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.pdf.cleaning import clean


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("the ﬁrst eﬀect of aﬄuence", "the first effect of affluence"),
        ("the \x0crst e\x0bect", "the first effect"),  # TeX's ligatures without names (OT1)
        ("the \x1crst e\x1bect", "the first effect"),  # and in T1
        ("the \uf001rst \uf002oor", "the first floor"),  # in the private use area
        ("Mu¨ller and Garc´ıa", "Müller and García"),
        ("Kami´ nski", "Kamiński"),
        ("and ´ Etienne", "and Étienne"),
        ("Wałe¸sa, Ga˛ska", "Wałȩsa, Gąska"),
        ("Mu ̈ller, Jose ́ Maria", "Müller, José Maria"),
        ("Dvo ̌ra ́k", "Dvořák"),
        ("at 37 ˚C", "at 37 °C"),
        ("under\ufffe", "under\u00ad"),
        ("under\x02", "under\u00ad"),
        ("two\u00a0\u2009 words \r", "two words"),
        ("zero\u200bwidth \ufeffmarks", "zerowidth marks"),
        ("\ud835\udc00lpha", "Alpha"),
    ],
)
def test_lines_are_cleaned(raw, text):
    assert clean(raw) == text


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_cleaning_twice_is_cleaning_once_for_precomposed_text(raw):
    """What is clean stays as it is, as far as it holds no accent that may still find its letter."""
    cleaned = clean(raw)
    assert cleaned == cleaned.strip()
    assert "  " not in cleaned
    if cleaned.isascii():
        assert clean(cleaned) == cleaned


@given(st.text(alphabet="áéíóúñçüößàèìòùâêîôûãõäëïšžčřěůąęłńśźżабвгд xyz", max_size=80))
def test_letters_with_accents_stay_what_they_are(raw):
    assert clean(raw) == " ".join(unicodedata.normalize("NFKC", raw).split())
