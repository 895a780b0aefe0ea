"""The levels of snowballing as people read them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_BECAME = {
    "read": "read in turn",
    "waits": "wait for a choice",
    "already-a-source": "are sources already",
    "not-verified": "not proven to be the work",
    "too-many-pages": "too long",
    "no-file": "have no file in the library",
    "level-budget": "over the level's budget",
    "max-sources": "over the budget of all levels",
    "depth": "beyond the depth",
    "few-new-works": "left, since the level brought little that is new",
    "paused": "wait, since extraction is paused",
}


def level_text(level: Mapping[str, Any]) -> str:
    """One level in a line."""
    cut = f" ({level['left_out']:,} left out of long lists)" if level["left_out"] else ""
    became = ", ".join(f"{number:,} {_BECAME.get(reason, reason)}" for reason, number in level["next"].items())
    return (
        f"level {level['level']}: {level['sources']:,} sources, {level['entries']:,} references{cut}, "
        f"{level['new_works']:,} of {level['works']:,} works new, {level['fetched']:,} in the library"
        + (f": {became}" if became else "")
    )
