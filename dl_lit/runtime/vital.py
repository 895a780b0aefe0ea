"""Whether the engine is alive, slow, or wedged: stuck in a way that only a new process gets out of.

Slow is whatever passes by itself or is told elsewhere: long items, waiting for permits, full rooms, a full disk.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from dl_lit.runtime.turns import Turn


class Health(StrEnum):
    """How the engine is."""

    ALIVE = "alive"
    SLOW = "slow"
    WEDGED = "wedged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vital:
    """How the engine is, and by what that is seen."""

    health: Health = Health.ALIVE
    loop: str = ""  # "download-feeder", "recorder", "notice", "main", or a stage whose hands are meant
    says: str = ""  # in one sentence; "" where all is well
    since: float | None = None  # epoch seconds

    @property
    def is_wedged(self) -> bool:
        """Whether only a new process helps."""
        return self.health is Health.WEDGED


WELL = Vital()


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


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment on both clocks."""

    mono: float
    epoch: float


def judge(at: Moment, turns: Iterable[Turn], stages: Iterable[HandsAtWork], bound_s: float) -> Vital:
    """What the loops and the hands come to; a loop may be overdue for `bound_s` before it counts as stuck."""
    late = max(((turn.overdue_s(at.mono), turn.name) for turn in turns), default=(0.0, ""))
    slow = WELL
    if late[0] > bound_s:
        return _vital(Health.WEDGED, late[1], f"{late[1]} has not turned for {late[0]:.0f} s", late[0], at)
    if late[0] > bound_s / 4:
        slow = _vital(Health.SLOW, late[1], f"{late[1]} has been at one turn for {late[0]:.0f} s", late[0], at)
    for stage in stages:
        if stage.longest_s <= stage.bound_s:
            continue
        if 0 < stage.hands <= stage.busy and stage.quietest_s > stage.bound_s and not stage.waiting:
            says = f"all {stage.hands} hands of {stage.stage} have been silent for {stage.quietest_s:.0f} s"
            return _vital(Health.WEDGED, stage.stage, says, stage.quietest_s, at)
        says = f"{stage.stage} has had an item in hand for {stage.longest_s:.0f} s"
        slow = _vital(Health.SLOW, stage.stage, says, stage.longest_s, at)
    return slow


def broken(says: str, at: Moment) -> Vital:
    """A thread has ended that must not."""
    return _vital(Health.WEDGED, "threads", says, 0.0, at)


def _vital(health: Health, loop: str, says: str, for_s: float, at: Moment) -> Vital:
    return Vital(health=health, loop=loop, says=says, since=at.epoch - for_s)
