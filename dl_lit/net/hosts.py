"""Turns at the hosts files come from: one connection each, a gap between starts, and a line that holds up nobody.

Turns are given out by arithmetic. Whoever's turn is near waits for it here; whoever's is not is sent away with the
time to come back, and the turn is kept for them (by the address they were after), so a worker is never held long.
"""

from __future__ import annotations

import math
import random
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import field, replace

from dl_lit.core.clock import Clock
from dl_lit.core.errors import FetchError
from dl_lit.core.pulse import ServicePulse
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass
from dl_lit.net.neighbours import Neighbours
from dl_lit.net.presence import Visitors, who_asks

GAP_S = 2.0
HOST_WAIT_S = 1.0
HORIZON_S = 3_600.0  # no turn is given out further ahead
CHALLENGED_PARK_S = 6 * 3_600.0
_CHALLENGES_TO_PARK = 2
_FREE_RESTS = 3  # in a row that a host may ask for before waiting for it costs attempts: nobody waits for ever
_HELD_MOST_S = 5.0  # a visit that goes on waits here for the gap, but for no longer one
_VISIT_S = 60.0  # a visit that went on to its next page within this time keeps its place
_LATE_S = 0.05  # a connection that took longer is worth telling the other processes
_SMOOTHING = 0.3  # weight of the newest duration in what is expected of a host
_MAX_HOSTS = 5_000


@dataclass(frozen=True, slots=True)
class HostPolicy:
    """What one host is asked to bear."""

    gap_s: float = GAP_S  # between the starts of two requests
    connections: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class HostUse:
    """What the hosts saw of this run."""

    hosts: int
    starts: int
    sent_away: int  # told to come back at their turn
    parked: int  # told to stay away from a parked host
    connections_peak: int  # most connections that one host had at once


@dataclass(slots=True, eq=False)
class _Waiter:
    key: str
    turn: float
    is_known: bool = False  # it has waited in the line before: it may go ahead of those who are away


@dataclass(slots=True)
class _Host:
    changed: threading.Condition
    next_turn: float = -math.inf
    turns: dict[str, float] = field(default_factory=dict)
    waiters: list[_Waiter] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)  # of the requests in progress, oldest first
    last_start: float = -math.inf
    last_key: str = ""
    expected_s: float = 0.0
    own_gap_s: float = 0.0  # what the host was found to ask for
    elsewhere_until: float = -math.inf  # other processes have had the latest turns
    leases: dict[float, int] = field(default_factory=dict)  # of the requests in progress, by their start
    parked_until: float = -math.inf
    park_costs_attempt: bool = False
    challenges: int = 0
    rests: int = 0  # asked for since it last gave what it was asked for

    def is_forgettable(self, now: float) -> bool:
        """Whether nothing would be lost with it."""
        is_idle = not (self.waiters or self.starts) and all(turn < now - HORIZON_S for turn in self.turns.values())
        return is_idle and self.parked_until <= now and now - self.last_start > _VISIT_S

    def gap_s(self, policy: HostPolicy) -> float:
        """What is kept between two requests, also by those who came before the host's own wish was known."""
        return max(policy.gap_s, self.own_gap_s)

    def expects(self, now: float) -> float:
        """How long a request is likely to take, given the finished ones and the one in progress."""
        return max(self.expected_s, now - self.starts[0]) if self.starts else self.expected_s

    def free_at(self, now: float, policy: HostPolicy) -> float:
        """When a request may start as far as anyone can tell."""
        due = max(now, self.last_start + self.gap_s(policy), self.elsewhere_until)
        if len(self.starts) < policy.connections:
            return due
        return max(due, self.starts[0] + self.expected_s)

    def may_start(self, waiter: _Waiter, now: float, policy: HostPolicy) -> bool:
        """Whether it is this waiter's turn and the host can bear it."""
        return (
            (waiter.is_known or waiter.turn <= now)
            and self.elsewhere_until <= now
            and len(self.starts) < policy.connections
            and now >= self.last_start + self.gap_s(policy)
            and waiter is min(self.waiters, key=lambda one: one.turn)
        )


