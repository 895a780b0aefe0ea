"""Answers of models held against the form that was asked for."""

from __future__ import annotations

import contextlib
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.language import Task
from dl_lit.core.model_tasks import SCHEMAS
from dl_lit.net.language.form import Misfit, fitted, in_gemini_s, in_words, read
from tests.fakes.effort import within
from tests.fakes.json_schema import problems

JUDGE, ENTRY, SECTION = SCHEMAS[Task.JUDGE], SCHEMAS[Task.ENTRY], SCHEMAS[Task.SECTION]
PLAIN = {"n": 1, "type": "book", "authors": [], "editors": []}


def test_the_first_object_that_fits_is_found_in_prose_and_fences() -> None:
    """Braces before it, Markdown around it and words behind it do no harm."""
    text = 'As {asked}: {"choice": "x"}\n```json\n{"choice": 2, "why": "it is"}\n```\nAnything else?'
    assert read(text, JUDGE) == {"choice": 2, "why": "it is"}


@pytest.mark.parametrize("text", ["", "no", "[1, 2]", '{"choice": 1', '{"choice": NaN, "why": ""}', "{" * 5_000])
def test_what_is_no_answer_is_said_to_be_none(text: str) -> None:
    with pytest.raises(Misfit):
        read(text, JUDGE)


def test_a_cut_answer_is_not_taken_for_the_whole_of_it() -> None:
    """The entries inside are objects, too, and none of them is the answer."""
    whole = json.dumps({"entries": [fitted(PLAIN, ENTRY["properties"]["entries"]["items"], path="x[0]")] * 3})
    with pytest.raises(Misfit):
        read(whole[:-40], ENTRY)


def test_what_is_plain_is_put_right() -> None:
    """Absent fields that may be null, lists left out of an entry, numbers and their digits, unknown fields."""
    entry = {"n": 1.0, "type": "Article Journal", "year": "1997", "volume": 12, "mood": "good"}
    (got,) = fitted({"entries": [entry]}, ENTRY)["entries"]
    assert (got["n"], got["type"], got["year"], got["volume"]) == (1, "article-journal", 1997, "12")
    assert (got["authors"], got["doi"]) == ([], None)
    assert "mood" not in got
    assert fitted({"entries": [{**PLAIN, "year": "n.d."}]}, ENTRY)["entries"][0]["year"] is None


def test_null_and_false_are_answers() -> None:
    assert read('\ufeff {"choice": null, "why": ""}', JUDGE) == {"choice": None, "why": ""}
    assert fitted({"references": [], "is_complete": False}, SECTION) == {"references": [], "is_complete": False}


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"entries": None},
        {"entries": [{**PLAIN, "type": "poem"}]},
        {"entries": [{**PLAIN, "n": True}]},
        {"entries": [{**PLAIN, "n": 10**40}]},
        {"entries": [{**PLAIN, "title": ["a"]}]},
        {"entries": [7]},
    ],
)
def test_what_cannot_be_read_in_the_form_is_refused(value: Any) -> None:
    with pytest.raises(Misfit):
        fitted(value, ENTRY)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["references", "is_complete", "page", "verbatim", "type", "authors"]), inner)
    ),
    max_leaves=12,
)


@given(JSON)
def test_whatever_is_taken_is_of_the_form(value: Any) -> None:
    """For any JSON: it is refused, or the result keeps to the schema and is its own result."""
    try:
        found = fitted(value, SECTION)
    except Misfit:
        return
    assert not list(problems(found, SECTION, SECTION))
    assert fitted(found, SECTION) == found


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(Misfit):
        assert not list(problems(read(text, JUDGE), JUDGE, JUDGE))


def test_gemini_is_told_the_form_in_its_own_dialect() -> None:
    """Types in capitals, null as `nullable`, nothing that it refuses."""
    told = in_gemini_s(SECTION)
    entry = told["properties"]["references"]["items"]
    assert entry["properties"]["year"] == {"type": "INTEGER", "nullable": True}
    assert entry["properties"]["type"]["format"] == "enum"
    assert entry["propertyOrdering"][:2] == ["page", "verbatim"]
    assert "additionalProperties" not in json.dumps(told)
    assert set(entry["required"]) == set(entry["properties"])


def test_the_form_can_be_told_in_words() -> None:
    assert json.loads(in_words(JUDGE).partition("\n")[2]) == JUDGE


def test_a_long_text_of_beginnings_is_not_gone_through_again_and_again() -> None:
    """What never ends is sought, and built, to the end of the text from each place at which it begins."""
    text = '{"a":[' * 64 + "{}," * 1_000_000
    begun = time.process_time()
    with pytest.raises(Misfit):
        read(f"no {text}", JUDGE)
    assert time.process_time() - begun < within(1.0)


def test_an_answer_behind_some_braces_is_still_found() -> None:
    assert read('{x} {y {z {"choice": 1, "why": "so"} more', JUDGE) == {"choice": 1, "why": "so"}
