"""Who may ask a service next: its windows, its concurrency, its breaker, its credits, in order of asking.

Among this process's requests the line decides; whether one may really go is then asked of the state that all processes
of the machine share. Decisions only: the gate brings the time and holds the lock.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar

from dl_lit.core.breaker import Admission, Breaker
from dl_lit.core.learning import LanePolicy
from dl_lit.core.limits import DailyCredits, Windows
from dl_lit.core.reasons import Reason
from dl_lit.core.services import Lane, Service
from dl_lit.core.sharing import (
    Denied,
    Granted,
    OwnStates,
    ServiceState,
    SharedStates,
    Wish,
    place_of,
    probe_out_s,
)
from dl_lit.core.values import dataclass
from dl_lit.net.lane import LATE_S, NOBODY, OpenLane
from dl_lit.net.permit import Instant, Limit, Permit, Refusal
from dl_lit.net.report import OVERLOAD, Report, Verdict

__all__ = ["PARK_AFTER_S", "Instant", "Line", "Permit", "Refusal"]

T = TypeVar("T")

PARK_AFTER_S = 120.0  # a longer Retry-After means a budget, not a burst


@dataclass(frozen=True, slots=True)
class _Caller:
    """As whom we ask."""

    user: str
    key: str
    credits_per_day: int | None


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
        states: SharedStates | None = None,
        user: str = "",
        key: str = "",
    ) -> None:
        """Take over what the service allows a caller like us.

        `buffer` is the share to use of limits that are the service's own. `user` tells us from other users of this
        machine at the service, `key` whose credits are used: hashes, "" for nobody.
        """
        self._policy = service
        self._place = place_of(service)
        self._buffer = buffer
        self._measures = breaker or Breaker()
        self._states = states or OwnStates()
        self._caller = _Caller(user, key, service.credits_per_day_keyed if is_keyed else service.credits_per_day)
        self._as_set = self._caller
        known = service.keyed if is_keyed else None
        self._service = self._lane("", known or (service.polite if is_polite else service.anonymous), service.anonymous)
        self._lanes = {
            name: self._lane(name, polite if is_polite else anonymous, anonymous)
            for name, polite, anonymous in service.lanes
        }
        self._all_lanes = (self._service, *self._lanes.values())
        self._known: ServiceState | None = None  # as it was when we last looked
        self._ahead_s = 0.0  # of the epoch's clock before the other
        self._waiting: list[Permit] = []
        self._numbers = 0
        self._freed_at = -math.inf
        self._stopped = False
        self.waited_s: dict[Limit, float] = {}  # by everybody who waits no more, or for another limit now
        self.order_violations = 0
        self.credits_used = 0
        self.trips = 0

    @property
    def in_flight(self) -> int:
        """Requests of this process that hold a permit now."""
        return self._service.in_flight

    @property
    def is_waited_at(self) -> bool:
        """Whether anybody stands in the line."""
        return bool(self._waiting)

    @property
    def waiting(self) -> tuple[Permit, ...]:
        """Who stands in the line."""
        return tuple(self._waiting)

    @property
    def known(self) -> ServiceState:
        """The service's state as it was last seen; for reading."""
        return self._known or self._states.change(self._place, self._seen)

    @property
    def breaker(self) -> Breaker:
        """The breaker as it was last seen."""
        return self.known.breaker

    def lane_now(self, lane: str) -> Lane:
        """What a lane, or the service ("", or an unknown lane), may use at present."""
        return self._lanes.get(lane, self._service).now

    def join(self, lane: str, credits_: int, patience_s: float, at: Instant) -> Permit:
        """Stand at the end of the line, or be refused where waiting `patience_s` will not help."""
        if self._known is None:
            self.change(at, lambda _state, _now: None)
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
        permit.waits_for(None, at.mono, self.waited_s)
        wait = max(self._rate_wait_s(permit.lane, at), 1.0)
        permit.refusal = Refusal(Reason.RATE_LIMITED, wait, "no permit in time")

    def settle(self, at: Instant) -> list[Permit]:
        """Grant and refuse whatever can be now; returns those that are settled by it."""
        settled: list[Permit] = []
        blocked: dict[str, Limit] = {}
        full: Limit | None = None
        for permit in self._waiting:
            permit.refusal = self._refusal(permit, at)
            if permit.refusal is None:
                full = full or self._hindrance(at)
                limit = full or blocked.get(permit.lane) or self._go(permit, at)
                if limit is not None:
                    blocked[permit.lane] = limit
                    permit.waits_for(limit, at.mono, self.waited_s)
                    continue
            permit.waits_for(None, at.mono, self.waited_s)
            settled.append(permit)
        if settled:
            self._waiting = [permit for permit in self._waiting if not permit.is_settled]
        return settled

    def _hindrance(self, at: Instant) -> Limit | None:
        """What keeps everybody from going now; None where nothing does."""
        return Limit.PARKED if self._parked_until(at) > at.mono else self._service.hindrance(at.mono)

    def _go(self, permit: Permit, at: Instant) -> Limit | None:
        """Settle the permit, or say what it waits for."""
        lane = self._lanes.get(permit.lane)
        if lane is not None and lane.hindrance(at.mono) is not None:
            return Limit.LANE
        return None if self._ask(permit, lane, at) else Limit.OTHERS

    def heads(self) -> list[Permit]:
        """The first of each lane: they keep the time for those behind them."""
        return list({permit.lane: permit for permit in reversed(self._waiting)}.values())

    def wake_at(self, permit: Permit) -> float:
        """Until when `permit` may sleep undisturbed: its turn by the clock if it is a head, else its deadline."""
        if permit not in self.heads():
            return permit.deadline
        due = max(self._service.due, self.known.parked_until - self._ahead_s)
        is_full = self._service.in_flight >= self._service.now.concurrency
        if (lane := self._lanes.get(permit.lane)) is not None:
            due = max(due, lane.due)
            is_full = is_full or lane.in_flight >= lane.now.concurrency
        return permit.deadline if is_full else min(permit.deadline, due)

    def release(self, permit: Permit, at: Instant, report: Report | None = None) -> None:
        """The request that held `permit` has ended."""
        self._service.in_flight -= 1
        self._service.held_until = -math.inf
        if (lane := self._lanes.get(permit.lane)) is not None:
            lane.in_flight -= 1
            lane.held_until = -math.inf
        self._freed_at = at.mono
        self.change(at, lambda state, now: self._report(state, permit, report or Report(), now))

    def park(self, after_s: float, reason: Reason, at: Instant) -> None:
        """Let nobody through for `after_s`."""
        self.change(at, lambda state, now: state.park(now + after_s, reason.value))

    def close_budget(self, after_s: float, at: Instant) -> None:
        """Treat the credits as gone for `after_s`."""
        self.change(at, lambda state, now: self._purse(state).close_until(now + after_s))

    def budget(self, at: Instant) -> tuple[float, float]:
        """Credits left today (infinity where nothing is counted), and seconds until all come back."""

        def left(state: ServiceState, now: float) -> tuple[float, float]:
            purse = self._purse(state)
            return purse.remaining(now), purse.resets_in(now)

        return self.change(at, left)

    def drop_key(self, says: str, at: Instant) -> None:
        """The key is not taken: go on as nobody in particular."""
        key = self._caller.key
        self._caller = _Caller("", "", self._policy.credits_per_day)
        self.change(at, lambda state, now: state.distrust(key, says, now))

    def take_key(self, at: Instant) -> None:
        """Try the key again."""
        self._caller = self._as_set
        self.change(at, lambda _state, _now: None)

    def stop(self) -> None:
        """Refuse everybody from now on."""
        self._stopped = True

    def rest(self, at: Instant) -> Reason | None:
        """Why nobody is let through for a while: the breaker, or what it was parked for; None where they are."""
        state = self.known
        now = state.turn(at.epoch)
        if state.breaker.wait_s(now) > 0:
            return Reason.SERVICE_DOWN
        return Reason(state.parked_for) if state.parked_until > now else None

    def wait_s(self, lane: str, at: Instant) -> float:
        """Seconds that a request of `lane` would wait now; infinity while the breaker is open or the credits gone."""
        now = self.known.turn(at.epoch)
        if self._stopped or self.breaker.wait_s(now) > 0 or self._purse(self.known).remaining(now) <= 0:
            return math.inf
        return self._rate_wait_s(lane, at)

    def change(self, at: Instant, decide: Callable[[ServiceState, float], T]) -> T:
        """Hand the shared state to `decide`, and keep to what it says from now on."""

        def decided(state: ServiceState) -> T:
            self._seen(state)
            return decide(state, state.turn(at.epoch))

        result = self._states.change(self._place, decided)
        self._ahead_s = at.epoch - at.mono
        learned = self.known.learned
        heard, shares = learned.heard.get(self._caller.user, NOBODY), learned.shares
        for lane in self._all_lanes:
            lane.learn(heard, learned.share(lane.name, at.epoch) if shares else 1.0)
        return result

    def _seen(self, state: ServiceState) -> ServiceState:
        breaker, measures = state.breaker, self._measures
        breaker.failures_to_open, breaker.open_s = measures.failures_to_open, measures.open_s
        self._known = state
        return state

    def _lane(self, name: str, most: Lane, unproven: Lane) -> OpenLane:
        policy = LanePolicy(most, unproven if self._policy.announces_pool else most)
        lane = OpenLane(name, policy, self._buffer, most, Windows(()))
        lane.learn(NOBODY, 1.0)
        return lane

    def _purse(self, state: ServiceState) -> DailyCredits:
        return state.purse(self._caller.key, self._caller.credits_per_day)

    def _parked_until(self, at: Instant) -> float:
        return at.mono + self.known.parked_until - at.epoch

    def _rate_wait_s(self, lane: str, at: Instant) -> float:
        start = max(at.mono, self._parked_until(at), self._service.held_until)
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
        state = self.known
        now = state.turn(at.epoch)
        if (rest := state.breaker.wait_s(now)) > 0:
            return _denied(Reason.SERVICE_DOWN, probe_out_s(state.breaker) if rest == math.inf else rest)
        if permit.credits > 0:
            purse = self._purse(state)
            if permit.credits > purse.remaining(now):
                return _denied(Reason.BUDGET_EXHAUSTED, purse.resets_in(now))
        if (parked := self._parked_until(at)) > permit.deadline:
            return Refusal(Reason(state.parked_for), parked - at.mono, "it asked us to wait")
        return None

    def _ask(self, permit: Permit, lane: OpenLane | None, at: Instant) -> bool:
        """Ask for a permit among all processes; False where there is none yet."""
        service = self._service
        lanes = (service,) if lane is None else (service, lane)
        when = max(service.due, permit.asked_at, self._freed_at, self._parked_until(at), at.mono - LATE_S)
        if lane is not None:
            when = max(when, lane.due)
        wish = Wish(
            holder=self._states.me,
            lanes=(service.wish,) if lane is None else (service.wish, lane.wish),
            at=at.epoch - (at.mono - when),
            now=at.epoch,
            credits=permit.credits,
            key=self._caller.key,
            credits_per_day=self._caller.credits_per_day,
        )
        answer = self.change(at, lambda state, _now: state.grant(wish, self._states.is_alive))
        if isinstance(answer, Granted):
            self._grant(permit, lanes, when)
            permit.admission, permit.lease, permit.granted_at = answer.admission, answer.lease, at.epoch
            permit.counts_from = answer.at
        elif isinstance(answer, Denied):
            permit.refusal = _denied(answer.reason, answer.after)
        else:
            (service if lane is None or not answer.lane else lane).held_until = at.mono + answer.until - at.epoch
        return permit.is_settled

    def _grant(self, permit: Permit, lanes: tuple[OpenLane, ...], when: float) -> None:
        for lane in lanes:
            lane.held_until = -math.inf
            lane.windows.take(max(when, lane.windows.due))
            lane.in_flight += 1
        self.order_violations += permit.number < lanes[-1].last_granted
        lanes[-1].last_granted = permit.number
        self.credits_used += permit.credits

    def _report(self, state: ServiceState, permit: Permit, report: Report, now: float) -> None:
        breaker, latencies = state.breaker, state.learned.latencies
        admission, trips = permit.admission or Admission.CALL, breaker.trips
        if report.verdict is Verdict.ANSWERED:
            breaker.succeeded(admission)
            state.learned.grow(permit.lane)
            if not report.is_file:
                latencies.answered(report.latency_s, is_probe=admission is Admission.PROBE)
        elif report.verdict is Verdict.FAILED:
            if report.is_overdue and not report.is_file:
                latencies.timed_out(report.latency_s)
            breaker.failed(admission, now, retry_after=report.retry_after_s)
        else:
            breaker.abandoned(admission)
        if breaker.trips > trips:
            self.trips += breaker.trips - trips
            latencies.gave_up()
        state.end(self._states.me, permit.lease)
        if report.left_at and not report.is_file:
            for lane in {"", permit.lane}:
                if (grants := state.grants.get(lane)) is not None:
                    grants.departed(permit.counts_from, min(report.left_at, now))
        if report.status in OVERLOAD and not self._policy.is_own and (report.retry_after_s or 0.0) <= PARK_AFTER_S:
            state.learned.cut(permit.lane, permit.granted_at, now)
        self._listen(state, permit.lane, report, now)

    def _listen(self, state: ServiceState, lane: str, report: Report, now: float) -> None:
        said = report.said
        if said is None:
            return
        if said.rate is not None:
            state.learned.hear(self._caller.user, lane, said.rate)
        if said.rest_s > 0.0:
            state.park(now + said.rest_s, Reason.RATE_LIMITED.value)
        if self._caller.credits_per_day is not None:
            purse = self._purse(state)
            if said.credits_per_day is not None:
                purse.announced = said.credits_per_day
            if said.credits_left is not None:
                purse.learn(now, said.credits_left, said.resets_in_s)


def _denied(reason: Reason, after: float) -> Refusal:
    says = "its breaker is open" if reason is Reason.SERVICE_DOWN else "today's credits are used up"
    return Refusal(reason, after, says)
