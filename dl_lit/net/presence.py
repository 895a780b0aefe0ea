"""Who holds permits and who waits, in the words of the pipeline: the stage a thread works for."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from dl_lit.core.clock import Clock
from dl_lit.core.pulse import ServicePulse
from dl_lit.core.services import Lane
from dl_lit.net.permit import Limit, Permit

_LEAST_S = 0.001  # what is shorter is no waiting


def who_asks() -> str:
    """The stage that this thread works for ("download" for "download-7"), or what else it is called."""
    name = threading.current_thread().name
    stage, dash, number = name.rpartition("-")
    return stage if dash and number.isdigit() else name


def allowance(lane: Lane) -> str:
    """What a lane allows, in words: "10 in 1 s, 8 at once"."""
    windows = ", ".join(f"{window.permits:,} in {window.seconds:g} s" for window in lane.windows)
    return f"{windows}, {lane.concurrency} at once" if windows else f"{lane.concurrency} at once"


def pulse_of(
    requests: int,
    *,
    lane: Lane,
    waiting: Iterable[Permit],
    held_by: Counter[str],
    waited_s: dict[Limit, float],
    turned_away: Counter[str],
    now: float,
) -> ServicePulse:
    """One service at the moment `now` (monotonic); those who still wait count with what they have waited so far."""
    seconds, by, limits = dict(waited_s), Counter[str](), Counter[Limit]()
    for permit in waiting:
        by[permit.who] += 1
        if permit.limit is not None:
            limits[permit.limit] += 1
            seconds[permit.limit] = seconds.get(permit.limit, 0.0) + now - permit.limit_since
    return ServicePulse(
        requests=requests,
        waiting=by.total(),
        waited_s=round(sum(seconds.values()), 3),
        held_by={name: count for name, count in sorted(held_by.items()) if count},
        waited_for={limit.value: round(spent, 3) for limit, spent in sorted(seconds.items()) if spent >= _LEAST_S},
        waiting_by=dict(sorted(by.items())),
        waiting_for={limit.value: count for limit, count in sorted(limits.items())},
        turned_away=dict(sorted(turned_away.items())),
        allows=allowance(lane),
    )


class Visitors:
    """Who holds connections to hosts and who waits for a host's turn. Its owner's lock guards it."""

    def __init__(self, clock: Clock) -> None:
        """Nobody is there yet."""
        self._clock = clock
        self.held_by: Counter[str] = Counter()
        self._waiting: dict[int, tuple[str, float]] = {}  # who waits since when, by their threads
        self._waited_s = 0.0

    @contextmanager
    def waiting(self, who: str) -> Iterator[None]:
        """While entered it is seen that this thread waits."""
        thread, since = threading.get_ident(), self._clock.monotonic()
        self._waiting[thread] = (who, since)
        try:
            yield
        finally:
            del self._waiting[thread]
            self._waited_s += self._clock.monotonic() - since

    def waiting_of(self, who: str) -> int:
        """How many of the threads that work for `who` wait."""
        return sum(one == who for one, _ in self._waiting.values())

    def pulse(self, requests: int, turned_away: Mapping[str, int], allows: str) -> ServicePulse:
        """All hosts together, as one service."""
        now = self._clock.monotonic()
        waiting = Counter(who for who, _ in self._waiting.values())
        waited_s = round(self._waited_s + sum(now - since for _, since in self._waiting.values()), 3)
        return ServicePulse(
            requests=requests,
            waiting=waiting.total(),
            waited_s=waited_s,
            held_by={who: count for who, count in sorted(self.held_by.items()) if count},
            waited_for={Limit.HOST.value: waited_s} if waited_s else {},
            waiting_by=dict(sorted(waiting.items())),
            waiting_for={Limit.HOST.value: waiting.total()} if waiting else {},
            turned_away={reason: count for reason, count in turned_away.items() if count},
            allows=allows,
        )
