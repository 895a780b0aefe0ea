"""The network of `dl_lit.pdf.fields.network` as it learns: the forward pass with dropout, and the way back through it.

Every array is single precision; nothing depends on anything but the arguments.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dl_lit.pdf.fields.chain import TAGS
from dl_lit.pdf.fields.traits import AFFIX_BUCKETS, AFFIXES, SHAPES, TOUCHES, WORD_BUCKETS

Array = NDArray[np.float32]
Rows = tuple[NDArray[np.intp], Array]  # a gradient of few rows of a table: which, and theirs
Gradients = dict[str, "Array | Rows"]
_EPSILON = np.float32(1e-5)


@dataclass(frozen=True, slots=True)
class Shape:
    """How large the network is."""

    word: int = 32
    affix: int = 16
    small: int = 8  # touches and domains
    token_shape: int = 16
    width: int = 112
    layers: int = 5


@dataclass(frozen=True, slots=True)
class Batch:
    """Strings of much the same length, padded: (string, token)."""

    words: NDArray[np.intp]
    affixes: NDArray[np.intp]  # (string, token, affix)
    shapes: NDArray[np.intp]
    touches: NDArray[np.intp]
    tags: NDArray[np.intp]
    present: NDArray[np.bool_]
    domains: NDArray[np.intp]  # (string,)


def new_weights(shape: Shape, domains: int, random: np.random.Generator) -> dict[str, Array]:
    """Weights to begin with."""

    def normal(scale: float, *size: int) -> Array:
        return (random.standard_normal(size) * scale).astype(np.float32)

    seen = shape.word + AFFIXES * shape.affix + shape.token_shape + 2 * shape.small
    width, tags = shape.width, len(TAGS)
    weights = {
        "words": normal(0.1, WORD_BUCKETS, shape.word),
        "affixes": normal(0.1, AFFIX_BUCKETS, shape.affix),
        "shapes": normal(0.5, SHAPES, shape.token_shape),
        "touches": normal(0.5, TOUCHES, shape.small),
        "domains": normal(0.5, domains, shape.small),
        "input": normal(seen**-0.5, seen, width),
        "input.bias": np.zeros(width, np.float32),
        "output": normal(width**-0.5, width, tags),
        "output.bias": np.zeros(tags, np.float32),
        "steps": np.zeros((tags, tags), np.float32),
        "begin": np.zeros(tags, np.float32),
        "end": np.zeros(tags, np.float32),
    }
    for index in range(shape.layers):
        weights[f"layer{index}"] = normal((3 * width) ** -0.5, 3 * width, width)
        weights[f"layer{index}.bias"] = np.zeros(width, np.float32)
        weights[f"layer{index}.gain"] = np.ones(width, np.float32)
        weights[f"layer{index}.shift"] = np.zeros(width, np.float32)
    return weights


@dataclass(frozen=True, slots=True)
class Dropout:
    """How often a number, and a whole word, is left out while learning."""

    numbers: float
    words: float
    random: np.random.Generator

    def mask(self, size: tuple[int, ...], share: float) -> Array:
        """Zero where left out; the rest is enlarged to make up for it."""
        kept = self.random.random(size, dtype=np.float32) >= np.float32(share)
        return kept.astype(np.float32) / np.float32(1 - share)


class Pass:
    """One batch through the network, remembered for the way back."""

    def __init__(self, weights: Mapping[str, Array], batch: Batch, dropout: Dropout) -> None:
        """Runs forward at once; `scores` has the result."""
        self._weights, self._batch, self._dropout = weights, batch, dropout
        self._mask = batch.present[..., None].astype(np.float32)
        strings, longest = batch.words.shape
        words = weights["words"][batch.words]
        self._words_kept = (
            dropout.random.random((strings, longest, 1), dtype=np.float32) >= np.float32(dropout.words)
        ).astype(np.float32)
        domains = weights["domains"][batch.domains][:, None]
        seen = np.concatenate(
            [
                words * self._words_kept,
                weights["affixes"][batch.affixes].reshape(strings, longest, -1),
                weights["shapes"][batch.shapes],
                weights["touches"][batch.touches],
                np.broadcast_to(domains, (strings, longest, domains.shape[-1])),
            ],
            axis=-1,
        )
        self._seen_kept = dropout.mask(seen.shape, dropout.numbers)
        self._seen = seen * self._seen_kept
        state = np.maximum(self._seen @ weights["input"] + weights["input.bias"], 0) * self._mask
        self._first = state
        self._layers: list[tuple[Array, ...]] = []
        while f"layer{len(self._layers)}" in weights:
            state = self._layer(len(self._layers), state)
        self._last_kept = dropout.mask(state.shape, dropout.numbers)
        self._last = state * self._last_kept
        self.scores: Array = self._last @ weights["output"] + weights["output.bias"]

    def _layer(self, index: int, state: Array) -> Array:
        weights, name = self._weights, f"layer{index}"
        centred = state - state.mean(-1, keepdims=True)
        norm = 1 / np.sqrt(np.square(centred).mean(-1, keepdims=True) + _EPSILON)
        normal = centred * norm
        shown = np.maximum(normal * weights[f"{name}.gain"] + weights[f"{name}.shift"], 0) * self._mask
        reach = 1 << index
        seen = np.concatenate([_moved(shown, reach), shown, _moved(shown, -reach)], axis=-1)
        kept = self._dropout.mask(state.shape, self._dropout.numbers)
        self._layers.append((normal, norm, seen, kept))
        return (state + (seen @ weights[name] + weights[f"{name}.bias"]) * kept) * self._mask

    def gradients(self, errors: Array) -> Gradients:
        """What each weight adds to the loss, from what each score does."""
        weights, gradients = self._weights, Gradients()
        gradients["output"] = _flat(self._last).T @ _flat(errors)
        gradients["output.bias"] = _flat(errors).sum(0)
        back = (errors @ weights["output"].T) * self._last_kept
        for index in reversed(range(len(self._layers))):
            back = self._back_through(index, back, gradients)
        back = back * self._mask * (self._first > 0)
        gradients["input"] = _flat(self._seen).T @ _flat(back)
        gradients["input.bias"] = _flat(back).sum(0)
        self._tables((back @ weights["input"].T) * self._seen_kept, gradients)
        return gradients

    def _back_through(self, index: int, back: Array, gradients: Gradients) -> Array:
        normal, norm, seen, kept = self._layers[index]
        name = f"layer{index}"
        back = back * self._mask
        mixed: Array = back * kept
        gradients[name] = _flat(seen).T @ _flat(mixed)
        gradients[f"{name}.bias"] = _flat(mixed).sum(0)
        apart: Array = mixed @ self._weights[name].T
        before, here, after = np.split(apart, 3, axis=-1)
        reach = 1 << index
        width = normal.shape[-1]
        shown: Array = (_moved(before, -reach) + here + _moved(after, reach)) * (seen[..., width : 2 * width] > 0)
        gradients[f"{name}.gain"] = _flat(shown * normal).sum(0)
        gradients[f"{name}.shift"] = _flat(shown).sum(0)
        inner = shown * self._weights[f"{name}.gain"]
        mean = inner.mean(-1, keepdims=True)
        whole: Array = back + norm * (inner - mean - normal * (inner * normal).mean(-1, keepdims=True))
        return whole

    def _tables(self, back: Array, gradients: Gradients) -> None:
        batch, weights = self._batch, self._weights
        sizes = [
            weights["words"].shape[1],
            AFFIXES * weights["affixes"].shape[1],
            *(weights[name].shape[1] for name in ("shapes", "touches", "domains")),
        ]
        words, affixes, shapes, touching, domains = np.split(back, np.cumsum(sizes)[:-1], axis=-1)
        there = batch.present
        gradients["words"] = _by_row(batch.words[there], (words * self._words_kept)[there])
        gradients["affixes"] = _by_row(
            batch.affixes[there].ravel(), affixes[there].reshape(-1, weights["affixes"].shape[1])
        )
        gradients["shapes"] = _by_row(batch.shapes[there], shapes[there])
        gradients["touches"] = _by_row(batch.touches[there], touching[there])
        gradients["domains"] = _by_row(batch.domains, (domains * self._mask).sum(1))


def _flat(array: Array) -> Array:
    return array.reshape(-1, array.shape[-1])


def _moved(array: Array, by: int) -> Array:
    """The tokens `by` places later, zeros before them."""
    moved = np.zeros_like(array)
    if abs(by) < array.shape[1]:
        if by > 0:
            moved[:, by:] = array[:, :-by]
        else:
            moved[:, :by] = array[:, -by:]
    return moved


def _by_row(rows: NDArray[np.intp], gradients: Array) -> Rows:
    """The sum of the gradients of each row."""
    order = np.argsort(rows, kind="stable")
    ordered = rows[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    return ordered[starts], np.add.reduceat(gradients[order], starts, axis=0)


class Adam:
    """Steps against the gradients, each weight at its own pace (Kingma and Ba 2015; rows not touched stay)."""

    def __init__(self, weights: dict[str, Array]) -> None:
        """`weights` are changed in place."""
        self._weights = weights
        self._means = {name: np.zeros_like(array) for name, array in weights.items()}
        self._squares = {name: np.zeros_like(array) for name, array in weights.items()}
        self._steps = 0

    def step(self, gradients: Gradients, rate: float, longest: float = 5.0) -> None:
        """One step; gradients longer than `longest` in all are shortened to it."""
        self._steps += 1
        length = sum(float(np.square(g, dtype=np.float64).sum()) for _, g in _parts(gradients)) ** 0.5
        scale = np.float32(min(1.0, longest / (length + 1e-6)))
        first, second = np.float32(0.9), np.float32(0.999)
        pace = np.float32(rate / (1 - 0.9**self._steps))
        correction = np.float32(1 / (1 - 0.999**self._steps))
        for name, gradient in gradients.items():
            where: Any = gradient[0] if isinstance(gradient, tuple) else slice(None)
            change = (gradient[1] if isinstance(gradient, tuple) else gradient) * scale
            mean = self._means[name][where] * first + change * (1 - first)
            square = self._squares[name][where] * second + change * change * (1 - second)
            self._means[name][where], self._squares[name][where] = mean, square
            self._weights[name][where] -= pace * mean / (np.sqrt(square * correction) + np.float32(1e-8))


def _parts(gradients: Gradients) -> Iterator[tuple[str, Array]]:
    for name, gradient in gradients.items():
        yield name, gradient[1] if isinstance(gradient, tuple) else gradient
