"""An outage of a database that is on a server, as a process lives through it: told once, waited out, over some time.

Whoever of a process meets it says so here, and says when he is well again: the log has a line when it begins, one now
and then while it goes on, and one when it is over.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable
from typing import TypeVar

from dl_lit.core.clock import Clock, SystemClock
from dl_lit.core.errors import DatabaseAway, OutageTooLong, StoppedInOutage

T = TypeVar("T")

TRY_AGAIN_S = 1.0
"""How often it is tried whether the database answers again."""

STILL_EVERY_S = 600.0
"""How often the log says that an outage goes on."""

_STEP_S = 0.2
"""How soon a wait hears that it is to end."""

log = logging.getLogger(__name__)


class Outage:
    """Whether the database is away, since when, and for how long that is borne. Thread-safe."""

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        bears_s: float = math.inf,
        should_stop: Callable[[], bool] = lambda: False,
        tell: Callable[[str], object] = lambda _says: None,
        waiting: Callable[[str], object] = lambda _says: None,
        rest: Callable[[float], object] | None = None,
    ) -> None:
        """`bears_s`: for how long whoever asks by `bear` or `outlast` waits, and `should_stop` ends that at once.

        `tell` is told what the log is told; `waiting`, each second of such a wait, what it is waited for.
        `rest` lets so many seconds pass; in a test it may be told to do otherwise.
        """
        self._clock: Clock = clock or SystemClock()
        self._bears_s = bears_s
        self._should_stop, self._tell, self._says_waiting = should_stop, tell, waiting
        self._lock = threading.Lock()
        self._who: set[str] = set()  # those who cannot go on
        self._since = self._told_at = 0.0  # monotonic
        self._says = ""
        self._rest = rest or threading.Event().wait  # never set: who waits looks up every moment

    @property
    def lasts_s(self) -> float:
        """For how long it has lasted; 0 where there is none."""
        with self._lock:
            return self._clock.monotonic() - self._since if self._who else 0.0

    def met(self, who: str, error: DatabaseAway) -> None:
        """`who` cannot go on for this."""
        now = self._clock.monotonic()
        with self._lock:
            is_first, self._says = not self._who, str(error)
            self._who.add(who)
            if is_first:
                self._since = self._told_at = now
            is_late = now - self._told_at >= STILL_EVERY_S
            if is_late:
                self._told_at = now
            lasts_s = now - self._since
        if is_first:
            log.warning("database_away: %s; all work waits for it, what is finished is kept in memory", error)
            self._tell(f"{error}; it is waited for")
        elif is_late:
            log.warning("database_away_still: for %s: %s", _words(lasts_s), error)
            self._tell(f"still, for {_words(lasts_s)}: {error}")
        else:
            log.debug("database_away_for: %s: %s", who, error)

    def well(self, who: str) -> None:
        """`who` can go on."""
        if who not in self._who:  # asked by everybody all the time
            return
        with self._lock:
            self._who.discard(who)
            is_over, lasted_s = not self._who, self._clock.monotonic() - self._since
        if is_over:
            log.warning("database_back: it answers again after %s; work goes on", _words(lasted_s))
            self._tell(f"the database answers again after {_words(lasted_s)}")

    def leaves(self, who: str) -> None:
        """`who` is no more; whether the database answers again nobody knows from that."""
        with self._lock:
            self._who.discard(who)

    def bear(self) -> None:
        """Raise `OutageTooLong` where it has lasted for longer than is borne."""
        if self.lasts_s > self._bears_s:
            raise OutageTooLong(
                f"{self._says}; that has lasted for {_words(self.lasts_s)}, and longer is not waited for "
                "(engine.outage_s). Nothing that was written down is lost: when the database is back, "
                "the same command goes on where this one stopped"
            )

    def outlast(self, action: Callable[[], T], should_stop: Callable[[], bool] | None = None, *, who: str = "run") -> T:
        """What `action` gives, called again until the database answers; it must bear being called again.

        Raises `OutageTooLong`, and `StoppedInOutage` where it is to stop meanwhile.
        """
        should_stop = should_stop or self._should_stop
        while True:
            try:
                done = action()
            except DatabaseAway as error:
                self.met(who, error)
                self.bear()
                self._wait(should_stop, error)
            else:
                self.well(who)
                return done

    def _wait(self, should_stop: Callable[[], bool], error: DatabaseAway) -> None:
        self._says_waiting(f"waiting for the database: {error}")
        for _ in range(round(TRY_AGAIN_S / _STEP_S)):
            if should_stop():
                raise StoppedInOutage(
                    f"stopped while {error}; nothing that was written down is lost, "
                    "the same command goes on where this one stopped"
                )
            self._rest(_STEP_S)


def _words(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
