"""What is known not to work, remembered while a claim waits for other hosts: nobody is asked twice for nothing."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from dl_lit.core.reasons import Reason
from dl_lit.core.trail import Hops

_MAX_WORKS = 20_000


@dataclass(frozen=True, slots=True)
class Failure:
    """One address that gave no PDF."""

    url: str
    reason: Reason
    detail: str = ""
    final_url: str | None = None
    after: float | None = None
    costs_attempt: bool = True
    hops: Hops = ()  # the landing page that named it first
    technique: str | None = None  # by which the landing page named it


class DeadLinks:
    """Failures for good, by work and address, in memory of bounded size. Thread-safe.

    Losing them costs one request each, so they are not kept over a restart.
    """

    def __init__(self, max_works: int = _MAX_WORKS) -> None:
        self._max_works = max_works
        self._works: OrderedDict[int, dict[str, Failure]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, work_id: int, url: str) -> Failure | None:
        """The failure that fetching `url` for this work ended in; None where it may be tried."""
        with self._lock:
            return self._works.get(work_id, {}).get(url)

    def note(self, work_id: int, failure: Failure) -> None:
        """Remember a failure for good."""
        with self._lock:
            self._works.setdefault(work_id, {})[failure.url] = failure
            self._works.move_to_end(work_id)
            while len(self._works) > self._max_works:
                self._works.popitem(last=False)

    def forget(self, work_id: int) -> None:
        """The work has its answer."""
        with self._lock:
            self._works.pop(work_id, None)
