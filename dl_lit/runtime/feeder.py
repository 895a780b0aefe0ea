"""A stage's feeder: claims rows for idle hands, and no more than its hopper has room for."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable

from dl_lit.core.clock import Clock
from dl_lit.core.errors import DatabaseAway, DatabaseDamaged, DatabaseFull, DatabaseUnusable
from dl_lit.core.model import StageName
from dl_lit.core.store import Store
from dl_lit.runtime.brakes import Bounds, Brakes
from dl_lit.runtime.hopper import Hopper
from dl_lit.runtime.lounge import Lounge
from dl_lit.runtime.outage import Outage
from dl_lit.runtime.turns import Turn

_LOOK_UP_S = 15.0
"""After this it looks up where nothing is due: who writes is noticed and announced, but clocks are set."""

_TRY_AGAIN_S = 1.0
"""After this it looks again into a database that could not be read."""

log = logging.getLogger(__name__)


class Feeder:
    """Moves rows from the waiting room into the hopper; sleeps until woken, a row is due, or the next poll."""

    def __init__(
        self,
        stage: StageName,
        store: Store,
        hopper: Hopper,
        brakes: Brakes,
        *,
        clock: Clock,
        poll_s: float,
        lounge: Lounge | None = None,
        on_fed: Callable[[], float] = lambda: math.inf,
        outage: Outage | None = None,
    ) -> None:
        """`poll_s` is the fallback for what nobody announces; `lounge` is where claims wait for their turn.

        `on_fed` is called after each look; it says within how many seconds it wants to be called again.
        """
        self.stage = stage
        self._store = store
        self._hopper = hopper
        self._brakes = brakes
        self._clock = clock
        self._poll_s = poll_s
        self._lounge = lounge
        self._on_fed = on_fed
        self._outage = outage or Outage(clock)
        self._wake = threading.Event()
        self._stopped = False
        self._has_given_back = False
        self._reads_in_vain = False  # the database could not be read when it was last looked into
        self._delayed_until: float | None = None  # monotonic
        self._blocked_since: float | None = None  # monotonic: the brakes have let nothing be claimed from then on
        self.paused = False  # while something is worked on that must have the process to itself
        self.paused_by: str | None = None  # who wishes that nothing is claimed, in words
        self.resting: str | None = None  # why nothing is claimed although there is work
        self.turn = Turn(f"{stage.value}-feeder", clock)
        self.has_looked = threading.Event()
        """Set when it has looked for the first time whether there is something to claim."""

    def become(self, bounds: Bounds) -> None:
        """Keep to other bounds from now on."""
        self._brakes.become(bounds)
        self.wake()

    def is_dammed(self) -> bool:
        """Whether the room ahead is too full, at this moment, for this stage to work."""
        return self._brakes.is_dammed()

    @property
    def is_resting_for_room(self) -> bool:
        """Whether it rests because the room ahead was too full when it last looked."""
        return self.resting is not None and self._brakes.was_dammed

    @property
    def blocked_s(self) -> float:
        """Seconds for which the brakes have let nothing be claimed; 0 while they do."""
        since = self._blocked_since
        return 0.0 if since is None else self._clock.monotonic() - since

    def wake(self) -> None:
        """Look again at once."""
        # Set already means that a look is still to come: setting it once more would only cost.
        if not self._wake.is_set():
            self._wake.set()

    def feed_once(self) -> float:
        """Claim what fits; seconds after which looking again makes sense if nobody wakes the feeder before."""
        if self.paused_by is not None:
            return self._give_back()
        if self._has_given_back and self._lounge is not None:
            self._lounge.open()
        self._has_given_back = False
        return min(self._call_back(), self._claim())

    def _give_back(self) -> float:
        """Keep nothing that no hand has taken up yet: whoever resumes finds it all in its room."""
        seated = [] if self._lounge is None else self._lounge.close()
        self._store.release([*self._hopper.give_back(), *seated])
        self._has_given_back = True
        self.resting = None
        return max(self._poll_s, _LOOK_UP_S)

    def _call_back(self) -> float:
        """Let those go on whose turn has come; seconds until the next one's."""
        if self._lounge is None or not len(self._lounge):
            return math.inf
        rest = self._brakes.rest()
        if self.paused or (rest is not None and rest.blocks):
            return self._poll_s
        self._store.release(self._hopper.put(self._lounge.due()))
        return self._lounge.next_due_s()

    def _claim(self) -> float:
        """Claim what fits; seconds until that makes sense again."""
        free = self._hopper.free_slots()
        # Filled up from half on only: claims and batches are cheaper by the dozen, and no hand is idle meanwhile.
        if self.paused or 2 * free < self._hopper.size:
            self.resting = None
            return self._poll_s
        if self._store.waiting(self.stage) == 0:
            self.resting = None
            return max(self._poll_s, _LOOK_UP_S)
        wait_s = self._rest()
        if wait_s > 0.0:
            return wait_s
        claims = self._store.claim(self.stage, free)
        if claims:
            self._store.release(self._hopper.put(claims))
        if len(claims) == free:
            return self._poll_s
        due = self._store.next_due(self.stage)
        return self._poll_s if due is None else max(0.0, min(max(self._poll_s, _LOOK_UP_S), due - self._clock.time()))

    def _rest(self) -> float:
        """Seconds the brakes ask to wait still; a mere delay is waited out once before each claim."""
        rest = self._brakes.rest()
        self.resting = rest.reason if rest else None
        if rest is None:
            self._delayed_until = self._blocked_since = None
            return 0.0
        now = self._clock.monotonic()
        if rest.blocks:
            if self._blocked_since is None:
                self._blocked_since = now
                is_news = not rest.is_told and not self.is_dammed()
                log.log(logging.WARNING if is_news else logging.DEBUG, "%s rests: %s", self.stage, rest.reason)
            return rest.seconds
        self._blocked_since = None
        if self._delayed_until is None:
            self._delayed_until = now + rest.seconds
        if now < self._delayed_until:
            return self._delayed_until - now
        self._delayed_until = None
        return 0.0

    def _fed(self) -> float:
        """As `feed_once`; where the database cannot be read at present nothing is claimed until it can."""
        try:
            wait_s = self.feed_once()
        except DatabaseDamaged:
            raise
        except (DatabaseFull, DatabaseUnusable) as error:
            if isinstance(error, DatabaseAway):
                self._outage.met(self.turn.name, error)
            elif not self._reads_in_vain:
                log.warning("claiming_waits: %s", error)
            self._reads_in_vain, self.resting = True, str(error)
            return _TRY_AGAIN_S
        self._reads_in_vain = False
        self._outage.well(self.turn.name)
        return wait_s

    def loop(self) -> None:
        """Feed until stopped; the thread's body."""
        while not self._stopped:
            # Cleared before the claim: what becomes ready during it sets the event again.
            self._wake.clear()
            self.turn.begins()
            wait_s = min(self._fed(), self._on_fed())
            self.has_looked.set()
            if not self._stopped:
                self.turn.rests(wait_s)
                self._wake.wait(wait_s)
        self._outage.leaves(self.turn.name)
        self.turn.ends()

    def stop(self) -> None:
        """No more claims."""
        self._stopped = True
        self._wake.set()
