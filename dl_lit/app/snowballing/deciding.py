"""Which levels may be fed now, with how many works, and why no further. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from db.reading.levels import FED, WAITS, Level
from dl_lit.core.values import dataclass
from dl_lit.settings.snowball import SnowballSettings


class Stopped(StrEnum):
    """Why a level gave no more sources to the next."""

    DEPTH = "depth"  # it is the last one that is asked for
    BUDGET = "level-budget"
    MAX_SOURCES = "max-sources"
    FEW_NEW = "few-new-works"
    PAUSED = "paused"  # extraction is, by people
    DONE = "all-read"


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of one level's candidates now."""

    level: int  # whose works these are; their sources are of the next level
    feed: int  # how many become sources now, the best first
    left: int  # of the candidates there are, those that will not; 0 while that is open
    stopped: Stopped | None  # None: it goes on


def steps(levels: Sequence[Level], rule: SnowballSettings, *, at_rest: bool, is_paused: bool) -> list[Step]:
    """One step for each level.

    `at_rest`: nothing that is under way will change within the time a run waits. A choice among candidates is made only
    then, for better ones might come; where all can be taken that might come, they are taken as they come.
    """
    found: list[Step] = []
    total = rule.max_sources - sum(level.taken for level in levels if level.level)
    is_open = False  # a level below this one goes on, so nothing can be said of this one for good
    for level in levels:
        is_done = not is_open and (at_rest or not (level.waiting or level.under_way))
        step = _step(level, levels, rule, total, is_done=is_done, is_paused=is_paused)
        found.append(step)
        total -= step.feed
        is_open = is_open or not is_done or step.feed > 0
    return found


def _step(
    level: Level, levels: Sequence[Level], rule: SnowballSettings, total: int, *, is_done: bool, is_paused: bool
) -> Step:
    number, waits = level.level, level.next.get(WAITS, 0)
    if number >= rule.depth:
        return Step(number, 0, waits, Stopped.DEPTH)
    taken = next((one.taken for one in levels if one.level == number + 1), 0)
    room = max(0, min(rule.per_level - taken, total))
    full = Stopped.BUDGET if rule.per_level - taken <= total else Stopped.MAX_SOURCES
    is_judged = number > 0 and rule.least_new > 0
    if is_judged and is_done and level.new_share * 100 < rule.least_new:
        return Step(number, 0, waits, Stopped.FEW_NEW)
    if is_paused:
        return Step(number, 0, 0, Stopped.PAUSED)
    if is_done:
        feed = min(waits, room)
        left = waits - feed
        return Step(number, feed, left, full if left else (None if feed else Stopped.DONE))
    has_unread = any(one.waiting or (one.level < number and one.under_way) for one in levels if one.level <= number)
    if not is_judged and not has_unread and waits + level.under_way <= room:
        return Step(number, waits, 0, None)
    return Step(number, 0, 0, None)


def told(level: Level, step: Step, gone: int, run_id: int | None) -> dict[str, Any]:
    """A level as JSON: for run documents, status and the page. `gone` candidates have no file in the library."""
    left = max(0, step.left - gone)
    became = {reason: number for reason, number in level.next.items() if reason != WAITS and number}
    waits = level.next.get(WAITS, 0) - step.feed - step.left
    stopped = step.stopped.value if step.stopped else ""
    more = ((stopped, left), ("no-file", gone), (WAITS, waits), (FED, became.get(FED, 0) + step.feed))
    became.update((reason, number) for reason, number in more if reason and number > 0)
    return {
        "run": run_id,
        "level": level.level,
        "sources": level.sources,
        "read": level.read,
        "failed": level.failed,
        "waiting": level.waiting,
        "entries": level.entries,
        "left_out": level.cut,
        "works": level.works,
        "new_works": level.new_works,
        "under_way": level.under_way,
        "fetched": level.in_library,
        "next": became,
        "stopped": step.stopped.value if step.stopped else None,
    }
