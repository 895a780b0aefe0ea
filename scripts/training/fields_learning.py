"""The network taught: first by rendered strings, then by hand-segmented ones."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray
from training.fields_chain import loss
from training.fields_corpus import Example
from training.fields_gradients import Adam, Array, Batch, Dropout, Pass, Shape, new_weights

from dl_lit.pdf.fields.chain import TAGS
from dl_lit.pdf.fields.tokens import Token, tokenise
from dl_lit.pdf.fields.traits import COLUMNS, touches, traits

_NUMBER_OF = {tag: number for number, tag in enumerate(TAGS)}
_LONGEST = 300  # tokens of a string that are learnt from
_WARM_UP = 100  # steps until the rate is reached


@dataclass(frozen=True, slots=True)
class Lesson:
    """One string as the network sees it."""

    columns: NDArray[np.int32]  # (token, trait)
    touches: NDArray[np.int32]
    tags: NDArray[np.int32]
    domain: int


@dataclass(frozen=True, slots=True)
class Course:
    """How lessons are taught."""

    rounds: int
    rate: float  # falls to nothing over the course
    tokens: int = 1_600  # in a batch
    dropped_numbers: float = 0.1
    dropped_words: float = 0.1
    unknown_domain: float = 0.0  # share of lessons that are taught as of domain 0


def lesson(example: Example, domain: int) -> Lesson | None:
    """The lesson of `example`; None where it has no token."""
    tokens = tokenise(example.text)[:_LONGEST]
    if not tokens:
        return None
    columns = np.array([traits(token.text) for token in tokens], np.int32)
    numbers = [_NUMBER_OF[tag] for tag in tags(example, tokens)]
    return Lesson(columns, np.array(touches(tokens), np.int32), np.array(numbers, np.int32), domain)


def tags(example: Example, tokens: Sequence[Token]) -> list[str]:
    """A tag for each token: `B-label` where a span begins, `I-label` inside it, `O` outside."""
    result = ["O"] * len(tokens)
    for label, start, end in example.spans:
        prefix = "B-"
        for index, token in enumerate(tokens):
            if start <= token.start and token.end <= end:
                result[index] = prefix + label
                prefix = "I-"
    return result


class Learner:
    """A network and how it has learnt so far; the same lessons in the same order give the same weights."""

    def __init__(self, shape: Shape, domains: int, seed: int) -> None:
        """Begins with chance weights."""
        self._numbers = np.random.Generator(np.random.PCG64(seed))
        self._random = Random(seed)
        self.weights = new_weights(shape, domains, self._numbers)

    def teach(self, lessons: Sequence[Lesson], course: Course, name: str) -> None:
        """One course over `lessons`; says on stderr how it goes."""
        adam = Adam(self.weights)
        dropout = Dropout(course.dropped_numbers, course.dropped_words, self._numbers)
        rounds = [_batches(lessons, course.tokens, self._random) for _ in range(course.rounds)]
        steps = sum(map(len, rounds))
        step = 0
        for number, batches in enumerate(rounds, start=1):
            total = 0.0
            for members in batches:
                batch = self._batch([lessons[index] for index in members], course.unknown_domain)
                step += 1
                rate = course.rate * min(1.0, step / _WARM_UP) * (1 - (step - 1) / steps)
                total += self._step(batch, dropout, adam, rate)
            print(f"{name}: round {number} of {course.rounds}, loss {total / len(batches):.3f}", file=sys.stderr)

    def _step(self, batch: Batch, dropout: Dropout, adam: Adam, rate: float) -> float:
        forward = Pass(self.weights, batch, dropout)
        value, errors, of_chain = loss(self.weights, forward.scores, batch.tags, batch.present)
        gradients = forward.gradients(errors)
        gradients.update(of_chain)
        adam.step(gradients, rate)
        return value

    def _batch(self, lessons: Sequence[Lesson], unknown: float) -> Batch:
        longest = max(len(lesson.tags) for lesson in lessons)
        size = (len(lessons), longest)
        columns = np.zeros((*size, COLUMNS), np.intp)
        touching, numbers, present = np.zeros(size, np.intp), np.zeros(size, np.intp), np.zeros(size, bool)
        for row, lesson in enumerate(lessons):
            length = len(lesson.tags)
            columns[row, :length] = lesson.columns
            touching[row, :length] = lesson.touches
            numbers[row, :length] = lesson.tags
            present[row, :length] = True
        domains = [0 if unknown and self._random.random() < unknown else lesson.domain for lesson in lessons]
        return Batch(
            words=columns[..., 0],
            affixes=columns[..., 1:-1],
            shapes=columns[..., -1],
            touches=touching,
            tags=numbers,
            present=present,
            domains=np.array(domains, np.intp),
        )


def _batches(lessons: Sequence[Lesson], tokens: int, random: Random) -> list[list[int]]:
    """Lessons of much the same length together, at most `tokens` with the padding; in a chance order."""
    order = sorted(range(len(lessons)), key=lambda index: len(lessons[index].tags) + random.random() * 6)
    batches: list[list[int]] = []
    batch: list[int] = []
    longest = 0
    for index in order:
        longest = max(longest, len(lessons[index].tags))
        if batch and (len(batch) + 1) * longest > tokens:
            batches.append(batch)
            batch, longest = [], len(lessons[index].tags)
        batch.append(index)
    if batch:
        batches.append(batch)
    random.shuffle(batches)
    return batches


__all__ = ["Array", "Course", "Learner", "Lesson", "lesson", "tags"]
