"""What a service teaches us about its limits: what it announces, how it refuses, how long it takes.

Decisions only, on values that can be kept on disk and shared. Times are seconds since the Unix epoch.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import field

from dl_lit.core.services import Lane, Window
from dl_lit.core.values import dataclass

LEAST_SHARE = 1 / 16  # however often it refuses
GROWTH = 1 / 100  # of the allowance, back with every success: from a half to all in 50 answers
FORGET_S = 86_400.0  # a refusal of yesterday says nothing about today
COUNTED = (
    256  # windows with more permits than this are counted in slots: they give up permits instead of getting longer
)

_USERS_KEPT = 8
_SAMPLES = 20  # answers before a time-out follows them
_HALVE_AT = 1_000  # samples, so that old ones fade
_P99 = 0.99
_TIMES_P99 = 4.0
_PROBE_WEIGHT = 50  # a probe that is answered weighs as much as this part of all answers: it moves the 99th percentile
_FIRST_S = 0.001
_STEP = 1.1
_STEPS = 145  # up to some 1,000 s


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """What a service says in an answer's headers about one kind of request."""

    permits: int | None = None
    seconds: float = 1.0
    concurrency: int | None = None
    is_polite: bool | None = None  # the pool it put us into; None where it does not say


@dataclass(slots=True)
class LatencyHistory:
    """How long a service's answers took, as a histogram in which old ones fade."""

    steps: dict[int, int] = field(default_factory=dict)  # number of answers by step of the scale
    overdue: int = 0  # time-outs since the last answer
    overdue_s: float = 0.0  # the longest of them

    def answered(self, seconds: float, *, is_probe: bool = False) -> None:
        """Count an answer, and the time-outs before it: a service that answers now was only slow then.

        A probe weighs more: a service that has become slow for good is believed at once.
        """
        count = sum(self.steps.values())
        self._add(seconds, max(1, count // _PROBE_WEIGHT) if is_probe else 1)
        if self.overdue:
            self._add(self.overdue_s, self.overdue)
        self.overdue, self.overdue_s = 0, 0.0
        if count > _HALVE_AT:
            self.steps = {step: (number + 1) // 2 for step, number in self.steps.items() if number > 1}

    def timed_out(self, seconds: float) -> None:
        """Count a request that was given up after `seconds`; it tells something only if the service answers again."""
        self.overdue += 1
        self.overdue_s = max(self.overdue_s, seconds)

    def gave_up(self) -> None:
        """The breaker has opened: what ran into it was an outage, not the service's pace."""
        self.overdue, self.overdue_s = 0, 0.0

    def quantile_s(self, share: float) -> float | None:
        """The time that `share` of all answers did not exceed; None before there are enough."""
        count = sum(self.steps.values())
        if count < _SAMPLES:
            return None
        ordered = sorted(self.steps)
        seen = itertools.accumulate(self.steps[step] for step in ordered)
        reached = next(step for step, number in zip(ordered, seen, strict=True) if number >= share * count)
        return float(_FIRST_S * _STEP**reached)

    def timeout_s(self, usual_s: float, *, least_s: float, most_s: float) -> float:
        """Four times what 99 of 100 answers took, within the bounds; `usual_s` before there are enough answers."""
        p99_s = self.quantile_s(_P99)
        return usual_s if p99_s is None else min(most_s, max(least_s, _TIMES_P99 * p99_s))

    def _add(self, seconds: float, weight: int) -> None:
        step = 0 if seconds <= _FIRST_S else min(_STEPS - 1, math.ceil(math.log(seconds / _FIRST_S, _STEP)))
        self.steps[step] = self.steps.get(step, 0) + weight


@dataclass(slots=True)
class Heard:
    """What a service has told one of its users: processes with other keys are other users."""

    lanes: dict[str, Announced] = field(default_factory=dict)  # "" is the service's own
    is_polite: bool | None = None  # the pool it last put us into; None: it has not said


@dataclass(slots=True)
class Learned:
    """What is known of one service's limits beyond what was decided beforehand."""

    heard: dict[str, Heard] = field(default_factory=dict)  # by user
    shares: dict[str, float] = field(default_factory=dict)  # by lane: of the allowance, below 1 after refusals
    cut_at: dict[str, float] = field(default_factory=dict)  # by lane
    latencies: LatencyHistory = field(default_factory=LatencyHistory)

    def hear(self, user: str, lane: str, said: Announced) -> None:
        """Believe the latest answer."""
        heard = self.heard.setdefault(user, Heard())
        while len(self.heard) > _USERS_KEPT:
            del self.heard[next(iter(self.heard))]
        if heard.is_polite and said.is_polite is False:
            heard.lanes.clear()  # those were said to somebody polite
        heard.lanes[lane] = said
        if said.is_polite is not None:
            heard.is_polite = said.is_polite

    def cut(self, lane: str, granted_at: float, now: float) -> None:
        """Halve a lane's share: it refused a request that was granted after the last cut."""
        if granted_at > self.cut_at.get(lane, -math.inf):
            self.shares[lane] = max(LEAST_SHARE, self.share(lane, now) / 2)
            self.cut_at[lane] = now

    def grow(self, lane: str) -> None:
        """Give back a little: it answered."""
        if lane in self.shares:
            self.shares[lane] += GROWTH
            if self.shares[lane] >= 1.0:
                del self.shares[lane]

    def share(self, lane: str, now: float) -> float:
        """The share of a lane's allowance that is used."""
        if now - self.cut_at.get(lane, -math.inf) > FORGET_S:
            return 1.0
        return self.shares.get(lane, 1.0)

    def turn_back(self, seconds: float) -> None:
        """The clock was set back by `seconds`."""
        self.cut_at = {lane: at - seconds for lane, at in self.cut_at.items()}


@dataclass(frozen=True, slots=True)
class LanePolicy:
    """What was decided about one kind of request: what it may use at most, and until the service shows it knows us."""

    most: Lane
    unproven: Lane


def lane_now(name: str, policy: LanePolicy, heard: Heard, share: float, buffer: float) -> Lane:
    """What a lane may use now: never more than was decided, less where the service says or shows so.

    `share` is what refusals have left of it; `buffer` is the share used of limits that are the service's own, published
    or announced.
    """
    decided = policy.most if heard.is_polite else policy.unproven
    said = heard.lanes.get(name)
    windows = [_shrunk(one, share * (buffer if decided.is_published else 1.0)) for one in decided.windows]
    concurrency = decided.concurrency
    if said is not None and said.permits is not None:
        announced = _shrunk(Window(said.permits, said.seconds), share * buffer)
        if all(_rate(announced) < _rate(one) for one in windows):
            windows.append(announced)
    if said is not None and said.concurrency is not None:
        concurrency = min(concurrency, max(1, said.concurrency))
    return Lane(tuple(windows), max(1, math.floor(concurrency * share)))


def _shrunk(window: Window, share: float) -> Window:
    if window.permits > COUNTED:
        return Window(max(COUNTED + 1, math.floor(window.permits * share)), window.seconds)
    return Window(window.permits, window.seconds / share)


def _rate(window: Window) -> float:
    return window.permits / window.seconds
