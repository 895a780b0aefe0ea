"""What is told of the use of models beside plain counts."""

from __future__ import annotations

import pytest

from dl_lit.core.language import ModelUse, Tokens


def test_shares_and_prices_are_told_only_where_they_are_known() -> None:
    used = ModelUse(entries=4, tokens=Tokens(input=1_000, cached=850, cost=0.02))
    assert (used.prompt_cache_rate, used.cost_per_entry) == (0.85, pytest.approx(0.005))
    assert (ModelUse().prompt_cache_rate, ModelUse().cost_per_entry) == (None, None)
    assert ModelUse(entries=4, tokens=Tokens(input=10)).cost_per_entry is None
