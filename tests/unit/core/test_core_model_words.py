"""Whatever a model says is plain text in one line before anybody else sees it."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.language import ModelAnswer, ModelError, Trouble
from dl_lit.core.model_words import LONGEST, cleaned, cleaned_value

anything = st.text(st.characters(), max_size=60)  # with surrogates, controls and what turns directions
values = st.recursive(
    st.none() | st.booleans() | st.integers() | anything,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(anything, inner, max_size=3),
    max_leaves=6,
)
FORBIDDEN = {"Cc", "Cs"}
TURNING = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("On the gravel\ud800", "On the gravel"),
        ("\x1bChemical\x1b[\x07 \u202e\0 control", "Chemical[ control"),
        ("12\0", "12"),
        ("a\u2066b\u2069\ufeff\u200bc\u2060", "abc"),
        (" two\n lines\t\x85 and\u2028more ", "two lines and more"),
        ("Mu\u0308ller", "Müller"),
        ("e" + "\u0301" * 1_500, "é" + "\u0301" * 6),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("दीपक शर्मा", "दीपक शर्मा"),
        ("\ud835\udc00", ""),  # halves that were never put together
        ("𝐀", "𝐀"),
        ("\U000e0041\U0001fffe", ""),
    ],
)
def test_what_no_file_takes_and_no_eye_sees_goes(said: str, kept: str) -> None:
    assert cleaned(said) == kept


@given(anything, st.integers(1, 80))
def test_every_text_can_be_written_shown_and_is_bounded(said: str, longest: int) -> None:
    text = cleaned(said, longest=longest)
    text.encode()
    assert len(text) <= longest
    assert not TURNING & set(text)
    assert not any(unicodedata.category(one) in FORBIDDEN for one in text)
    assert text == " ".join(text.split())
    assert cleaned(text, longest=longest) == text


@given(values, anything)
def test_answers_are_clean_from_the_start_whatever_they_say(said: Any, model: str) -> None:
    answer = ModelAnswer(value=said, model=model)
    json.dumps([answer.value, answer.model], ensure_ascii=False).encode()
    assert answer == ModelAnswer(value=answer.value, model=answer.model)


@given(anything)
def test_errors_are_clean_from_the_start_whatever_the_provider_says(said: str) -> None:
    error = ModelError(Trouble.BAD_REQUEST, said)
    assert error.detail.encode() == cleaned(said).encode()
    str(error).encode()


def test_what_is_too_long_is_cut_and_other_values_stay() -> None:
    assert len(cleaned("x" * 1_000_000)) == LONGEST
    assert cleaned_value({"n\0": [1, 2.5, None, True]}) == {"n": [1, 2.5, None, True]}
    assert len(ModelError(Trouble.DOWN, "x" * 10_000).detail) <= 500
    assert len(ModelAnswer(value=None, model="m" * 10_000).model) <= 200
