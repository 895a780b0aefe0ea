"""How well the fields of single strings are read: five folds over GROBID's hand-segmented references.

scripts/bench parsing [--json] [--data DIR] [--split grouped|random|both] [--folds N] [--jobs N]

Grouped: the folds are made of runs of 20 neighbouring strings, so that a string's neighbours from the same list are
mostly in its own fold; random: of single strings. In both, the model that reads a fold has seen none of its strings: it
learns from the other four, the other corpora and rendered strings. Habits of marking are evened out first, in what is
learnt and in what is tested (`training.fields_cleaning` says which); the figures against the marks as they were are
beside it. `field_f1` and `instance_f1` compare as `training.fields_scoring.normalised` says, `strict` to the character.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

import click

RUN = 20  # neighbouring strings that stay together
FOLDS = 5
CORPUS = "grobid-corpus"
CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class _Task:
    """One fold of one split, for a process of its own."""

    split: str
    fold: int
    held_out: frozenset[int]  # numbers of strings of the corpus
    data: Path
    begun: Path  # the weights after the rendered strings, and the rendered strings that are taught again
    recipe: Any  # training.fields.Recipe


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=CHECKOUT.parent / "shared" / "corpora",
    show_default="../shared/corpora",
    help="Folder with citation_strings.jsonl.gz and universe.jsonl.gz.",
)
@click.option("--split", type=click.Choice(["grouped", "random", "both"]), default="both", show_default=True)
@click.option("--folds", type=click.IntRange(1, FOLDS), default=FOLDS, show_default=True, help="How many are run.")
@click.option("--jobs", type=click.IntRange(1), default=os.cpu_count() or 1, help="Processes; as many as cores.")
def command(*, as_json: bool, data: Path, split: str, folds: int, jobs: int) -> None:
    """Field and instance F1 of single strings by cross-validation, strings per CPU second, size of the model."""
    result = measure(data, ("grouped", "random") if split == "both" else (split,), folds, jobs)
    if as_json:
        print(json.dumps(result, indent=2))
        return
    for name, figures in result["splits"].items():
        click.echo(
            f"{name}: field F1 {figures['field_f1']:.4f} (strict {figures['strict']['field_f1']:.4f}), "
            f"instance F1 {figures['instance_f1']:.4f} (strict {figures['strict']['instance_f1']:.4f})"
        )
        for label, row in figures["fields"].items():
            click.echo(f"  {label:14} {row['f1']:.3f}  of {row['marked']}")
    click.echo(f"{result['strings_per_cpu_s']:.0f} strings per CPU second, model of {result['model_bytes']:,} bytes")


def held_out(split: str, strings: int) -> list[frozenset[int]]:
    """The strings of each fold, by number."""
    if split == "grouped":
        return [frozenset(n for n in range(strings) if n // RUN % FOLDS == fold) for fold in range(FOLDS)]
    order = list(range(strings))
    Random(0).shuffle(order)
    return [frozenset(order[fold::FOLDS]) for fold in range(FOLDS)]


def measure(data: Path, splits: Sequence[str], folds: int = FOLDS, jobs: int = 1, recipe: Any = None) -> dict[str, Any]:
    """The figures of all `splits` as one JSON document; `recipe` where the models are not to be as those we ship."""
    from training.fields import RECIPE, begun, rendered_lessons  # noqa: PLC0415 - numpy, for this benchmark alone
    from training.fields_corpus import read_examples  # noqa: PLC0415
    from training.fields_scoring import Score  # noqa: PLC0415

    recipe = recipe or RECIPE
    count = sum(example.source == CORPUS for example in read_examples(data))
    result: dict[str, Any] = {"schema": "dl-lit/bench-parsing/1", "strings": count, "folds": folds, "splits": {}}
    with tempfile.TemporaryDirectory(prefix="dl-lit-bench-") as name:
        first, again = rendered_lessons(data, recipe)
        weights = Path(name) / "begun"
        weights.write_bytes(pickle.dumps((begun(data, first, recipe), again)))
        tasks = [
            _Task(split, fold, members, data, weights, recipe)
            for split in splits
            for fold, members in enumerate(held_out(split, count)[:folds])
        ]
        scores = {split: [Score() for _ in range(3)] for split in splits}
        speeds = []
        for split, counted, speed in _run(tasks, jobs):
            speeds.append(speed)
            for total, score in zip(scores[split], counted, strict=True):
                total.merge(score)
    for split, (normal, exact, as_marked) in scores.items():
        result["splits"][split] = {
            "field_f1": round(normal.f1(), 4),
            "instance_f1": round(normal.instance_f1(), 4),
            "strict": {"field_f1": round(exact.f1(), 4), "instance_f1": round(exact.instance_f1(), 4)},
            "as_marked": {"field_f1": round(as_marked.f1(), 4), "instance_f1": round(as_marked.instance_f1(), 4)},
            "fields": normal.table(),
        }
    result["strings_per_cpu_s"] = round(sum(speeds) / len(speeds))
    result["model_bytes"] = sum(path.stat().st_size for path in _model_files())
    return result


def _run(tasks: Sequence[_Task], jobs: int) -> Iterator[tuple[str, list[Any], float]]:
    if jobs == 1:
        yield from map(_fold, tasks)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield from pool.map(_fold, tasks)


def _fold(task: _Task) -> tuple[str, list[Any], float]:
    """Train on what is not held out, read what is: the split, its scores, strings read per CPU second."""
    from training.fields import (  # noqa: PLC0415
        DOMAINS,
        VERSION,
        hand_segmented,
        lessons_of,
        specialised,
    )
    from training.fields_corpus import read_examples  # noqa: PLC0415
    from training.fields_scoring import Score, normalised, strict  # noqa: PLC0415

    from dl_lit.pdf.fields.chain import TAGS  # noqa: PLC0415
    from dl_lit.pdf.fields.tagger import Tagger  # noqa: PLC0415
    from dl_lit.pdf.fields.weights import packed, write  # noqa: PLC0415

    examples = hand_segmented(task.data)
    ours = [index for index, example in enumerate(examples) if example.source == CORPUS]
    tested = [ours[number] for number in sorted(task.held_out)]
    hidden = set(tested)
    taught = [example for index, example in enumerate(examples) if index not in hidden]
    started, again = pickle.loads(task.begun.read_bytes())  # noqa: S301 - written by `measure`
    weights = specialised(started, lessons_of(taught) + again, task.recipe)
    model = task.begun.with_name(f"{task.split}-{task.fold}")
    write(model, packed(weights), {"version": VERSION, "tags": list(TAGS), "domains": list(DOMAINS)})
    tagger = Tagger(model, CORPUS)
    before = time.process_time()
    tagged = tagger.tag([examples[index].text for index in tested])
    speed = len(tested) / (time.process_time() - before)
    raw = read_examples(task.data)
    scores = [Score(), Score(), Score()]
    for index, one in zip(tested, tagged, strict=True):
        text, found = examples[index].text, [(span.label, span.start, span.end) for span in one.spans]
        scores[0].add(normalised(text, examples[index].spans), normalised(text, found))
        scores[1].add(strict(text, examples[index].spans), strict(text, found))
        scores[2].add(normalised(text, raw[index].spans), normalised(text, found))
    print(
        f"{task.split} fold {task.fold + 1}: field F1 {scores[0].f1():.4f}, instance {scores[0].instance_f1():.4f}",
        file=sys.stderr,
    )
    return task.split, scores, speed


def _model_files() -> list[Path]:
    return sorted((CHECKOUT / "dl_lit" / "pdf" / "models").glob("fields.*"))
