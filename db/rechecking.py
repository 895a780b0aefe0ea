"""Which works are to be looked at again, and taking them up. Any process may do this at any time.

A work that failed goes back to where its locations are looked up. One in the library stays where it is: that somebody
looks for a better copy of it is only a date; what comes of it is written down by `db.upgrading`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Engine

from db.codec import decode_work, encode, stamp
from db.deeds import DeedKind, deed
from db.retrying import PUT_BACK_WORKS
from dl_lit.core.clock import Clock
from dl_lit.core.errors import BadInput
from dl_lit.core.model import Location, Version, Work
from dl_lit.core.reasons import Reason
from dl_lit.core.retry_rules import SCHEDULES, RetryRule, rule_of
from dl_lit.core.upgrading import Held, is_lesser
from dl_lit.core.values import dataclass

LOW = -1
"""The priority of what comes back by itself: after all that is new."""

_ABANDONED_S = 3_600.0
"""When an upgrade is taken up again of which nothing was heard."""

_LESSER = tuple(reason.value for reason in Reason if rule_of(reason) is RetryRule.UPGRADE and is_lesser(reason))
_PAGES = tuple(reason.value for reason in Reason if rule_of(reason) is RetryRule.NEW_FINDER)

_ENDED = """
WITH ended(work_id, reason, version, url, sha256, path) AS (
    SELECT work_id, reason, NULL, NULL, NULL, NULL FROM failed_downloads WHERE needs_review = 0
    UNION ALL SELECT work_id, status, version, url_source, checksum_pdf, file_path FROM downloaded_references
    WHERE status IN (SELECT CAST(value AS TEXT) FROM json_each(:lesser)))
SELECT e.work_id, w.record, e.reason, coalesce(r.done, 0), r.due_at, e.version, e.url, e.sha256, e.path
"""
_OF_ALL = f"""
{_ENDED}
FROM ended AS e JOIN works AS w ON w.id = e.work_id LEFT JOIN rechecks AS r ON r.work_id = e.work_id
WHERE (:is_any <> 0 OR e.reason IN (SELECT CAST(value AS TEXT) FROM json_each(:reasons)))
  AND (:is_every <> 0 OR e.work_id IN (SELECT value FROM json_each(:works)))
ORDER BY coalesce(r.due_at, 9e99), e.work_id LIMIT :limit
"""  # noqa: S608 - text of ours
_OF_THESE = f"""
{_ENDED}
FROM ended AS e JOIN works AS w ON w.id = e.work_id LEFT JOIN rechecks AS r ON r.work_id = e.work_id
WHERE e.work_id IN (SELECT value FROM json_each(:works)) ORDER BY coalesce(r.due_at, 9e99), e.work_id
"""  # noqa: S608 - text of ours
# First which they are, by an index: this is asked every few seconds.
_DUE = """
SELECT work_id FROM (
    SELECT work_id, due_at FROM rechecks WHERE due_at <= ?1
    UNION ALL SELECT work_id, 9e99 FROM rechecks
    WHERE due_at IS NULL AND resolver < ?2 AND reason IN (SELECT CAST(value AS TEXT) FROM json_each(?3)))
ORDER BY due_at, work_id LIMIT ?4
"""
_LOOKED = """
INSERT INTO rechecks (work_id, reason, done, looked_at) SELECT CAST(value AS INTEGER), ?2, 1, ?3 FROM json_each(?1)
WHERE true
ON CONFLICT (work_id) DO UPDATE SET done = rechecks.done + 1, looked_at = excluded.looked_at, due_at = NULL,
    resolver = NULL
