"""A limit of the daemon's, lowered while a fault lasts."""

from __future__ import annotations

import resource
from collections.abc import Callable

from proofs.machine.home import Home


class Limit:
    """One of the running daemon's soft limits, lowered to what it uses at that moment and a little."""

    def __init__(self, number: int, wanted: Callable[[int], int]) -> None:
        """`number` is one of `resource.RLIMIT_*`, `wanted` gives the limit for a process's number."""
        self._number, self._wanted = number, wanted
        self._before = (0, 0)

    def begin(self, home: Home) -> None:
        """Lower it."""
        if home.daemon is None:
            raise RuntimeError("no daemon runs")
        pid = home.daemon.pid
        wanted = self._wanted(pid)
        self._before = resource.prlimit(pid, self._number)
        resource.prlimit(pid, self._number, (wanted, self._before[1]))

    def end(self, home: Home) -> None:
        """Raise it again."""
        if home.daemon is not None and home.daemon.poll() is None:
            resource.prlimit(home.daemon.pid, self._number, self._before)
