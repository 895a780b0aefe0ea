"""What happened last: the latest attempts, with the names of what they were about."""

from __future__ import annotations

from sqlalchemy import Connection

from dl_lit.core.model import StageName
from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One attempt that ended."""

    number: int  # grows with time
    stage: StageName
    id: str  # of what was tried: s1, e2, w3
    title: str
    outcome: str  # done, retry, reject
    reason: str
    at: str  # when it began; ISO 8601 in UTC
    seconds: float


_LATEST = """
WITH latest AS (SELECT id, stage, item_id, outcome, reason, started_at, seconds FROM attempts
                WHERE id > ?1 ORDER BY id DESC LIMIT ?2)
SELECT a.id, a.stage, a.item_id, a.outcome, a.reason, a.started_at, a.seconds,
       CASE a.stage WHEN 'extraction' THEN (SELECT coalesce(title, path) FROM sources WHERE id = a.item_id)
            WHEN 'enrichment' THEN
                (SELECT coalesce(title, json_extract(reference, '$.raw')) FROM entries WHERE id = a.item_id)
            ELSE coalesce((SELECT title FROM works WHERE id = a.item_id),
                          (SELECT json_extract(gone_record, '$.title') FROM merges
                           WHERE gone_work_id = a.item_id AND undone_at IS NULL)) END
FROM latest AS a ORDER BY a.id DESC
"""
_KINDS = {StageName.EXTRACTION: "s", StageName.ENRICHMENT: "e", StageName.QUEUEING: "w", StageName.DOWNLOAD: "w"}


def latest_events(connection: Connection, *, after: int = 0, limit: int) -> tuple[Event, ...]:
    """At most `limit` of the latest attempts with numbers above `after`, the newest first."""
    return tuple(
        Event(
            number=number,
            stage=StageName(stage),
            id=f"{_KINDS[StageName(stage)]}{item}",
            title=title or "",
            outcome=outcome,
            reason=reason,
            at=at,
            seconds=seconds,
        )
        for number, stage, item, outcome, reason, at, seconds, title in connection.exec_driver_sql(
            _LATEST, (after, limit)
        )
    )
