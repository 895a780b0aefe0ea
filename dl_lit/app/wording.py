"""Numbers and times as people say them, alike on every display."""

from __future__ import annotations

from datetime import UTC, datetime


def how_long(seconds: float) -> str:
    """A duration in two units at most: "45 s", "12 min", "3 h 20 min", "4 d 6 h"."""
    if seconds < 100:
        return f"{max(0.0, seconds):.0f} s"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    days, hours = divmod(round(minutes / 60), 24)
    return f"{days} d {hours} h" if hours and days < 7 else f"{days} d"


def ago(seconds: float) -> str:
    """Since when: "for 12 min", "just now"."""
    return "just now" if seconds < 5 else f"for {how_long(seconds)}"


def count(number: int, singular: str, plural: str | None = None) -> str:
    """A number with its noun: "1 file", "12 files"; `plural` where that is not the singular with an s."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def moment(epoch_s: float) -> str:
    """A moment in UTC: "2026-11-23 09:00 UTC"."""
    return datetime.fromtimestamp(epoch_s, UTC).strftime("%Y-%m-%d %H:%M UTC")


def iso_time(epoch_s: float) -> str:
    """A moment as programs read it, in ISO 8601: "2026-11-23T09:00:12+00:00"."""
    return datetime.fromtimestamp(epoch_s, UTC).isoformat(timespec="seconds")


def clock_time(iso: str, now: float) -> str:
    """An ISO 8601 moment, without the date where that is today's or tomorrow's."""
    there, here = datetime.fromisoformat(iso).astimezone(UTC), datetime.fromtimestamp(now, UTC)
    days = (there.date() - here.date()).days
    if days not in {0, 1}:
        return moment(there.timestamp())
    return f"{'tomorrow ' if days else ''}{there:%H:%M} UTC"
