"""How things stand with the services, for all dl_lit processes of the machine together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dl_lit.app.metrics.building import family, gauges
from dl_lit.app.now.services_now import ServiceNow
from dl_lit.web.metrics import Metric

_DOLLARS_A_CREDIT = {"openalex": 0.0001}
"""What a credit costs where credits are bought: https://docs.openalex.org/ (read 2026-11-22)."""


def of_requests(made: Mapping[tuple[str, str], int]) -> Metric:
    """What left the machine, as the ledger counts it."""
    return family(
        "counter",
        "dl_lit_http_requests_total",
        "HTTP requests by service (files: PDFs and pages, robots: sites' rules) and class of the status.",
        (({"service": service, "code_class": ending}, number) for (service, ending), number in made.items()),
    )


def of_services(services: Sequence[ServiceNow]) -> Iterator[Metric]:
    """Limits, budgets and breakers of those that are asked."""

    def each(name: str, text: str, values: Mapping[str, float | None]) -> Metric:
        return gauges(f"dl_lit_service_{name}", text, "service", values)

    yield each(
        "requests_today",
        "Requests since midnight UTC, by all processes of the machine.",
        {one.service: one.requests_today for one in services},
    )
    yield each(
        "in_flight",
        "Requests under way, of all processes of the machine.",
        {one.service: one.in_flight for one in services},
    )
    yield each(
        "credits_left",
        "Credits left today, where the service counts them.",
        {one.service: one.credits_left for one in services},
    )
    yield gauges(
        "dl_lit_budget_remaining_dollars",
        "What is left of today's credits, at their price.",
        "service",
        {
            one.service: round(one.credits_left * _DOLLARS_A_CREDIT[one.service], 6)
            for one in services
            if one.credits_left is not None and one.service in _DOLLARS_A_CREDIT
        },
    )
    yield each(
        "at_rest",
        "Whether the service is left alone: parked, or its breaker open.",
        {one.service: bool(one.parked_until or one.breaker_until) for one in services},
    )
    yield each(
        "share",
        "Share of its allowance that refusals have left.",
        {one.service: min(lane.share for lane in one.lanes) for one in services},
    )
    yield each("timeout_seconds", "Time-out in force.", {one.service: one.timeout_s for one in services})
