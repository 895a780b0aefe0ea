"""What a refusal means for everybody else who wants to ask the service."""

from __future__ import annotations

from dl_lit.core.errors import ServiceError
from dl_lit.core.reasons import Reason
from dl_lit.net.answers import Refused
from dl_lit.net.gate import ServiceGate
from dl_lit.net.line import PARK_AFTER_S


def acted_upon(gate: ServiceGate, refused: Refused, *, costs_credits: bool) -> ServiceError:
    """Park what has to be parked, and return the error to raise."""
    error, rest_s = refused.error, refused.retry_after_s
    if refused.park_s:
        gate.park(refused.park_s, error.reason)
    if refused.status != 429:
        return error
    if rest_s is None or rest_s <= PARK_AFTER_S:
        return _later(error, Reason.RATE_LIMITED, gate.limited(rest_s))
    if gate.service.credits_per_day is None:
        gate.park(rest_s, Reason.RATE_LIMITED)
        return _later(error, Reason.RATE_LIMITED, rest_s)
    if costs_credits:
        gate.close_budget(rest_s)  # free requests go on
    else:
        gate.park(rest_s, Reason.BUDGET_EXHAUSTED)
    return _later(error, Reason.BUDGET_EXHAUSTED, rest_s)


def _later(error: ServiceError, reason: Reason, after: float) -> ServiceError:
    return ServiceError(error.service, reason, error.detail, after=after, costs_attempt=False)
