"""The tags of a string chosen together: the best chain of them, and how sure each one is."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dl_lit.pdf.fields.labels import Label

TAGS = ("O", *(prefix + label for label in Label for prefix in ("B-", "I-")))
Array = NDArray[np.float32]
_NEVER = np.float32(-1e4)


def impossible() -> NDArray[np.bool_]:
    """Which tag (column) can not follow which (row): `I-x` follows `B-x` and `I-x` only."""
    return np.array(
        [[after[0] == "I" and before[2:] != after[2:] for after in TAGS] for before in TAGS],
        bool,
    )


class Chain:
    """A linear chain over the tags."""

    def __init__(self, steps: Array, begin: Array, end: Array) -> None:
        """How likely a tag follows another, begins and ends a string, as logarithms."""
        self._steps = np.where(impossible(), _NEVER, steps).astype(np.float32)
        self._begin = np.where([tag[0] == "I" for tag in TAGS], _NEVER, begin).astype(np.float32)
        self._end = end

    def best(self, scores: Array, present: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
        """The best chain of each string."""
        state = self._begin + scores[:, 0]
        back: list[NDArray[Any]] = []
        columns = np.ascontiguousarray(self._steps.T)
        for step in range(1, scores.shape[1]):
            ways = state[:, None, :] + columns
            before = ways.argmax(2)
            back.append(before)
            reached = np.take_along_axis(ways, before[..., None], 2)[..., 0] + scores[:, step]
            state = np.where(present[:, step : step + 1], reached, state)
        last = (state + self._end).argmax(1)
        chains: list[NDArray[np.intp]] = []
        for row, length in enumerate(present.sum(1)):
            chain = np.empty(length, np.intp)
            tag = int(last[row])
            for step in range(length - 1, -1, -1):
                chain[step] = tag
                if step:
                    tag = int(back[step - 1][row, tag])
            chains.append(chain)
        return chains

    def certainty(
        self, scores: Array, present: NDArray[np.bool_], chains: list[NDArray[np.intp]]
    ) -> tuple[list[Array], list[float]]:
        """Of each tag of the chains, and of each whole chain, the probability that it is right."""
        highest = scores.max(-1, keepdims=True)
        factors = np.exp(scores - highest)
        steps, begin, end = np.exp(self._steps), np.exp(self._begin), np.exp(self._end)
        count, longest, _ = scores.shape
        forward, total = np.empty_like(factors), np.zeros(count)
        state = begin * factors[:, 0]
        for step in range(longest):
            here = present[:, step]
            if step:
                state = np.where(here[:, None], (forward[:, step - 1] @ steps) * factors[:, step], state)
            size = state.sum(1, keepdims=True)
            state = state / size
            forward[:, step] = state
            total += np.where(here, np.log(size[:, 0]) + highest[:, step, 0], 0)
        total += np.log((state * end).sum(1))
        outer = np.broadcast_to(end / end.sum(), state.shape)
        back = outer
        tokens = np.empty_like(factors)
        tokens[:, -1] = forward[:, -1] * back
        columns = np.ascontiguousarray(steps.T)
        for step in range(longest - 2, -1, -1):
            reached = (factors[:, step + 1] * back) @ columns
            reached /= reached.sum(1, keepdims=True)
            back = np.where(present[:, step + 1 : step + 2], reached, outer)
            tokens[:, step] = forward[:, step] * back
        tokens /= tokens.sum(-1, keepdims=True)
        each = [tokens[row, np.arange(len(chain)), chain] for row, chain in enumerate(chains)]
        whole = [
            float(np.exp(min(0.0, self._score(scores[row], chain) - total[row]))) for row, chain in enumerate(chains)
        ]
        return each, whole

    def _score(self, scores: Array, chain: NDArray[np.intp]) -> float:
        steps = self._steps[chain[:-1], chain[1:]].sum()
        return float(self._begin[chain[0]] + scores[np.arange(len(chain)), chain].sum() + steps + self._end[chain[-1]])
