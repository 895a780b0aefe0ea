"""The gates of all services, made from the settings."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable

from dl_lit.core.breaker import FAILURES_TO_OPEN, OPEN_S, Breaker
from dl_lit.core.clock import Clock
from dl_lit.core.pulse import ServicePulse
from dl_lit.core.services import Service
from dl_lit.core.sharing import OwnStates, SharedStates
from dl_lit.net.gate import PERMIT_WAIT_S, ServiceGate, TimeoutBounds
from dl_lit.net.identity import Identity
from dl_lit.net.meter import ServiceUse


class Politeness:
    """What every service allows, kept by all threads of the process together."""

    def __init__(
        self,
        services: Iterable[Service],
        *,
        clock: Clock,
        rng: random.Random,
        has_contact: bool,
        keyed: Collection[str] = (),
        buffer: float = 1.0,
        permit_wait_s: float = PERMIT_WAIT_S,
        failures_to_open: int = FAILURES_TO_OPEN,
        open_s: float = OPEN_S,
        identity: Identity | None = None,
        states: SharedStates | None = None,
        bounds: TimeoutBounds | None = None,
    ) -> None:
        """Open a gate per service.

        `keyed` names the services we have a key for; `failures_to_open` and `open_s` are the breakers' measures;
        `states` is where all processes of the machine meet, to whom `identity` tells us apart from other users.
        """
        states = states or OwnStates()
        self._gates = {
            service.name: ServiceGate(
                service,
                clock=clock,
                rng=rng,
                is_polite=has_contact or service.name in keyed,
                is_keyed=service.name in keyed,
                buffer=buffer,
                permit_wait_s=permit_wait_s,
                breaker=Breaker(failures_to_open=failures_to_open, open_s=open_s),
                states=states,
                user=identity.user_hash(service.name) if identity else "",
                key=identity.key_hash(service.name) if identity else "",
                bounds=bounds,
            )
            for service in services
        }

    def gate(self, service: str) -> ServiceGate:
        """The gate of one service; `KeyError` for a name nobody configured."""
        return self._gates[service]

    def budget(self, service: str) -> tuple[float, float]:
        """Credits left today at a service (infinity where it does not count), and seconds until all come back.

        What other processes of this machine used is gone from it.
        """
        return self._gates[service].budget()

    def __contains__(self, service: str) -> bool:
        return service in self._gates

    def stop(self) -> None:
        """End all waits at once and refuse everybody from now on."""
        for gate in self._gates.values():
            gate.stop()

    def pulse(self) -> dict[str, ServicePulse]:
        """Who holds permits and who waits for what, at each service that anybody has asked."""
        pulses = ((name, gate.pulse()) for name, gate in self._gates.items())
        return {name: one for name, one in pulses if one.requests or one.waiting or one.held_by or one.turned_away}

    def waiting_of(self, who: str) -> int:
        """How many of the threads that work for `who` wait for a permit of any service now."""
        return sum(gate.waiting_of(who) for gate in self._gates.values())

    def snapshot(self) -> dict[str, ServiceUse]:
        """What was asked of each service so far."""
        return {name: gate.use() for name, gate in self._gates.items()}
