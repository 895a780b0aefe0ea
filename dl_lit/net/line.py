"""Who may ask a service next: its windows, its concurrency, its breaker, its credits, in order of asking.

Decisions only: the gate brings the time and holds the lock.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, field
from typing import NamedTuple

from dl_lit.core.breaker import Admission, Breaker
from dl_lit.core.limits import DailyCredits, Windows
from dl_lit.core.reasons import Reason
from dl_lit.core.services import Lane, Service, Window

_PROBE_OUT_S = 5.0  # come back this soon while the breaker's probe is out
_LATE_S = 0.02  # a permit whose thread woke up this late still counts from when it was due, so that pacing never drifts
_GAP_SHARE = 0.5  # permits are at least half a fair share of the shortest window apart: no bursts, and room to catch up


class Instant(NamedTuple):
    """One moment on both clocks."""

    mono: float  # for how long
    epoch: float  # for which day


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no permit, and when to come back (seconds)."""

    reason: Reason
    after: float
    detail: str = ""


@dataclass(slots=True, eq=False)
class Permit:
    """One request's place in the line; it may go once `admission` is set, and never once `refusal` is."""

    number: int  # in order of asking
    lane: str
    credits: int
    asked_at: float
    deadline: float  # it is not waited for longer
    admission: Admission | None = None
    refusal: Refusal | None = None
    waited_s: float = 0.0
    woken: threading.Event = field(default_factory=threading.Event)

    @property
    def is_settled(self) -> bool:
        """Whether it is known what becomes of it."""
        return self.admission is not None or self.refusal is not None


@dataclass(slots=True)
class _Lane:
    windows: Windows
    concurrency: int
    in_flight: int = 0
    last_granted: int = 0

    def is_free(self, now: float) -> bool:
        return self.in_flight < self.concurrency and self.windows.due <= now

    def take(self, at: float) -> None:
        self.windows.take(at)
        self.in_flight += 1


def _lane(policy: Lane, buffer: float) -> _Lane:
    shortest: Window = min(policy.windows, key=lambda window: window.seconds)
    gap_s = _GAP_SHARE * shortest.seconds / shortest.permits
    return _Lane(Windows(policy.windows, buffer=buffer, gap_s=gap_s), policy.concurrency)


