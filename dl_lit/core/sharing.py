"""One service as all dl_lit processes of a machine see it together, and the seam to where that is kept.

Decisions only: whoever keeps a `ServiceState` hands it to one decision at a time. Times are seconds since the epoch.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import NamedTuple, Protocol, TypeVar

from dl_lit.core.breaker import Admission, Breaker
from dl_lit.core.grants import Grants
from dl_lit.core.learning import Learned
from dl_lit.core.limits import DailyCredits
from dl_lit.core.reasons import Reason
from dl_lit.core.services import BY_NAME, Service, Window
from dl_lit.core.values import dataclass

T = TypeVar("T")

LEASE_S = 900.0
"""However long a request may take: after this its place is free again, whatever became of its process."""

HOSTS = "host:"
"""How the places of hosts that are no services begin."""

POLL_S = 0.05
"""How soon to look again for a place that another process may have freed."""

PROBE_OUT_S = 5.0
"""How soon to come back while the breaker's probe is out, at most."""


def probe_out_s(breaker: Breaker) -> float:
    """How soon to come back while the probe of `breaker` is out: it rests no longer than that if the probe fails."""
    return min(PROBE_OUT_S, breaker.open_s)


_TICKETS = itertools.count(1)

_EARLY_S = 0.001  # two clocks, one of them rounded: a grant this early is no grant too early
_SEEN_S = 0.25  # who was here a moment ago need not be written down again
_BACKWARDS_S = 0.5  # processes that wait for each other see each other's time: no clock was set
_KEYS_KEPT = 8  # keys whose credits are remembered
_DAYS_KEPT = 2
_PLACES_KEPT = 2_000  # in memory; on disk they go by age
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Holder:
    """One process of this machine."""

    pid: int
    started: str  # whatever tells it from an earlier process with its number
    space: str = ""  # the space its number counts in: containers have their own


@dataclass(frozen=True, slots=True)
class Lease:
    """A request in flight."""

    number: int
    holder: Holder
    lane: str
    expires_at: float
    is_probe: bool = False


@dataclass(frozen=True, slots=True)
class LaneWish:
    """What one lane allows now."""

    name: str
    windows: tuple[Window, ...]
    gap_s: float  # least time between two permits
    concurrency: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A process's request for a permit, whose turn has come among its own."""

    holder: Holder
    lanes: tuple[LaneWish, ...]  # the service's own first
    at: float  # from when the permit counts: now, or a moment ago when it was due
    now: float
    credits: int = 0
    key: str = ""  # whose credits: a hash, never the key itself
    credits_per_day: int | None = None
    lease: int = field(default_factory=_TICKETS.__next__)


class Granted(NamedTuple):
    """The request may go."""

    lease: int
    admission: Admission
    at: float  # from when it counts


@dataclass(frozen=True, slots=True)
class Held:
    """Not yet; ask again then."""

    lane: str
    until: float


@dataclass(frozen=True, slots=True)
class Denied:
    """Waiting does not help; seconds after which asking again does."""

    reason: Reason
    after: float


IsAlive = Callable[[Holder], bool]


@dataclass(frozen=True, slots=True)
class KeyTrouble:
    """What is wrong with a key, and since when."""

    says: str
    at: float


