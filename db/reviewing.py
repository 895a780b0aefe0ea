"""What a person decides on entries that were not recognised. Any process may do this at any time.

Only rows of `failed_enrichments` are decided on, which no pipeline has in hand, each in one transaction that asks for
the row as the person saw it: of two who decide the same one comes too late and is told so. Taking back a recognition
removes a work that at most waits to be looked for; a pipeline that has it in hand finds its row gone and changes
nothing, and its number is not given again.
"""

from __future__ import annotations

from contextlib import closing
from enum import StrEnum

from sqlalchemy import Connection, Engine

from db.codec import decode_reference, stamp
from db.counting import count_attempt
from db.deeds import DeedKind, deed
from db.recognition import Recogniser
from db.recording import REVIEWED, Recording
from dl_lit.core.clock import Clock
from dl_lit.core.errors import BadInput
from dl_lit.core.items import EntryItem
from dl_lit.core.job import Claim, Done
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from dl_lit.core.store import Finished
from dl_lit.core.values import dataclass

REJECTED = "rejected in review"
UNDONE = "decision undone in review"

_ROW = """
SELECT reason, detail, evidence, attempts, needs_review,
       processing_started_at, processing_timestamp, processing_duration_ms
FROM failed_enrichments WHERE entry_id = ?
"""
_TAKE = "DELETE FROM failed_enrichments WHERE entry_id = ?"
_COLUMNS = (
    *("entry_id", "reason", "detail", "evidence", "attempts", "needs_review"),
    *("processing_started_at", "processing_timestamp", "processing_duration_ms"),
)
_PUT = f"INSERT INTO failed_enrichments ({', '.join(_COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
_REJECT = """
UPDATE failed_enrichments SET reason = ?, detail = ?, needs_review = 0, attempts = attempts + 1,
    processing_started_at = ?, processing_timestamp = ?, processing_duration_ms = 0
WHERE entry_id = ?
"""
_WAIT = """
INSERT INTO no_metadata (entry_id, source_id, priority, attempts,
    processing_started_at, processing_timestamp, processing_duration_ms)
SELECT e.id, e.source_id, s.priority, ?, ?, ?, 0 FROM entries AS e JOIN sources AS s ON s.id = e.source_id
WHERE e.id = ?
"""
_ATTEMPT = (
    "INSERT INTO attempts (stage, item_id, attempt, outcome, reason, detail, started_at, seconds) "
    "VALUES (?, ?, ?, 'reject', ?, ?, ?, 0)"
)
_FREE = """
SELECT (SELECT count(*) FROM with_metadata WHERE work_id = ?1) + (SELECT count(*) FROM failed_downloads
        WHERE work_id = ?1) = 1
   AND (SELECT count(*) FROM entries WHERE work_id = ?1) = 1
   AND NOT EXISTS (SELECT 1 FROM merges WHERE kept_work_id = ?1 OR gone_work_id = ?1)
   AND NOT EXISTS (SELECT 1 FROM duplicate_references WHERE existing_work_id = ?1)
"""
_FORGET = (
    "UPDATE entries SET work_id = NULL, matched_by = NULL, match_score = NULL, matched_as = NULL WHERE work_id = ?",
    "DELETE FROM with_metadata WHERE work_id = ?",
    "DELETE FROM failed_downloads WHERE work_id = ?",
    "DELETE FROM work_keys WHERE work_id = ?",
    "DELETE FROM work_aliases WHERE work_id = ?",
    "DELETE FROM work_links WHERE work_id = ?",
    "DELETE FROM work_links WHERE other_id = ?",
    "DELETE FROM rechecks WHERE work_id = ?",
    "DELETE FROM works WHERE id = ?",
)


class Action(StrEnum):
    """What a person can decide on an entry."""

    ACCEPT = "accept"  # it is this work
    REJECT = "reject"  # it is none of the candidates


