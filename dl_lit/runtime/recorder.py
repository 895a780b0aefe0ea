"""The one thread that writes: outcomes of all stages go down in groups, then their claims are let go."""

from __future__ import annotations

import logging
import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence

from dl_lit.core.clock import Clock, SystemClock
from dl_lit.core.errors import DatabaseAway, DatabaseDamaged, DatabaseFull, DatabaseUnusable
from dl_lit.core.job import Reject, Retry
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from dl_lit.core.store import Finished, Recorded, Store
from dl_lit.runtime.arriving import Arriving
from dl_lit.runtime.outage import Outage
from dl_lit.runtime.turns import Turn

GROUP = 1_024
"""Outcomes in one transaction at most. Hosts that share a database wait for each other's transactions, and each costs
the same some thirty statements; alone, beyond some hundred the gain per outcome is gone."""

BACKLOG = 1_024
"""Outcomes that may wait; workers that bring more wait themselves."""

_AGAIN_S = 60.0
"""How long an item rests whose outcome the database would not take."""

_TRY_AGAIN_S = 1.0

_LOOK_UP_S = 30.0
"""After this the idle recorder looks up; outcomes and the end wake it at once."""

log = logging.getLogger(__name__)


class Recorder:
    """Collects outcomes and commits whatever has gathered while the commit before was under way."""

    def __init__(
        self,
        store: Store,
        on_recorded: Callable[[Sequence[Finished]], None],
        *,
        on_dropped: Callable[[Recorded], None] = lambda _recorded: None,
        max_attempts: int = 5,
        clock: Clock | None = None,
        outage: Outage | None = None,
    ) -> None:
        """`on_recorded` hears of each group once it is durable, in the recorder's thread.

        `on_dropped` hears before that where something of a group was not written, for good.
        """
        self._clock: Clock = clock or SystemClock()
        self.turn = Turn("recorder", self._clock)
        self._outage = outage or Outage(self._clock)
        self._store = store
        self._on_recorded, self._on_dropped = on_recorded, on_dropped
        self._max_attempts = max_attempts
        self._waiting: deque[Finished] = deque()
        self._arriving = Arriving()
        self._changed = threading.Condition(threading.Lock())
        self._asleep = False
        self._closed = False
        self.is_full = False  # the database takes no more at present; cleared by the next commit
        self.trouble: str | None = None  # why it takes no more, in words
        self._trying_since: float | None = None  # monotonic: what is being written, or was in vain, from then on
        self.begun = 0  # groups taken up, written or not

    def put(self, finished: Finished) -> None:
        """Hand in an outcome; waits when the recorder is far behind."""
        with self._changed:
            while len(self._waiting) >= BACKLOG and not self._closed:
                self._changed.wait(1.0)
            self._waiting.append(finished)
            self._arriving.add(finished)
            if self._asleep:
                self._changed.notify_all()

    def record_once(self, timeout_s: float) -> int:
        """Commit what has gathered, waiting up to `timeout_s` for the first; the number of outcomes."""
        with self._changed:
            if not self._waiting and not self._closed:
                self._asleep = True
                self.turn.rests(timeout_s)
                self._changed.wait(timeout_s)
                self._asleep = False
            self.turn.begins()
            full = len(self._waiting) >= BACKLOG
            group = [self._waiting.popleft() for _ in range(min(GROUP, len(self._waiting)))]
            self.begun += bool(group)
            if full:
                self._changed.notify_all()
        if group:
            self._commit(group)
        return len(group)

    def _commit(self, group: list[Finished], *, substituted: bool = False) -> bool:
        """Write the group, or put it back where the database takes nothing at present; whether it is written."""
        self.turn.begins()
        if self._trying_since is None:
            self._trying_since = self._clock.monotonic()
        try:
            recorded = self._store.record(group)
        except DatabaseDamaged:
            raise  # it will not pass, and nothing more may go into such a file
        except (DatabaseFull, DatabaseUnusable) as error:
            self._put_back(group, error)
            return False
        except Exception as error:
            if substituted:
                raise
            return self._commit_singly(group, error)
        self.is_full, self.trouble = False, None
        self._trying_since = None
        self._outage.well("recorder")
        self._settle(group)
        tell_dropped(recorded, self._on_dropped)
        self._on_recorded(recorded.written)
        return True

    def _commit_singly(self, group: list[Finished], error: Exception) -> bool:
        """One bad outcome must not take the group with it; alone, it becomes a failure of its item."""
        if len(group) == 1:
            self._settle(group)  # what is written instead brings no rows
            return self._commit([self._unrecordable(group[0], error)], substituted=True)
        for place, one in enumerate(group):
            if not self._commit([one]):
                with self._changed:
                    self._waiting.extend(group[place + 1 :])
                return False
        return True

    def _settle(self, group: Sequence[Finished]) -> None:
        """Nothing of the group is on its way any more."""
        with self._changed:
            self._arriving.remove(group)

    def arriving(self, stage: StageName) -> int:
        """How many rows `stage` gets when all is written that was handed in."""
        return self._arriving.at(stage)

    def _put_back(self, group: list[Finished], error: Exception) -> None:
        """Never a failure of the items: they wait here, and the feeders rest meanwhile."""
        if isinstance(error, DatabaseAway):
            self._outage.met("recorder", error)
        elif not self.is_full:
            log.warning("recording_waits: %s", error)
        with self._changed:
            self._waiting.extendleft(reversed(group))
            self.is_full, self.trouble = True, str(error)
            if not self._closed:
                self._changed.wait(_TRY_AGAIN_S)

    def _unrecordable(self, one: Finished, error: Exception) -> Finished:
        detail = f"its outcome could not be written: {error}"
        if one.claim.attempt >= self._max_attempts:
            return Finished(one.claim, Reject(Reason.INTERNAL_ERROR, detail), one.started_at, one.seconds)
        return Finished(one.claim, Retry(Reason.INTERNAL_ERROR, detail, _AGAIN_S), one.started_at, one.seconds)

    def loop(self) -> None:
        """Record until closed and empty; the thread's body."""
        while self.record_once(timeout_s=_LOOK_UP_S) or not self._closed:
            if self._closed and self.is_full:
                break
        self._outage.leaves("recorder")
        self.turn.ends()

    def close(self) -> None:
        """No more will come; `loop` ends once all is written."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def in_vain_s(self) -> float:
        """How long the database has taken nothing, what waits for another program's lock at this moment included."""
        since = self._trying_since
        return 0.0 if since is None else self._clock.monotonic() - since

    @property
    def backlog(self) -> int:
        """Outcomes not yet written."""
        return len(self._waiting)


def tell_dropped(recorded: Recorded, on_dropped: Callable[[Recorded], None]) -> None:
    """Tell `on_dropped` and the log where something of a group was not written, for good.

    What others were given meanwhile is one line; whoever changed a row by hand has been told already.
    """
    others, moved_on = recorded.taken_over, recorded.moved_on
    if others:
        stages = Counter(one.claim.stage.value for one in others)
        log.warning(
            "taken_over: %s finished here too late and not written down; others were given them",
            ", ".join(f"{number} {stage}" for stage, number in stages.items()),
        )
    for one in moved_on:
        log.debug(
            "moved_on: %s %s was changed meanwhile; what came of it is not written down",
            one.claim.stage.value,
            one.claim.id,
        )
    if others or moved_on:
        on_dropped(recorded)
