"""The questions: long fixed prefixes, examples that pass our own checks, versions that change with what is asked."""

from __future__ import annotations

import json

import pytest

from dl_lit.core.language import MOST_JUDGED, PageText, Provider, RemoteFile, Task
from dl_lit.core.model import Name, Reference, Work
from dl_lit.core.model_tasks import SCHEMAS
from stages.language.believing import believed
from stages.language.prompts import (
    VERSIONS,
    WORDING,
    of_candidates,
    of_entries,
    of_file,
    of_texts,
)
from stages.language.wording import examples
from tests.fakes.json_schema import problems

CACHED_FROM = {Task.SECTION: 4_500, Task.ENTRY: 4_500, Task.JUDGE: 2_500}  # tokens: some providers want 4,096
TOKEN = 4  # characters of a token, in the mean of English prose; JSON has shorter ones
FIELDS = SCHEMAS[Task.ENTRY]["properties"]["entries"]["items"]
EXAMPLES = examples()


@pytest.mark.parametrize("task", Task)
def test_the_prefix_is_long_enough_to_be_cached(task: Task) -> None:
    assert len(WORDING[task]) >= CACHED_FROM[task] * TOKEN


@pytest.mark.parametrize("task", Task)
def test_the_examples_answer_as_the_schema_asks(task: Task) -> None:
    schema = SCHEMAS[task]
    if task is not Task.JUDGE:
        schema = next(iter(schema["properties"].values()))["items"]
    answers = [line for line in WORDING[task].splitlines() if line.startswith("Answered: ")]
    assert len(answers) >= 12
    for line in answers:
        assert list(problems(json.loads(line.removeprefix("Answered: ")), schema, schema)) == []


def test_the_judges_examples_ask_as_questions_do() -> None:
    given = [line.removeprefix("Given: ") for line in WORDING[Task.JUDGE].splitlines() if line.startswith("Given: ")]
    for one in map(json.loads, given):
        assert one.keys() == {"entry", "candidates"}
        assert [candidate["n"] for candidate in one["candidates"]] == list(range(1, len(one["candidates"]) + 1))


@pytest.mark.parametrize("printed", [printed for printed, _ in EXAMPLES])
def test_every_field_of_an_example_stands_in_print(printed: str) -> None:
    """What is shown as right would be taken whole."""
    said = dict(EXAMPLES)[printed]
    found = believed(said, printed, position=1)
    people = {name: [Name(**one) for one in said[name]] for name in ("authors", "editors")}
    assert {name: list(getattr(found, name)) for name in people} == people
    others = said.keys() - people.keys()
    isbn = {"isbn": "9780306406157" if said["isbn"] else None}
    assert {name: getattr(found, name) for name in others} == {name: said[name] for name in others} | isbn
    assert found.supposed == ()


def test_questions_of_a_task_have_one_prefix_and_version() -> None:
    first, second = of_entries(["One"]), of_entries(["Two", "Three"])
    assert (first.system, first.version, first.schema) == (second.system, second.version, second.schema)
    assert json.loads(second.text) == {"entries": [{"n": 1, "text": "Two"}, {"n": 2, "text": "Three"}]}
    assert second.most_tokens == 2 * first.most_tokens
    assert len(set(VERSIONS.values())) == len(Task)


def test_pages_go_as_texts_or_as_a_file() -> None:
    texts = of_texts([PageText(12, "List “A”")])
    assert texts.text == '{"pages":[{"page":12,"text":"List “A”"}]}'
    remote = RemoteFile(Provider.GEMINI, "https://models.test", "files/1")
    with_file, from_memory = of_file([12, 13], "digest", remote), of_file([12, 13], "digest")
    assert (with_file.text, with_file.files, with_file.content) == ('{"pages":[12,13]}', (remote,), "digest")
    assert (from_memory.text, from_memory.content, from_memory.files) == (with_file.text, with_file.content, ())


def test_a_judge_is_shown_what_a_record_says_and_no_more() -> None:
    work = Work(title="Dunes", authors=(Name(family="Lee", given="A."), Name(literal="Board")), year=1990, doi="10.5/a")
    question = of_candidates(Reference(position=1, raw="Lee, Dunes", label="[1]"), [work] * 9)
    asked = json.loads(question.text)
    assert asked["entry"] == "[1] Lee, Dunes"
    assert len(asked["candidates"]) == MOST_JUDGED
    assert asked["candidates"][1] == {
        "n": 2, "title": "Dunes", "authors": ["Lee, A.", "Board"], "year": 1990, "type": "document", "doi": "10.5/a"
    }  # fmt: skip
