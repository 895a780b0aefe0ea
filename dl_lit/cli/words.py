"""Numbers and times as people say them."""

from __future__ import annotations


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
    return f"{days} d {hours} h" if hours else f"{days} d"


def ago(seconds: float) -> str:
    """Since when: "for 12 min", "just now"."""
    return "just now" if seconds < 5 else f"for {how_long(seconds)}"


def count(number: int, singular: str) -> str:
    """A number with its noun: "1 file", "12 files"."""
    return f"{number:,} {singular}{'' if number == 1 else 's'}"
