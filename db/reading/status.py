"""How much is where: each stage's waiting room, what it has done, what failed and why, and who is at work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from db.codec import stamp
from db.lock import holder
from db.reading.counted import (
    ROOM_OF,
    Counts,
    first_due,
    last_due,
    oldest_waiting,
    put_off,
    rechecks_due,
    rows_of,
)
from db.rechecking import begun_since
from db.tables import SUSPECT_AFTER
from dl_lit.core.database_address import is_signpost, shown
from dl_lit.core.model import StageName
from dl_lit.core.retry_rules import DAY_S
from dl_lit.core.values import dataclass

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
    database: str  # its path, or its address without secrets
    size_bytes: int  # with its write-ahead log; on a server, of the tables with their indexes
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


# Not by the index on stages, which would save the sorting and read all that was ever tried.
_RECENT = """
SELECT stage, count(*) FROM attempts NOT INDEXED
WHERE id >= ? AND started_at >= ? AND outcome = 'done' GROUP BY stage
"""
_REJECTED = """
SELECT stage, item_id, reason, detail, started_at FROM attempts WHERE outcome = 'reject' ORDER BY id DESC LIMIT ?
"""

_TABLES_SIZE = """
SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = current_schema() AND c.relkind = 'r'
"""


def status(connection: Connection, database: Path, now: float, *, recent: int = 10) -> Status:
    """How much is where at `now` (epoch seconds), with at most `recent` of the latest failures."""
    speeds = _speed(connection, now, RECENT_S), _speed(connection, now, HOUR_S)
    counts = Counts(rows_of(connection))
    files = counts.each("downloaded_references").values()
    judged = counts.of("bibliographies", "judged")
    return Status(
        at=stamp(now),
        database=shown(database),
        size_bytes=_size(connection, database),
        worked_on_by=at_work(database),
        sources=counts.sources,
        entries=counts.entries,
        works=counts.works,
        downloaded_bytes=round(sum(one.amount for one in files)),
        incomplete=counts.of("bibliographies", "gaps").number,
        coverage=round(judged.amount / judged.number, 4) if judged.number else None,
        stages=tuple(_stage(connection, stage, now, counts, speeds) for stage in StageName),
        recent_failures=tuple(
            RecentFailure(StageName(stage), item, reason, detail, at)
            for stage, item, reason, detail, at in connection.exec_driver_sql(_REJECTED, (recent,))
        ),
        last_download=max((one.latest for one in files if one.latest), default=None),
        rechecks=_rechecks(connection, now, counts),
    )


def _rechecks(connection: Connection, now: float, counts: Counts) -> RecheckStatus:
    rows = rows_of(connection)
    due, planned = rechecks_due(rows, now)
    return RecheckStatus(
        due=due,
        planned=planned,
        next_due=first_due(rows, "rechecks", now),
        looked_today=begun_since(connection, now - DAY_S),
        upgradable=sum(one.number for status, one in counts.each("downloaded_references").items() if status != "ok"),
        in_quarantine=sum(one.number for *_, held, one in counts.failed_downloads if held),
    )


def at_work(database: Path) -> str | None:
    """Which process works the database, in words; None when none does."""
    if is_signpost(database):
        from db.postgres.fleet.pulses import daemons_at  # noqa: PLC0415 - its driver is an extra

        return ", ".join(f"process {one.pid} on {one.host}" for one in daemons_at(database)) or None
    who = holder(database)
    return (
        None if who is None else who.partition(": wait for it")[0].removeprefix("the database is being worked on by ")
    )


def _stage(
    connection: Connection, stage: StageName, now: float, counts: Counts, speeds: tuple[Mapping[str, float], ...]
) -> StageStatus:
    rows, room, waiting = rows_of(connection), ROOM_OF[stage], counts.waiting(stage)
    later = put_off(rows, stage, now)
    here = " AND state = 'pending'" if stage is StageName.EXTRACTION else ""
    suspect = _one(connection, f"SELECT count(*) FROM {room} WHERE crashes >= {SUSPECT_AFTER}{here}")  # noqa: S608 - names of ours
    failures = _failures(stage, counts)
    return StageStatus(
        stage=stage,
        waiting=waiting,
        ready=waiting - sum(later.values()),
        later=sum(later.values()),
        next_due=first_due(rows, room, now),
        last_due=last_due(rows, room, now),
        put_off=later,
        suspect=suspect,
        done=_done(stage, counts),
        needs_review=sum(number for _, review, number in failures if review),
        failed={reason: number for reason, review, number in failures if not review},
        oldest_waiting=oldest_waiting(rows, stage),
        per_minute=speeds[0].get(stage.value, 0.0),
        per_minute_hour=speeds[1].get(stage.value, 0.0),
    )


def _failures(stage: StageName, counts: Counts) -> list[tuple[str, bool, int]]:
    """Reason, whether it is for review, and number, the most frequent first."""
    found: Counter[tuple[str, bool]] = Counter()
    if stage is StageName.EXTRACTION:
        found.update({(reason, False): one.number for reason, one in counts.each("failed_extractions").items()})
    elif stage is StageName.ENRICHMENT:
        found.update(counts.failed_enrichments)
    else:
        for where, reason, review, _, one in counts.failed_downloads:
            if (where == StageName.QUEUEING.value) == (stage is StageName.QUEUEING):
                found[reason, review] += one.number
    return sorted(((*key, number) for key, number in found.items()), key=lambda one: (-one[2], one[0]))


def _done(stage: StageName, counts: Counts) -> int:
    if stage is StageName.EXTRACTION:
        return counts.of("sources", "extracted").number
    if stage is StageName.ENRICHMENT:
        return counts.resolved
    downloaded = counts.works_by_place["downloaded"].number
    if stage is StageName.DOWNLOAD:
        return downloaded
    failed_later = sum(one.number for where, *_, one in counts.failed_downloads if where == StageName.DOWNLOAD.value)
    return counts.waiting(StageName.DOWNLOAD) + downloaded + failed_later


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


def _size(connection: Connection, database: Path) -> int:
    if connection.dialect.name == "postgresql":
        return int(_one(connection, _TABLES_SIZE))
    return sum(_size_of(database.with_name(database.name + end)) for end in ("", "-wal"))


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
