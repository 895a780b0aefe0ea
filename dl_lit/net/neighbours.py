"""Hosts of files as all dl_lit processes of the machine see them: one gap, rest and connection for all together."""

from __future__ import annotations

from collections.abc import Callable

from dl_lit.core.clock import Clock
from dl_lit.core.services import Window
from dl_lit.core.sharing import HOSTS, Denied, Granted, LaneWish, ServiceState, SharedStates, Wish
from dl_lit.core.values import dataclass

_COSTS_ATTEMPT = "costs-attempt"


@dataclass(frozen=True, slots=True)
class Wait:
    """Not yet: other processes were there, or the host is to be left alone."""

    seconds: float
    is_parked: bool = False
    costs_attempt: bool = False


class Neighbours:
    """What the other processes do at the hosts. Thread-safe."""

    def __init__(self, states: SharedStates, clock: Clock) -> None:
        """`states` is where all processes of the machine meet."""
        self._states = states
        self._clock = clock

    def start(self, host: str, gap_s: float, connections: int) -> int | Wait:
        """Begin a request: what to hand to `end`, or how long to wait."""
        lane = LaneWish("", (Window(1, gap_s),) if gap_s > 0 else (), 0.0, connections)

        def decide(state: ServiceState) -> int | Wait:
            now = state.turn(self._clock.time())
            if (rest_s := state.parked_s(now)) > 0:
                return Wait(rest_s, is_parked=True, costs_attempt=state.parked_for == _COSTS_ATTEMPT)
            wish = Wish(holder=self._states.me, lanes=(lane,), at=now, now=now)
            answer = state.grant(wish, self._states.is_alive)
            if isinstance(answer, Granted):
                return answer.lease
            return Wait(answer.after if isinstance(answer, Denied) else max(0.0, answer.until - now))

        return self._states.change(_place(host), decide)

    def sent(self, host: str) -> None:
        """The request that was begun leaves only now."""
        self._change(host, lambda state: state.left(state.turn(self._clock.time())))

    def end(self, host: str, lease: int) -> None:
        """The request has ended."""
        self._change(host, lambda state: state.end(self._states.me, lease))

    def park(self, host: str, after_s: float, *, costs_attempt: bool) -> None:
        """Leave the host alone."""
        why = _COSTS_ATTEMPT if costs_attempt else ""
        self._change(host, lambda state: state.park(state.turn(self._clock.time()) + after_s, why))

    def _change(self, host: str, decide: Callable[[ServiceState], None]) -> None:
        self._states.change(_place(host), decide)


def _place(host: str) -> str:
    return f"{HOSTS}{host}"
