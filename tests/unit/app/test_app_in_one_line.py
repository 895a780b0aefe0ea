"""A running process in one line."""

from __future__ import annotations

from typing import Any

from dl_lit.app.now.in_one_line import in_one_line
from dl_lit.core.conditions import Ailment, Condition
from dl_lit.core.model import StageName
from dl_lit.core.pulse import Pulse, StagePulse


def stage(**facts: Any) -> StagePulse:
    given = {"waiting": 0, "queued": 0, "running": 0, "workers": 1, "workers_least": 1, "workers_most": 1, "done": 0}
    return StagePulse(**{**given, **facts})


def pulse(*conditions: Condition, **stages: StagePulse) -> Pulse:
    by_name = {name: stages.get(name.value, stage()) for name in StageName}
    return Pulse(pid=1, command="watch", began_at=0.0, at=1.0, stages=by_name, conditions=conditions)


def wrong(ailment: Ailment, subject: str = "") -> Condition:
    return Condition(ailment=ailment, subject=subject, says="", remedy="", since=0.0)


def test_what_waits_what_is_under_way_and_what_is_wrong() -> None:
    busy = {
        "extraction": stage(waiting=4),
        "enrichment": stage(waiting=1_312),
        "queueing": stage(waiting=1),
        "download": stage(waiting=88, running=60),
    }
    assert in_one_line(pulse(**busy)) == "4 sources, 1,312 entries, 89 works waiting, 60 downloading"
    down = wrong(Ailment.SERVICE_DOWN, "openalex")
    assert (
        in_one_line(pulse(down, extraction=stage(waiting=1))) == "1 source waiting; degraded: service down (openalex)"
    )


def test_without_work_and_troubles_it_says_so() -> None:
    assert in_one_line(pulse()) == "nothing to do"
    assert in_one_line(pulse(wrong(Ailment.STAGE_PAUSED, "download"))) == "nothing to do"
    bare = Pulse(pid=1, command="watch", began_at=0.0, at=1.0, stages={})
    assert in_one_line(bare) == "nothing to do"


def test_of_many_troubles_the_first_two_are_told() -> None:
    troubles = (wrong(Ailment.DATABASE_UNWRITABLE), *(wrong(Ailment.SERVICE_DOWN, name) for name in "abc"))
    told = in_one_line(pulse(*troubles))
    assert told == "nothing to do; broken: database unwritable; degraded: service down (a); and 2 more"
