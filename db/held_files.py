"""What a person decides on files in quarantine. Any process may do this at any time.

A row of `failed_downloads` is in nobody's hands; each decision is one transaction that asks for the row as the person
saw it: of two who decide the same one comes too late and is told so. The name that a file has in quarantine stays noted
until somebody has removed it: after a sudden death the next start does.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing

from sqlalchemy import Connection, Engine

from db.codec import decode_downloaded, decode_locations, decode_work, encode, stamp
from db.counting import count_attempt
from db.deeds import DeedKind, deed
from db.planning import End, plan
from db.recognition import Recogniser
from db.recording import Recording
from db.retrying import PUT_BACK_FILES
from dl_lit.core.clock import Clock
from dl_lit.core.errors import BadInput
from dl_lit.core.items import Downloaded, DownloadItem
from dl_lit.core.job import Claim, Done
from dl_lit.core.model import Location, StageName, Work
from dl_lit.core.reasons import Reason
from dl_lit.core.store import Finished
from dl_lit.core.trail import Trail
from dl_lit.core.values import dataclass

REFUSED = "refused in review"

_HELD = """
SELECT f.work_id, w.record, f.held, f.locations, f.attempts, f.processing_timestamp
FROM failed_downloads AS f JOIN works AS w ON w.id = f.work_id
WHERE f.held IS NOT NULL AND f.needs_review = 1 AND (?1 IS NULL OR f.work_id IN (SELECT value FROM json_each(?1)))
ORDER BY f.work_id
"""
_LEAVE = "DELETE FROM failed_downloads WHERE work_id = ?"
_REMEMBER = """
INSERT INTO refused_files (work_id, sha256, url, path, refused_at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (work_id, sha256) DO UPDATE SET path = excluded.path
"""
_FAIL = """
UPDATE failed_downloads SET reason = ?1, detail = ?2, evidence = ?3, held = NULL, needs_review = 0,
    attempts = attempts + 1, processing_started_at = ?4, processing_timestamp = ?4, processing_duration_ms = 0
WHERE work_id = ?5
"""
_ATTEMPT = (
    "INSERT INTO attempts (stage, item_id, attempt, outcome, reason, detail, started_at, seconds) "
    "VALUES ('download', ?, ?, 'reject', ?, ?, ?, 0)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldFile:
    """A file in quarantine, and the work that it may be."""

    work_id: int
    work: Work
    facts: Downloaded
    locations: tuple[Location, ...]  # all that were tried
    attempts: int
    at: str | None  # when it came; ISO 8601 in UTC


def held_files(connection: Connection, works: Iterable[int] | None = None) -> list[HeldFile]:
    """The files that wait for a decision, of these works or of all."""
    rows = connection.exec_driver_sql(_HELD, (None if works is None else encode(list(works)),))
    return [
        HeldFile(
            work_id=work_id,
            work=decode_work(record),
            facts=decode_downloaded(held),
            locations=decode_locations(locations) if locations else (),
            attempts=attempts,
            at=at,
        )
        for work_id, record, held, locations, attempts, at in rows
    ]


def held_file(connection: Connection, work_id: int) -> HeldFile:
    """The file of one work; raises `BadInput` where none waits."""
    found = held_files(connection, [work_id])
    if not found:
        raise BadInput(f"no file of w{work_id} waits for a decision: dl-lit explain w{work_id} says where it is")
    return found[0]


def accept_file(  # noqa: PLR0917 - what is needed to record a download
    engine: Engine, seen: HeldFile, released: Downloaded, recogniser: Recogniser, clock: Clock, decision: str
) -> None:
    """Record that the file is the work, exactly as if it had been downloaded to where it was `released` to.

    Its name in quarantine is noted as left behind. Raises `BadInput` where the row is not as it was seen.
    """
    now = clock.time()
    said = f"the file of w{seen.work_id} taken out of quarantine into the library"
    with engine.begin() as connection, deed(connection, DeedKind.KEEP_FILE, now, said) as doing:
        if released.sha256 != seen.facts.sha256:
            doing.why_not = "metadata were written into the file since, which is not the one that waited any more"
        _check(connection, seen)
        locations = encode(seen.locations)
        connection.exec_driver_sql(
            "UPDATE failed_downloads SET locations = ? WHERE work_id = ?", (locations, seen.work_id)
        )
        connection.exec_driver_sql(PUT_BACK_FILES, (stamp(now), f"[{seen.work_id}]"))
        connection.exec_driver_sql(
            "UPDATE to_download_references SET attempts = ? WHERE work_id = ?", (seen.attempts, seen.work_id)
        )
        connection.exec_driver_sql(_LEAVE, (seen.work_id,))
        claim = Claim(
            StageName.DOWNLOAD, seen.work_id, DownloadItem(seen.work, seen.locations), attempt=seen.attempts + 1
        )
        with closing(connection.connection.cursor()) as cursor:
            done = Done(released, Trail(decision=decision))
            Recording(cursor, now, recogniser).write([Finished(claim, done, now, 0.0)])
        connection.exec_driver_sql(
            "UPDATE downloaded_references SET replaces = ? WHERE work_id = ?", (seen.facts.path, seen.work_id)
        )


def refuse_file(engine: Engine, seen: HeldFile, clock: Clock) -> bool:
    """Record that the file is not the work; whether there are other locations, which are tried then.

    The file is not taken again, from whatever address. It is noted as left behind. Raises `BadInput` as above.
    """
    now = clock.time()
    when, facts = stamp(now), seen.facts
    others = tuple(one for one in seen.locations if one.url != facts.location.url)
    said = f"the file of w{seen.work_id} refused"
    with engine.begin() as connection, deed(connection, DeedKind.REFUSE_FILE, now, said) as doing:
        doing.why_not = "the file was removed"
        _check(connection, seen)
        connection.exec_driver_sql(_REMEMBER, (seen.work_id, facts.sha256, facts.location.url, facts.path, when))
        word = Reason.WRONG_WORK.value
        connection.exec_driver_sql(_ATTEMPT, (seen.work_id, seen.attempts + 1, word, REFUSED, when))
        count_attempt(connection, StageName.DOWNLOAD.value, "reject", word)
        if others:
            connection.exec_driver_sql(
                "UPDATE failed_downloads SET locations = ? WHERE work_id = ?", (encode(others), seen.work_id)
            )
            connection.exec_driver_sql(PUT_BACK_FILES, (when, f"[{seen.work_id}]"))
            connection.exec_driver_sql(_LEAVE, (seen.work_id,))
        else:
            evidence = [{"url": facts.location.url, "reason": word, "detail": REFUSED, "final_url": facts.final_url}]
            connection.exec_driver_sql(_FAIL, (word, REFUSED, encode(evidence), when, seen.work_id))
            with closing(connection.connection.cursor()) as cursor:
                plan(cursor, [End(seen.work_id, Reason.WRONG_WORK)], now=now, resolver=1)
    return bool(others)


def _check(connection: Connection, seen: HeldFile) -> None:
    """Make sure that the file still waits: the transaction holds the lock already."""
    row = connection.exec_driver_sql(
        "SELECT attempts, held ->> '$.sha256', held ->> '$.path' FROM failed_downloads "
        "WHERE work_id = ? AND needs_review = 1 AND held IS NOT NULL",
        (seen.work_id,),
    ).one_or_none()
    if row is None or tuple(row) != (seen.attempts, seen.facts.sha256, seen.facts.path):
        raise BadInput(
            f"the file of w{seen.work_id} is not as it was shown any more: dl-lit explain w{seen.work_id} says where"
        )
