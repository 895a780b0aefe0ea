"""The line model: a sequence model that says of every line whether it is part of a list of references."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Protocol

import pycrfsuite

from dl_lit.pdf.document import Line
from dl_lit.pdf.lines.facts import line_facts
from dl_lit.pdf.lines.features import features
from dl_lit.pdf.lines.stretches import stretches

MODEL_FILE = Path(__file__).resolve().parents[1] / "models" / "lines.crfsuite"


class Label(StrEnum):
    """What a line is to the model."""

    OTHER = "O"
    HEADING = "H"  # of a list of references
    REFERENCE = "R"
    NOTE = "F"  # a footnote: of comment, or one with a citation in it


class Labeller(Protocol):
    """What labels the lines of a document."""

    def labels(self, lines: Sequence[Line]) -> list[Label]:
        """The label of every line of a document in reading order."""
        ...


class LineModel:
    """A trained model, read from a file. Not thread-safe: one for each process that reads."""

    def __init__(self, path: Path) -> None:
        """Load the model at `path`; raises `OSError` when it is not there."""
        self._tagger = pycrfsuite.Tagger()
        self._tagger.open(str(path))

    def labels(self, lines: Sequence[Line]) -> list[Label]:
        """The label of every line of a document in reading order; only stretches that can hold references are asked."""
        labels = [Label.OTHER] * len(lines)
        for start, end in stretches([line.text for line in lines]):
            labels[start:end] = self.tag(features(line_facts(lines[start:end])))
        return labels

    def tag(self, rows: list[list[str]]) -> list[Label]:
        """The labels of one stretch of lines, given their features."""
        return [Label(label) for label in self._tagger.tag(rows)]


@cache
def line_model() -> LineModel:
    """The model that comes with dl_lit, loaded when it is first needed."""
    return LineModel(MODEL_FILE)
