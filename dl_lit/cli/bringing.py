"""Bringing in what the whole program needs, without what it does not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_rich() -> Iterator[None]:
    """Bring in, while entered, what takes rich along where it can, and has no use for it here.

    structlog draws tracebacks with it, which we draw ourselves, httpx the output of its own command. Rich and what it
    brings were a tenth of every start. A module that stands as None cannot be brought in
    (https://docs.python.org/3.11/reference/import.html#the-module-cache, read 2026-11-23); afterwards it can again.
    """
    if "rich" in sys.modules:
        yield
        return
    sys.modules["rich"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules["rich"]
