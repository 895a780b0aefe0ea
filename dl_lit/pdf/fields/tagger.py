"""Strings in, their parts out: the trained model behind one small class."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from dl_lit.core.values import dataclass
from dl_lit.pdf.fields.labels import Label
from dl_lit.pdf.fields.tokens import Token, tokenise

MODEL = Path(__file__).resolve().parents[1] / "models" / "fields.model"
LONGEST = 4_000  # characters; what comes after is left untagged
_LABELS = {"I-" + label: label for label in Label}
_BATCH = 1_600  # tokens that go through the network together, with the padding


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a string: `string[start:end]`, with the punctuation that belongs to it (initials, abbreviations)."""

    label: Label
    start: int
    end: int
    confidence: float  # 0 to 1: of its least certain token


@dataclass(frozen=True, slots=True)
class Tagged:
    """The parts of one string in their order, not overlapping."""

    spans: tuple[Span, ...]
    confidence: float  # 0 to 1, that all of them are right; 0 for a string without a word


class Tagger:
    """Tags reference strings with the model of one file; keeps it in memory, and is for one thread."""

    def __init__(self, model: Path = MODEL, domain: str = "any") -> None:
        """Reads the model; OSError where the file is missing, ValueError where it is damaged or of other labels.

        `domain` is one of the corpora the model has learnt from, whose habits of marking are then followed.
        """
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when numpy is first imported
        from dl_lit.pdf.fields.chain import TAGS, Chain  # noqa: PLC0415 - numpy costs what only readers need to pay
        from dl_lit.pdf.fields.network import Network  # noqa: PLC0415
        from dl_lit.pdf.fields.weights import read, unpacked  # noqa: PLC0415

        small, self.about = read(model)
        if self.about.get("tags") != list(TAGS):
            raise ValueError(f"{model} has other labels than this version of dl_lit")
        weights = unpacked(small)
        self._tags = TAGS
        self._network = Network(weights, self.about["domains"].index(domain))
        self._chain = Chain(weights["steps"], weights["begin"], weights["end"])

    def tag(self, strings: Sequence[str]) -> list[Tagged]:
        """The parts of each string, in the strings' order."""
        tokens = [tokenise(string[:LONGEST]) for string in strings]
        tagged = [Tagged((), 0.0)] * len(strings)
        for members in _batches(tokens):
            for index, result in zip(members, self._tag([tokens[index] for index in members]), strict=True):
                tagged[index] = result
        return tagged

    def _tag(self, batch: Sequence[Sequence[Token]]) -> Iterator[Tagged]:
        scores, present = self._network.scores(batch)
        chains = self._chain.best(scores, present)
        certain, whole = self._chain.certainty(scores, present, chains)
        for tokens, chain, each, confidence in zip(batch, chains, certain, whole, strict=True):
            names = [self._tags[number] for number in chain]
            yield Tagged(tuple(spans_of(tokens, names, each.tolist())), round(confidence, 4))


def _batches(tokens: Sequence[Sequence[Token]]) -> Iterator[list[int]]:
    """The strings that have tokens, those of much the same length together."""
    batch: list[int] = []
    for index in sorted(range(len(tokens)), key=lambda index: len(tokens[index])):
        if tokens[index]:
            if batch and (len(batch) + 1) * len(tokens[index]) > _BATCH:
                yield batch
                batch = []
            batch.append(index)
    if batch:
        yield batch


def spans_of(tokens: Sequence[Token], names: Sequence[str], certain: Sequence[float]) -> list[Span]:
    """Runs of one label: `B-` begins a span, `I-` goes on, `O` is between."""
    spans: list[Span] = []
    index, count = 0, len(names)
    while index < count:
        first = index
        index += 1
        if names[first] == "O":
            continue
        inside = "I-" + names[first][2:]
        while index < count and names[index] == inside:
            index += 1
        confidence = round(min(1.0, *certain[first:index]), 4)
        spans.append(Span(_LABELS[inside], tokens[first].start, tokens[index - 1].end, confidence))
    return spans


@lru_cache(maxsize=1)
def default_tagger() -> Tagger:
    """The tagger with the model that comes with dl_lit, read when first asked for."""
    return Tagger()