@dataclass(slots=True)
class ServiceState:
    """Everything that processes must know of each other at one service."""

    seen_at: float = 0.0  # the latest time anybody was here
    grants: dict[str, Grants] = field(default_factory=dict)  # by lane; "" is the service's own
    leases: list[Lease] = field(default_factory=list)
    breaker: Breaker = field(default_factory=Breaker)
    parked_until: float = 0.0
    parked_for: str = ""
    credits: dict[str, DailyCredits] = field(default_factory=dict)  # by key, hashed; "" without one
    learned: Learned = field(default_factory=Learned)
    requests: dict[int, int] = field(default_factory=dict)  # by day
    key_trouble: dict[str, KeyTrouble] = field(default_factory=dict)  # by key, hashed

    def turn(self, now: float) -> float:
        """Make it `now`, and return the time to go by; a clock that was set back takes everything back with it."""
        behind = self.seen_at - now
        if behind <= 0.0:
            if -behind > _SEEN_S:
                self.seen_at = now
        elif behind <= _BACKWARDS_S:
            return self.seen_at
        else:
            self._turn_back(behind, now)
        return now

    def parked_s(self, now: float) -> float:
        """Seconds for which it rests; 0 when it does not."""
        return max(0.0, self.parked_until - now)

    def park(self, until: float, why: str) -> None:
        """Let nobody through before `until`."""
        if until > self.parked_until:
            self.parked_until, self.parked_for = until, why

    def purse(self, key: str, limit: int | None) -> DailyCredits:
        """The credits of a key, of which `limit` were decided for a day."""
        purse = self.credits.pop(key, None) or DailyCredits(limit)
        purse.limit = limit
        self.credits[key] = purse  # the latest last
        while len(self.credits) > _KEYS_KEPT:
            del self.credits[next(iter(self.credits))]
        return purse

    def in_flight(self, lane: str = "") -> int:
        """Requests under way, in one lane or in all."""
        return sum(one.lane == lane for one in self.leases) if lane else len(self.leases)

    def requests_today(self, now: float) -> int:
        """Requests since midnight UTC, by all processes."""
        return self.requests.get(int(now // _DAY_S), 0)

    def grant(self, wish: Wish, is_alive: IsAlive) -> Granted | Held | Denied:
        """Give a permit, or say when to ask again."""
        now = self.turn(wish.now)
        for one in self.leases:
            if one.expires_at <= now:
                self._keep(lambda one: one.expires_at > now)
                break
        if self._is_tight(wish):
            self._bury(is_alive)
        if (rest := self.breaker.wait_s(now)) > 0.0:
            return Denied(Reason.SERVICE_DOWN, probe_out_s(self.breaker) if self.breaker.probing else rest)
        if self.parked_until > now:
            return Held("", self.parked_until)
        purse = self.purse(wish.key, wish.credits_per_day)
        if 0 < wish.credits > purse.remaining(now):
            return Denied(Reason.BUDGET_EXHAUSTED, purse.resets_in(now))
        turn = self._turn_of(wish, now)
        return turn if isinstance(turn, Held) else self._give(wish, purse, turn, now)

    def left(self, at: float, lane: str = "") -> None:
        """The request that was granted last set out only at `at`."""
        if (grants := self.grants.get(lane)) is not None:
            grants.left(at)

    def end(self, holder: Holder, lease: int) -> None:
        """The holder's request with this lease has ended."""
        self._go_on_with([one for one in self.leases if one.number != lease or one.holder != holder])

    def only(self, holder: Holder) -> None:
        """Go on with this process alone: what others do cannot be known any more."""
        self._keep(lambda one: one.holder == holder)

    def distrust(self, key: str, says: str, now: float) -> None:
        """Something is wrong with a key."""
        self.key_trouble[key] = KeyTrouble(says, now)
        while len(self.key_trouble) > _KEYS_KEPT:
            del self.key_trouble[next(iter(self.key_trouble))]

    def trust(self, key: str) -> None:
        """The key is taken."""
        self.key_trouble.pop(key, None)

    def _turn_of(self, wish: Wish, now: float) -> float | Held:
        """From when a permit given now counts, or who stands in the way."""
        held, at = None, min(now, wish.at)
        for lane in wish.lanes:
            grants = self.grants.get(lane.name)
            due = until = 0.0 if grants is None else grants.due(lane.windows, lane.gap_s)
            if self.in_flight(lane.name) >= lane.concurrency:
                until = max(until, now + POLL_S)
            if until > now + _EARLY_S and (held is None or until > held.until):
                held = Held(lane.name, until)
            at = max(at, due)
        return held or at

    def _give(self, wish: Wish, purse: DailyCredits, at: float, now: float) -> Granted:
        for lane in wish.lanes:
            grants = self.grants.get(lane.name)
            if grants is None:
                grants = self.grants[lane.name] = Grants()
            grants.take(at, lane.windows)
        if wish.credits:
            purse.take(now, wish.credits)
        admission = self.breaker.admit(now)
        is_probe = admission is Admission.PROBE
        self.leases.append(Lease(wish.lease, wish.holder, wish.lanes[-1].name, now + LEASE_S, is_probe))
        today = int(now // _DAY_S)
        self.requests[today] = self.requests.get(today, 0) + 1
        if len(self.requests) > _DAYS_KEPT:
            self.requests = dict(sorted(self.requests.items())[-_DAYS_KEPT:])
        return Granted(wish.lease, admission, at)

    def _is_tight(self, wish: Wish) -> bool:
        """Whether somebody stands in the way who may be dead."""
        return self.breaker.probing or any(self.in_flight(lane.name) >= lane.concurrency for lane in wish.lanes)

    def _bury(self, is_alive: IsAlive) -> None:
        """Free the places of processes that are gone."""
        alive = {holder: is_alive(holder) for holder in {one.holder for one in self.leases}}
        self._keep(lambda one: alive[one.holder])

    def _keep(self, is_kept: Callable[[Lease], bool]) -> None:
        """Drop the other leases."""
        self._go_on_with([one for one in self.leases if is_kept(one)])

    def _go_on_with(self, leases: list[Lease]) -> None:
        """No others are out; a probe whose lease is gone has told nothing."""
        self.leases = leases
        if self.breaker.probing and not any(one.is_probe for one in self.leases):
            self.breaker.abandoned(Admission.PROBE)

    def _turn_back(self, seconds: float, now: float) -> None:
        self.seen_at = now
        self.parked_until -= seconds
        self.breaker.turn_back(seconds)
        self.learned.turn_back(seconds)
        for grants in self.grants.values():
            grants.turn_back(seconds)
        for purse in self.credits.values():
            purse.turn_back(seconds, now)
        self.leases = [
            Lease(one.number, one.holder, one.lane, one.expires_at - seconds, one.is_probe) for one in self.leases
        ]


def place_of(service: Service) -> str:
    """The name of a service's state: a mirror or a replica of it is another place."""
    known = BY_NAME.get(service.name)
    base_url = service.base_url.rstrip("/")
    return service.name if known is not None and known.base_url == base_url else f"{service.name} {base_url}"


class SharedStates(Protocol):
    """Where the services' states are kept. Thread-safe."""

    @property
    def me(self) -> Holder:
        """This process."""

    def time(self, here: float) -> float:
        """The time that states are told, in seconds since the epoch; `here` is what this host's clock says."""

    def is_alive(self, holder: Holder) -> bool:
        """Whether that process still runs, as far as can be told."""

    def change(self, place: str, decide: Callable[[ServiceState], T]) -> T:
        """Hand the state of a service (see `place_of`) to `decide`, alone of all processes, and keep what it changed.

        Never waits long: where the state cannot be shared, `decide` is given what this process last knew. `decide` is
        called again where what it changed could not be kept, must not ask anything else, and may keep the state it was
        given for reading.
        """

    def read(self) -> Mapping[str, ServiceState]:
        """All services' states as they are, by place; empty where there is nothing yet."""


class OwnStates:
    """States of this process alone, in memory."""

    def __init__(self) -> None:
        """Nothing is known."""
        self._states: dict[str, ServiceState] = {}
        self._me = Holder(0, "")

    @property
    def me(self) -> Holder:
        """This process, which needs no name."""
        return self._me

    def time(self, here: float) -> float:
        """This host's."""
        return here

    def is_alive(self, holder: Holder) -> bool:
        """It is: nobody else is here."""
        return holder == self.me

    def change(self, place: str, decide: Callable[[ServiceState], T]) -> T:
        """Decide on the state in memory; the gate's lock guards it."""
        state = self._states.get(place)
        if state is None:
            state = self._states[place] = ServiceState()
        return decide(state)

    def keep(self, place: str, state: ServiceState) -> None:
        """Take over what was last known from elsewhere; the oldest is forgotten where there is too much."""
        self._states.pop(place, None)
        self._states[place] = state
        while len(self._states) > _PLACES_KEPT:
            del self._states[next(iter(self._states))]

    def only(self, holder: Holder) -> None:
        """Go on with what this process does alone."""
        for state in self._states.values():
            state.only(holder)

    def read(self) -> Mapping[str, ServiceState]:
        """All states."""
        return dict(self._states)
