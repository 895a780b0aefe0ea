"""How much is where: each stage's waiting room, what it has done, what failed and why, and who is at work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from db.codec import stamp
from db.lock import holder
from db.rechecking import begun_since
from db.tables import SUSPECT_AFTER
from dl_lit.core.model import StageName
from dl_lit.core.retry_rules import DAY_S

RECENT_S = 600.0
"""The window in which the present speed is measured."""

_LOOKED_AT = 50_000  # latest attempts at most that are counted for it


@dataclass(frozen=True, slots=True, kw_only=True)
class StageStatus:
    """One stage, as of one moment."""

    stage: StageName
    waiting: int
    ready: int  # of these, may be worked on now
    later: int  # of these, put off
    next_due: float | None  # epoch seconds at which the first that was put off may be worked on
    put_off: Mapping[str, int]  # those that are put off, by the reason
    suspect: int  # in hand at several sudden deaths: worked on alone, at the end
    done: int
    needs_review: int
    failed: Mapping[str, int]  # reason → number, the most frequent first
    oldest_waiting: str | None  # since when the oldest has waited; ISO 8601 in UTC
    per_minute: float  # done lately


@dataclass(frozen=True, slots=True)
class RecentFailure:
    """An item that was given up on."""

    stage: StageName
    item_id: int  # of the source, entry or work
    reason: str
    detail: str
    at: str  # ISO 8601 in UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckStatus:
    """What is looked at again by itself."""

    due: int  # now
    planned: int  # for a later day
    next_due: float | None  # epoch seconds; of those planned
    looked_today: int  # in the last 24 hours
    upgradable: int  # works in the library whose version, or proof, is less than the best
    in_quarantine: int  # files that wait for a person


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The database as of one moment."""

    at: str  # ISO 8601 in UTC
    database: str
    size_bytes: int  # with its write-ahead log
    worked_on_by: str | None  # in words; None: no pipeline runs
    sources: int
    entries: int
    works: int
    downloaded_bytes: int
    incomplete: int  # sources whose bibliography is known not to be read whole
    coverage: float | None  # mean share of the bibliographies that was read, 0 to 1; None where no source can tell
    stages: tuple[StageStatus, ...]
    recent_failures: tuple[RecentFailure, ...]  # the latest first
    last_download: str | None  # ISO 8601 in UTC
    rechecks: RecheckStatus


_ROOMS = {
    StageName.EXTRACTION: "sources WHERE state = 'pending'",
    StageName.ENRICHMENT: "no_metadata WHERE TRUE",
    StageName.QUEUEING: "with_metadata WHERE TRUE",
    StageName.DOWNLOAD: "to_download_references WHERE TRUE",
}
_SINCE = {
    StageName.EXTRACTION: "SELECT min(added_at) FROM sources WHERE state = 'pending'",
    StageName.ENRICHMENT: (
        "SELECT min(coalesce(n.processing_timestamp, s.added_at)) "
        "FROM no_metadata AS n LEFT JOIN sources AS s ON s.id = n.source_id"
    ),
    StageName.QUEUEING: "SELECT min(processing_timestamp) FROM with_metadata",
    StageName.DOWNLOAD: "SELECT min(processing_timestamp) FROM to_download_references",
}
_DONE = {
    StageName.EXTRACTION: "SELECT count(*) FROM sources WHERE state = 'extracted'",
    StageName.ENRICHMENT: "SELECT count(work_id) FROM entries",
    StageName.QUEUEING: (
        "SELECT (SELECT count(*) FROM to_download_references) + (SELECT count(*) FROM downloaded_references)"
        " + (SELECT count(*) FROM failed_downloads WHERE stage = 'download')"
    ),
    StageName.DOWNLOAD: "SELECT count(*) FROM downloaded_references",
}
_FAILED = {
    StageName.EXTRACTION: "SELECT reason, 0, count(*) FROM failed_extractions GROUP BY 1, 2",
    StageName.ENRICHMENT: "SELECT reason, needs_review, count(*) FROM failed_enrichments GROUP BY 1, 2",
    StageName.QUEUEING: (
        "SELECT reason, needs_review, count(*) FROM failed_downloads WHERE stage = 'queueing' GROUP BY 1, 2"
    ),
    StageName.DOWNLOAD: (
        "SELECT reason, needs_review, count(*) FROM failed_downloads WHERE stage <> 'queueing' GROUP BY 1, 2"
    ),
}
_COVERAGE = "SELECT count(CASE WHEN coverage_score < 1 THEN 1 END), avg(coverage_score) FROM sources"
_RECENT = """
SELECT stage, count(*) FROM attempts
WHERE id > (SELECT max(id) FROM attempts) - ? AND started_at >= ? AND outcome = 'done' GROUP BY stage
"""
_PLANNED = """
SELECT count(CASE WHEN due_at <= ? THEN 1 END), count(CASE WHEN due_at > ? THEN 1 END),
       min(CASE WHEN due_at > ? THEN due_at END) FROM rechecks WHERE due_at IS NOT NULL
"""
_REJECTED = """
SELECT stage, item_id, reason, detail, started_at FROM attempts WHERE outcome = 'reject' ORDER BY id DESC LIMIT ?
"""


