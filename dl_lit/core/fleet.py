"""One service as several hosts see it together: their clocks differ, so all of them go by the database's.

Decisions and arithmetic only. Times are seconds since the epoch by the database's clock, unless said otherwise.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from dataclasses import field, replace

from dl_lit.core.sharing import Denied, Granted, Held, Holder, IsAlive, Lease, ServiceState, Wish
from dl_lit.core.values import dataclass

LATE_S = 0.01
"""A permit counts from when it was due at most so long ago, and reaches the database within as much again."""

SLOW = 5.0
"""Permits a second up to which each is on the server's disk before it is given."""

_LONG_S = 60.0  # windows longer than this are never left to memory alone
_SAMPLES = 16
_SAMPLES_S = 30.0


@dataclass(slots=True)
class _Kept(ServiceState):
    """What is kept of a service there."""

    server: float = 0.0  # since when the server ran that this was written to
    forgot_at: float = 0.0  # when a server began that may have lost the latest permits of fast services


class FleetState(_Kept):
    """A service's state, by the clock of whoever keeps it: hosts that ask say what they think it is in vain."""

    __slots__ = ("gave", "moment", "slow")

    moment: float  # what time it is
    gave: bool  # whether a permit has been given since it came from the database
    slow: bool  # ... of a service that is asked at a leisurely pace

    def begin(self, moment: float, server: float) -> None:
        """Go by this time; what another server than the present one (by its start) was told last may be lost."""
        self.moment, self.gave, self.slow = moment, False, True
        if self.server not in {server, 0.0}:
            self.forgot_at = server
        self.server = server

    def turn(self, now: float) -> float:  # noqa: ARG002 - the caller's own idea of it
        """The time to go by; no clock is ever set back here."""
        return self.moment

    def grant(self, wish: Wish, is_alive: IsAlive) -> Granted | Held | Denied:
        """See `ServiceState.grant`; what may have been forgotten is waited out."""
        if self.forgot_at:
            until = self.forgot_at + _longest_s(wish)
            if until > self.moment:
                return Held("", until)
            self.forgot_at = 0.0
        at = min(self.moment, max(wish.at, self.moment - LATE_S))
        answer = ServiceState.grant(self, replace(wish, at=at, now=self.moment), is_alive)
        if isinstance(answer, Granted):
            self.gave, self.slow = True, _is_slow(wish)
        return answer

    def grave(self) -> object:
        """What is on disk before anybody goes by it, besides permits."""
        spent = [(key, one.used, one.announced, one.closed_until) for key, one in self.credits.items()]
        return self.parked_until, self.breaker.open_until, spent

    def reconcile(self, holder: Holder, ours: Collection[Lease]) -> None:
        """Take a holder's leases for what he himself knows of them: what he said last may not have arrived."""
        if ours or any(one.holder == holder for one in self.leases):
            self._go_on_with([*(one for one in self.leases if one.holder != holder), *ours])


def _longest_s(wish: Wish) -> float:
    """What a crash of the server may have forgotten lies no longer back: permits of longer windows are on disk."""
    windows = [window for lane in wish.lanes for window in lane.windows]
    return max([*(one.gap_s for one in wish.lanes), *(one.seconds for one in windows if one.seconds <= _LONG_S)])


def _is_slow(wish: Wish) -> bool:
    """Whether it can be waited for the disk each time, or must be since a crash could take back too much."""
    windows = [window for lane in wish.lanes for window in lane.windows]
    rate = min((window.permits / window.seconds for window in windows), default=0.0)
    return wish.credits > 0 or rate <= SLOW or any(window.seconds > _LONG_S for window in windows)


@dataclass(frozen=True, slots=True)
class _Sample:
    behind: float  # by how much the host's monotonic clock is behind, at least
    took_s: float
    at: float  # the host's monotonic clock


@dataclass(slots=True)
class ServerTime:
    """What the database's clock says, told from its answers and from a clock of ours that only runs.

    An answer says what time it was between asking and hearing. It was no later than when it was heard, so the clock is
    at least that far; the quickest way there and back of late is added, since that is what the next question takes.
    Where a clock of ours runs too fast, questions come too early: they are refused, and `restart` begins anew.
    """

    samples: deque[_Sample] = field(default_factory=lambda: deque(maxlen=_SAMPLES))

    @property
    def is_known(self) -> bool:
        """Whether the database has ever said."""
        return bool(self.samples)

    def hear(self, said: float, asked: float, heard: float) -> None:
        """It was `said` there at some time between `asked` and `heard` by our monotonic clock."""
        while self.samples and heard - self.samples[0].at > _SAMPLES_S:
            self.samples.popleft()
        self.samples.append(_Sample(said - heard, heard - asked, heard))

    def restart(self) -> None:
        """Believe the last answer alone."""
        last = self.samples[-1]
        self.samples.clear()
        self.samples.append(last)

    def at(self, monotonic: float) -> float:
        """What time it will be there when a question asked at `monotonic` arrives."""
        return monotonic + max(one.behind for one in self.samples) + self.there_s

    @property
    def there_s(self) -> float:
        """The quickest way there and back."""
        return min(one.took_s for one in self.samples)
