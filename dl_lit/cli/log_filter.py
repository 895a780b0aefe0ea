"""Which lines of a log are wanted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from dl_lit.core.values import dataclass

_SPAN = re.compile(r"(\d{1,9})\s*([smhd])", re.IGNORECASE | re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LEVELS = {"debug": 0, "info": 1, "warning": 2, "error": 3, "critical": 4}

Line = tuple[str, dict[str, Any]]
"""A line as it stands in the log, and what it says."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which lines are wanted; everything given has to fit."""

    stages: Collection[str] = ()
    reasons: Collection[str] = ()
    since: datetime | None = None  # aware
    until: datetime | None = None  # aware
    level: str = "debug"  # the least grave
    pattern: re.Pattern[str] | None = None  # that the line holds
    is_of_source: Callable[[dict[str, Any]], bool] | None = None

    @property
    def is_plain(self) -> bool:
        """Whether stage, reason, level and time are all that is asked for."""
        return self.pattern is None and self.is_of_source is None

    def wanted(self, lines: Iterable[str]) -> Iterator[Line]:
        """The lines that fit; what is no JSON object is left out."""
        for line in lines:
            event = _event(line)
            if event is not None and self.fits(line, event):
                yield line, event

    def fits(self, line: str, event: dict[str, Any]) -> bool:
        """Whether the line is wanted."""
        if self.stages and event.get("stage") not in self.stages:
            return False
        if self.reasons and event.get("reason") not in self.reasons:
            return False
        if _LEVELS.get(str(event.get("level")), 1) < _LEVELS[self.level] or not self._is_in_time(event):
            return False
        if self.pattern is not None and self.pattern.search(line) is None:
            return False
        return self.is_of_source is None or self.is_of_source(event)

    def _is_in_time(self, event: dict[str, Any]) -> bool:
        if self.since is None and self.until is None:
            return True
        at = moment_of(event)
        return at is not None and (self.since is None or at >= self.since) and (self.until is None or at < self.until)


def _event(line: str) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


def moment_of(event: dict[str, Any]) -> datetime | None:
    """When the event was logged, aware; None when it does not say."""
    try:
        at = datetime.fromisoformat(str(event.get("timestamp")))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def moment_meant(text: str, now: datetime) -> datetime | None:
    """The moment that "90s", "10m", "2h", "3d" ago or an ISO 8601 time means; None when `text` is neither.

    A time without zone is taken to be UTC, as in the log.
    """
    if match := _SPAN.fullmatch(text.strip()):
        try:
            return now - timedelta(**{_UNITS[match[2].lower()]: int(match[1])})
        except OverflowError:
            return None
    return moment_of({"timestamp": text.strip()})