def status(connection: Connection, database: Path, now: float, *, recent: int = 10) -> Status:
    """How much is where at `now` (epoch seconds), with at most `recent` of the latest failures."""
    speed = _speed(connection, now)
    incomplete, mean = connection.exec_driver_sql(_COVERAGE).one()
    return Status(
        at=stamp(now),
        database=str(database),
        size_bytes=sum(_size(database.with_name(database.name + end)) for end in ("", "-wal")),
        worked_on_by=at_work(database),
        sources=_one(connection, "SELECT count(*) FROM sources"),
        entries=_one(connection, "SELECT count(*) FROM entries"),
        works=_one(connection, "SELECT count(*) FROM works"),
        downloaded_bytes=_one(connection, "SELECT coalesce(sum(size_bytes), 0) FROM downloaded_references"),
        incomplete=incomplete,
        coverage=None if mean is None else round(mean, 4),
        stages=tuple(_stage(connection, stage, now, speed.get(stage.value, 0.0)) for stage in StageName),
        recent_failures=tuple(
            RecentFailure(StageName(stage), item, reason, detail, at)
            for stage, item, reason, detail, at in connection.exec_driver_sql(_REJECTED, (recent,))
        ),
        last_download=_one(connection, "SELECT max(processing_timestamp) FROM downloaded_references"),
        rechecks=_rechecks(connection, now),
    )


def _rechecks(connection: Connection, now: float) -> RecheckStatus:
    due, planned, next_due = connection.exec_driver_sql(_PLANNED, (now, now, now)).one()
    return RecheckStatus(
        due=due,
        planned=planned,
        next_due=next_due,
        looked_today=begun_since(connection, now - DAY_S),
        upgradable=_one(connection, "SELECT count(*) FROM downloaded_references WHERE status <> 'ok'"),
        in_quarantine=_one(connection, "SELECT count(*) FROM failed_downloads WHERE held IS NOT NULL"),
    )


def at_work(database: Path) -> str | None:
    """Which process works the database, in words; None when none does."""
    who = holder(database)
    return (
        None if who is None else who.partition(": wait for it")[0].removeprefix("the database is being worked on by ")
    )


def _stage(connection: Connection, stage: StageName, now: float, per_minute: float) -> StageStatus:
    room = _ROOMS[stage]
    waiting, later, next_due, suspect = connection.exec_driver_sql(
        "SELECT count(*), count(CASE WHEN due_at > ? THEN 1 END), min(CASE WHEN due_at > ? THEN due_at END), "  # noqa: S608 - names of ours
        f"count(CASE WHEN crashes >= ? THEN 1 END) FROM {room}",
        (now, now, SUSPECT_AFTER),
    ).one()
    put_off = connection.exec_driver_sql(
        f"SELECT coalesce(last_reason, ''), count(*) FROM {room} AND due_at > ? GROUP BY 1 ORDER BY 2 DESC, 1",  # noqa: S608 - as above
        (now,),
    )
    failures = connection.exec_driver_sql(_FAILED[stage] + " ORDER BY 3 DESC, 1").all()
    return StageStatus(
        stage=stage,
        waiting=waiting,
        ready=waiting - later,
        later=later,
        next_due=next_due,
        put_off={reason: number for reason, number in put_off},  # noqa: C416 - dict() of rows is not typed
        suspect=suspect,
        done=_one(connection, _DONE[stage]),
        needs_review=sum(number for _, review, number in failures if review),
        failed={reason: number for reason, review, number in failures if not review},
        oldest_waiting=_one(connection, _SINCE[stage]),
        per_minute=per_minute,
    )


def _speed(connection: Connection, now: float) -> dict[str, float]:
    """Items done a minute, by stage, within the window."""
    rows = connection.exec_driver_sql(_RECENT, (_LOOKED_AT, stamp(now - RECENT_S)))
    return {stage: round(number / (RECENT_S / 60), 2) for stage, number in rows}


def _one(connection: Connection, query: str) -> Any:
    return connection.exec_driver_sql(query).scalar_one()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
