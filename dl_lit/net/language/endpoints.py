"""The addresses of one model: how much may be asked of all together, and which of them is asked next.

Rates, the number of calls at once, breakers and rests are kept with `net.gate`, so all processes of the machine keep to
them together. One address has one gate; where there are several, each has a gate of its own for its breaker and its
rests, behind one for what holds over all.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from dl_lit.core.backoff import delay_s
from dl_lit.core.breaker import Breaker
from dl_lit.core.clock import Clock
from dl_lit.core.errors import ServiceError
from dl_lit.core.language import ModelError, Trouble
from dl_lit.core.reasons import Reason
from dl_lit.core.services import Lane, Service, Window
from dl_lit.core.sharing import SharedStates
from dl_lit.net.gate import ServiceGate
from dl_lit.net.language.place import CallLimits, ModelPlace, shared_name
from dl_lit.net.permit import Permit
from dl_lit.net.report import Verdict

HEALTH_S = 30.0
"""How long it is believed that an address is well."""

ILL_S = 10.0
"""How long it is believed that it is not."""

_BURST = 10  # a tenth of a minute's calls may go within a second: a batch begins at once, and still keeps the minute's
_LONGEST_REST_S = 30.0  # after a refusal that does not say for how long
_SOON_S = 5.0  # an address of several that cannot be asked sooner is passed over

_TROUBLES = {
    Reason.SERVICE_DOWN: Trouble.DOWN,
    Reason.BUDGET_EXHAUSTED: Trouble.BUDGET_GONE,
}


@dataclass(slots=True, eq=False)
class Endpoint:
    """One address."""

    base_url: str
    gate: ServiceGate
    in_flight: int = 0
    asked: int = 0
    is_well: bool = True
    known_until: float = 0.0  # monotonic: what is believed of its health
    is_looked_at: bool = False  # somebody is asking it just now
    limited: int = 0  # how often in a row it was too much, calls under way at the time counted once
    limited_at: float = -math.inf  # real time, monotonic


@dataclass(slots=True)
class Turn:
    """Leave for one call; who has it says how the call ended."""

    endpoint: Endpoint
    verdict: Verdict = Verdict.SAYS_NOTHING
    status: int | None = None
    retry_after_s: float | None = None
    started: float = field(default_factory=time.monotonic)

    @property
    def latency_s(self) -> float:
        """For how long it has been going on, or went on: real time."""
        return time.monotonic() - self.started


class Endpoints:
    """All addresses of one model. Thread-safe; every wait ends when it is stopped."""

    def __init__(
        self,
        place: ModelPlace,
        limits: CallLimits,
        *,
        clock: Clock,
        rng: random.Random,
        states: SharedStates | None,
        is_well: Callable[[str], bool],
    ) -> None:
        """`is_well` asks an address for its health: called from the thread that needs to know."""
        self._limits = limits
        self._clock = clock
        self._rng = rng
        self._is_well = is_well
        self._lock = threading.Lock()

        def gate(name: str, base_url: str, at_once: int, per_minute: int) -> ServiceGate:
            return ServiceGate(
                _service(name, base_url, at_once, per_minute, limits.timeout_s),
                clock=clock,
                rng=rng,
                is_polite=True,
                buffer=limits.buffer,
                permit_wait_s=limits.patience_s,
                breaker=Breaker(failures_to_open=limits.breaker_failures, open_s=limits.breaker_open_s),
                states=states,
            )

        name = shared_name(place)
        urls = place.base_urls
        if len(urls) == 1:
            self._overall: ServiceGate | None = None
            self._all = [Endpoint(urls[0], gate(name, urls[0], limits.at_once, limits.per_minute))]
        else:
            self._overall = gate(name, "all", limits.at_once, limits.per_minute)
            self._all = [Endpoint(url, gate(name, url, limits.at_once, 4 * limits.per_minute)) for url in urls]

    @contextmanager
    def turn(self, base_url: str = "") -> Iterator[Turn]:
        """Wait for leave to call, and hold it; `base_url` names the address that alone can be asked ("": any).

        Raises `ModelError`.
        """
        candidates = self._named(base_url)
        if self._overall is None:
            with self._held(candidates[0], candidates[0].gate, None) as turn:
                yield turn
            return
        permit = _acquired(self._overall, None)
        try:
            with self._one_of(candidates) as turn:
                yield turn
        finally:
            self._overall.release(permit, Verdict.SAYS_NOTHING)

    def for_files(self) -> str:
        """The address to upload to: the healthy, least busy one; raises `ModelError`."""
        return self._ranked(self._named(""))[0].base_url

    def rest(self, turn: Turn, after_s: float | None) -> None:
        """An address said "too much": leave it alone for as long as it asks, or by back-off.

        Of many calls that were under way together the first to be refused counts, where nobody says for how long.
        """
        endpoint = turn.endpoint
        with self._lock:
            is_news = turn.started > endpoint.limited_at
            if is_news:
                endpoint.limited += 1
                endpoint.limited_at = time.monotonic()
            count = endpoint.limited
        if after_s is None and is_news:
            base_s = self._limits.try_again_s
            after_s = base_s / 2 + delay_s(count, self._rng, base_s=base_s, cap_s=_LONGEST_REST_S)
        if after_s is not None:
            endpoint.gate.park(after_s, Reason.RATE_LIMITED)

    def close(self, endpoint: Endpoint, after_s: float) -> None:
        """An address wants money: leave it alone."""
        endpoint.gate.park(after_s, Reason.BUDGET_EXHAUSTED)

    def knows(self, base_url: str) -> bool:
        """Whether it is an address of this model."""
        return any(one.base_url == base_url for one in self._all)

    @property
    def trips(self) -> int:
        """How often breakers opened."""
        return sum(one.gate.use().breaker_trips for one in self._all)

    @property
    def at_rest(self) -> dict[str, str]:
        """The addresses that are not asked for a while, each with the reason."""
        return {one.base_url: why.value for one in self._all if (why := one.gate.rest()) is not None}

    def stop(self) -> None:
        """End all waits."""
        for gate in [*([self._overall] if self._overall else []), *(one.gate for one in self._all)]:
            gate.stop()

    def _named(self, base_url: str) -> list[Endpoint]:
        if not self._all:
            raise ModelError(Trouble.OFFLINE, "no server of this machine is set")
        found = [one for one in self._all if base_url in {"", one.base_url}]
        if not found:
            raise ModelError(Trouble.BAD_REQUEST, "the file is at a server that is not asked any more")
        return found

    @contextmanager
    def _one_of(self, candidates: Sequence[Endpoint]) -> Iterator[Turn]:
        """The turn at the first address, by health and business, that can be asked now."""
        error = ModelError(Trouble.DOWN, "no address can be asked")
        for endpoint in self._ranked(candidates):
            try:
                permit = _acquired(endpoint.gate, _SOON_S)
            except ModelError as refusal:
                if error.after is None or (refusal.after or 0.0) < error.after:
                    error = refusal
                continue
            with self._held(endpoint, endpoint.gate, permit) as turn:
                yield turn
            return
        raise error

    @contextmanager
    def _held(self, endpoint: Endpoint, gate: ServiceGate, permit: Permit | None) -> Iterator[Turn]:
        permit = _acquired(gate, None) if permit is None else permit
        with self._lock:
            endpoint.in_flight += 1
            endpoint.asked += 1
        turn = Turn(endpoint)
        try:
            yield turn
        finally:
            with self._lock:
                endpoint.in_flight -= 1
                if turn.verdict is Verdict.ANSWERED:
                    endpoint.is_well, endpoint.known_until = True, self._clock.monotonic() + HEALTH_S
                    if turn.started > endpoint.limited_at:
                        endpoint.limited = 0
                elif turn.verdict is Verdict.FAILED:
                    endpoint.known_until = min(endpoint.known_until, self._clock.monotonic())
            gate.release(
                permit,
                turn.verdict,
                status=turn.status,
                latency_s=turn.latency_s,
                retry_after_s=turn.retry_after_s,
            )

    def _ranked(self, endpoints: Sequence[Endpoint]) -> list[Endpoint]:
        """The healthy ones first, and of those the least busy."""
        if len(endpoints) == 1:
            return list(endpoints)
        for one in endpoints:
            self._look_at(one)
        with self._lock:
            return sorted(
                endpoints, key=lambda one: (not one.is_well, one.gate.wait_s() > _SOON_S, one.in_flight, one.asked)
            )

    def _look_at(self, endpoint: Endpoint) -> None:
        """Ask how it is, where that is not known; while one thread asks, the others believe what was known."""
        with self._lock:
            if endpoint.is_looked_at or self._clock.monotonic() < endpoint.known_until:
                return
            endpoint.is_looked_at = True
        is_well = endpoint.is_well
        try:
            is_well = self._is_well(endpoint.base_url)
        finally:
            with self._lock:
                endpoint.is_looked_at = False
                endpoint.is_well = is_well
                endpoint.known_until = self._clock.monotonic() + (HEALTH_S if is_well else ILL_S)


def _acquired(gate: ServiceGate, wait_s: float | None) -> Permit:
    try:
        return gate.acquire(wait_s=wait_s)
    except ServiceError as error:
        trouble = _TROUBLES.get(error.reason, Trouble.RATE_LIMITED)
        raise ModelError(trouble, error.detail, after=error.after) from error


def _service(name: str, base_url: str, at_once: int, per_minute: int, timeout_s: float) -> Service:
    """The model as `net.gate` knows services.

    It is the operator's own in that refusals do not halve what it may use: who asks many questions at a time does that.
    """
    burst = max(1, per_minute // _BURST)
    lane = Lane((Window(burst, 1.0), Window(max(1, per_minute), 60.0)), max(1, at_once), is_published=True)
    return Service(name=name, base_url=base_url, polite=lane, anonymous=lane, is_own=True, timeout_s=timeout_s)
