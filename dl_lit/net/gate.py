"""The gate before one service: threads wait at it for their permit and hand in what became of the request."""

from __future__ import annotations

import logging
import random
import threading
from collections import Counter

from dl_lit.core.backoff import delay_s
from dl_lit.core.breaker import Admission, Breaker
from dl_lit.core.clock import Clock
from dl_lit.core.errors import ServiceError
from dl_lit.core.pulse import ServicePulse
from dl_lit.core.reasons import Reason
from dl_lit.core.services import Service
from dl_lit.core.sharing import SharedStates
from dl_lit.core.values import dataclass
from dl_lit.net.line import Instant, Line, Permit
from dl_lit.net.meter import Meter, ServiceUse
from dl_lit.net.presence import pulse_of, who_asks
from dl_lit.net.report import Report, Said, Verdict

__all__ = ["PERMIT_WAIT_S", "ServiceGate", "TimeoutBounds", "Verdict"]

PERMIT_WAIT_S = 30.0

LONG_WAIT_S = 5.0
"""Who has waited so long for a permit is told of in the log, with who had them meanwhile."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TimeoutBounds:
    """Between what a time-out moves when it follows a service's history."""

    least_s: float = 5.0  # or the service's own time-out, where that is shorter
    most: float = 2.0  # times the service's own time-out


