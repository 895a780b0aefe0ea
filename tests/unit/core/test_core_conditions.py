"""What may be wrong for longer than a moment."""

from __future__ import annotations

from dl_lit.core.conditions import Ailment, Condition, Finding, Severity


def test_a_condition_is_the_same_while_kind_and_subject_are() -> None:
    """What it says may change from moment to moment, with the numbers in it."""
    first = Condition(ailment=Ailment.DISK_LOW, subject="/a", says="9 MB free", remedy="make room", since=1.0)
    later = Condition(ailment=Ailment.DISK_LOW, subject="/a", says="8 MB free", remedy="make room", since=1.0)
    assert first.key == later.key
    assert first.key == Finding(ailment=Ailment.DISK_LOW, subject="/a", says="7 MB free").key
    assert first.severity is Severity.DEGRADED


def test_what_stops_everything_is_graver_than_what_somebody_wished() -> None:
    """Every ailment has a severity."""
    assert Ailment.NOT_RUNNING.severity is Severity.BROKEN
    assert Ailment.STAGE_PAUSED.severity is Severity.NOTICE
    assert {one.severity for one in Ailment} == set(Severity)