class Line:
    """The line before one service.

    Each lane is first come, first served; a lane that must wait for its own windows lets the others pass. A request in
    a lane takes a permit of the lane and of the service at the same moment, which is when it really goes.
    """

    def __init__(
        self,
        service: Service,
        *,
        is_polite: bool,
        is_keyed: bool = False,
        buffer: float = 1.0,
        breaker: Breaker | None = None,
    ) -> None:
        """Take over what the service allows a caller like us; `buffer` is the share of it to use."""
        self._service = _lane(service.polite if is_polite else service.anonymous, buffer)
        self._lanes = {
            name: _lane(polite if is_polite else anonymous, buffer) for name, polite, anonymous in service.lanes
        }
        self._granted_in_main = 0
        self.breaker = breaker or Breaker()
        self.credits = DailyCredits(service.credits_per_day_keyed if is_keyed else service.credits_per_day)
        self._waiting: list[Permit] = []
        self._numbers = 0
        self._parked_until = -math.inf
        self._parked_for = Reason.RATE_LIMITED
        self._freed_at = -math.inf
        self._stopped = False
        self.order_violations = 0

    @property
    def in_flight(self) -> int:
        """Requests that hold a permit now."""
        return self._service.in_flight

    def join(self, lane: str, credits_: int, patience_s: float, at: Instant) -> Permit:
        """Stand at the end of the line, or be refused where waiting `patience_s` will not help."""
        self._numbers += 1
        permit = Permit(self._numbers, lane if lane in self._lanes else "", credits_, at.mono, at.mono + patience_s)
        permit.refusal = self._refusal(permit, at)
        if permit.refusal is None and (wait := self._rate_wait_s(permit.lane, at)) > patience_s:
            permit.refusal = Refusal(Reason.RATE_LIMITED, wait, "the line is long")
        if permit.refusal is None:
            self._waiting.append(permit)
        return permit

    def leave(self, permit: Permit, at: Instant) -> None:
        """Give up waiting."""
        self._waiting.remove(permit)
        wait = max(self._rate_wait_s(permit.lane, at), 1.0)
        permit.refusal = Refusal(Reason.RATE_LIMITED, wait, "no permit in time")

    def settle(self, at: Instant) -> list[Permit]:
        """Grant and refuse whatever can be now; returns those that are settled by it."""
        settled: list[Permit] = []
        blocked: set[str] = set()
        is_full = False
        for permit in self._waiting:
            permit.refusal = self._refusal(permit, at)
            if permit.refusal is None:
                is_full = is_full or at.mono < self._parked_until or not self._service.is_free(at.mono)
                if is_full or permit.lane in blocked:
                    continue
                lane = self._lanes.get(permit.lane)
                if lane is not None and not lane.is_free(at.mono):
                    blocked.add(permit.lane)
                    continue
                self._grant(permit, lane, at)
            settled.append(permit)
        if settled:
            self._waiting = [permit for permit in self._waiting if not permit.is_settled]
        return settled

    def heads(self) -> list[Permit]:
        """The first of each lane: they keep the time for those behind them."""
        return list({permit.lane: permit for permit in reversed(self._waiting)}.values())

    def wake_at(self, permit: Permit) -> float:
        """Until when `permit` may sleep undisturbed: its turn by the clock if it is a head, else its deadline."""
        if permit not in self.heads():
            return permit.deadline
        due = max(self._service.windows.due, self._parked_until)
        is_full = self._service.in_flight >= self._service.concurrency
        if (lane := self._lanes.get(permit.lane)) is not None:
            due = max(due, lane.windows.due)
            is_full = is_full or lane.in_flight >= lane.concurrency
        return permit.deadline if is_full else min(permit.deadline, due)

    def release(self, permit: Permit, at: Instant) -> None:
        """The request that held `permit` has ended."""
        self._service.in_flight -= 1
        if (lane := self._lanes.get(permit.lane)) is not None:
            lane.in_flight -= 1
        self._freed_at = at.mono

    def park(self, after_s: float, reason: Reason, at: Instant) -> None:
        """Let nobody through for `after_s`."""
        if at.mono + after_s > self._parked_until:
            self._parked_until = at.mono + after_s
            self._parked_for = reason

    def stop(self) -> None:
        """Refuse everybody from now on."""
        self._stopped = True

    def wait_s(self, lane: str, at: Instant) -> float:
        """Seconds that a request of `lane` would wait now; infinity while the breaker is open or the credits gone."""
        if self._stopped or self.breaker.wait_s(at.mono) > 0 or self.credits.remaining(at.epoch) <= 0:
            return math.inf
        return self._rate_wait_s(lane, at)

    def _rate_wait_s(self, lane: str, at: Instant) -> float:
        start = max(at.mono, self._parked_until)
        if not self._waiting:
            due = max(start, self._service.windows.due)
        else:
            due = self._service.windows.reserved_by(start, len(self._waiting))
        if lane in self._lanes:
            ahead = sum(permit.lane == lane for permit in self._waiting)
            due = max(due, self._lanes[lane].windows.reserved_by(start, ahead))
        return due - at.mono

    def _refusal(self, permit: Permit, at: Instant) -> Refusal | None:
        if self._stopped:
            return Refusal(Reason.RATE_LIMITED, 0.0, "stopping")
        if (rest := self.breaker.wait_s(at.mono)) > 0:
            after = _PROBE_OUT_S if rest == math.inf else rest
            return Refusal(Reason.SERVICE_DOWN, after, "its breaker is open")
        if permit.credits > 0 and permit.credits > self.credits.remaining(at.epoch):
            return Refusal(Reason.BUDGET_EXHAUSTED, self.credits.resets_in(at.epoch), "today's credits are used up")
        if self._parked_until > permit.deadline:
            return Refusal(self._parked_for, self._parked_until - at.mono, "it asked us to wait")
        return None

    def _grant(self, permit: Permit, lane: _Lane | None, at: Instant) -> None:
        due = self._service.windows.due if lane is None else max(self._service.windows.due, lane.windows.due)
        when = max(due, permit.asked_at, self._freed_at, self._parked_until, at.mono - _LATE_S)
        self._service.take(when)
        if lane is not None:
            lane.take(when)
            self.order_violations += permit.number < lane.last_granted
            lane.last_granted = permit.number
        else:
            self.order_violations += permit.number < self._granted_in_main
            self._granted_in_main = permit.number
        self.credits.take(at.epoch, permit.credits)
        permit.admission = self.breaker.admit(at.mono)
