"""What a model's use tells of what is wrong with it now."""

from __future__ import annotations

import pytest

from dl_lit.core.language import ModelError, Trouble
from dl_lit.net.language.place import Prices
from tests.fakes.loopback_server import LoopbackServer
from tests.fakes.model_books import Turns, completion, failing, judging, limits, model
from tests.fakes.scenario import HandClock

ROUTE = "/v1/chat/completions"


def test_a_refused_key_is_told_until_it_is_taken() -> None:
    """It is tried again after some minutes: meanwhile it is still refused, whether or not anybody asks."""
    clock = HandClock()
    with (
        LoopbackServer({ROUTE: Turns(failing(401, {"code": "no_such_key"}), completion())}) as server,
        model(server.url("/v1"), clock=clock) as asked,
    ):
        with pytest.raises(ModelError):
            asked.ask(judging("one"))
        assert "no_such_key" in asked.use().key_trouble
        clock.at += 700
        assert asked.use().key_trouble
        asked.ask(judging("two"))
        assert asked.use().key_trouble == ""


def test_an_address_that_failed_again_and_again_is_told_to_be_at_rest() -> None:
    """And one that wants money, with that for a reason."""
    only = limits(tries=1, breaker_failures=2)
    with (
        LoopbackServer({ROUTE: Turns(failing(500))}) as down,
        LoopbackServer({ROUTE: Turns(failing(402, {"message": "Insufficient credits"}))}) as dear,
        model(down.url("/v1"), only=only) as first,
        model(dear.url("/v1"), only=only) as second,
    ):
        assert first.use().at_rest == {}
        for asked in (first, first, second):
            with pytest.raises(ModelError):
                asked.ask(judging())
        assert first.use().at_rest == {down.url("/v1"): "service-down"}
        assert second.use().at_rest == {dear.url("/v1"): "budget-exhausted"}


@pytest.mark.parametrize(
    ("usage", "prices", "is_known"),
    [
        ({"prompt_tokens": 5, "completion_tokens": 1, "cost": 0.0}, Prices(), True),
        ({"prompt_tokens": 5, "completion_tokens": 1}, Prices(input=1.0, output=1.0), True),
        ({"prompt_tokens": 5, "completion_tokens": 1}, Prices(input=1.0), False),
        ({"prompt_tokens": 5, "completion_tokens": 1, "cost": 1e308}, Prices(), False),
        ({}, Prices(input=1.0, output=1.0), False),
    ],
)
def test_where_nobody_can_tell_the_cost_a_budget_in_money_ends_the_day(
    usage: dict[str, float], prices: Prices, is_known: bool
) -> None:
    """Until midnight UTC; without such a budget it does not matter."""
    clock = HandClock()
    for needs_cost in (True, False):
        with (
            LoopbackServer({ROUTE: completion(usage=usage)}) as server,
            model(server.url("/v1"), clock=clock, prices=prices, only=limits(needs_cost=needs_cost)) as asked,
        ):
            asked.ask(judging("one"))
            clock.at += 60
            if is_known or not needs_cost:
                asked.ask(judging("two"))
                assert asked.use().cost_trouble == ""
                continue
            with pytest.raises(ModelError) as raised:
                asked.ask(judging("two"))
            assert raised.value.trouble is Trouble.BUDGET_GONE
            assert len(server.seen) == 1
            assert "llm.dollars_per_day" in asked.use().cost_trouble
            assert raised.value.after is not None
            clock.at += raised.value.after + 1.0
            asked.ask(judging("two"))
