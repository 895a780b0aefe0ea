"""What comes back by itself, when, and how often."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dl_lit.core.reasons import Reason, ReasonClass
from dl_lit.core.retry_rules import (
    DATED_TIMES,
    DAY_S,
    SCHEDULES,
    RetryRule,
    next_look,
    next_notices,
    open_from_of,
    rule_of,
)

NOW = 1_800_000_000.0


def in_days(moment: float | None) -> float:
    assert moment is not None
    return (moment - NOW) / DAY_S


@pytest.mark.parametrize(
    ("reason", "rule"),
    [
        (Reason.OK, RetryRule.NEVER),
        (Reason.OK_PREPRINT, RetryRule.UPGRADE),
        (Reason.OK_UNVERIFIED, RetryRule.UPGRADE),
        (Reason.NO_OA_LOCATION, RetryRule.EVERY_90_DAYS),
        (Reason.NOT_A_DOCUMENT, RetryRule.NEVER),
        (Reason.EMBARGOED, RetryRule.ON_DATE),
        (Reason.NO_PDF_LINK, RetryRule.NEW_FINDER),
        (Reason.BLOCKED_CAPTCHA, RetryRule.NEVER),
        (Reason.WRONG_WORK, RetryRule.NEXT_LOCATION),
        (Reason.TIMEOUT_READ, RetryRule.BACK_OFF),
        (Reason.BUDGET_EXHAUSTED, RetryRule.AT_RESET),
        (Reason.HTTP_404, RetryRule.ONCE_AFTER_30_DAYS),
        (Reason.HTTP_410, RetryRule.NEVER),
        (Reason.DISK_FULL, RetryRule.PAUSE),
        (Reason.POISON, RetryRule.NEVER),
        (Reason.NEEDS_REVIEW, RetryRule.NEVER),
    ],
)
def test_a_reason_has_the_rule_of_its_class_or_its_own(reason: Reason, rule: RetryRule) -> None:
    assert rule_of(reason) is rule


def test_only_transient_reasons_are_retried_by_the_engine() -> None:
    """What the engine retries is what has a rule of retrying, and nothing of another class has one."""
    engine = {RetryRule.BACK_OFF, RetryRule.AT_RESET, RetryRule.PAUSE}
    assert {reason for reason in Reason if rule_of(reason) in engine} == {
        reason for reason in Reason if reason.is_transient and reason is not Reason.POISON
    }


@pytest.mark.parametrize("reason", list(Reason))
def test_everything_comes_to_an_end(reason: Reason) -> None:
    """No reason brings a work back for ever."""
    looks = [next_look(reason, 7, done=done, now=NOW) for done in range(20)]
    planned = [look for look in looks if look is not None]
    schedule = SCHEDULES.get(rule_of(reason))
    assert len(planned) == (schedule.times if schedule else 0)
    assert all(NOW < look <= NOW + 95 * DAY_S for look in planned)


def test_works_that_ended_together_are_spread_by_at_most_a_twentieth() -> None:
    looks = [in_days(next_look(Reason.NO_OA_LOCATION, work, done=0, now=NOW)) for work in range(200)]
    assert 90 <= min(looks) < max(looks) <= 94.5
    assert len(set(looks)) == 200


def test_an_embargo_ends_on_its_day_and_else_counts_quarters() -> None:
    """The day holds while it is to come; one that has passed, or moves for ever, does not."""
    opens = date(2027, 3, 1)  # NOW is 2027-01-15, 08:00
    dated = next_look(Reason.EMBARGOED, 7, done=3, now=NOW, open_from=opens)
    assert 44.6 < in_days(dated) < 45
    assert in_days(next_look(Reason.EMBARGOED, 7, done=0, now=NOW, open_from=date(2027, 1, 15))) >= 90
    assert next_look(Reason.EMBARGOED, 7, done=DATED_TIMES, now=NOW, open_from=opens) is None
    assert in_days(next_look(Reason.NO_OA_LOCATION, 7, done=0, now=NOW, open_from=opens)) >= 90


def test_retractions_are_looked_up_monthly() -> None:
    assert 30 <= in_days(next_notices(7, now=NOW)) <= 31.5


@pytest.mark.parametrize(
    ("evidence", "day"),
    [
        (None, None),
        ("2027-01-01", None),
        ({"open_from": "2027-01-01"}, date(2027, 1, 1)),
        ({"open_from": "2027-01-01T00:00:00Z"}, date(2027, 1, 1)),
        ({"open_from": date(2027, 1, 1)}, date(2027, 1, 1)),
        ({"open_from": "soon"}, None),
        ({"open_from": 2027}, None),
        ([{"url": "x"}, {"open_from": "2028-01-01"}, {"open_from": "2027-06-01"}, "?"], date(2027, 6, 1)),
    ],
)
def test_the_day_an_embargo_ends_is_read_from_the_evidence(evidence: Any, day: date | None) -> None:
    assert open_from_of(evidence) == day


def test_every_class_has_a_rule() -> None:
    assert {reason.category for reason in Reason} == set(ReasonClass)
    assert all(isinstance(rule_of(reason), RetryRule) for reason in Reason)
