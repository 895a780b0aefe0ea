"""What one kind of requests to a service may use at present, and what stands against the next one."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dl_lit.core.learning import Heard, LanePolicy, lane_now
from dl_lit.core.limits import Windows, with_room
from dl_lit.core.services import Lane, Window
from dl_lit.core.sharing import LaneWish
from dl_lit.net.permit import Limit

LATE_S = 0.02
"""A permit whose thread woke up this late still counts from when it was due, so that pacing never drifts."""

NOBODY = Heard()
"""What is heard of a service before the first answer."""

_GAP_SHARE = 0.5  # permits are at least half a fair share of the shortest window apart: no bursts, and room to catch up
_LONG_S = 3_600.0  # a window this long is a budget, not a pace
_NOTHING = LaneWish("", (), 0.0, 0)


@dataclass(slots=True)
class OpenLane:
    """A lane of a service, or the service itself, as this process uses it."""

    name: str
    policy: LanePolicy
    buffer: float
    now: Lane  # what it may use at present
    windows: Windows
    wish: LaneWish = _NOTHING
    grounds: tuple[object, ...] = ()  # why it is that
    in_flight: int = 0
    last_granted: int = 0
    held_until: float = -math.inf  # other processes have what there is until then

    @property
    def due(self) -> float:
        """From when a request may go, as far as time is concerned."""
        return max(self.windows.due, self.held_until)

    def hindrance(self, now: float) -> Limit | None:
        """What keeps a request from going in this lane now; None where nothing does."""
        if self.in_flight >= self.now.concurrency:
            return Limit.CONCURRENCY
        if self.windows.due > now:
            return Limit.DAY if self.windows.binding_s >= _LONG_S else Limit.WINDOW
        return Limit.OTHERS if self.held_until > now else None

    def learn(self, heard: Heard, share: float) -> None:
        """Keep from now on to what the service says and shows."""
        grounds = (heard.is_polite, heard.lanes.get(self.name), share)
        if grounds != self.grounds:
            self.grounds = grounds
            self.now = lane_now(self.name, self.policy, heard, share, self.buffer)
            shortest: Window = min(self.now.windows, key=lambda window: window.seconds)
            gap_s = _GAP_SHARE * shortest.seconds / shortest.permits
            windows = self.now.windows if self.policy.most.is_published else with_room(self.now.windows, LATE_S)
            self.windows.become(windows, gap_s=gap_s)
            self.wish = LaneWish(self.name, windows, gap_s, self.now.concurrency)
