"""Single entries taken apart by a model, many at once, the results in the order of their positions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from dl_lit.core.language import InOrder, LanguageModel, ModelError, Question, Trouble
from dl_lit.core.model import ModelReading, Reference
from dl_lit.core.values import dataclass
from stages.language.believing import believed, objects
from stages.language.prompts import of_entries
from stages.readings.merging import complete

READ_CONFIDENCE = 0.6  # of an entry of which a model told fields that stand in print


@dataclass(frozen=True, slots=True)
class TakenApart:
    """Entries after a model was asked about them."""

    references: tuple[Reference, ...]  # those that were asked about, in their order
    completed: int  # of which a model told anything that stands in print
    troubles: Mapping[Trouble, int]  # entries without an answer, by why
    is_stopping: bool = False


def take_apart(
    model: LanguageModel, in_order: InOrder, references: Sequence[Reference], *, together: int = 1
) -> TakenApart:
    """Ask about every entry, `together` in a question; fields come from the answer as far as they are in print."""
    groups = [references[n : n + together] for n in range(0, len(references), together)]
    questions = [of_entries([one.raw for one in group]) for group in groups]
    numbered = list(enumerate(questions))
    unknown = [n for n, one in numbered if not model.is_remembered(one)] if model.warms_up else []
    done: dict[int, Reference] = {}
    troubles: Counter[Trouble] = Counter()
    completed = invented = violations = 0
    answers = in_order(partial(_ask, model), numbered, alone=unknown[0] if len(unknown) > 1 else None)
    for place, answer in enumerate(answers):
        number, value = (place, answer) if isinstance(answer, ModelError) else answer
        violations += number != place
        for one, said in zip(groups[number], _by_n(value, len(groups[number])), strict=True):
            if isinstance(said, Trouble):
                troubles[said] += 1
                continue
            after, is_invented = _completed(one, said, model.name)
            invented += is_invented
            completed += after is not one
            done[one.position] = after
    model.note(entries=completed, invented=invented, order_violations=violations)
    return TakenApart(
        references=tuple(done.get(one.position, one) for one in references),
        completed=completed,
        troubles=dict(troubles),
        is_stopping=Trouble.STOPPING in troubles,
    )


def _ask(model: LanguageModel, numbered: tuple[int, Question]) -> tuple[int, Any]:
    """The answer with the number of its question: results find their entries by it, whoever hands them on."""
    number, question = numbered
    return number, model.ask(question).value


def _by_n(value: Any, count: int) -> list[Mapping[str, Any] | Trouble]:
    """What was said of each of `count` entries; an n that is missing or that was answered twice tells nothing."""
    if isinstance(value, ModelError):
        return [value.trouble] * count
    said: dict[int, Mapping[str, Any] | Trouble] = {}
    for one in objects(value, "entries"):
        n = one.get("n")
        if isinstance(n, int) and not isinstance(n, bool):
            said[n] = Trouble.BAD_ANSWER if n in said else one
    return [said.get(n, Trouble.BAD_ANSWER) for n in range(1, count + 1)]


def _completed(mine: Reference, said: Mapping[str, Any], model: str) -> tuple[Reference, bool]:
    """The entry with what was said of it and stands in it, itself where nothing does; whether a title was invented."""
    theirs = believed(said, mine.raw, position=mine.position)
    is_invented = bool(said.get("title")) and theirs.title is None
    if not (theirs.title or theirs.authors or theirs.editors):
        return mine, is_invented
    reading = ModelReading(model=model)
    after = complete(mine, replace(theirs, raw=mine.raw, label=mine.label, model_reading=reading))
    if after.title and (after.authors or after.editors or after.year):
        after = replace(after, confidence=max(after.confidence, READ_CONFIDENCE))
    return after, is_invented