@dataclass(frozen=True, slots=True)
class Seen:
    """A row of `failed_enrichments` as the person who decides has seen it."""

    entry_id: int
    reason: str
    attempts: int
    at: str | None  # when it failed; ISO 8601 in UTC


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that was written down, and what is needed to take it back."""

    entry_id: int
    action: Action
    work_id: int | None  # the work that the entry is now; None where it was rejected
    before: tuple[object, ...]  # the entry's row of `failed_enrichments`
    deed_id: int | None = None  # by which `dl-lit undo` knows it


def accept(engine: Engine, seen: Seen, found: Done, recogniser: Recogniser, clock: Clock) -> Decided:
    """Record that the entry is what was `found` (a `Resolved`), exactly as if the stage had found it.

    The work then waits to be looked for, and is merged there with a known one that it equals. Raises `BadInput` where
    the entry is not as it was seen.
    """
    now = clock.time()
    with engine.begin() as connection, deed(connection, DeedKind.ACCEPT, now) as doing:
        before = _take(connection, seen)
        connection.exec_driver_sql(_WAIT, (seen.attempts, stamp(now), stamp(now), seen.entry_id))
        source_id, reference = connection.exec_driver_sql(
            "SELECT source_id, reference FROM entries WHERE id = ?", (seen.entry_id,)
        ).one()
        item = EntryItem(source_id, decode_reference(reference))
        claim = Claim(StageName.ENRICHMENT, seen.entry_id, item, attempt=seen.attempts + 1)
        with closing(connection.connection.cursor()) as cursor:
            Recording(cursor, now, recogniser).write([Finished(claim, found, now, 0.0)])
        work_id = connection.exec_driver_sql("SELECT work_id FROM entries WHERE id = ?", (seen.entry_id,)).scalar_one()
        doing.said = f"e{seen.entry_id} accepted as w{work_id}"
    return Decided(seen.entry_id, Action.ACCEPT, work_id, before, doing.id)


def reject(engine: Engine, seen: Seen, clock: Clock) -> Decided:
    """Record that none of the candidates is the entry: it has no match, and is offered no more unless it is retried.

    The candidates stay beside it for whoever asks. Raises `BadInput` where the entry is not as it was seen.
    """
    now = stamp(clock.time())
    said = f"e{seen.entry_id} is none of the candidates"
    with engine.begin() as connection, deed(connection, DeedKind.REJECT, clock.time(), said) as doing:
        before = _row(connection, seen)
        connection.exec_driver_sql(_REJECT, (Reason.NO_MATCH.value, REJECTED, now, now, seen.entry_id))
        _log(connection, StageName.ENRICHMENT, seen.entry_id, seen.attempts + 1, Reason.NO_MATCH.value, REJECTED, now)
    return Decided(seen.entry_id, Action.REJECT, None, before, doing.id)


def undo(engine: Engine, decided: Decided, clock: Clock) -> None:
    """Take a decision back: the entry waits for one again, as before.

    Raises `BadInput` where it cannot be taken back any more: the entry was retried, or the work that it was said to be
    was found to equal another, or is being fetched.
    """
    now = stamp(clock.time())
    reason, attempts = str(decided.before[0]), int(str(decided.before[3]))
    with engine.begin() as connection:
        if decided.work_id is None:
            _row(connection, Seen(decided.entry_id, Reason.NO_MATCH.value, attempts + 1, None), detail=REJECTED)
            connection.exec_driver_sql(_TAKE, (decided.entry_id,))
        else:
            _forget(connection, decided.entry_id, decided.work_id, now)
        connection.exec_driver_sql(_PUT, (decided.entry_id, *decided.before))
        _log(connection, StageName.ENRICHMENT, decided.entry_id, attempts, reason, UNDONE, now)
        connection.exec_driver_sql("UPDATE deeds SET undone_at = ? WHERE id = ?", (now, decided.deed_id))


def _take(connection: Connection, seen: Seen) -> tuple[object, ...]:
    before = _row(connection, seen)
    connection.exec_driver_sql(_TAKE, (seen.entry_id,))
    return before


def _row(connection: Connection, seen: Seen, *, detail: str | None = None) -> tuple[object, ...]:
    """The entry's row if it is the one that was seen."""
    row = connection.exec_driver_sql(_ROW, (seen.entry_id,)).one_or_none()
    is_same = row is not None and (row[0], row[3]) == (seen.reason, seen.attempts)
    if row is None or not is_same or row[6] != (seen.at or row[6]) or row[1] != (detail or row[1]):
        raise BadInput(
            f"e{seen.entry_id} is not as it was shown any more: dl-lit explain e{seen.entry_id} says where it is"
        )
    return tuple(row)


def _forget(connection: Connection, entry_id: int, work_id: int, now: str) -> None:
    """Remove the work that a review made of the entry, if nothing has come of it yet."""
    now_at = connection.exec_driver_sql("SELECT work_id, matched_by FROM entries WHERE id = ?", (entry_id,)).one()
    if tuple(now_at) != (work_id, REVIEWED) or not connection.exec_driver_sql(_FREE, (work_id,)).scalar_one():
        raise BadInput(
            f"the decision on e{entry_id} cannot be taken back any more: the pipeline has gone on with w{now_at[0]}"
            f" (dl-lit explain e{entry_id}; where works were taken for one, dl-lit merges and unmerge)"
        )
    for statement in _FORGET:
        connection.exec_driver_sql(statement, (work_id,))
    # What a pipeline has in hand under this number must never meet another work: a number with attempts is not reused.
    _log(connection, StageName.QUEUEING, work_id, 1, Reason.NO_MATCH.value, UNDONE, now)


def _log(  # noqa: PLR0917 - a row
    connection: Connection, stage: StageName, item: int, attempt: int, reason: str, detail: str, now: str
) -> None:
    connection.exec_driver_sql(_ATTEMPT, (stage.value, item, attempt, reason, detail, now))
    count_attempt(connection, stage.value, "reject", reason)
