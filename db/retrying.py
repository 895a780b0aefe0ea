"""Putting failures back to work. Any process may do this at any time: only rows in rooms of failures are touched."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import field

from sqlalchemy import Connection, Engine

from db.codec import stamp
from db.deeds import DeedKind, deed
from db.failures import ReasonCount, Wanted, chosen_failures, compared, failures_by_reason
from db.pins import keep_pins
from db.refusing import named
from dl_lit.core.clock import Clock
from dl_lit.core.errors import NotFailed
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PutBack:
    """How many rows were put back, by the stage they now wait for."""

    extraction: int
    enrichment: int
    queueing: int
    download: int
    reasons: tuple[ReasonCount, ...] = field(default=(), compare=False)  # those of which some were put back

    @property
    def total(self) -> int:
        """All of them."""
        return self.extraction + self.enrichment + self.queueing + self.download


__all__ = ["PutBack", "ReasonCount", "Wanted", "hasten", "put_back", "would_put_back"]

_WAITING = ("sources", "no_metadata", "with_metadata", "to_download_references")
_PENDING = """
UPDATE sources SET state = 'pending', due_at = NULL, attempts = 0, crashes = 0, solo_crashes = 0,
    last_reason = NULL, last_detail = NULL
WHERE state = 'failed' AND id IN (SELECT value FROM json_each(?))
"""
_NO_METADATA = """
INSERT INTO no_metadata (entry_id, source_id, priority,
    processing_started_at, processing_timestamp, processing_duration_ms)
SELECT e.id, e.source_id, s.priority, ?1, ?1, 0 FROM entries AS e JOIN sources AS s ON s.id = e.source_id
WHERE e.id IN (SELECT value FROM json_each(?2))
"""
# What rank a work has is decided anew by who cites it now: entries may have joined while it lay here.
RANK = """
(SELECT max(source_id) FROM entries WHERE work_id = {0}.work_id) AS newest,
(SELECT count(*) FROM entries WHERE work_id = {0}.work_id) AS cited_by,
(SELECT coalesce(year, 0) FROM works WHERE id = {0}.work_id) AS year,
(SELECT max(s.priority) FROM entries AS e JOIN sources AS s ON s.id = e.source_id WHERE e.work_id = {0}.work_id)
"""
"""Newest source, entries, year and priority of the work of a row whose name is put in."""

PUT_BACK_WORKS = f"""
INSERT INTO with_metadata (work_id, newest_source_id, cited_by, year, priority,
    processing_started_at, processing_timestamp, processing_duration_ms)
SELECT f.work_id, {RANK.format("f")} + ?3, ?1, ?1, 0
FROM failed_downloads AS f WHERE f.work_id IN (SELECT value FROM json_each(?2))
"""  # noqa: S608 - text of ours
"""Parameters: when, which works (JSON), what to add to their priority."""

PUT_BACK_FILES = f"""
INSERT INTO to_download_references (work_id, newest_source_id, cited_by, year, locations, priority,
    processing_started_at, processing_timestamp, processing_duration_ms)
SELECT work_id, newest, cited_by, year, locations, priority, ?1, ?1, 0
FROM (SELECT f.work_id AS work_id, f.locations AS locations, {RANK.format("f")} AS priority
      FROM failed_downloads AS f) WHERE work_id IN (SELECT value FROM json_each(?2))
