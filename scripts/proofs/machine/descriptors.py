"""No file descriptor left in the daemon, or a few."""

from __future__ import annotations

import re
import resource
from collections.abc import Iterator
from pathlib import Path

from proofs.machine.course import Account, Fault, Ground, lived_through
from proofs.machine.home import Home
from proofs.machine.row import Trial

_NUMBER = re.compile(r"[\d,]*\d")
_LEFT = (0, 1, 2, 4)


class _Limit:
    """RLIMIT_NOFILE of the daemon, lowered to what it has open and a few."""

    def __init__(self, left: int) -> None:
        self._left = left
        self._before = (0, 0)

    def begin(self, home: Home) -> None:
        """Lower it."""
        if home.daemon is None:
            raise RuntimeError("no daemon runs")
        pid = home.daemon.pid
        # The limit is on numbers: beyond the highest that is open.
        highest = max(int(one.name) for one in Path(f"/proc/{pid}/fd").iterdir())
        self._before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (highest + 1 + self._left, self._before[1]))

    def end(self, home: Home) -> None:
        """Raise it again."""
        if home.daemon is not None and home.daemon.poll() is None:
            resource.prlimit(home.daemon.pid, resource.RLIMIT_NOFILE, self._before)


def rows(ground: Ground) -> Iterator[Trial]:
    """None, one, two and four left."""
    for left in _LEFT:
        limit = _Limit(left)
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


def _doctor(home: Home, account: Account) -> None:
    """What a person who looks is told."""
    told = home.run("doctor")
    account.see(
        *(_NUMBER.sub("N", " ".join(line.split())) for line in told.out.splitlines() if "running-descriptors" in line)
    )
