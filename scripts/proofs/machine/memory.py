"""No memory left for the daemon, or little."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from proofs.machine.course import Fault, Ground, lived_through
from proofs.machine.home import Home
from proofs.machine.limits import Limit
from proofs.machine.row import Trial

_LEFT_MB = (0, 1, 4, 16)
_MB = 1_048_576


def rows(ground: Ground) -> Iterator[Trial]:
    """Nothing, and 1, 4, 16 MB left."""
    for left in _LEFT_MB:
        limit = Limit(resource.RLIMIT_AS, partial(_with_so_much, left))
        fault = Fault(
            row="memory short",
            hit=f"RLIMIT_AS at what is mapped and {left} MB more",
            begin=limit.begin,
            end=limit.end,
            hold_s=8.0,
            items=8,
            may_die=True,
        )
        yield lived_through(ground, Home(ground.base / f"memory-{left}", ground.scene).made(), fault)


def _with_so_much(left_mb: int, pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[0])
    return pages * resource.getpagesize() + left_mb * _MB
