"""Whether the engine is alive or wedged: stuck in a way that only a new process gets out of.

Slow is whatever passes by itself or is told elsewhere: long items, waiting for permits, full rooms, a full disk.
"""

from __future__ import annotations

from collections.abc import Iterable

from dl_lit.core.values import dataclass
from dl_lit.runtime.turns import Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class HandsAtWork:
    """The hands of one stage as they are judged."""

    stage: str
    hands: int  # there are
    busy: int  # of them are at work
    waiting: int  # of them wait for permits or turns, which end by themselves
    longest_s: float  # how long the oldest item has been in hand
    quietest_s: float  # for how long nothing has been heard of any of them
    bound_s: float  # no item takes longer without a word, whatever befalls it


def wedged_by(mono: float, turns: Iterable[Turn], stages: Iterable[HandsAtWork], bound_s: float) -> str | None:
    """What does not turn at the monotonic second `mono`, in one sentence; None where all is alive.

    A loop may be overdue for `bound_s` before it counts as stuck.
    """
    late_s, loop = max(((turn.overdue_s(mono), turn.name) for turn in turns), default=(0.0, ""))
    if late_s > bound_s:
        return f"{loop} has not turned for {late_s:.0f} s"
    for stage in stages:
        is_silent = min(stage.longest_s, stage.quietest_s) > stage.bound_s
        if is_silent and 0 < stage.hands <= stage.busy and not stage.waiting:
            return f"all {stage.hands} hands of {stage.stage} have been silent for {stage.quietest_s:.0f} s"
    return None
