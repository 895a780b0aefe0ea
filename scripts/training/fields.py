"""Trains the model of the fields: `dl_lit/pdf/models/fields.model` and what it is made of beside it, `fields.json`.

First strings that the project renders itself, then those that people have segmented, in the habits of each corpus.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # one order of adding up, whatever the machine; before numpy

from training.fields_cleaning import cleaned
from training.fields_corpus import Example, read_examples
from training.fields_gradients import Array, Shape
from training.fields_learning import Course, Learner, Lesson, lesson
from training.fields_words import word_profiles
from training.strings import Rendered, rendered

from dl_lit.pdf.fields.chain import TAGS
from dl_lit.pdf.fields.labels import Label
from dl_lit.pdf.fields.weights import packed, write

VERSION = 1
ANY, RENDERED = "any", "rendered"
DOMAINS = (ANY, RENDERED, "grobid-corpus", "anystyle-core", "linkedbooks-clean_valid")


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is taught, how much of it, how often."""

    shape: Shape
    seed: int
    rendered: int  # strings of the first course
    first: Course
    second: Course
    repeated: int  # rendered strings taught again in the second course, so that languages and styles stay known


RECIPE = Recipe(
    shape=Shape(),
    seed=1,
    rendered=66_000,
    first=Course(rounds=1, rate=3e-3, tokens=2_000, dropped_numbers=0.05, unknown_domain=0.3),
    second=Course(rounds=7, rate=1.5e-3, tokens=1_200, dropped_numbers=0.2, dropped_words=0.15, unknown_domain=0.15),
    repeated=2_000,
)


def train(data: Path, models: Path, recipe: Recipe = RECIPE) -> None:
    """Train on every string of `data`; the same data give the same bytes on machines of one kind."""
    examples = hand_segmented(data)
    first, again = rendered_lessons(data, recipe)
    weights = specialised(begun(data, first, recipe), lessons_of(examples) + again, recipe)
    about = {
        "version": VERSION,
        "tags": list(TAGS),
        "domains": list(DOMAINS),
        "strings": {RENDERED: len(first), **dict(sorted(Counter(example.source for example in examples).items()))},
        "recipe": asdict(recipe),
        "data_sha256": _digest(examples),
    }
    model = models / "fields.model"
    write(model, packed(weights), about)
    described = about | {"code_sha256": code_digest(), "model_sha256": hashlib.sha256(model.read_bytes()).hexdigest()}
    text = json.dumps(described, indent=2, sort_keys=True) + "\n"
    (models / "fields.json").write_text(text, encoding="utf-8")
    print(f"fields: {model.stat().st_size:,} bytes", file=sys.stderr)


def hand_segmented(data: Path) -> list[Example]:
    """The hand-segmented strings of `data`, marked one way."""
    return [replace(example, spans=cleaned(example.text, example.spans)) for example in read_examples(data)]


def rendered_lessons(data: Path, recipe: Recipe) -> tuple[list[Lesson], list[Lesson]]:
    """The rendered strings of the first course, and others for the second."""
    strings = itertools.islice(rendered(data, recipe.seed), recipe.rendered + recipe.repeated)
    lessons = lessons_of(map(_example, strings))
    return lessons[: recipe.rendered], lessons[recipe.rendered :]


def lessons_of(examples: Iterable[Example]) -> list[Lesson]:
    """A lesson for each example that has words."""
    lessons = (lesson(example, DOMAINS.index(example.source)) for example in examples)
    return [each for each in lessons if each]


def begun(data: Path, first: Sequence[Lesson], recipe: Recipe) -> dict[str, Array]:
    """The weights after the first course, which begins with what the records of `data` say of words."""
    learner = Learner(recipe.shape, len(DOMAINS), recipe.seed)
    profiles = word_profiles(data)
    learner.weights["words"][:, : profiles.shape[1]] = profiles
    learner.teach(first, recipe.first, "rendered strings")
    return learner.weights


def specialised(weights: Mapping[str, Array], second: Sequence[Lesson], recipe: Recipe) -> dict[str, Array]:
    """The weights after the second course; `weights` stay as they are."""
    learner = Learner(recipe.shape, len(DOMAINS), recipe.seed)
    for name, array in weights.items():
        learner.weights[name][...] = array
    learner.teach(second, recipe.second, "hand-segmented strings")
    return learner.weights


def _example(string: Rendered) -> Example:
    spans: list[tuple[Label, int, int]] = []
    position = 0
    for segment in string.segments:
        end = position + len(segment.text)
        if segment.label is not None:
            spans.append((segment.label, position, end))
        position = end
    return Example(string.text, tuple(spans), RENDERED)


def code_digest() -> str:
    """SHA-256 of all files that say how the model is made, their names and contents in order."""
    here = Path(__file__).resolve().parent
    reading = here.parents[1] / "dl_lit" / "pdf" / "fields"
    files = [*here.glob("fields*.py"), *here.glob("strings/*.py"), *here.glob("strings/*.toml"), *reading.glob("*.py")]
    digest = hashlib.sha256()
    for path in sorted(files, key=lambda path: (path.parent.name, path.name)):
        digest.update(f"{path.name}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def _digest(examples: Sequence[Example]) -> str:
    digest = hashlib.sha256()
    for example in examples:
        digest.update(json.dumps([example.text, example.spans], ensure_ascii=True).encode())
    return digest.hexdigest()
