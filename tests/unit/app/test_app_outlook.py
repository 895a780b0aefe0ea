"""What a plan says of today's budget: sure, likely, uncertain, or too small."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dl_lit.app.outlook import Outlook
from stages.enrichment.supposed import Span

MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)


def verdict(waiting: Span) -> str:
    nothing = Span()
    return Outlook(
        enrichment={},
        queueing={},
        services={},
        requests=nothing,
        credits=nothing,
        minutes=nothing,
        waiting=waiting,
        resets_at=MIDNIGHT if waiting.at_most else None,
    ).verdict


@pytest.mark.parametrize(
    ("waiting", "said"),
    [
        (Span(), "it fits into today's budget"),
        (Span(at_most=9), "it is expected to fit into today's budget; at worst 9 entries wait"),
        (Span(at_most=9, high=5), "it may not fit: up to 5 entries would wait until 2026-11-24 00:00 UTC"),
        (Span(2, 9, 0, 5), "about 2 entries will wait until 2026-11-24 00:00 UTC (up to 5)"),
    ],
)
def test_a_budget_that_a_likely_run_passes_is_never_said_to_suffice(waiting: Span, said: str) -> None:
    """Only what even a bad run does not spend is expected to fit."""
    assert verdict(waiting).startswith(said)
