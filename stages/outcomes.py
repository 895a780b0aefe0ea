"""What a stage answers when a service or a file lets it down."""

from __future__ import annotations

from collections.abc import Sequence

from dl_lit.core.errors import PdfError, ServiceError
from dl_lit.core.job import Reject, Retry, Snooze
from dl_lit.core.reasons import Reason
from dl_lit.core.shortage import SHORTAGE_S

SNOOZE_S = 60.0
"""How long to wait where a service said neither when nor why (seconds): one breaker period."""

NOT_SET_UP_S = 2 * 86_400.0
"""How long what nobody is set up for is put off (seconds): settings change with a start, which takes it up at once."""


def of_service_error(error: ServiceError) -> Retry | Snooze:
    """Snooze where the item is not to blame (rate, budget, open breaker), else a retry that costs an attempt."""
    if error.costs_attempt:
        return Retry(error.reason, str(error), error.after)
    return Snooze(error.reason, SNOOZE_S if error.after is None else max(error.after, 0.0), str(error))


def of_service_errors(errors: Sequence[ServiceError]) -> Retry | Snooze:
    """Choose one answer where several services failed: a snooze before a retry, the soonest of several."""
    answers = [of_service_error(error) for error in errors]
    snoozes = [answer for answer in answers if isinstance(answer, Snooze)]
    if snoozes:
        return min(snoozes, key=lambda snooze: snooze.after)
    return answers[0]


def of_pdf_error(error: PdfError) -> Snooze | Retry | Reject:
    """Put off where the machine lacks something, retry where the reason may pass, else a rejection."""
    if error.reason is Reason.WRITE_ERROR:
        return Snooze(error.reason, SHORTAGE_S, error.detail)
    if error.reason.is_transient:
        return Retry(error.reason, error.detail)
    return Reject(error.reason, error.detail)
