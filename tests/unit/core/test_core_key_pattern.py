"""Patterns of citation keys: what is wrong with one is told; and what cannot be a key at all."""

from __future__ import annotations

import pytest

from dl_lit.core.key_pattern import DEFAULT_PATTERN, KeyPart, KeyPattern, fault_of


def test_a_pattern_is_its_text_and_its_fields() -> None:
    assert KeyPattern.parse("{author}{year}") == DEFAULT_PATTERN
    assert KeyPattern.parse("x_{authors:2:lower:(none)}").parts == (
        "x_",
        KeyPart("authors", 2, ("lower",), "none"),
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "makes every key the same"),
        ("key", "makes every key the same"),
        ("{author", "expected"),
        ("{editor}", "nothing a key can be made of"),
        ("{}", "nothing a key can be made of"),
        ("{author!r}", "exclamation mark"),
        ("{author:shout}", "'shout'"),
        ("{author:0}", "'0'"),
        ("{author:(a b)}", "a b"),
        ("{author}, {year}", "','"),
        ("ü{year}", "'ü'"),
        ("{year}" * 40, "at most"),
    ],
)
def test_what_is_wrong_with_a_pattern_is_told(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told.replace("(", r"\(").replace(")", r"\)")):
        KeyPattern.parse(text)


@pytest.mark.parametrize("key", ["Knuth1997", "doi:10.1/x", "DBLP:conf/x-1", "Müller_2019", "王2020", "a" * 200])
def test_what_people_call_works_may_be_a_key(key: str) -> None:
    assert fault_of(key) is None


@pytest.mark.parametrize("key", ["", "a b", "a,b", "a{b", "a}b", "a%b", "a~b", "a\\b", "a#b", 'a"b', "a\u202eb", "\x00",
                                 "a\u00a0b", "a" * 201])  # fmt: skip
def test_what_would_break_a_bib_file_may_not(key: str) -> None:
    assert fault_of(key) is not None
