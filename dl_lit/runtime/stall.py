"""Notices when one stage has work that is due and gets nothing done."""

from __future__ import annotations

from collections.abc import Iterable

from dl_lit.core.job import Done, Outcome, Reject, Retry, Snooze
from dl_lit.core.reasons import ReasonClass


class Stall:
    """Since when one stage has been at work in vain. Thread-safe enough: whoever is late by one look corrects it.

    Trying and failing counts until something comes of a try; resting because nothing is due counts as nothing.
    """

    def __init__(self) -> None:
        """Nothing is in vain before there is work."""
        self._since: float | None = None  # monotonic: in vain from then on
        self._until: float | None = None  # ... the last try in vain, while nothing is due
        self.says = ""  # what came of the last try in vain

    def add(self, outcomes: Iterable[Outcome], now: float) -> None:
        """Take note of recorded outcomes."""
        vain = ""
        for outcome in outcomes:
            if is_progress(outcome):
                self._since = self._until = None
                self.says = ""
                return
            if isinstance(outcome, Retry | Snooze) and outcome.reason.category is not ReasonClass.BUDGET:
                vain = outcome.reason.value
        if vain:
            self.says = vain
            self._since = now if self._since is None else self._since
            self._until = now

    def look(self, now: float, *, has_work: bool) -> float:
        """Seconds for which it has got nothing done although there was work; `has_work`: it has some now."""
        if has_work:
            self._since = now if self._since is None else self._since
            return now - self._since
        if self._since is None or self._until is None:  # nothing to do, and nothing tried in vain
            self._since = None
            return 0.0
        return self._until - self._since


def is_progress(outcome: Outcome) -> bool:
    """Whether an item got to know something; to give up on one after many failures is none."""
    return isinstance(outcome, Done) or (isinstance(outcome, Reject) and not outcome.reason.is_transient)
