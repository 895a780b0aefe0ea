"""How much is where: each stage's waiting room, what it has done, what failed and why, and who is at work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
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

HOUR_S = 3_600.0
"""The window in which the steady speed is measured."""

_LOOKED_AT = 20_000  # latest attempts at most that are counted for it
_LONGEST_S = 300.0  # attempts are numbered as they end: one that began so much later than another may come before it


@dataclass(frozen=True, slots=True, kw_only=True)
class StageStatus:
    """One stage, as of one moment."""

    stage: StageName
    waiting: int
    ready: int  # of these, may be worked on now
    later: int  # of these, put off
    next_due: float | None  # epoch seconds at which the first that was put off may be worked on
    last_due: float | None  # ... and the last
    put_off: Mapping[str, int]  # those that are put off, by the reason
    suspect: int  # in hand at several sudden deaths: worked on alone, at the end
    done: int
    needs_review: int
    failed: Mapping[str, int]  # reason → number, the most frequent first
    oldest_waiting: str | None  # since when the oldest has waited; ISO 8601 in UTC
    per_minute: float  # done lately
    per_minute_hour: float  # done in the last hour


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
}
_FAILED = {
    StageName.EXTRACTION: "SELECT reason, 0, count(*) FROM failed_extractions GROUP BY 1, 2",
    StageName.ENRICHMENT: "SELECT reason, needs_review, count(*) FROM failed_enrichments GROUP BY 1, 2",
}
# Rows of works that failed or came are wide: each table is gone through once, for all that is asked of it.
_FAILED_DOWNLOADS = """
SELECT stage, reason, needs_review, count(*), count(held) FROM failed_downloads GROUP BY 1, 2, 3
"""
_DOWNLOADED = """
SELECT count(*), coalesce(sum(size_bytes), 0), max(processing_timestamp), count(CASE WHEN status <> 'ok' THEN 1 END)
FROM downloaded_references
"""
_COVERAGE = "SELECT count(CASE WHEN coverage_score < 1 THEN 1 END), avg(coverage_score) FROM sources"
# Not by the index on stages, which would save the sorting and read all that was ever tried.
_RECENT = """
SELECT stage, count(*) FROM attempts NOT INDEXED
WHERE id >= ? AND started_at >= ? AND outcome = 'done' GROUP BY stage
"""
_PLANNED = """
SELECT count(CASE WHEN due_at <= ? THEN 1 END), count(CASE WHEN due_at > ? THEN 1 END),
       min(CASE WHEN due_at > ? THEN due_at END) FROM rechecks WHERE due_at IS NOT NULL
"""
_REJECTED = """
SELECT stage, item_id, reason, detail, started_at FROM attempts WHERE outcome = 'reject' ORDER BY id DESC LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class _Works:
    """What has become of works, of one look at each table."""

    downloaded: int
    downloaded_bytes: int
    last_download: str | None
    upgradable: int
    failed: tuple[tuple[str, str, bool, int, int], ...]  # stage, reason, needs review, number, held

    def failed_in(self, stage: StageName) -> list[tuple[str, bool, int]]:
        """Reason, whether it is for review, and number, the most frequent first."""
        mine = [
            (reason, review, number)
            for where, reason, review, number, _ in self.failed
            if (where == StageName.QUEUEING.value) == (stage is StageName.QUEUEING)
        ]
        return sorted(mine, key=lambda one: (-one[2], one[0]))


def status(connection: Connection, database: Path, now: float, *, recent: int = 10) -> Status:
    """How much is where at `now` (epoch seconds), with at most `recent` of the latest failures."""
    speeds = _speed(connection, now, RECENT_S), _speed(connection, now, HOUR_S)
    works = _works(connection)
    incomplete, mean = connection.exec_driver_sql(_COVERAGE).one()
    return Status(
        at=stamp(now),
        database=str(database),
        size_bytes=sum(_size(database.with_name(database.name + end)) for end in ("", "-wal")),
        worked_on_by=at_work(database),
        sources=_one(connection, "SELECT count(*) FROM sources"),
        entries=_one(connection, "SELECT count(*) FROM entries"),
        works=_one(connection, "SELECT count(*) FROM works"),
        downloaded_bytes=works.downloaded_bytes,
        incomplete=incomplete,
        coverage=None if mean is None else round(mean, 4),
        stages=tuple(_stage(connection, stage, now, works, speeds) for stage in StageName),
        recent_failures=tuple(
            RecentFailure(StageName(stage), item, reason, detail, at)
            for stage, item, reason, detail, at in connection.exec_driver_sql(_REJECTED, (recent,))
        ),
        last_download=works.last_download,
        rechecks=_rechecks(connection, now, works),
    )


