"""Characters that act on whoever shows a text: found, dropped or written out, and nothing else touched."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.controls import acts, controls_shown, json_shown, without_controls

anything = st.text(st.characters(), max_size=40)


@pytest.mark.parametrize(
    ("text", "dropped", "shown"),
    [
        ("plain", "plain", "plain"),
        ("שלום مرحبا 💩", "שלום مرحبا 💩", "שלום مرحبا 💩"),
        ("a\x1b[2Jb", "a[2Jb", r"a\x1b[2Jb"),
        ("a\x9b2J", "a2J", r"a\x9b2J"),
        ("a\nb\tc\u2028d", "a b c d", r"a\x0ab\x09c\u2028d"),
        ("\u202egnp.exe\u2066", "gnp.exe", r"\u202egnp.exe\u2066"),
        ("half \ud83d", "half ", r"half \ud83d"),
    ],
)
def test_what_acts_is_dropped_or_written_out(text: str, dropped: str, shown: str) -> None:
    assert without_controls(text) == dropped
    assert controls_shown(text) == shown
    assert acts(text) == (text != shown)


@given(anything)
def test_nothing_that_acts_is_left(text: str) -> None:
    for left in (without_controls(text), controls_shown(text)):
        assert not acts(left)
        left.encode()


@given(st.dictionaries(anything, anything))
def test_json_says_the_same_to_a_reader_and_nothing_to_a_terminal(value: dict[str, str]) -> None:
    shown = json_shown(json.dumps(value, ensure_ascii=False))
    assert json.loads(shown) == value
    assert not acts(shown)
