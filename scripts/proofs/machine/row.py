"""What one fault of the machine came to, and the table that many of them make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from proofs.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Trial:
    """One fault, what the user saw of it, and what was lost by it (nothing, if all is well)."""

    row: str  # the row of the table that it is counted in: "disk full: library"
    hit: str  # what was hit, in the words that repeat it: "library pwrite64 17 ENOSPC until asked"
    saw: tuple[str, ...] = ()  # conditions, reasons, exit codes and one-line errors, in the order they were told
    lost: int = 0
    doubled: int = 0
    untyped: int = 0  # tracebacks, and endings without a word of ours
    failures: tuple[str, ...] = ()  # one line each, without `row` and `hit`, which are told before it

    @property
    def told(self) -> list[str]:
        """Its failures, each a line that is enough to try it again."""
        return [f"{self.row}: {self.hit}: {line}" for line in self.failures]


def table(trials: Iterable[Trial]) -> dict[str, dict[str, Any]]:
    """The trials by their rows: how many, what the users saw how often, what was lost."""
    rows: dict[str, dict[str, Any]] = {}
    for trial in trials:
        row = rows.setdefault(trial.row, {"tried": 0, "lost": 0, "doubled": 0, "untyped": 0, "failed": 0, "saw": {}})
        for name, value in _figures(trial).items():
            row[name] += value
        row["saw"] = dict(Counter(row["saw"]) + Counter(set(trial.saw)))
    return rows


def verdict(proof: str, trials: Iterable[Trial], **more: Any) -> Verdict:
    """The trials as a proof's verdict, with the table among its further figures."""
    trials = list(trials)
    return Verdict(
        proof,
        tried=len(trials),
        lost=sum(one.lost for one in trials),
        doubled=sum(one.doubled for one in trials),
        untyped=sum(one.untyped for one in trials),
        failures=[line for one in trials for line in one.told],
        more={"rows": table(trials), **more},
    )


def _figures(trial: Trial) -> dict[str, int]:
    return {
        "tried": 1,
        "lost": trial.lost,
        "doubled": trial.doubled,
        "untyped": trial.untyped,
        "failed": int(bool(trial.failures)),
    }
