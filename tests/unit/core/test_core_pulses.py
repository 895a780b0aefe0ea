"""Several daemons on one database are shown as one: what they have in hand is added up, what they share is not."""

from __future__ import annotations

from dataclasses import replace

from dl_lit.core.conditions import Ailment, Condition
from dl_lit.core.model import StageName
from dl_lit.core.pulse import Pulse, ServicePulse, StagePulse
from dl_lit.core.pulses import together

HANDS = StagePulse(waiting=9, queued=1, running=2, workers=4, workers_least=1, workers_most=8, done=5, failed={"a": 1})
ILL = Condition(ailment=Ailment.DISK_LOW, subject="/", says="low", remedy="", since=50.0)
PULSE = Pulse(
    pid=1,
    command="watch",
    began_at=100.0,
    at=200.0,
    stages={StageName.DOWNLOAD: HANDS},
    services={"crossref": ServicePulse(requests=3, waiting=1, waited_s=0.5, held_by={"download": 1})},
    memory_mb=10.0,
    disk_free_mb=500.0,
    conditions=(ILL,),
)


def both(**changes: object) -> Pulse:
    return together([PULSE, replace(PULSE, **changes)])


def stage(*, mine: StagePulse, theirs: StagePulse) -> StagePulse:
    stages = [{StageName.DOWNLOAD: one} for one in (mine, theirs)]
    return together([replace(PULSE, stages=one) for one in stages]).stages[StageName.DOWNLOAD]


def test_one_alone_is_shown_as_it_is() -> None:
    assert together([PULSE]) is PULSE


def test_what_daemons_have_in_hand_is_added_up_and_the_room_they_share_counts_once() -> None:
    hands = stage(mine=HANDS, theirs=replace(HANDS, failed={"a": 1, "b": 2}, running=3))
    assert (hands.waiting, hands.running, hands.workers, hands.done) == (9, 5, 8, 10)
    assert hands.failed == {"a": 2, "b": 2}


def test_a_stage_that_only_one_of_them_works_is_shown_in_its_place() -> None:
    stages = both(stages={StageName.EXTRACTION: HANDS, StageName.DOWNLOAD: HANDS}).stages
    assert list(stages) == [StageName.EXTRACTION, StageName.DOWNLOAD]
    assert stages[StageName.EXTRACTION] == HANDS


def test_a_stage_rests_and_is_stalled_only_where_none_gets_on() -> None:
    stuck = replace(HANDS, resting="the disk is full", is_dammed=True, stalled_s=70.0, moved_at=150.0)
    moving = replace(HANDS, stalled_s=2.0, moved_at=190.0)
    shown = stage(mine=stuck, theirs=moving)
    assert (shown.resting, shown.is_dammed, shown.stalled_s, shown.moved_at) == (None, False, 2.0, 190.0)
    shown = stage(mine=stuck, theirs=replace(stuck, stalled_s=90.0, moved_at=None))
    assert (shown.resting, shown.is_dammed) == ("the disk is full", True)
    assert (shown.stalled_s, shown.moved_at) == (70.0, 150.0)
    assert stage(mine=HANDS, theirs=HANDS).moved_at is None


def test_requests_of_all_hosts_are_those_of_the_service() -> None:
    other = ServicePulse(requests=1, waiting=0, waited_s=0.0, held_by={"download": 1, "enrichment": 2})
    services = both(services={"crossref": other, "hal": other}).services
    assert (services["crossref"].requests, services["hal"].requests) == (4, 1)
    assert services["crossref"].held_by == {"download": 2, "enrichment": 2}


def test_what_several_say_is_wrong_is_told_once_and_since_the_first_said_so() -> None:
    told = both(conditions=(replace(ILL, since=40.0), replace(ILL, subject="/library"))).conditions
    assert [(one.subject, one.since) for one in told] == [("/", 40.0), ("/library", 50.0)]
    told = both(conditions=(replace(ILL, since=60.0),)).conditions
    assert [one.since for one in told] == [50.0]


def test_of_all_hosts_the_memory_is_added_up_and_the_fullest_disk_is_told() -> None:
    shown = both(at=210.0, began_at=50.0, disk_free_mb=100.0, is_stopping=True)
    assert (shown.at, shown.began_at, shown.memory_mb, shown.disk_free_mb) == (210.0, 50.0, 20.0, 100.0)
    assert not shown.is_stopping