"""
_TAKEN_UP = """
INSERT INTO rechecks (work_id, reason, done, due_at, looked_at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (work_id) DO UPDATE SET done = excluded.done, due_at = excluded.due_at, looked_at = excluded.looked_at
"""
_AWAIT = """
INSERT INTO rechecks (work_id, reason, due_at) SELECT CAST(j.value ->> 0 AS INTEGER), j.value ->> 1, ?2
FROM json_each(?1) AS j WHERE true ON CONFLICT (work_id) DO UPDATE SET due_at = excluded.due_at
"""
_NEXT = "SELECT min(due_at) FROM rechecks WHERE due_at IS NOT NULL"
_NOTICES = """
SELECT r.work_id, w.record FROM rechecks AS r JOIN works AS w ON w.id = r.work_id
WHERE r.notices_due <= ? AND r.work_id IN (SELECT work_id FROM downloaded_references)
ORDER BY r.notices_due LIMIT ?
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """Which works are meant; nothing given means those whose day has come."""

    every: bool = False  # whatever the day
    reasons: Collection[Reason] = ()  # only those that ended so, whatever the day
    works: Collection[int] = ()  # only these, whatever the day

    @property
    def is_due_only(self) -> bool:
        """Whether the day decides."""
        return not (self.every or self.reasons or self.works)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A work to be looked at again."""

    work_id: int
    work: Work
    reason: Reason  # it ended with
    done: int  # how often it was looked at again already
    due_at: float | None  # epoch seconds; None: no day was set
    held: Held | None = None  # the lesser copy in the library; None: it failed
    path: str | None = None  # of that copy, relative to the library


def looks(connection: Connection, which: Which, *, now: float, resolver: int, limit: int | None = None) -> list[Look]:
    """The works that are meant, those longest due first; what waits for a person's decision on a file never.

    `resolver` is the version of the landing-page finder at work. Raises `BadInput` where a work was named that there is
    nothing to look for: it is under way, or in the library in its best version.
    """
    most = -1 if limit is None else limit
    values: dict[str, object] = {"lesser": encode(_LESSER)}
    if which.is_due_only:
        query = _OF_THESE
        due = connection.exec_driver_sql(_DUE, (now, resolver, encode(_PAGES), most)).scalars().all()
        if not due:
            return []
        values["works"] = encode(list(due))
    else:
        query = _OF_ALL
        values |= {
            "reasons": encode([reason.value for reason in which.reasons]),
            "works": encode(list(which.works)),
            "is_any": not which.reasons,
            "is_every": not which.works,
            "limit": most,
        }
    found = [look_of(row) for row in connection.exec_driver_sql(query, values)]
    missing = set(which.works) - {one.work_id for one in found}
    if missing and not which.reasons:
        names = ", ".join(f"w{work_id}" for work_id in sorted(missing))
        raise BadInput(f"there is nothing to look for again of {names}: dl-lit explain says where it is")
    return found


def next_due(connection: Connection) -> float | None:
    """When (epoch seconds) the first work is to be looked at again; None when none is planned."""
    due = connection.exec_driver_sql(_NEXT).scalar_one()
    return None if due is None else float(due)


def begun_since(connection: Connection, moment: float) -> int:
    """How many works were taken up since `moment` (epoch seconds)."""
    query = "SELECT count(*) FROM rechecks WHERE looked_at >= ?"
    return int(connection.exec_driver_sql(query, (moment,)).scalar_one())


def put_back(
    engine: Engine,
    wanted: Iterable[Look],
    fresh: Mapping[int, tuple[Location, ...]],
    clock: Clock,
    *,
    is_by_hand: bool = False,
) -> tuple[int, ...]:
    """Let works that failed be looked up anew, at the end of the line; those that were put back.

    `fresh` are the locations that a service names now, of works that it was asked about: they take the place of those
    that came with the record. What is no failure any more is left alone. What people do (`is_by_hand`) can be undone.
    """
    now = clock.time()
    ids = encode([one.work_id for one in wanted if one.held is None])
    with engine.begin() as connection, ExitStack() as kept:
        doing = kept.enter_context(deed(connection, DeedKind.RECHECK, now)) if is_by_hand else None
        rows = connection.exec_driver_sql(
            "SELECT f.work_id, w.record, f.reason FROM failed_downloads AS f JOIN works AS w ON w.id = f.work_id "
            "WHERE f.needs_review = 0 AND f.work_id IN (SELECT value FROM json_each(?))",
            (ids,),
        ).all()
        if doing is not None:
            doing.said = f"{len(rows):,} works to be looked up again"
        for work_id, record, reason in rows:
            connection.exec_driver_sql(_LOOKED, (f"[{work_id}]", reason, now))
            if work_id in fresh:
                work = replace(decode_work(record), locations=fresh[work_id])
                connection.exec_driver_sql("UPDATE works SET record = ? WHERE id = ?", (encode(work), work_id))
        these = encode([row[0] for row in rows])
        connection.exec_driver_sql(PUT_BACK_WORKS, (stamp(now), these, LOW))
        connection.exec_driver_sql(
            "DELETE FROM failed_downloads WHERE work_id IN (SELECT value FROM json_each(?))", (these,)
        )
    return tuple(row[0] for row in rows)


def take_up(engine: Engine, wanted: Iterable[Look], clock: Clock) -> None:
    """Note that better copies of works in the library are being looked for.

    It counts as done; without news they are due in an hour, unless they have been looked at as often as they are to be.
    """
    now = clock.time()
    with engine.begin() as connection:
        for one in wanted:
            if one.held is not None:
                done = one.done + 1
                due = now + _ABANDONED_S if done < SCHEDULES[RetryRule.UPGRADE].times else None
                connection.exec_driver_sql(_TAKEN_UP, (one.work_id, one.reason.value, done, due, now))


def make_due(engine: Engine, wanted: Iterable[Look], clock: Clock) -> None:
    """Let whoever works the database look at these next."""
    rows = encode([(one.work_id, one.reason.value) for one in wanted])
    now = clock.time()
    said = "better copies of works in the library to be looked for"
    with engine.begin() as connection, deed(connection, DeedKind.RECHECK, now, said):
        connection.exec_driver_sql(_AWAIT, (rows, now))


def notices_due(connection: Connection, *, now: float, limit: int) -> dict[int, Work]:
    """Works in the library that are to be looked up for retractions, those longest due first."""
    rows = connection.exec_driver_sql(_NOTICES, (now, limit))
    return {work_id: decode_work(record) for work_id, record in rows}


def note_notices(engine: Engine, works: Mapping[int, Work], changed: Collection[int], due: Mapping[int, float]) -> None:
    """Write down what was found about `changed` of `works`, and when each is looked up next (epoch seconds)."""
    with engine.begin() as connection:
        for work_id, moment in due.items():
            connection.exec_driver_sql("UPDATE rechecks SET notices_due = ? WHERE work_id = ?", (moment, work_id))
            if work_id in changed:
                record = connection.exec_driver_sql("SELECT record FROM works WHERE id = ?", (work_id,)).scalar()
                if record is not None:
                    new = works[work_id]
                    work = replace(decode_work(record), notices=new.notices, is_retracted=new.is_retracted)
                    connection.exec_driver_sql("UPDATE works SET record = ? WHERE id = ?", (encode(work), work_id))


def look_of(row: Any) -> Look:
    """A work from its number, record, reason, looks, day, and its copy's version, address, SHA-256 and path."""
    work_id, record, word, done, due_at, version, url, sha256, path = row
    reason = Reason(word)
    held = None
    if path is not None:
        held = Held(status=reason, version=Version(version) if version else None, url=url, sha256=sha256)
    return Look(
        work_id=work_id, work=decode_work(record), reason=reason, done=done, due_at=due_at, held=held, path=path
    )
