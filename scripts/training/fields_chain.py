"""How wrong the chain of tags is, and what each score has to do with it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


def loss(
    weights: Mapping[str, Array], scores: Array, tags: NDArray[np.intp], present: NDArray[np.bool_]
) -> tuple[float, Array, dict[str, Array]]:
    """The mean negative logarithm of the right chains' probability; its gradients by score and by chain weight."""
    count, longest, kinds = scores.shape
    highest = scores.max(-1, keepdims=True)
    factors = np.exp(scores - highest)
    steps, begin, end = (np.exp(weights[name]) for name in ("steps", "begin", "end"))
    forward, total = _forward(factors, steps, begin, present)
    total += (highest[..., 0] * present).sum(1) + np.log((forward[:, -1] * end).sum(1))
    backward, reached = _backward(factors, steps, end, present)
    chances = forward * backward
    chances /= chances.sum(-1, keepdims=True)
    rows, last = np.arange(count), present.sum(1) - 1
    right = (np.take_along_axis(scores, tags[..., None], 2)[..., 0] * present).sum(1)
    right += weights["begin"][tags[:, 0]] + weights["end"][tags[rows, last]]
    both = present[:, 1:]
    right += (weights["steps"][tags[:, :-1], tags[:, 1:]] * both).sum(1)

    errors = chances.copy()
    errors[rows[:, None], np.arange(longest)[None], tags] -= 1
    errors *= present[..., None] / np.float32(count)
    size = ((forward[:, :-1] @ steps) * reached[:, 1:]).sum(-1, keepdims=True)
    shares = np.where(both[..., None], reached[:, 1:] / np.maximum(size, np.float32(1e-30)), 0)
    expected = (forward[:, :-1].reshape(-1, kinds).T @ shares.reshape(-1, kinds)) * steps
    np.add.at(expected, (tags[:, :-1][both], tags[:, 1:][both]), -1)
    first, final = chances[:, 0].sum(0), chances[rows, last].sum(0)
    np.add.at(first, tags[:, 0], -1)
    np.add.at(final, tags[rows, last], -1)
    of_chain = {
        name: (gradient / count).astype(np.float32)
        for name, gradient in (("steps", expected), ("begin", first), ("end", final))
    }
    return float((total - right).mean()), errors.astype(np.float32), of_chain


def _forward(factors: Array, steps: Array, begin: Array, present: NDArray[np.bool_]) -> tuple[Array, Array]:
    """What the tokens up to each one say of its tag, and the logarithm of what was divided out."""
    forward = np.empty_like(factors)
    total = np.zeros(len(factors), np.float32)
    state = begin * factors[:, 0]
    for step in range(factors.shape[1]):
        here = present[:, step : step + 1]
        if step:
            state = np.where(here, (state @ steps) * factors[:, step], state)
        size = state.sum(1, keepdims=True)
        state = state / size
        forward[:, step] = state
        total += np.where(here[:, 0], np.log(size[:, 0]), 0)
    return forward, total


def _backward(factors: Array, steps: Array, end: Array, present: NDArray[np.bool_]) -> tuple[Array, Array]:
    """What the tokens after each one say of its tag, and the same with its own factor in it."""
    outer = np.broadcast_to(end / end.sum(), factors[:, 0].shape)
    backward, reached = np.empty_like(factors), np.zeros_like(factors)
    state = outer
    backward[:, -1] = state
    for step in range(factors.shape[1] - 2, -1, -1):
        reached[:, step + 1] = factors[:, step + 1] * state
        before = reached[:, step + 1] @ steps.T
        before /= before.sum(1, keepdims=True)
        state = np.where(present[:, step + 1 : step + 2], before, outer)
        backward[:, step] = state
    return backward, reached
