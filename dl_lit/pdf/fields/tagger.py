"""Strings in, their parts out: the trained model behind one small class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pycrfsuite

from dl_lit.pdf.fields.features import features
from dl_lit.pdf.fields.labels import Label
from dl_lit.pdf.fields.tokens import Token, tokenise

MODEL = Path(__file__).resolve().parents[1] / "models" / "fields.crfsuite"
LONGEST = 4_000  # characters; what comes after is left untagged


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a string: `string[start:end]`, with the punctuation that belongs to it (initials, abbreviations)."""

    label: Label
    start: int
    end: int
    confidence: float  # 0 to 1


@dataclass(frozen=True, slots=True)
class Tagged:
    """The parts of one string in their order, not overlapping."""

    spans: tuple[Span, ...]
    confidence: float  # 0 to 1, that all of them are right; 0 for an empty string


class Tagger:
    """Tags reference strings with the model of one file; keeps it in memory, and is for one thread."""

    def __init__(self, model: Path = MODEL) -> None:
        """Opens the model; a missing or damaged file raises OSError or ValueError."""
        self._model = pycrfsuite.Tagger()
        self._model.open(str(model))

    def tag(self, strings: Sequence[str]) -> list[Tagged]:
        """The parts of each string, in the strings' order."""
        return [self._tag(string[:LONGEST]) for string in strings]

    def _tag(self, string: str) -> Tagged:
        tokens = tokenise(string)
        if not tokens:
            return Tagged((), 0.0)
        names = self._model.tag(features(tokens))
        confidence = self._model.probability(names)
        marginals = [self._model.marginal(name, index) for index, name in enumerate(names)]
        return Tagged(tuple(_spans(tokens, names, marginals)), round(confidence, 4))


def _spans(tokens: Sequence[Token], names: Sequence[str], marginals: Sequence[float]) -> list[Span]:
    """Runs of one label: `B-` begins a span, `I-` goes on, `O` is between."""
    spans: list[Span] = []
    previous = "O"
    for token, name, marginal in zip(tokens, names, marginals, strict=True):
        kind = name[2:]
        if name != "O":
            if name[0] == "I" and previous[2:] == kind:
                last = spans[-1]
                spans[-1] = Span(last.label, last.start, token.end, min(last.confidence, round(marginal, 4)))
            else:
                spans.append(Span(Label(kind), token.start, token.end, round(marginal, 4)))
        previous = name
    return spans


@lru_cache(maxsize=1)
def default_tagger() -> Tagger:
    """The tagger with the model that comes with dl_lit, opened when first asked for."""
    return Tagger()