class ServiceGate:
    """Permits for one service. Thread-safe; every wait ends at once when it is stopped."""

    def __init__(
        self,
        service: Service,
        *,
        clock: Clock,
        rng: random.Random,
        is_polite: bool,
        is_keyed: bool = False,
        buffer: float = 1.0,
        permit_wait_s: float = PERMIT_WAIT_S,
        breaker: Breaker | None = None,
        states: SharedStates | None = None,
        user: str = "",
        key: str = "",
        bounds: TimeoutBounds | None = None,
    ) -> None:
        """Open the gate of `service` for a caller with (`is_polite`) or without a contact address.

        `states` is where all processes of the machine meet (None: this one is alone); `user`, `key` are as in `Line`.
        """
        self.service = service
        self._clock = clock
        self._epoch = clock.time if states is None else lambda: states.time(clock.time())
        self._rng = rng
        self._permit_wait_s = permit_wait_s
        self._bounds = bounds or TimeoutBounds()
        self._line = Line(
            service,
            is_polite=is_polite,
            is_keyed=is_keyed,
            buffer=buffer,
            breaker=breaker,
            states=states,
            user=user,
            key=key,
        )
        self._meter = Meter()
        self._held_by: Counter[str] = Counter()
        self._turned_away: Counter[str] = Counter()
        self._limited_in_a_row = 0
        self._lock = threading.Lock()

    def acquire(self, lane: str = "", credits_: int = 0, *, wait_s: float | None = None) -> Permit:
        """Wait for a permit, at most `wait_s` seconds (None: the gate's own limit).

        Raises `ServiceError` that costs no attempt: rate-limited, budget-exhausted, or service-down while the breaker
        is open.
        """
        patience_s = self._permit_wait_s if wait_s is None else wait_s
        with self._lock:
            permit = self._line.join(lane, credits_, patience_s, self._now())
            permit.who = who_asks()
            self._settle()
        while not permit.is_settled:
            self._sleep(permit)
        if permit.refusal is not None:
            with self._lock:
                self._meter.permits_refused += 1
                self._turned_away[permit.refusal.reason.value] += 1
            raise ServiceError(
                self.service.name,
                permit.refusal.reason,
                permit.refusal.detail,
                after=permit.refusal.after,
                costs_attempt=False,
            )
        return permit

    def release(
        self,
        permit: Permit,
        verdict: Verdict,
        *,
        status: int | None = None,
        latency_s: float = 0.0,
        size_bytes: int = 0,
        retry_after_s: float | None = None,
        is_overdue: bool = False,
        is_file: bool = False,
        said: Said | None = None,
    ) -> None:
        """Hand in what became of the request: once for every permit. The arguments are as in `Report`."""
        report = Report(
            verdict=verdict,
            status=status,
            latency_s=latency_s,
            size_bytes=size_bytes,
            retry_after_s=retry_after_s,
            is_overdue=is_overdue,
            is_file=is_file,
            said=said,
        )
        if latency_s > 0.0:
            report = report._replace(left_at=self._epoch() - latency_s)
        with self._lock:
            self._meter.answered(status=status, latency_s=latency_s, size_bytes=size_bytes)
            if verdict is Verdict.ANSWERED:
                self._limited_in_a_row = 0
            self._line.release(permit, self._now(), report)
            if self._line.is_waited_at:
                self._settle()
                self._wake_heads()
            self._held_by[permit.who] -= 1

    def park(self, after_s: float, reason: Reason) -> None:
        """Let nobody through for `after_s` seconds."""
        with self._lock:
            self._line.park(after_s, reason, self._now())
            self._settle()

    def limited(self, retry_after_s: float | None) -> float:
        """The service said 429: park for as long as it asks, or by back-off; returns the seconds."""
        with self._lock:
            self._limited_in_a_row += 1
            rest_s = retry_after_s
            if rest_s is None:
                rest_s = 1.0 + delay_s(self._limited_in_a_row, self._rng)
            self._line.park(rest_s, Reason.RATE_LIMITED, self._now())
            self._settle()
            return rest_s

    def close_budget(self, after_s: float) -> None:
        """The service says that today's credits are gone for `after_s` seconds; free requests go on."""
        with self._lock:
            self._line.close_budget(after_s, self._now())
            self._settle()

    def budget(self) -> tuple[float, float]:
        """Credits left today (infinity where nothing is counted), and seconds until all come back."""
        with self._lock:
            return self._line.budget(self._now())

    def drop_key(self, says: str) -> None:
        """The service does not take our key: go on without."""
        with self._lock:
            self._line.drop_key(says, self._now())

    def take_key(self) -> None:
        """Try the key again."""
        with self._lock:
            self._line.take_key(self._now())

    def distrust(self, key: str, says: str) -> None:
        """Note for everybody what is wrong with a key (hashed) that is used all the same."""
        with self._lock:
            self._line.change(self._now(), lambda state, now: state.distrust(key, says, now))

    def is_distrusted(self, key: str, for_s: float) -> bool:
        """Whether something was wrong with a key or contact address (hashed) within the last `for_s` seconds."""
        with self._lock:
            trouble = self._line.known.key_trouble.get(key)
            return trouble is not None and self._epoch() - trouble.at < for_s

    def trust(self, key: str) -> None:
        """Note that a key (hashed) is taken."""
        with self._lock:
            if key in self._line.known.key_trouble:
                self._line.change(self._now(), lambda state, _now: state.trust(key))

    def timeout_s(self, permit: Permit) -> float:
        """The time-out for the request that holds `permit`: it follows how long the service has been taking.

        A probe is given the longest, so that a service that has become slow for good is seen to answer.
        """
        usual_s = self.service.timeout_s
        most_s = usual_s * self._bounds.most
        if permit.admission is Admission.PROBE:
            return most_s
        with self._lock:
            latencies = self._line.known.learned.latencies
            return latencies.timeout_s(usual_s, least_s=min(self._bounds.least_s, usual_s), most_s=most_s)

    def count_retry(self) -> None:
        """Count a request that is made again at once."""
        with self._lock:
            self._meter.retries += 1

    def wait_s(self, lane: str = "") -> float:
        """Seconds a request would wait now; infinity while the breaker is open or the credits are gone."""
        with self._lock:
            return self._line.wait_s(lane, self._now())

    def rest(self) -> Reason | None:
        """Why nobody is let through for a while: service-down, or what it was parked for; None where they are."""
        with self._lock:
            return self._line.rest(self._now())

    def credits_left(self) -> float:
        """Credits left of today's budget; infinity where none are counted."""
        with self._lock:
            return self._line.budget(self._now())[0]

    def stop(self) -> None:
        """End all waits at once and refuse everybody from now on."""
        with self._lock:
            self._line.stop()
            self._settle()

    def use(self) -> ServiceUse:
        """What was asked of the service so far."""
        with self._lock:
            return self._meter.use(
                trips=self._line.trips,
                credits_used=self._line.credits_used,
                order_violations=self._line.order_violations,
            )

    def pulse(self) -> ServicePulse:
        """Who holds permits and who waits for what, now."""
        with self._lock:
            return pulse_of(
                self._meter.by_status.total(),
                lane=self._line.lane_now(""),
                waiting=self._line.waiting,
                held_by=self._held_by,
                waited_s=self._line.waited_s,
                turned_away=self._turned_away,
                now=self._clock.monotonic(),
            )

    def waiting_of(self, who: str) -> int:
        """How many of the threads that work for `who` wait for a permit now."""
        if not self._line.is_waited_at:
            return 0
        with self._lock:
            return sum(permit.who == who for permit in self._line.waiting)

    def _tell(self, permit: Permit) -> None:
        holders = ", ".join(f"{who} {count}" for who, count in sorted(self._held_by.items()) if count) or "nobody"
        log.debug(
            "permit_waited: %s waited %.1f s for %s; it is held by %s",
            permit.who,
            permit.waited_s,
            self.service.name,
            holders,
        )

    def _now(self) -> Instant:
        return Instant(self._clock.monotonic(), self._epoch())

    def _settle(self) -> None:
        if not self._line.is_waited_at:
            return
        settled = self._line.settle(self._now())  # the time anew: whatever came before may have waited for a file
        if settled:
            now = self._clock.monotonic()
            for permit in settled:
                permit.waited_s = now - permit.asked_at
                self._meter.permit_wait_s += permit.waited_s
                if permit.waited_s >= LONG_WAIT_S:
                    self._tell(permit)
                if permit.admission is not None:
                    self._held_by[permit.who] += 1
                permit.wake()
            self._meter.concurrency_peak = max(self._meter.concurrency_peak, self._line.in_flight)
            if self._line.is_waited_at:
                self._wake_heads()

    def _wake_heads(self) -> None:
        for head in self._line.heads():
            head.wake()

    def _sleep(self, permit: Permit) -> None:
        with self._lock:
            now = self._clock.monotonic()
            rest_s = max(0.0, self._line.wake_at(permit) - now)
            if permit.is_settled:
                return
            if permit.woken is None:
                permit.woken = threading.Event()
            alarm = permit.woken
            alarm.clear()
        woken = alarm.wait(rest_s)
        with self._lock:
            then = self._clock.monotonic()
            self._settle()
            stands_still = not woken and rest_s > 0 and then == now  # a clock held by a test: come back later
            if not permit.is_settled and (then >= permit.deadline or stands_still):
                self._line.leave(permit, self._now())
                self._wake_heads()
