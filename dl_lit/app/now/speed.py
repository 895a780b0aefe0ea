"""How fast each stage is, from how much it had done at moments before."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from dl_lit.core.model import StageName

_LATELY_S = 90.0
_HOUR_S = 3_600.0
_EVERY_S = 10.0  # between two samples that are kept: an hour is 360 of them
_LEAST_S = 5.0  # over less nothing can be told


class Speeds:
    """Remembers an hour. For one thread."""

    def __init__(self, now: float) -> None:
        """Begin with nothing done at `now` (seconds, as everywhere here)."""
        self._samples: deque[tuple[float, Mapping[StageName, int]]] = deque([(now, {})])
        self._moved_at: dict[StageName, float] = {}
        self._last: Mapping[StageName, int] = {}

    def look(self, now: float, left: Mapping[StageName, int]) -> None:
        """`left` items have left each stage's room up to `now`, since the process began."""
        for stage, number in left.items():
            if number != self._last.get(stage, 0):
                self._moved_at[stage] = now
        self._last = dict(left)
        if now - self._samples[-1][0] >= _EVERY_S:
            self._samples.append((now, self._last))
        while len(self._samples) > 1 and now - self._samples[1][0] >= _HOUR_S:
            self._samples.popleft()

    def moved_at(self, stage: StageName) -> float | None:
        """When the last item was seen to leave; None: none has."""
        return self._moved_at.get(stage)

    def per_minute(self, stage: StageName, now: float) -> float:
        """Over the last minute and a half, or less where there is no more."""
        return self._over(_LATELY_S, stage, now)

    def per_minute_hour(self, stage: StageName, now: float) -> float:
        """Over the last hour, or less where there is no more."""
        return self._over(_HOUR_S, stage, now)

    def _over(self, seconds: float, stage: StageName, now: float) -> float:
        since, left = next(
            (one for one in reversed(self._samples) if now - one[0] >= seconds),
            self._samples[0],
        )
        passed_s = now - since
        if passed_s < _LEAST_S:
            return 0.0
        return round((self._last.get(stage, 0) - left.get(stage, 0)) * 60 / passed_s, 2)
