"""The log's canonical lines: one an item and stage, with everything in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dl_lit import logs
from dl_lit.core.coverage_text import coverage_sentence
from dl_lit.core.items import Downloaded, Extracted
from dl_lit.core.job import Done, Reject, Retry, Snooze
from dl_lit.core.model import Bibliography
from dl_lit.core.reasons import Reason
from dl_lit.core.store import Finished

_DONE = {"outcome": "done", "reason": Reason.OK.value}


def log_items(group: Sequence[Finished]) -> None:
    """Log what came of each item of a recorded group."""
    logs.many("dl_lit.item", map(_line, group))


def _line(one: Finished) -> tuple[str, str, dict[str, Any]]:
    claim, outcome = one.claim, one.outcome
    line = {"stage": str(claim.stage), "job": claim.id, "attempt": claim.attempt, "seconds": round(one.seconds, 3)}
    match outcome:
        case Done(Extracted(bibliography)):
            return "info", "item", {**_DONE, **line, **_read(bibliography)}
        case Done(Downloaded() as facts) if facts.is_in_quarantine:
            detail = "; ".join(facts.proof.evidence)
            return "info", "item", {"outcome": "reject", "reason": Reason.NEEDS_REVIEW.value, "detail": detail, **line}
        case Done():
            return "info", "item", {**_DONE, **line}
        case Reject(reason, detail, _):
            return "info", "item", {"outcome": "reject", "reason": reason.value, "detail": detail, **line}
        case Retry(reason, detail, after):
            fields = {"outcome": "retry", "reason": reason.value, "detail": detail, "after": after, **line}
            return "warning", "item", fields
        case Snooze(reason, after, detail):
            fields = {"outcome": "snooze", "reason": reason.value, "detail": detail, "after": after, **line}
            return "debug", "item", fields


def _read(bibliography: Bibliography) -> dict[str, Any]:
    """How much was read; what is missing only where something is."""
    coverage = bibliography.coverage
    fields: dict[str, Any] = {"references": len(bibliography.references)}
    if coverage is not None and coverage.score is not None:
        fields["coverage"] = coverage.score
        if coverage.score < 1:
            fields["detail"] = coverage_sentence(coverage)
    return fields
