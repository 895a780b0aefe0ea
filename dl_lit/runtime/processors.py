"""How much the machine's processors have to do."""

from __future__ import annotations

import os
import threading
import time

_LEAST_S = 1.0  # between two readings: in a shorter time everything looks busy or idle


class Processors:
    """How many processors have had nothing to do lately. Thread-safe."""

    def __init__(self) -> None:
        """Nothing is known before the second reading."""
        self._lock = threading.Lock()
        self._at = 0.0
        self._idle = 0.0  # processor seconds
        self._free = 0.0  # processors

    def free(self) -> float:
        """Processors without work, on average since the reading before; 0 while that is not known."""
        with self._lock:
            now = time.monotonic()
            if now - self._at >= _LEAST_S:
                idle = _idle_s()
                if self._at:
                    self._free = max(0.0, (idle - self._idle) / (now - self._at))
                self._at, self._idle = now, idle
            return self._free


def _idle_s() -> float:
    import psutil  # noqa: PLC0415 - only a running pipeline needs it

    return float(psutil.cpu_times().idle)


_PROCESSORS = Processors()


def hands_for_processors(busy: int) -> int:
    """For how many hands that compute there is room, where `busy` do so already: one for each processor we may use.

    More where processors are idle all the same: then the hands wait for something else.
    """
    return max(len(os.sched_getaffinity(0)), busy + int(_PROCESSORS.free()))
