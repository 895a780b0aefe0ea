"""Notices when tries go on and nothing comes of them: no network, all services down."""

from __future__ import annotations

from collections.abc import Sequence

from dl_lit.core.clock import Clock
from dl_lit.core.store import Finished
from dl_lit.runtime.stall import is_progress


class Standstill:
    """Keeps the first and the last try since something came of one.

    Waiting alone is no standstill: a service that asked for five minutes' rest is given them, and tried once more.
    """

    def __init__(self, clock: Clock, patience_s: float) -> None:
        """Reached when tries have been in vain for `patience_s` seconds. Written by the recorder alone."""
        self._clock = clock
        self._patience_s = patience_s
        self._vain: tuple[float, float] | None = None  # first and last try since the last that was not in vain

    def add(self, group: Sequence[Finished]) -> None:
        """Take note of a recorded group."""
        now = self._clock.monotonic()
        if any(is_progress(one.outcome) for one in group):
            self._vain = None
        else:
            self._vain = (self._vain[0] if self._vain else now, now)

    @property
    def is_reached(self) -> bool:
        """Whether to go on would be to wait for an outage to end."""
        vain = self._vain
        return vain is not None and vain[1] - vain[0] >= self._patience_s
