"""The one thread that writes: outcomes of all stages go down in groups, then their claims are let go."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence

from dl_lit.core.errors import DatabaseFull
from dl_lit.core.job import Retry
from dl_lit.core.reasons import Reason
from dl_lit.core.store import Finished, Store

GROUP = 256
"""Outcomes in one transaction at most; measured: beyond some hundred the gain per outcome is gone."""

BACKLOG = 512
"""Outcomes that may wait; workers that bring more wait themselves."""


class Recorder:
    """Collects outcomes and commits whatever has gathered while the commit before was under way."""

    def __init__(self, store: Store, on_recorded: Callable[[Sequence[Finished]], None]) -> None:
        """`on_recorded` hears of each group once it is durable, in the recorder's thread."""
        self._store = store
        self._on_recorded = on_recorded
        self._waiting: deque[Finished] = deque()
        self._changed = threading.Condition(threading.Lock())
        self._asleep = False
        self._closed = False
        self.is_full = False  # the disk took no more; cleared by the next commit
        self.groups = 0

    def put(self, finished: Finished) -> None:
        """Hand in an outcome; waits when the recorder is far behind."""
        with self._changed:
            while len(self._waiting) >= BACKLOG and not self._closed:
                self._changed.wait(1.0)
            self._waiting.append(finished)
            if self._asleep:
                self._changed.notify_all()

    def record_once(self, timeout_s: float) -> int:
        """Commit what has gathered, waiting up to `timeout_s` for the first; the number of outcomes."""
        with self._changed:
            if not self._waiting and not self._closed:
                self._asleep = True
                self._changed.wait(timeout_s)
                self._asleep = False
            full = len(self._waiting) >= BACKLOG
            group = [self._waiting.popleft() for _ in range(min(GROUP, len(self._waiting)))]
            if full:
                self._changed.notify_all()
        if group:
            self._commit(group)
        return len(group)

    def _commit(self, group: list[Finished]) -> None:
        try:
            self._store.record(group)
        except DatabaseFull:
            # Never a failure of the items: they wait here, and the feeders rest meanwhile.
            with self._changed:
                self._waiting.extendleft(reversed(group))
                self.is_full = True
                if not self._closed:
                    self._changed.wait(1.0)
            return
        except Exception as error:  # noqa: BLE001 - one bad outcome must not take the group with it
            if len(group) == 1:
                group = [_unrecordable(group[0], error)]
                self._store.record(group)
            else:
                for one in group:
                    self._commit([one])
                return
        self.is_full = False
        self.groups += 1
        self._on_recorded(group)

    def loop(self) -> None:
        """Record until closed and empty; the thread's body."""
        while self.record_once(timeout_s=1.0) or not self._closed:
            if self._closed and self.is_full:
                return

    def close(self) -> None:
        """No more will come; `loop` ends once all is written."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def backlog(self) -> int:
        """Outcomes not yet written."""
        return len(self._waiting)


def _unrecordable(one: Finished, error: Exception) -> Finished:
    retry = Retry(Reason.INTERNAL_ERROR, f"its outcome could not be written: {error}", after=60.0)
    return Finished(one.claim, retry, one.started_at, one.seconds)
