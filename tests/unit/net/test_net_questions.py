"""The same question has the same key however it is put, and different questions have different ones."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from dl_lit.net.questions import OURS, identified, question

BASE = "https://api.test"
texts = st.text(max_size=12)
names = st.text(min_size=1, max_size=6).filter(lambda name: name.lower() not in OURS)
params = st.lists(st.tuples(names, texts), max_size=5)


@given(params, st.randoms(use_true_random=False))
def test_the_order_of_parameters_does_not_matter(asked: list[tuple[str, str]], chance: random.Random) -> None:
    shuffled = asked[:]
    chance.shuffle(shuffled)
    assert question(BASE, "/works", asked) == question(BASE, "/works", shuffled)


@given(params, st.lists(st.tuples(st.sampled_from(sorted(OURS)), texts)))
def test_who_asks_does_not_matter_and_is_not_told(asked: list[tuple[str, str]], ours: list[tuple[str, str]]) -> None:
    assert question(BASE, "/works", [*ours, *asked]) == question(BASE, "/works", asked)


@given(texts, params, texts, params)
def test_different_questions_have_different_keys(
    path: str, asked: list[tuple[str, str]], other_path: str, other: list[tuple[str, str]]
) -> None:
    is_same = path.lstrip("/") == other_path.lstrip("/") and sorted(asked) == sorted(other)
    assert (question(BASE, path, asked) == question(BASE, other_path, other)) == is_same


@given(texts, texts, texts, texts)
def test_what_was_read_is_kept_by_address_reading_and_identifier(
    reading: str, key: str, other_reading: str, other_key: str
) -> None:
    is_same = (reading, key) == (other_reading, other_key)
    assert (identified(BASE, reading, key) == identified(BASE, other_reading, other_key)) == is_same
    assert identified(BASE, reading, key) != identified("https://mirror.test", reading, key)
    assert identified(BASE, reading, key) != question(BASE, reading, [(key, "")])


def test_a_replica_never_answers_for_the_service() -> None:
    assert question(BASE, "/works", []) != question("http://127.0.0.2:8080", "/works", [])


def test_what_is_accepted_is_part_of_the_question_and_other_headers_are_not() -> None:
    assert question(BASE, "/x", [], {"Accept": "text/x-bibliography"}) != question(BASE, "/x", [])
    assert question(BASE, "/x", [], {"Authorization": "Bearer secret"}) == question(BASE, "/x", [])
