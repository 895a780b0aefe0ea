"""Drafts whose writers have died.

A draft is locked for as long as its writer lives: the system takes the lock away when it dies, however it does.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path


def remove_abandoned(draft: Path, before: Callable[[], None] | None = None) -> None:
    """Remove a draft that nobody holds, after what is done `before`. Raises `OSError`, also where somebody holds it."""
    file = os.open(draft, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if before is not None:
            before()
        draft.unlink()
    finally:
        os.close(file)
