"""From a stage's answer to what is written down."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.items import SourceItem
from dl_lit.core.job import Claim, Done, Reject, Retry, Snooze
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from dl_lit.core.trail import Trail
from dl_lit.runtime.settle import Patience, settle, surprise
from tests.fakes.engine import downloaded, facts_for

PATIENCE = Patience(max_attempts=3, base_s=1.0, factor=2.0, cap_s=10.0)
CHANCE = random.Random(1)


def claim(attempt: int = 1) -> Claim:
    return Claim(StageName.EXTRACTION, 1, SourceItem("/1.pdf", "1"), attempt=attempt)


def test_what_was_found_stands() -> None:
    outcome = Done(facts_for(claim()))
    assert settle(claim(), outcome, PATIENCE, CHANCE) is outcome


def test_facts_of_another_stage_are_a_fault_of_ours() -> None:
    outcome = settle(claim(), Done(downloaded(1)), PATIENCE, CHANCE)
    assert isinstance(outcome, Retry)
    assert outcome.reason is Reason.INTERNAL_ERROR
    assert "extraction found Downloaded" in outcome.detail
    assert outcome.after is not None


def test_a_stage_that_keeps_finding_the_wrong_thing_is_given_up_on() -> None:
    outcome = settle(claim(3), Done(downloaded(1)), PATIENCE, CHANCE)
    assert isinstance(outcome, Reject)
    assert outcome.reason is Reason.INTERNAL_ERROR


@given(st.integers(1, 2), st.floats(0.0, 100.0))
def test_a_retry_that_says_when_is_left_as_it_is(attempt: int, after: float) -> None:
    outcome = Retry(Reason.HTTP_5XX, "503", after=after)
    assert settle(claim(attempt), outcome, PATIENCE, CHANCE) == outcome


@pytest.mark.parametrize("reason", [Reason.SERVICE_DOWN, Reason.BAD_ANSWER])
@pytest.mark.parametrize("after", [None, 30.0])
def test_the_last_attempt_outlasts_the_outage_of_a_service(reason: Reason, after: float | None) -> None:
    """Whoever is asked by few opens no breaker: five attempts within seconds would end what an hour later is found."""
    early, late = (settle(claim(attempt), Retry(reason, after=after), PATIENCE, CHANCE) for attempt in (1, 2))
    assert isinstance(early, Retry)
    assert isinstance(late, Retry)
    assert early.after is not None
    assert early.after <= 30.0
    assert late.after is not None
    assert 7_200.0 <= late.after <= 14_400.0
    assert settle(claim(2), Retry(reason, after=20_000.0), PATIENCE, CHANCE) == Retry(reason, after=20_000.0)


@given(st.integers(1, 60), st.integers())
def test_back_off_grows_with_the_attempts_up_to_the_cap(attempt: int, seed: int) -> None:
    patience = Patience(max_attempts=100, base_s=1.0, factor=2.0, cap_s=10.0)
    outcome = settle(claim(attempt), Retry(Reason.HTTP_5XX), patience, random.Random(seed))
    assert isinstance(outcome, Retry)
    assert outcome.after is not None
    assert 0.0 <= outcome.after <= min(10.0, 2.0 ** (attempt - 1))


def test_the_last_attempt_ends_with_its_reason() -> None:
    outcome = settle(claim(3), Retry(Reason.TIMEOUT_READ, "30 s"), PATIENCE, CHANCE)
    assert outcome == Reject(Reason.TIMEOUT_READ, "given up after 3 attempts: 30 s")


def test_what_the_last_attempt_tried_is_kept() -> None:
    """Whoever asks why it was given up is told all that was asked."""
    trail = Trail(decision="nobody answered")
    outcome = settle(claim(3), Retry(Reason.TIMEOUT_READ, trail=trail), PATIENCE, CHANCE)
    assert isinstance(outcome, Reject)
    assert outcome.trail == trail


def test_a_snooze_is_never_given_up_on() -> None:
    outcome = Snooze(Reason.BUDGET_EXHAUSTED, 100.0)
    assert settle(claim(99), outcome, PATIENCE, CHANCE) == outcome


@pytest.mark.parametrize("after", [math.inf, math.nan, 1e12])
@pytest.mark.parametrize("kind", [Retry, Snooze])
def test_never_is_a_week(kind: type[Retry | Snooze], after: float) -> None:
    outcome = settle(claim(), kind(Reason.SERVICE_DOWN, after=after), PATIENCE, CHANCE)
    assert isinstance(outcome, kind)
    assert outcome.after == 7 * 86_400


def test_the_past_is_now() -> None:
    outcome = settle(claim(), Snooze(Reason.HOST_BUSY, -5.0), PATIENCE, CHANCE)
    assert isinstance(outcome, Snooze)
    assert outcome.after == 0.0


def test_a_surprise_keeps_the_end_of_its_traceback() -> None:
    try:
        raise ZeroDivisionError("x" * 5_000 + "the end")
    except ZeroDivisionError as error:
        outcome = surprise(error)
    assert outcome.reason is Reason.INTERNAL_ERROR
    assert len(outcome.detail) <= 2_000
    assert outcome.detail.rstrip().endswith("the end")


@pytest.mark.parametrize("reason", [Reason.HTTP_404, Reason.BLOCKED_PAYWALL, Reason.WRONG_WORK, Reason.NO_OA_LOCATION])
def test_only_what_may_pass_is_retried(reason: Reason) -> None:
    assert settle(claim(), Retry(reason, "x", after=1.0), PATIENCE, CHANCE) == Reject(reason, "x")


@pytest.mark.parametrize(("after", "wait"), [(None, 3600.0), (7.0, 7.0)])
def test_a_used_up_budget_costs_no_attempt(after: float | None, wait: float) -> None:
    outcome = settle(claim(3), Retry(Reason.BUDGET_EXHAUSTED, "core", after), PATIENCE, CHANCE)
    assert outcome == Snooze(Reason.BUDGET_EXHAUSTED, wait, "core")
