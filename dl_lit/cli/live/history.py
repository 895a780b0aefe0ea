"""What the screen remembers of the minutes before, for its sparklines."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from dl_lit.core.model import StageName

if TYPE_CHECKING:
    from dl_lit.app.now.snapshot import Snapshot

_BARS = "▁▂▃▄▅▆▇█"
_ASCII = " .:-=+*#"


class History:
    """How many items left each stage in each of the last spans."""

    def __init__(self, *, every_s: float = 2.0, spans: int = 60) -> None:
        """`spans` of `every_s` seconds each are kept."""
        self._every_s = every_s
        self._at: float | None = None
        self._last: dict[StageName, int] = {}
        self._left: dict[StageName, deque[int]] = {stage: deque(maxlen=spans) for stage in StageName}

    def add(self, now: Snapshot) -> None:
        """Take what `now` counts, if the last span is over."""
        if now.pulse is None or (self._at is not None and now.at - self._at < self._every_s):
            return
        counts = {stage: one.done + sum(one.failed.values()) for stage, one in now.pulse.stages.items()}
        if self._at is not None:
            for stage, number in counts.items():
                self._left[stage].append(max(0, number - self._last.get(stage, number)))
        self._at, self._last = now.at, counts

    def sparkline(self, stage: StageName, width: int, *, plain: bool = False) -> str:
        """The last `width` spans as bars, the tallest as tall as the fastest of them."""
        bars = _ASCII if plain else _BARS
        shown = list(self._left[stage])[-width:]
        most = max(shown, default=0)
        if not most:
            return ""
        return "".join(bars[0] if not one else bars[max(1, round(one / most * 7))] for one in shown)
