"""No file descriptor left in the daemon, or a few."""

from __future__ import annotations

import re
import resource
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from proofs.machine.course import Account, Fault, Ground, lived_through
from proofs.machine.home import Home
from proofs.machine.limits import Limit
from proofs.machine.row import Trial

_NUMBER = re.compile(r"[\d,]*\d")
_LEFT = (0, 1, 2, 4)


def rows(ground: Ground) -> Iterator[Trial]:
    """None, one, two and four left."""
    for left in _LEFT:
        limit = Limit(resource.RLIMIT_NOFILE, partial(_with_so_many, left))
        fault = Fault(
            row="file descriptors used up",
            hit=f"RLIMIT_NOFILE at what is open and {left} more",
            begin=limit.begin,
            end=limit.end,
            hold_s=8.0,
            items=8,
            while_it_lasts=_doctor,
        )
        yield lived_through(ground, Home(ground.base / f"descriptors-{left}", ground.scene).made(), fault)


def _with_so_many(left: int, pid: int) -> int:
    """The limit is on numbers: beyond the highest that is open."""
    return max(int(one.name) for one in Path(f"/proc/{pid}/fd").iterdir()) + 1 + left


def _doctor(home: Home, account: Account) -> None:
    """What a person who looks is told."""
    told = home.run("doctor")
    account.see(
        *(_NUMBER.sub("N", " ".join(line.split())) for line in told.out.splitlines() if "running-descriptors" in line)
    )
