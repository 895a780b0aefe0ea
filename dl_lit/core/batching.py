"""How many identifiers a service takes at once: halved when that was too many, grown back while it is not."""

from __future__ import annotations

import threading
from dataclasses import dataclass

TOO_MUCH = frozenset({413, 414})
"""HTTP statuses by which a service says that a request is too large, and not that something else is wrong with it."""

_TO_GROW = 4  # full batches that are taken before a larger one is tried


@dataclass(slots=True)
class _Size:
    now: int
    taken: int = 0  # full batches in a row


class BatchSizes:
    """The sizes learned so far, by service and by what its documentation allows. Thread-safe."""

    def __init__(self) -> None:
        """Everything the documentation allows is tried first."""
        self._sizes: dict[tuple[str, int], _Size] = {}
        self._lock = threading.Lock()

    def now(self, service: str, most: int) -> int:
        """How many to ask for at once, where `most` are allowed."""
        with self._lock:
            return self._of(service, most).now

    def too_many(self, service: str, most: int, number: int) -> None:
        """`number` at once were too many: half of them from now on."""
        with self._lock:
            size = self._of(service, most)
            size.now = max(1, min(size.now, number // 2))
            size.taken = 0

    def taken(self, service: str, most: int, number: int) -> None:
        """A batch of `number` was answered; after some full ones a quarter more is tried."""
        with self._lock:
            size = self._of(service, most)
            if number < size.now or size.now >= most:
                return
            size.taken += 1
            if size.taken >= _TO_GROW:
                size.now = min(most, size.now + max(1, size.now // 4))
                size.taken = 0

    def forget(self) -> None:
        """Start again with everything that is allowed."""
        with self._lock:
            self._sizes.clear()

    def _of(self, service: str, most: int) -> _Size:
        return self._sizes.setdefault((service, most), _Size(most))


LEARNED = BatchSizes()
"""What this process has learned."""
