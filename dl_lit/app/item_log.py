"""The log's canonical lines: one an item and stage, with everything in it.

The story of a night can be read from them alone: which item, what it is called, what came of it and why, who answered,
how long that took, and what happens next. What is not known stands nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from dl_lit import logs
from dl_lit.core.coverage_text import coverage_sentence
from dl_lit.core.items import (
    Downloaded,
    DownloadItem,
    Duplicate,
    EntryItem,
    Extracted,
    Facts,
    Item,
    MatchedAs,
    Queued,
    Resolved,
    SourceItem,
    WorkItem,
)
from dl_lit.core.job import Claim, Done, Outcome, Reject, Retry, Snooze
from dl_lit.core.model import Bibliography
from dl_lit.core.reasons import Reason
from dl_lit.core.store import Finished
from dl_lit.core.trail import Reply

_LONGEST_TITLE = 80  # characters
_OK = Reason.OK.value
_LOCAL = frozenset({"known", "local"})  # whom it costs nothing to ask: they are not what kept an item


def log_items(group: Sequence[Finished]) -> None:
    """Log what came of each item of a recorded group."""
    logs.many("dl_lit.item", map(line_of, group))


def line_of(one: Finished) -> tuple[str, str, dict[str, Any]]:
    """The line: its level, its name and its fields."""
    claim, outcome = one.claim, one.outcome
    level, word, reason = "info", "done", _OK
    match outcome:
        case Done(Downloaded() as facts) if facts.is_in_quarantine:
            word, reason = "reject", Reason.NEEDS_REVIEW.value
        case Done(Duplicate()):
            reason = Reason.DUPLICATE.value
        case Reject():
            word, reason = "reject", outcome.reason.value
        case Retry():
            level, word, reason = "warning", "retry", outcome.reason.value
        case Snooze():
            level, word, reason = "debug", "snooze", outcome.reason.value
    fields = {
        "outcome": word,
        "reason": reason,
        "stage": str(claim.stage),
        "job": claim.id,
        "attempt": claim.attempt,
        "seconds": round(one.seconds, 3),
    }
    fields |= _item(claim, claim.item)
    fields |= _found(outcome.facts) if isinstance(outcome, Done) else _failed(outcome)
    return level, "item", fields


def _item(claim: Claim, item: Item) -> dict[str, Any]:
    """Which item it is, and what it is called."""
    match item:
        case DownloadItem(work) | WorkItem(work):
            fields: dict[str, Any] = {"work": claim.id, "title": _shortened(work.title)}
            if work.doi:
                fields["doi"] = work.doi
            return fields
        case EntryItem(source_id, reference):
            fields = {
                "entry": claim.id,
                "source": source_id,
                "position": reference.position,
                "title": _shortened(reference.title or reference.raw),
            }
            if reference.doi:
                fields["doi"] = reference.doi
            return fields
        case SourceItem(path):
            return {"source": claim.id, "path": path}


def _found(facts: Facts) -> dict[str, Any]:
    """What a stage has found."""
    match facts:
        case Downloaded():
            fields: dict[str, Any] = {
                "file": facts.path,
                "bytes": facts.size_bytes,
                "service": facts.location.found_by,
                "host": _host(facts.final_url),
                "proof": str(facts.proof.verdict),
                "score": round(facts.proof.score, 3),
            }
            version = facts.proof.version or facts.location.version
            if version is not None:
                fields["version"] = str(version)
            if facts.is_in_quarantine:
                fields["detail"] = "; ".join(facts.proof.evidence)
            return fields
        case Resolved():
            fields = {
                "service": facts.work.metadata_source,
                "matched_by": facts.matched_by,
                "score": round(facts.score, 3),
                "found": _shortened(facts.work.title),
            }
            if facts.work.doi:
                fields["doi"] = facts.work.doi
            if facts.matched_as is not MatchedAs.WORK:
                fields["matched_as"] = str(facts.matched_as)
            return fields
        case Queued(locations):
            fields = {"locations": len(locations)}
            if locations:
                fields |= {"service": locations[0].found_by, "host": _host(locations[0].url)}
            return fields
        case Duplicate():
            return {"of_work": facts.of_work_id, "matched_by": facts.matched_on}
        case Extracted(bibliography):
            return _read(bibliography)


def _failed(outcome: Outcome) -> dict[str, Any]:
    """What stood in the way, who was asked last, and when it is tried again."""
    fields: dict[str, Any] = {}
    match outcome:
        case Retry(_, detail, after, trail):
            pass
        case Snooze(_, after, detail):
            trail = None
        case Reject(_, detail, _, trail):
            after = None
        case Done():
            return fields
    if detail:
        fields["detail"] = detail
    if after is not None:
        fields["after"] = round(after, 3)
    if trail is not None and trail.tried:
        last = trail.tried[-1]
        fields |= {"service": last.found_by, "host": _host(last.url), "tried": len(trail.tried)}
    elif trail is not None and (asked := [one.service for one in trail.asked if _was_asked(one.service, one.reply)]):
        fields |= {"service": asked[-1], "asked": len(asked)}
    return fields


def _was_asked(service: str, reply: Reply) -> bool:
    return service not in _LOCAL and reply is not Reply.NOT_ASKED


def _read(bibliography: Bibliography) -> dict[str, Any]:
    """How much was read; what is missing only where something is."""
    coverage = bibliography.coverage
    fields: dict[str, Any] = {"references": len(bibliography.references), "pages": bibliography.page_count}
    if bibliography.title:
        fields["title"] = _shortened(bibliography.title)
    if bibliography.doi:
        fields["doi"] = bibliography.doi
    if coverage is not None and coverage.score is not None:
        fields["coverage"] = coverage.score
        if coverage.score < 1:
            fields["detail"] = coverage_sentence(coverage)
    return fields


def _shortened(title: str) -> str:
    return title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1] + "…"


@lru_cache(4_096)
def _host(url: str) -> str:
    """The host of an address, as it is written there, without who asks."""
    rest = url.partition("://")[2].partition("/")[0].partition("?")[0]
    return rest.rpartition("@")[2].lower()
