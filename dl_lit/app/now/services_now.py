"""How things stand with each service at this moment, for all dl_lit processes of the machine together.

Read from the state they share, so it can be told beside a running process and after it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from db.machine.processes import is_alive
from db.machine.states import read_states, states_file
from dl_lit.app.wording import iso_time
from dl_lit.core.breaker import BreakerState
from dl_lit.core.grants import Grants
from dl_lit.core.learning import Heard, LanePolicy, lane_now
from dl_lit.core.services import Lane, Window
from dl_lit.core.sharing import ServiceState, place_of
from dl_lit.core.values import dataclass
from dl_lit.net.identity import Identity
from dl_lit.settings import ServiceSettings, Settings

_LONG_S = 3_600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneNow:
    """What one kind of request may use now, and uses."""

    lane: str  # "": all requests to the service
    permits: int  # in any `seconds`, of the window that binds most
    seconds: float
    concurrency: int
    share: float  # of the allowance, below 1 after refusals
    in_window: int  # requests of all processes in the last `seconds`
    in_flight: int

    @property
    def pace(self) -> str:
        """What it may use, in words: "5/s by 3", "1 in 3 s by 1"."""
        rate = self.permits / self.seconds
        return f"{f'{rate:.3g}/s' if rate >= 1 else f'1 in {1 / rate:.3g} s'} by {self.concurrency}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceNow:
    """One service. Moments are ISO 8601 in UTC; None where there is none."""

    service: str
    is_asked: bool
    lacks: tuple[str, ...]  # settings without which it cannot be asked
    lanes: tuple[LaneNow, ...]  # the service's own first
    pool: str | None  # polite or public, where it says so
    requests_today: int
    in_flight: int
    breaker: str  # closed, open, half-open
    breaker_until: str | None
    parked_until: str | None
    parked_for: str | None  # the reason
    credits_per_day: int | None  # None: it does not count
    credits_left: int | None
    credits_reset_at: str | None
    timeout_s: float  # in force
    key_trouble: str | None  # what is wrong with the key that is set
    contact_trouble: str | None  # what is wrong with the contact address that is set


def services_now(settings: Settings, now: float) -> list[ServiceNow]:
    """Every service of the settings, at the epoch's second `now`."""
    states = read_states(states_file(settings.shared_state))
    identity = Identity(settings.contact_email, {name: one.key for name, one in settings.services.items() if one.key})
    return [_service(one, settings, states, identity, now) for one in settings.services.values()]


def _service(
    one: ServiceSettings, settings: Settings, states: Mapping[str, ServiceState], identity: Identity, now: float
) -> ServiceNow:
    state = states.get(place_of(one.service), ServiceState())
    now = state.turn(now)
    state.leases = [lease for lease in state.leases if lease.expires_at > now and is_alive(lease.holder)]
    key = identity.key_hash(one.name)
    purse = state.purse(key, one.credits_per_day)
    left = purse.remaining(now)
    counts = purse.allowed is not None or left == 0
    breaker = state.breaker.state(now)
    until = state.breaker.open_until if breaker is BreakerState.OPEN else None
    heard = state.learned.heard.get(identity.user_hash(one.name), Heard())
    usual_s, bounds = one.service.timeout_s, settings.http
    trouble = state.key_trouble.get(key) if key else None
    contact = state.key_trouble.get(identity.contact_hash(one.name)) if identity.contact_email else None
    return ServiceNow(
        service=one.name,
        is_asked=one.available,
        lacks=one.missing,
        lanes=tuple(_lanes(one, state, heard, settings.http.rate_limit_buffer, now)),
        pool=None if heard.is_polite is None else "polite" if heard.is_polite else "public",
        requests_today=state.requests_today(now),
        in_flight=state.in_flight(),
        breaker=breaker.value,
        breaker_until=None if until is None else iso_time(until),
        parked_until=iso_time(state.parked_until) if state.parked_until > now else None,
        parked_for=state.parked_for if state.parked_until > now else None,
        credits_per_day=purse.allowed,
        credits_left=int(left) if counts and left < math.inf else None,
        credits_reset_at=iso_time(now + purse.resets_in(now)) if counts else None,
        timeout_s=round(
            state.learned.latencies.timeout_s(
                usual_s, least_s=min(bounds.timeout_least_s, usual_s), most_s=usual_s * bounds.timeout_most
            ),
            3,
        ),
        key_trouble=trouble.says if trouble else None,
        contact_trouble=contact.says if contact else None,
    )


def _lanes(one: ServiceSettings, state: ServiceState, heard: Heard, buffer: float, now: float) -> Iterator[LaneNow]:
    for name in ("", *one.lanes):
        most = one.lanes.get(name, one.lane)
        unproven = one.unproven_lanes.get(name, one.unproven)
        share = state.learned.share(name, now)
        lane = lane_now(name, LanePolicy(most, unproven), heard, share, buffer)
        window = min(lane.windows, key=_pace)
        yield LaneNow(
            lane=name,
            permits=window.permits,
            seconds=round(window.seconds, 3),
            concurrency=lane.concurrency,
            share=round(share, 3),
            in_window=_in_window(state.grants.get(name), lane, now),
            in_flight=state.in_flight(name),
        )


def _pace(window: Window) -> tuple[bool, float]:
    """Orders windows by what they let through; one as long as a day says nothing of the pace."""
    return window.seconds > _LONG_S, window.permits / window.seconds


def _in_window(grants: Grants | None, lane: Lane, now: float) -> int:
    shortest = min(window.seconds for window in lane.windows)
    return grants.within(shortest, now) if grants is not None else 0
