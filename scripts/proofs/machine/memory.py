"""No memory left for the daemon, or little."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

from proofs.machine.course import Fault, Ground, lived_through
from proofs.machine.home import Home
from proofs.machine.row import Trial

_LEFT_MB = (0, 1, 4, 16)
_MB = 1_048_576


class _Limit:
    """RLIMIT_AS of the daemon, lowered to what it has mapped and a little."""

    def __init__(self, left_mb: int) -> None:
        self._left_mb = left_mb
        self._before = (0, 0)

    def begin(self, home: Home) -> None:
        """Lower it."""
        if home.daemon is None:
            raise RuntimeError("no daemon runs")
        pages = int(Path(f"/proc/{home.daemon.pid}/statm").read_text().split()[0])
        size = pages * resource.getpagesize() + self._left_mb * _MB
        self._before = resource.prlimit(home.daemon.pid, resource.RLIMIT_AS)
        resource.prlimit(home.daemon.pid, resource.RLIMIT_AS, (size, self._before[1]))

    def end(self, home: Home) -> None:
        """Raise it again."""
        if home.daemon is not None and home.daemon.poll() is None:
            resource.prlimit(home.daemon.pid, resource.RLIMIT_AS, self._before)


def rows(ground: Ground) -> Iterator[Trial]:
    """Nothing, and 1, 4, 16 MB left."""
    for left in _LEFT_MB:
        limit = _Limit(left)
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
