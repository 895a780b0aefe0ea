"""Counts of models go on when a reload has another one asked."""

from __future__ import annotations

from dataclasses import fields, replace

from dl_lit.app.language.use import ended, together
from dl_lit.core.language import ModelUse, Tokens

ONE = ModelUse(
    requests=3,
    in_flight=1,
    most_in_flight=2,
    latency_mean_s=1.0,
    latency_p95_s=2.0,
    rate_limited=1,
    breaker_trips=1,
    retries=1,
    order_violations=1,
    remembered=1,
    troubles={"cut": 1},
    by_task={"entry": 2},
    entries=4,
    invented=1,
    tokens=Tokens(input=10, cost=0.5),
    remote_files=1,
)


def test_nothing_asked_is_nothing_told() -> None:
    assert together([]) is None
    assert together([ONE]) == ONE


def test_counts_add_up_marks_are_the_highest_and_latencies_the_newest() -> None:
    both = together([ONE, replace(ONE, requests=1, latency_mean_s=5.0, latency_p95_s=6.0, troubles={"down": 2})])
    assert both is not None
    assert (both.requests, both.most_in_flight, both.latency_mean_s, both.latency_p95_s) == (4, 2, 5.0, 6.0)
    assert (both.troubles, both.by_task) == ({"cut": 1, "down": 2}, {"entry": 4})
    assert both.tokens == Tokens(input=20, cost=1.0)
    unchanged = {
        *("requests", "most_in_flight", "latency_mean_s", "latency_p95_s", "troubles", "by_task", "tokens"),
        *("key_trouble", "cost_trouble", "at_rest"),
    }
    for field in fields(ModelUse):
        if field.name not in unchanged:
            assert getattr(both, field.name) == 2 * getattr(ONE, field.name), field.name


def test_a_model_that_was_not_asked_yet_says_nothing_of_latency() -> None:
    both = together([ended(ONE), ModelUse()])
    assert both is not None
    assert (both.latency_mean_s, both.latency_p95_s, both.in_flight) == (1.0, 2.0, 0)


def test_what_is_wrong_is_told_of_the_model_that_is_asked_now() -> None:
    """That one before it had a key that was refused is over with it."""
    refused = replace(ONE, key_trouble="401", at_rest={"http://a": "service-down"})
    over, now = ended(refused), together([refused, ONE])
    assert (over.in_flight, over.key_trouble, over.at_rest) == (0, "", {})
    assert now is not None
    assert (now.key_trouble, now.at_rest) == ("", {})
