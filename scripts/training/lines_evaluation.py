"""Measures the line model on documents it has not seen: `python -m training.lines_evaluation --data DIR`.

Five folds over documents. Three ways to find the lists are compared: the rules alone (headings and signs), the model
alone, both together as the reader has them. Lines: precision, recall and F1 of reference lines. Documents: how many
have all lists found with their right first and last lines, how many have none found, how many have surplus lines.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click
from training.lines import fit
from training.lines_corpus import Document, read_documents
from training.lines_variants import read_strings, variants

from dl_lit.pdf.document import Line, SectionKind
from dl_lit.pdf.lines.facts import LineFacts
from dl_lit.pdf.lines.features import features
from dl_lit.pdf.lines.model import Label, Labeller, LineModel
from dl_lit.pdf.lines.stretches import stretches
from dl_lit.pdf.sections import reference_sections

_FOLDS = 5
_SURPLUS = 5  # lines that are no references: so many, and a document has surplus


@dataclass(slots=True)
class Tally:
    """Counts over documents."""

    right: int = 0
    surplus: int = 0
    missed: int = 0
    documents: int = 0
    exact: int = 0
    nothing_found: int = 0
    with_surplus: int = 0
    worst: list[tuple[int, str]] = field(default_factory=list)

    def add(self, name: str, gold: set[int], found: set[int]) -> None:
        """Count one document."""
        self.right += len(gold & found)
        self.surplus += len(found - gold)
        self.missed += len(gold - found)
        self.documents += 1
        self.exact += _ends(gold) == _ends(found)
        self.nothing_found += bool(gold) and not gold & found
        self.with_surplus += len(found - gold) >= _SURPLUS
        self.worst.append((len(gold ^ found), name))

    def __str__(self) -> str:
        precision = self.right / max(self.right + self.surplus, 1)
        recall = self.right / max(self.right + self.missed, 1)
        f1 = 2 * precision * recall / max(precision + recall, 1e-9)
        return (
            f"lines P {precision:.4f} R {recall:.4f} F1 {f1:.4f}; of {self.documents} documents ends right "
            f"{self.exact}, nothing found {self.nothing_found}, surplus of {_SURPLUS} lines or more {self.with_surplus}"
        )


class Silent:
    """A model that knows nothing: what is found with it, the rules find."""

    def labels(self, lines: Sequence[Line]) -> list[Label]:
        """Every line is something else."""
        return [Label.OTHER] * len(lines)


def as_lines(facts: Sequence[LineFacts]) -> list[Line]:
    """Lines that show what `facts` say: pages, blocks, type sizes; all in one column."""
    lines: list[Line] = []
    page, y, level = 0, 800.0, 0
    blocks_tell = sum(fact.opens_block for fact in facts) <= 0.6 * len(facts)
    for fact in facts:
        if fact.opens_page or not page:
            page, y = page + 1, 800.0
        level = max(-1, min(1, level + fact.size_step))
        y -= 20.0 if fact.opens_block and blocks_tell else 11.0
        lines.append(Line(fact.text, page, 50.0, 50.0 + 5 * len(fact.text), y, y + 10.0, 10.0 + 2 * level, fact.bold))
    return lines


def by_model(path: Path) -> Callable[[Document], set[int]]:
    """What the model at `path` alone calls references."""
    model = LineModel(path)

    def found(document: Document) -> set[int]:
        at: set[int] = set()
        for start, end in stretches([fact.text for fact in document.facts]):
            labels = model.tag(features(document.facts[start:end]))
            at |= {start + number for number, label in enumerate(labels) if label is Label.REFERENCE}
        return at

    return found


def by_sections(model: Labeller) -> Callable[[Document], set[int]]:
    """What the reader takes for lists with `model`."""

    def found(document: Document) -> set[int]:
        lines = as_lines(document.facts)
        places = {id(line): at for at, line in enumerate(lines)}
        sections = reference_sections(lines, model)
        return {places[id(line)] for one in sections if one.kind is SectionKind.LIST for line in one.lines}

    return found


def _ends(places: set[int]) -> tuple[tuple[int, int], ...]:
    """First and last line of every run of lines; short gaps are of page breaks and floats."""
    ordered = sorted(places)
    if not ordered:
        return ()
    runs: list[tuple[int, int]] = [(ordered[0], ordered[0])]
    for at in ordered[1:]:
        if at - runs[-1][1] > 60:
            runs.append((at, at))
        else:
            runs[-1] = (runs[-1][0], at)
    return tuple(runs)


@click.command()
@click.option("--data", type=click.Path(path_type=Path, exists=True, file_okay=False), required=True)
@click.option("--worst", type=int, default=0, help="Name so many documents with the most wrong lines.")
def main(*, data: Path, worst: int) -> None:
    """Print how well lists are found, by five folds over the documents."""
    documents = list(read_documents(data))
    strings = read_strings(data)
    tallies = {"rules": Tally(), "model": Tally(), "together": Tally()}
    with tempfile.TemporaryDirectory() as folder:
        for fold in range(_FOLDS):
            path = Path(folder) / f"{fold}.crfsuite"
            train = [document for at, document in enumerate(documents) if at % _FOLDS != fold]
            fit([*train, *variants(train, strings)], path)
            ways = {
                "rules": by_sections(Silent()),
                "model": by_model(path),
                "together": by_sections(LineModel(path)),
            }
            for document in documents[fold::_FOLDS]:
                gold = {at for at, label in enumerate(document.labels) if label == "R"}
                for name, way in ways.items():
                    tallies[name].add(document.name, gold, way(document))
            print(f"fold {fold + 1} of {_FOLDS} done", file=sys.stderr)
    for name, tally in tallies.items():
        print(f"{name:>9}: {tally}")
        for count, document_name in sorted(tally.worst, reverse=True)[:worst]:
            print(f"{'':11}{count} lines wrong in {document_name}")


if __name__ == "__main__":
    main()
