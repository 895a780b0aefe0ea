"""Which failures are meant: by stage, reason, source, age and number. Nothing is changed here."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping

from sqlalchemy import Connection

from db.reading.counted import Counts, rows_of
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which failures to put back. Everything given has to fit; nothing given means all that may have passed."""

    stages: Collection[StageName] = ()  # empty: all
    reasons: Collection[Reason] = ()  # empty: those whose class is transient, except poison
    every_reason: bool = False  # whatever the reason
    sources: Collection[int] = ()  # ids; with any of the three, only these, whatever the reason
    entries: Collection[int] = ()
    works: Collection[int] = ()
    of_sources: Collection[int] = ()  # ids: only what comes of these
    before: str | None = None  # only what failed before that moment; ISO 8601 in UTC
    limit: int | None = None  # at most so many, those that failed first; sources before entries before works

    @property
    def by_id(self) -> bool:
        """Whether particular rows are meant."""
        return bool(self.sources or self.entries or self.works)

    def accepted(self) -> tuple[str, ...]:
        """The reasons that fit. A row that ended the process again and again is put back only when asked for."""
        if self.reasons:
            return tuple(reason.value for reason in self.reasons)
        if self.every_reason or self.by_id:
            return tuple(Reason)
        return tuple(reason.value for reason in Reason if reason.is_transient and reason is not Reason.POISON)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonCount:
    """How many failures of one stage have a reason, before and after something was put back."""

    stage: str
    reason: str
    before: int
    after: int


_OF_SOURCES = "source_id IN (SELECT value FROM json_each(:sources))"
_ROOMS = {
    "failed_extractions": ("source_id", "'extraction'", "true", "SELECT value FROM json_each(:sources)"),
    "failed_enrichments": (
        "entry_id",
        "'enrichment'",
        "true",
        f"SELECT id FROM entries WHERE {_OF_SOURCES}",  # noqa: S608 - text of ours
    ),
    "failed_downloads": (
        "work_id",
        "stage",
        "held IS NULL",  # a person decides on the file first
        f"SELECT work_id FROM entries WHERE work_id IS NOT NULL AND {_OF_SOURCES}",  # noqa: S608 - as above
    ),
}


def failures_by_reason(connection: Connection) -> dict[tuple[str, str], int]:
    """How many failures there are, by stage and reason: as they are counted when they move."""
    counts = Counts(rows_of(connection))
    found: Counter[tuple[str, str]] = Counter()
    for reason, one in counts.each("failed_extractions").items():
        found[StageName.EXTRACTION.value, reason] += one.number
    for (reason, _), number in counts.failed_enrichments.items():
        found[StageName.ENRICHMENT.value, reason] += number
    for stage, reason, _, _, one in counts.failed_downloads:
        found[stage, reason] += one.number
    return dict(found)


def compared(before: Mapping[tuple[str, str], int], after: Mapping[tuple[str, str], int]) -> tuple[ReasonCount, ...]:
    """The reasons whose number has changed, in the order of the stages, the most first."""
    order = [stage.value for stage in StageName]
    found = [
        ReasonCount(stage=stage, reason=reason, before=number, after=after.get((stage, reason), 0))
        for (stage, reason), number in before.items()
        if after.get((stage, reason), 0) != number
    ]
    return tuple(sorted(found, key=lambda one: (order.index(one.stage), one.after - one.before, one.reason)))


def chosen_failures(connection: Connection, wanted: Wanted) -> dict[str, list[int]]:
    """The ids that are wanted, by the room of failures they are in."""
    chosen: dict[str, list[int]] = {}
    left = -1 if wanted.limit is None else wanted.limit
    for room, ids in (
        ("failed_extractions", wanted.sources),
        ("failed_enrichments", wanted.entries),
        ("failed_downloads", wanted.works),
    ):
        chosen[room] = [] if (wanted.by_id and not ids) or not left else _chosen(connection, wanted, room, ids, left)
        left -= 0 if wanted.limit is None else len(chosen[room])
    return chosen


def _chosen(connection: Connection, wanted: Wanted, room: str, ids: Collection[int], limit: int) -> list[int]:
    key, stage, rule, of_sources = _ROOMS[room]
    stages = json.dumps([one.value for one in wanted.stages or StageName])
    values = {
        "reasons": json.dumps(wanted.accepted()),
        "stages": stages,
        "ids": json.dumps(list(ids)),
        "sources": json.dumps(list(wanted.of_sources)),
        "before": wanted.before,
        "limit": limit,
    }
    reason = "reason || ''" if ids else "reason"  # by number, not by all that have the reason
    listed = "{} IN (SELECT value FROM json_each(:{}))".format
    worded = "{} IN (SELECT CAST(value AS TEXT) FROM json_each(:{}))".format
    conditions = [
        rule,
        worded(reason, "reasons"),
        worded(stage, "stages"),
        *([listed(key, "ids")] if ids else []),
        *([f"{key} IN ({of_sources})"] if wanted.of_sources else []),
        *(["coalesce(processing_timestamp, '') < :before"] if wanted.before is not None else []),
    ]
    order = f"ORDER BY processing_timestamp, {key}" if wanted.limit is not None else ""
    query = f"SELECT {key} FROM {room} WHERE {' AND '.join(conditions)} {order} LIMIT :limit"  # noqa: S608 - ours
    return list(connection.exec_driver_sql(query, values).scalars())
