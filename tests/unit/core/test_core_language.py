"""What is asked of language models, what they answer, and what becomes of it when they do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.errors import DlLitError
from dl_lit.core.language import ModelError, Provider, Task, Tokens, Trouble
from dl_lit.core.model import Reference, WorkType
from dl_lit.core.model_tasks import SCHEMAS, TEXT_FIELDS
from tests.fakes.json_schema import problems

COUNTS = st.integers(0, 10**9)
TOKENS = st.builds(
    Tokens,
    input=COUNTS,
    cached=COUNTS,
    written=COUNTS,
    output=COUNTS,
    cost=st.integers(0, 10**6).map(lambda cents: cents / 64),  # sums of which are exact
)


def test_only_two_providers_are_sent_files_all_others_are_given_text() -> None:
    assert {one for one in Provider if one.takes_files} == {Provider.GEMINI, Provider.ANTHROPIC}


def test_what_may_pass_is_what_the_provider_or_chance_did_not_what_is_wrong_with_the_call_or_the_key() -> None:
    assert {one for one in Trouble if not one.may_pass} == {
        Trouble.REFUSED,
        Trouble.BAD_REQUEST,
        Trouble.KEY_REFUSED,
        Trouble.BUDGET_GONE,
        Trouble.OFFLINE,
        Trouble.STOPPING,
    }


@pytest.mark.parametrize(
    ("error", "said", "after"),
    [
        (ModelError(Trouble.CUT), "language model: cut", None),
        (ModelError(Trouble.RATE_LIMITED, "HTTP 429", after=3.0), "language model: rate-limited: HTTP 429", 3.0),
    ],
)
def test_an_error_says_in_one_line_what_was_wrong_and_when_to_come_back(
    error: ModelError, said: str, after: float | None
) -> None:
    assert isinstance(error, DlLitError)
    assert (str(error), error.after) == (said, after)


@given(TOKENS, TOKENS, TOKENS)
def test_tokens_add_up_in_whatever_order(one: Tokens, two: Tokens, three: Tokens) -> None:
    assert one + Tokens() == one
    assert one + two == two + one
    assert (one + two) + three == one + (two + three)
    assert (one + two).output == one.output + two.output


def objects(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every object that the schema describes, itself and those within."""
    if schema.get("type") == "object":
        yield schema
    for part in (schema.get("items"), *schema.get("properties", {}).values()):
        if isinstance(part, dict):
            yield from objects(part)


@pytest.mark.parametrize("task", Task)
def test_the_form_of_every_answer_is_strict(task: Task) -> None:
    """All that is named is required and nothing else allowed, as strict structured output asks for.

    Source: https://platform.openai.com/docs/guides/structured-outputs#supported-schemas (read 2026-11-23).
    """
    found = list(objects(SCHEMAS[task]))
    assert found
    for one in found:
        assert one["required"] == list(one["properties"])
        assert one["additionalProperties"] is False


def fields(**said: Any) -> dict[str, Any]:
    """The fields of an entry of which a model says only what is `said`."""
    silent = {"label": None, "type": "document", "authors": [], "editors": [], "year": None}
    return {**silent, **dict.fromkeys(TEXT_FIELDS), **said}


KNUTH = {"family": "Knuth", "given": "Donald", "literal": None}
ANSWERS: Mapping[Task, Any] = {
    Task.SECTION: {
        "references": [{"page": 3, "verbatim": "[1] Knuth, D. Art.", **fields(label="[1]", authors=[KNUTH])}],
        "is_complete": True,
    },
    Task.ENTRY: {"entries": [{"n": 1, **fields(title="Art", year=1968, type="book")}]},
    Task.JUDGE: {"choice": None, "why": "none is by Knuth"},
}


@pytest.mark.parametrize("task", Task)
def test_an_answer_of_the_form_is_taken_and_every_field_that_is_missing_strange_or_wrong_is_seen(task: Task) -> None:
    schema, answer = SCHEMAS[task], ANSWERS[task]
    assert list(problems(answer, schema, schema)) == []
    for key in answer:
        assert list(problems({k: v for k, v in answer.items() if k != key}, schema, schema))
        assert list(problems({**answer, key: 1.5}, schema, schema))
    assert list(problems({**answer, "more": 1}, schema, schema))


def test_an_entry_is_told_in_the_fields_that_a_reference_has() -> None:
    """Whatever a model may say of an entry has its place, and the types are those we tell apart."""
    entry = SCHEMAS[Task.ENTRY]["properties"]["entries"]["items"]["properties"]
    assert set(entry) - {"n"} <= set(Reference.__dataclass_fields__)
    assert entry["type"]["enum"] == [one.value for one in WorkType]
    assert set(SCHEMAS[Task.SECTION]["properties"]["references"]["items"]["properties"]) == {
        *(set(entry) - {"n"}),
        "page",
        "verbatim",
    }
