"""How much work something may be."""

from __future__ import annotations

import sys

_COUNTED = 6.0  # times the work, at most, where each line is noted down as it runs


def is_counted() -> bool:
    """Whether it is noted down which lines run, as `scripts/check` does: all takes longer then."""
    return sys.gettrace() is not None


def within(seconds: float) -> float:
    """So much processor time, and more where it is counted which lines run."""
    return _COUNTED * seconds if is_counted() else seconds