"""  # noqa: S608 - text of ours
"""Parameters: when, which works (JSON). They are fetched from the locations that are with the failure."""

_NOT_DUE = (
    "UPDATE rechecks SET due_at = NULL, resolver = NULL "
    "WHERE (due_at IS NOT NULL OR resolver IS NOT NULL) AND work_id IN (SELECT value FROM json_each(?))"
)


def put_back(engine: Engine, wanted: Wanted, clock: Clock, *, is_by_hand: bool = True) -> PutBack:
    """Put the wanted failures back into their waiting rooms, in one transaction, with all attempts before them.

    A work without open copy is looked up again; one whose copies could not be fetched is fetched again from the copies
    known. Works keep the keys they are recognised by: an entry that turns out to be the same work meanwhile joins it. A
    work with a file in quarantine stays: a person decides on that first.
    What people do (`is_by_hand`) can be undone. Raises `NotFailed` where a named row has not, `DatabaseFull` and
    `DatabaseUnusable`; nothing has changed then.
    """
    now = stamp(clock.time())
    with named(), engine.begin() as connection:
        _check(connection, wanted)
        if not is_by_hand:
            return _put_back(connection, wanted, now)
        with deed(connection, DeedKind.RETRY, clock.time()) as doing:
            done = _put_back(connection, wanted, now)
            doing.said = f"{done.total:,} failures put back to work"
        return done


def _put_back(connection: Connection, wanted: Wanted, now: str) -> PutBack:
    before = failures_by_reason(connection)
    chosen = chosen_failures(connection, wanted)
    queueing, download = _works(connection, chosen["failed_downloads"], now)
    done = PutBack(
        extraction=_sources(connection, chosen["failed_extractions"]),
        enrichment=_entries(connection, chosen["failed_enrichments"], now),
        queueing=queueing,
        download=download,
        reasons=compared(before, failures_by_reason(connection)),
    )
    keep_pins(connection)
    return done


def would_put_back(engine: Engine, wanted: Wanted, clock: Clock) -> PutBack:
    """What `put_back` would do now; nothing is changed. Raises what it raises."""
    with named(), engine.connect() as connection, suppress(_Enough), connection.begin():
        _check(connection, wanted)
        done = _put_back(connection, wanted, stamp(clock.time()))
        raise _Enough
    return done


class _Enough(Exception):
    pass


def hasten(engine: Engine, reasons: Collection[Reason]) -> int:
    """Make due now what was put off for one of `reasons`; how many rows that were. Attempts stay counted."""
    words = json.dumps([reason.value for reason in reasons])
    with engine.begin() as connection:
        return sum(
            connection.exec_driver_sql(
                f"UPDATE {table} SET due_at = NULL "  # noqa: S608 - names of ours
                "WHERE due_at IS NOT NULL AND last_reason IN (SELECT CAST(value AS TEXT) FROM json_each(?))",
                (words,),
            ).rowcount
            for table in _WAITING
        )


def _check(connection: Connection, wanted: Wanted) -> None:
    for kind, table, key, ids in (
        ("s", "failed_extractions", "source_id", wanted.sources),
        ("e", "failed_enrichments", "entry_id", wanted.entries),
        ("w", "failed_downloads", "work_id", wanted.works),
    ):
        if held := _with_file(connection, ids if kind == "w" else ()):
            names = ", ".join(f"w{work_id}" for work_id in held)
            raise NotFailed(f"a file of {names} waits for your decision: dl-lit review {names.split(', ')[0]}")
        missing = set(ids) - set(_chosen(connection, table, key, ids))
        if missing:
            names = ", ".join(f"{kind}{id_}" for id_ in sorted(missing))
            raise NotFailed(f"{names} cannot be tried again, having not failed: dl-lit explain says where it is")


def _with_file(connection: Connection, works: Collection[int]) -> list[int]:
    """Those of `works` of which a file is in quarantine."""
    if not works:
        return []
    query = (
        "SELECT work_id FROM failed_downloads WHERE held IS NOT NULL AND work_id IN (SELECT value FROM json_each(?))"
    )
    return [row[0] for row in connection.exec_driver_sql(query, (json.dumps(list(works)),))]


def _chosen(connection: Connection, table: str, key: str, ids: Collection[int]) -> list[int]:
    query = f"SELECT {key} FROM {table} WHERE {key} IN (SELECT value FROM json_each(?))"  # noqa: S608 - names of ours
    return [row[0] for row in connection.exec_driver_sql(query, (json.dumps(list(ids)),))]


def _sources(connection: Connection, chosen: Sequence[int]) -> int:
    ids = json.dumps(chosen)
    connection.exec_driver_sql(
        "DELETE FROM failed_extractions WHERE source_id IN (SELECT value FROM json_each(?))", (ids,)
    )
    return int(connection.exec_driver_sql(_PENDING, (ids,)).rowcount)


def _entries(connection: Connection, chosen: Sequence[int], now: str) -> int:
    ids = json.dumps(chosen)
    added = connection.exec_driver_sql(_NO_METADATA, (now, ids)).rowcount
    connection.exec_driver_sql(
        "DELETE FROM failed_enrichments WHERE entry_id IN (SELECT value FROM json_each(?))", (ids,)
    )
    return int(added)


def _works(connection: Connection, chosen: Sequence[int], now: str) -> tuple[int, int]:
    """How many works wait for queueing and for download again."""
    rows = connection.exec_driver_sql(
        "SELECT work_id, stage, coalesce(locations, '[]') IN ('[]', 'null') FROM failed_downloads "
        "WHERE work_id IN (SELECT value FROM json_each(?))",
        (json.dumps(chosen),),
    ).all()
    look = [row[0] for row in rows if row[1] == StageName.QUEUEING or row[2]]
    fetch = [row[0] for row in rows if row[1] != StageName.QUEUEING and not row[2]]
    looked = connection.exec_driver_sql(PUT_BACK_WORKS, (now, json.dumps(look), 0)).rowcount
    fetched = connection.exec_driver_sql(PUT_BACK_FILES, (now, json.dumps(fetch))).rowcount
    both = (json.dumps(look + fetch),)
    connection.exec_driver_sql(_NOT_DUE, both)
    connection.exec_driver_sql("DELETE FROM failed_downloads WHERE work_id IN (SELECT value FROM json_each(?))", both)
    return int(looked), int(fetched)
