"""Which ways of finding a PDF work on the landing pages of which host: counted as downloads end, kept in memory."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any
from urllib.parse import urlsplit

from db.codec import encode
from dl_lit.core.clock import Clock
from dl_lit.core.reasons import Reason, ReasonClass
from dl_lit.core.techniques import is_dropped
from dl_lit.core.trail import Tried, visits
from dl_lit.core.values import dataclass

_LOAD = "SELECT host, technique, failed_in_a_row, tried_at FROM landing_techniques WHERE failed_in_a_row > 0"
_COUNT = """
INSERT INTO landing_techniques (host, technique, worked, failed, failed_in_a_row, tried_at)
SELECT j.value ->> 0, j.value ->> 1, CAST(j.value ->> 2 AS INTEGER), CAST(j.value ->> 3 AS INTEGER),
    CAST(j.value ->> 4 AS INTEGER), CAST(j.value ->> 5 AS REAL)
FROM json_each(?) AS j WHERE true
ON CONFLICT (host, technique) DO UPDATE SET
    worked = landing_techniques.worked + excluded.worked, failed = landing_techniques.failed + excluded.failed,
    failed_in_a_row = CASE WHEN excluded.worked > 0 THEN excluded.failed_in_a_row
                           ELSE landing_techniques.failed_in_a_row + excluded.failed_in_a_row END,
    tried_at = excluded.tried_at
"""
_SAYS_NOTHING = frozenset({ReasonClass.TRANSIENT, ReasonClass.BUDGET, ReasonClass.OURS, ReasonClass.WALL})
"""What speaks of the host or of us, not of the way in which its page was read."""


@dataclass(frozen=True, slots=True)
class Landing:
    """One use of a technique."""

    host: str  # of the page
    technique: str
    worked: bool


def landings(tried: Sequence[Tried]) -> list[Landing]:
    """The uses of techniques that a trail tells of, in its order; those that show nothing about the technique not."""
    found = []
    for one in tried:
        host = _page_host(one)
        worked = _worked(one.reason)
        if one.technique and host and worked is not None:
            found.append(Landing(host, one.technique, worked))
    return found


def count(cursor: Any, landed: Sequence[Landing], now: float) -> None:
    """Add the uses to the table."""
    if landed:
        cursor.execute(_COUNT, (encode([(*key, *counts, now) for key, counts in _summed(landed).items()]),))


class TechniqueMemory:
    """See `core.ports.Techniques`. Loaded once, kept in step by `add`. Thread-safe."""

    def __init__(self, cursor: Any, clock: Clock) -> None:
        """Load what is known; the cursor is not kept."""
        self._clock = clock
        self._lock = threading.Lock()
        self._failing: dict[str, dict[str, tuple[int, float]]] = defaultdict(dict)
        for host, technique, in_a_row, tried_at in cursor.execute(_LOAD):
            self._failing[host][technique] = in_a_row, tried_at

    def dropped(self, host: str) -> Collection[str]:
        """See `Techniques.dropped`. Hosts are compared as they are written in addresses, in lower case."""
        now = self._clock.time()
        with self._lock:
            known = tuple(self._failing.get(host.lower(), {}).items())
        return frozenset(technique for technique, (failed, at) in known if is_dropped(failed, at, now))

    def add(self, landed: Sequence[Landing], now: float) -> None:
        """Take over what was written down."""
        with self._lock:
            for (host, technique), (worked, _, in_a_row) in _summed(landed).items():
                known = self._failing[host]
                before = 0 if worked else known.get(technique, (0, 0.0))[0]
                if before + in_a_row:
                    known[technique] = before + in_a_row, now
                else:
                    known.pop(technique, None)


def _summed(landed: Sequence[Landing]) -> dict[tuple[str, str], tuple[int, int, int]]:
    """How often each technique worked and failed at each host, and how often in a row in the end."""
    sums: dict[tuple[str, str], tuple[int, int, int]] = {}
    for one in landed:
        worked, failed, in_a_row = sums.get((one.host, one.technique), (0, 0, 0))
        if one.worked:
            sums[one.host, one.technique] = worked + 1, failed, 0
        else:
            sums[one.host, one.technique] = worked, failed + 1, in_a_row + 1
    return sums


def _page_host(tried: Tried) -> str | None:
    """The host of the page that named the link: the page is what was asked for just before."""
    asked = visits(tried.hops)
    url = asked[-2][-1][0] if len(asked) > 1 else tried.url
    try:
        return urlsplit(url).netloc.lower() or None
    except ValueError:
        return None


def _worked(word: str) -> bool | None:
    """Whether the link led to the work's file; None where the ending says nothing about the link."""
    try:
        reason = Reason(word)
    except ValueError:
        return None
    if reason is Reason.NEEDS_REVIEW or reason.category in _SAYS_NOTHING:
        return None
    return reason.category is ReasonClass.SUCCESS