def _works(connection: Connection) -> _Works:
    number, size, last, upgradable = connection.exec_driver_sql(_DOWNLOADED).one()
    failed = connection.exec_driver_sql(_FAILED_DOWNLOADS)
    rows = tuple((where, reason, bool(review), count, held) for where, reason, review, count, held in failed)
    return _Works(number, size, last, upgradable, rows)


def _rechecks(connection: Connection, now: float, works: _Works) -> RecheckStatus:
    due, planned, next_due = connection.exec_driver_sql(_PLANNED, (now, now, now)).one()
    return RecheckStatus(
        due=due,
        planned=planned,
        next_due=next_due,
        looked_today=begun_since(connection, now - DAY_S),
        upgradable=works.upgradable,
        in_quarantine=sum(held for *_, held in works.failed),
    )


def at_work(database: Path) -> str | None:
    """Which process works the database, in words; None when none does."""
    who = holder(database)
    return (
        None if who is None else who.partition(": wait for it")[0].removeprefix("the database is being worked on by ")
    )


def _stage(
    connection: Connection, stage: StageName, now: float, works: _Works, speeds: tuple[Mapping[str, float], ...]
) -> StageStatus:
    room = _ROOMS[stage]
    waiting = _one(connection, f"SELECT count(*) FROM {room}")  # noqa: S608 - names of ours
    later, next_due, last_due = connection.exec_driver_sql(
        f"SELECT count(*), min(due_at), max(due_at) FROM {room} AND due_at > ?",  # noqa: S608 - as above
        (now,),
    ).one()
    suspect = _one(connection, f"SELECT count(*) FROM {room} AND crashes >= {SUSPECT_AFTER}")  # noqa: S608 - as above
    put_off = connection.exec_driver_sql(
        f"SELECT coalesce(last_reason, ''), count(*) FROM {room} AND due_at > ? GROUP BY 1 ORDER BY 2 DESC, 1",  # noqa: S608 - as above
        (now,),
    )
    failures = _failures(connection, stage, works)
    return StageStatus(
        stage=stage,
        waiting=waiting,
        ready=waiting - later,
        later=later,
        next_due=next_due,
        last_due=last_due,
        put_off={reason: number for reason, number in put_off},  # noqa: C416 - dict() of rows is not typed
        suspect=suspect,
        done=_done(connection, stage, works),
        needs_review=sum(number for _, review, number in failures if review),
        failed={reason: number for reason, review, number in failures if not review},
        oldest_waiting=_one(connection, _SINCE[stage]),
        per_minute=speeds[0].get(stage.value, 0.0),
        per_minute_hour=speeds[1].get(stage.value, 0.0),
    )


def _failures(connection: Connection, stage: StageName, works: _Works) -> list[tuple[str, bool, int]]:
    if stage not in _FAILED:
        return works.failed_in(stage)
    rows = connection.exec_driver_sql(_FAILED[stage] + " ORDER BY 3 DESC, 1")
    return [(reason, bool(review), number) for reason, review, number in rows]


def _done(connection: Connection, stage: StageName, works: _Works) -> int:
    if stage is StageName.DOWNLOAD:
        return works.downloaded
    if stage is StageName.QUEUEING:
        failed_later = sum(number for where, _, _, number, _ in works.failed if where == StageName.DOWNLOAD.value)
        waiting: int = _one(connection, "SELECT count(*) FROM to_download_references")
        return waiting + works.downloaded + failed_later
    done: int = _one(connection, _DONE[stage])
    return done


def _speed(connection: Connection, now: float, window_s: float) -> dict[str, float]:
    """Items done a minute, by stage, within the window; of very many attempts, as fast as the latest were done."""
    newest = _one(connection, "SELECT max(id) FROM attempts")
    if newest is None:
        return {}
    first = _first_since(connection, newest, now - window_s - _LONGEST_S)
    if newest - first > _LOOKED_AT:
        first = newest - _LOOKED_AT
        began = _one(connection, f"SELECT started_at FROM attempts WHERE id >= {first} ORDER BY id LIMIT 1")  # noqa: S608 - a number
        window_s = min(window_s, max(1.0, now - datetime.fromisoformat(began).timestamp()))
    rows = connection.exec_driver_sql(_RECENT, (first, stamp(now - window_s)))
    return {stage: round(number / (window_s / 60), 2) for stage, number in rows}


def _first_since(connection: Connection, newest: int, moment: float) -> int:
    """The lowest id from which on attempts began after `moment`, about: found without reading those before."""
    wanted, low, high = stamp(moment), 0, newest + 1
    while low < high:
        middle = (low + high) // 2
        began = connection.exec_driver_sql(
            "SELECT started_at FROM attempts WHERE id >= ? ORDER BY id LIMIT 1", (middle,)
        ).scalar()
        if began is None or began >= wanted:
            high = middle
        else:
            low = middle + 1
    return low


def _one(connection: Connection, query: str) -> Any:
    return connection.exec_driver_sql(query).scalar_one()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
