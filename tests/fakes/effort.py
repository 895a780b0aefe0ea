"""How much work something may be."""

from __future__ import annotations

import sys

_COUNTED = 6.0  # times the work, at most, where each line is noted down as it runs


def within(seconds: float) -> float:
    """So much processor time, and more where `scripts/check` sees which lines run."""
    return seconds if sys.gettrace() is None else _COUNTED * seconds
