"""Learning what each agreement weighs: a logistic regression over pairs of entry and candidate.

The works whose hash is odd teach, those whose hash is even are left for the benchmark. A candidate is right if it is a
record of the entry's work; those under a veto are left out, since a veto decides by itself, and so are records that
are its work in another spelling.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from benchmarks.matching_entries import Task
from benchmarks.matching_retrieval import Index
from benchmarks.matching_universe import Universe
from numpy.typing import NDArray

from dl_lit.matching.evidence import weigh
from dl_lit.matching.weights import WEIGHTS, features
from dl_lit.pdf.parsing import parse_entries
from dl_lit.pdf.splitting import Entry

CANDIDATES = 10
RIDGE = 1.0  # what a weight's square costs: keeps weights of rare features small
STEPS = 30
NAMES = tuple(WEIGHTS)

Array = NDArray[np.float64]


def pairs(universe: Universe, task: Task) -> tuple[Array, Array]:
    """The features of every pair, and whether it is right."""
    rows: list[list[float]] = []
    labels: list[float] = []
    with Index(universe, task.left_out, task.added) as index:
        for entries in task.lists:
            references = parse_entries([Entry(text=one.text, page=1) for one in entries])
            for printed, reference in zip(entries, references, strict=True):
                for number, work in index.search(reference, CANDIDATES):
                    evidence = weigh(reference, work)
                    if evidence.veto or _is_other_spelling(universe, printed.record, number):
                        continue
                    found = features(evidence)
                    rows.append([found.get(name, 0.0) for name in NAMES])
                    labels.append(float(_is_right(universe, printed.record, number)))
    return np.array(rows), np.array(labels)


def _is_right(universe: Universe, record: int, number: int) -> bool:
    return number < len(universe) and universe.group(number) == universe.group(record)


def _is_other_spelling(universe: Universe, record: int, number: int) -> bool:
    return number < len(universe) and not _is_right(universe, record, number) and universe.is_twin(record, number)


def learnt(rows: Array, labels: Array) -> tuple[float, dict[str, float]]:
    """Bias and weights of the likeliest logistic regression, by Newton's method."""
    inputs = np.hstack([np.ones((len(rows), 1)), rows])
    ridge = RIDGE * np.eye(inputs.shape[1])
    ridge[0, 0] = 0.0
    weights = np.zeros(inputs.shape[1])
    for _ in range(STEPS):
        likely = 1 / (1 + np.exp(-(inputs @ weights)))
        slope = inputs.T @ (labels - likely) - ridge @ weights
        curve = (inputs * (likely * (1 - likely))[:, None]).T @ inputs + ridge
        weights = weights + np.linalg.solve(curve, slope)
    return float(weights[0]), dict(zip(NAMES, map(float, weights[1:]), strict=True))


def told(bias: float, weights: dict[str, float], rows: Array, labels: Array) -> str:
    """The table for `dl_lit/matching/weights.py`, with how sure the scores are on the pairs that taught."""
    odds = bias + rows @ np.array([weights[name] for name in NAMES])
    likely = 1 / (1 + np.exp(-odds))
    lines = [f"BIAS: Final = {bias:.2f}", "WEIGHTS: Final[dict[str, float]] = {"]
    lines += [f'    "{name}": {weight:.2f},' for name, weight in weights.items()]
    lines += ["}", f"# {len(labels)} pairs, {int(labels.sum())} right"]
    for threshold in (0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99):
        taken = likely >= threshold
        precision = labels[taken].mean() if taken.any() else 0.0
        lines.append(f"# p >= {threshold}: precision {precision:.4f}, recall {labels[taken].sum() / labels.sum():.4f}")
    return "\n".join(lines)


def calibrate(universe: Universe, tasks: Sequence[Task]) -> str:
    """The table that the works of `tasks` teach."""
    found: list[tuple[Array, Array]] = [pairs(universe, task) for task in tasks]
    rows: Any = np.vstack([one[0] for one in found])
    labels: Any = np.concatenate([one[1] for one in found])
    bias, weights = learnt(rows, labels)
    return told(bias, weights, rows, labels)
