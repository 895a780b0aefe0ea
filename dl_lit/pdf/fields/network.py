"""The forward pass: tokens in, for each of them a score for each tag.

A token's word, affixes and shape become one vector, which does not depend on where it stands and is kept for the next
time; then convolutions, each reaching twice as far as the one before, let it look at its neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dl_lit.pdf.fields.tokens import Token
from dl_lit.pdf.fields.traits import AFFIXES, touches, traits

Array = NDArray[np.float32]
_KEPT = 16_384  # vectors of tokens; then all are forgotten
_EPSILON = np.float32(1e-5)


class Network:
    """The layers with their weights; for one thread."""

    def __init__(self, weights: Mapping[str, NDArray[Any]], domain: int) -> None:
        """`weights` as training names them; `domain` says whose habits of marking are followed."""
        self._words, self._affixes = weights["words"], weights["affixes"]
        width = weights["input"].shape[1]
        ends = np.cumsum(
            [self._words.shape[1], AFFIXES * self._affixes.shape[1], *(weights[n].shape[1] for n in _SMALL)]
        )
        word, affix, shape, touch, origin = np.split(weights["input"], ends[:-1])
        self._word_input = weights["words.scale"][:, None] * word if "words.scale" in weights else word
        scale = np.tile(weights["affixes.scale"], AFFIXES) if "affixes.scale" in weights else None
        self._affix_input = affix if scale is None else scale[:, None] * affix
        self._shapes = weights["shapes"] @ shape
        self._touches = weights["touches"] @ touch
        self._bias = weights["input.bias"] + weights["domains"][domain] @ origin
        self._layers: list[tuple[Array, Array, Array, Array]] = []
        while f"layer{len(self._layers)}" in weights:
            name = f"layer{len(self._layers)}"
            self._layers.append(
                (weights[name], weights[f"{name}.bias"], weights[f"{name}.gain"], weights[f"{name}.shift"])
            )
        self._output, self._output_bias = weights["output"], weights["output.bias"]
        self._rows: dict[str, int] = {}
        self._vectors = np.zeros((_KEPT, width), np.float32)

    def scores(self, batch: Sequence[Sequence[Token]]) -> tuple[Array, NDArray[np.bool_]]:
        """Scores (string, token, tag), and which of the tokens there are: the strings are of unequal length."""
        longest = max(map(len, batch))
        present = np.zeros((len(batch), longest), bool)
        touching = np.zeros((len(batch), longest), np.intp)
        for row, tokens in enumerate(batch):
            present[row, : len(tokens)] = True
            touching[row, : len(tokens)] = touches(tokens)
        mask = present[..., None].astype(np.float32)
        state = self._token_vectors(batch, longest) + self._touches[touching] + self._bias
        np.maximum(state, 0, out=state)
        state *= mask
        for index, layer in enumerate(self._layers):
            state += _convolved(state, mask, layer, 1 << index)
            state *= mask
        return state @ self._output + self._output_bias, present

    def _token_vectors(self, batch: Sequence[Sequence[Token]], longest: int) -> Array:
        texts = {token.text for tokens in batch for token in tokens}
        if len(self._rows) + len(texts) > _KEPT:
            self._rows.clear()
        new = sorted(text for text in texts if text not in self._rows)[:_KEPT]
        if new:
            first = len(self._rows)
            self._rows.update((text, first + index) for index, text in enumerate(new))
            columns = np.array([traits(text) for text in new], np.intp)
            affixes = self._affixes[columns[:, 1:-1]].reshape(len(new), -1)
            self._vectors[first : first + len(new)] = (
                self._words[columns[:, 0]].astype(np.float32) @ self._word_input
                + affixes.astype(np.float32) @ self._affix_input
                + self._shapes[columns[:, -1]]
            )
        rows = np.zeros((len(batch), longest), np.intp)
        for row, tokens in enumerate(batch):
            rows[row, : len(tokens)] = [self._rows[token.text] for token in tokens]
        return self._vectors[rows]


_SMALL = ("shapes", "touches", "domains")


def _convolved(state: Array, mask: Array, layer: tuple[Array, Array, Array, Array], reach: int) -> Array:
    """What one layer adds: each token seen with those `reach` before and after it."""
    weights, bias, gain, shift = layer
    normal = state - state.mean(-1, keepdims=True)
    strings, longest, width = normal.shape
    flat = normal.reshape(-1, width)
    norm = 1 / np.sqrt(np.einsum("ij,ij->i", flat, flat) / np.float32(width) + _EPSILON)
    flat *= norm[:, None]
    flat *= gain
    flat += shift
    np.maximum(normal, 0, out=normal)
    normal *= mask
    seen = np.zeros((strings, longest, 3 * width), np.float32)
    seen[..., width : 2 * width] = normal
    if reach < longest:
        seen[:, reach:, :width] = normal[:, :-reach]
        seen[:, :-reach, 2 * width :] = normal[:, reach:]
    added: Array = seen.reshape(-1, 3 * width) @ weights
    added += bias
    return added.reshape(normal.shape)