class HostTurns:
    """All hosts of the process. Thread-safe; every wait ends at once when it is stopped."""

    def __init__(
        self,
        *,
        clock: Clock,
        rng: random.Random,
        policy: HostPolicy | None = None,
        host_wait_s: float = HOST_WAIT_S,
        neighbours: Neighbours | None = None,
    ) -> None:
        """Start with no host known; `policy` holds where `turn` is given none.

        `neighbours` are the other processes of the machine (None: there are none to mind); they need not be minded
        where a `policy` is given to `turn`: that is a service's, whose gate minds them.
        """
        self._neighbours = neighbours
        self._clock = clock
        self._rng = rng
        self._policy = policy or HostPolicy()
        self._host_wait_s = host_wait_s
        self._hosts: OrderedDict[str, _Host] = OrderedDict()
        self._lock = threading.Lock()
        self._stopped = False
        self._starts = 0
        self._sent_away = 0
        self._parked = 0
        self._connections_peak = 0
        self._hosts_seen = 0
        self._visitors = Visitors(clock)
        self.on_free: Callable[[str, float], None] = lambda _host, _after_s: None
        """Told, without a lock held, that a host can be asked again after so many seconds."""

    @contextmanager
    def turn(
        self,
        host: str,
        key: str,
        ticket: float | None = None,
        *,
        policy: HostPolicy | None = None,
        gap_s: float = 0.0,
    ) -> Iterator[None]:
        """Hold one of the host's connections.

        `key` is what the caller is after; a turn is kept under it. `ticket` (epoch seconds) is the due time of a caller
        that waited its turn elsewhere, before a restart for instance. `gap_s` is what the host itself asks for between
        two requests, kept where it is longer than ours. Raises `FetchError`: host-busy with the seconds until the turn,
        or host-parked.
        """
        neighbours = self._neighbours if policy is None else None
        policy = policy or replace(self._policy, gap_s=max(self._policy.gap_s, gap_s))

        def ask(known: _Host, now: float) -> bool:
            return neighbours is None or self._may_start(neighbours, host, known, now, policy)

        who = who_asks()
        with self._lock:
            known = self._known(host)
            try:
                with self._visitors.waiting(who):
                    started = self._enter(known, key, ticket, policy, ask)
            except FetchError as error:
                error.line = host
                raise
            self._visitors.held_by[who] += 1
        try:
            yield
        finally:
            with self._lock:
                self._visitors.held_by[who] -= 1
                known.starts.remove(started)
                if neighbours is not None and (lease := known.leases.pop(started, None)) is not None:
                    neighbours.end(host, lease)
                took_s = self._clock.monotonic() - started
                weight = _SMOOTHING if known.expected_s else 1.0
                known.expected_s += weight * (took_s - known.expected_s)
                known.changed.notify_all()
                free_at = max(self._clock.monotonic(), known.last_start + known.gap_s(policy))
                is_awaited = any(one.is_known or one.turn <= free_at for one in known.waiters)
                free_s = free_at - self._clock.monotonic()
            if not is_awaited:
                self.on_free(host, max(0.0, free_s))

    def pulse(self) -> ServicePulse:
        """Who holds connections to hosts and who waits for a turn, all hosts together."""
        allows = f"{self._policy.connections} at once and one in {self._policy.gap_s:g} s, of each host"
        with self._lock:
            away = {Reason.HOST_BUSY.value: self._sent_away, Reason.HOST_PARKED.value: self._parked}
            return self._visitors.pulse(self._starts, away, allows)

    def waiting_of(self, who: str) -> int:
        """How many of the threads that work for `who` wait for a host's turn now."""
        with self._lock:
            return self._visitors.waiting_of(who)

    def park(self, host: str, after_s: float, *, costs_attempt: bool = False) -> None:
        """Send everybody away from `host` for `after_s` seconds."""
        with self._lock:
            known = self._known(host)
            known.parked_until = max(known.parked_until, self._clock.monotonic() + after_s)
            known.park_costs_attempt = costs_attempt
            known.changed.notify_all()
            if self._neighbours is not None:
                self._neighbours.park(host, after_s, costs_attempt=costs_attempt)

    def rest(self, host: str, after_s: float, *, costs_attempt: bool = False) -> bool:
        """The host asks to be left alone for `after_s` seconds; returns whether waiting for it costs an attempt.

        It does where `costs_attempt` says so, and where the host has asked for little else lately.
        """
        with self._lock:
            known = self._known(host)
            known.rests += 1
            costs_attempt = costs_attempt or known.rests > _FREE_RESTS
        self.park(host, after_s, costs_attempt=costs_attempt)
        return costs_attempt

    def asks_for(self, host: str, gap_s: float) -> None:
        """The host turned out to want so many seconds between two requests; those who wait already keep to it, too."""
        with self._lock:
            known = self._known(host)
            known.own_gap_s = gap_s
            known.changed.notify_all()

    def challenged(self, host: str) -> None:
        """The host answered with a challenge; after the second in a row it is left alone for hours."""
        with self._lock:
            known = self._known(host)
            known.challenges += 1
            is_enough = known.challenges >= _CHALLENGES_TO_PARK
        if is_enough:
            self.park(host, CHALLENGED_PARK_S, costs_attempt=True)

    def sent(self, host: str) -> None:
        """The request whose turn it is leaves only now, after a name was looked up and a connection made.

        The next one keeps its gap from here, so that they do not arrive closer together than they were meant to start.
        """
        with self._lock:
            known, now = self._known(host), self._clock.monotonic()
            if not known.starts:
                return
            if known.leases and self._neighbours is not None and now - known.last_start > _LATE_S:
                self._neighbours.sent(host)
            known.last_start = max(known.last_start, now)

    def welcomed(self, host: str) -> None:
        """The host gave what was asked for."""
        with self._lock:
            known = self._known(host)
            known.challenges = known.rests = 0

    def stop(self) -> None:
        """End all waits at once and send everybody away from now on."""
        with self._lock:
            self._stopped = True
            for known in self._hosts.values():
                known.changed.notify_all()

    def use(self) -> HostUse:
        """What the hosts saw so far."""
        with self._lock:
            return HostUse(
                hosts=self._hosts_seen,
                starts=self._starts,
                sent_away=self._sent_away,
                parked=self._parked,
                connections_peak=self._connections_peak,
            )

    def _known(self, host: str) -> _Host:
        if host not in self._hosts:
            self._hosts[host] = _Host(threading.Condition(self._lock))
            self._hosts_seen += 1
            self._forget_some()
        self._hosts.move_to_end(host)
        return self._hosts[host]

    def _forget_some(self) -> None:
        now = self._clock.monotonic()
        for host in list(self._hosts)[: max(0, len(self._hosts) - _MAX_HOSTS)]:
            if self._hosts[host].is_forgettable(now):
                del self._hosts[host]

    def _may_start(self, neighbours: Neighbours, host: str, known: _Host, now: float, policy: HostPolicy) -> bool:
        """Ask the other processes; where it is not our turn among them, note until when."""
        answer = neighbours.start(host, policy.gap_s, policy.connections)
        if isinstance(answer, int):
            known.leases[now] = answer
            return True
        known.elsewhere_until = now + answer.seconds
        if answer.is_parked:
            known.parked_until, known.park_costs_attempt = known.elsewhere_until, answer.costs_attempt
        return False

    def _enter(
        self, known: _Host, key: str, ticket: float | None, policy: HostPolicy, ask: Callable[[_Host, float], bool]
    ) -> float:
        """Wait for the turn, if it is near; returns when the request started."""
        now = self._clock.monotonic()
        goes_on = key == known.last_key and now - known.last_start < _VISIT_S
        is_known = key in known.turns
        turn = -math.inf if goes_on else self._turn_of(known, key, ticket, policy)
        give_up = now + self._host_wait_s + (min(policy.gap_s, _HELD_MOST_S) if goes_on else 0.0)
        waiter = _Waiter(key, turn, is_known)
        known.waiters.append(waiter)
        try:
            while True:
                now = self._clock.monotonic()
                self._refuse_if_closed(known, now)
                if known.may_start(waiter, now, policy):
                    if ask(known, now):
                        return self._start(known, key, now, policy)
                    self._refuse_if_closed(known, now)
                likely = known.free_at(now, policy) if is_known else max(turn, known.free_at(now, policy))
                if likely > give_up or now >= give_up:
                    raise self._away(known, waiter, likely, policy)
                woken = known.changed.wait(min(likely, give_up) - now or 0.05)
                if not woken and self._clock.monotonic() == now:  # a clock held by a test: come back later
                    raise self._away(known, waiter, likely, policy)
        finally:
            known.waiters.remove(waiter)
            known.changed.notify_all()

    def _turn_of(self, known: _Host, key: str, ticket: float | None, policy: HostPolicy) -> float:
        """The turn kept for `key`, or the next one to be had."""
        now = self._clock.monotonic()
        if (kept := known.turns.get(key)) is not None:
            return kept
        is_due = ticket is not None and ticket <= self._clock.time()
        if is_due and not known.starts and now >= known.last_start + policy.gap_s:
            return now
        turn = max(now, known.next_turn)
        if turn - now > HORIZON_S:
            self._sent_away += 1
            after = HORIZON_S * self._rng.uniform(0.5, 1.0)
            raise FetchError(Reason.HOST_BUSY, "its line is longer than an hour", after=after, costs_attempt=False)
        known.turns = {one: at for one, at in known.turns.items() if at > now - HORIZON_S}
        known.turns[key] = turn
        known.next_turn = turn + max(policy.gap_s, known.expects(now))
        return turn

    def _start(self, known: _Host, key: str, now: float, policy: HostPolicy) -> float:
        known.turns.pop(key, None)
        known.starts.append(now)
        known.last_start, known.last_key = now, key
        known.next_turn = max(known.next_turn, now + policy.gap_s)
        self._starts += 1
        self._connections_peak = max(self._connections_peak, len(known.starts))
        return now

    def _refuse_if_closed(self, known: _Host, now: float) -> None:
        if self._stopped:
            raise FetchError(Reason.HOST_BUSY, "stopping", after=0.0, costs_attempt=False)
        if known.parked_until > now:
            self._parked += 1
            raise FetchError(Reason.HOST_PARKED, after=known.parked_until - now, costs_attempt=known.park_costs_attempt)

    def _away(self, known: _Host, waiter: _Waiter, likely: float, policy: HostPolicy) -> FetchError:
        """Send a caller away until its turn; one that is due already comes back after those before it."""
        now = self._clock.monotonic()
        self._sent_away += 1
        turn = known.turns.setdefault(waiter.key, min(now, max(waiter.turn, now - HORIZON_S)))
        if turn > now:
            after = turn - now
        else:
            ahead = sum(at < turn for at in known.turns.values())
            after = max(likely - now, (ahead + 1) * max(policy.gap_s, known.expects(now)))
        return FetchError(Reason.HOST_BUSY, after=min(after, HORIZON_S), costs_attempt=False)
