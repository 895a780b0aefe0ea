"""Binding a file that a person handed in to the work that waits for it. Any process may do this at any time.

Whatever room the work waits in, its row leaves it in the transaction that writes the file down; a pipeline that has it
in hand finds its row gone and changes nothing.
"""

from __future__ import annotations

from contextlib import closing

from sqlalchemy import Connection, Engine

from db.codec import decode_downloaded, decode_work, stamp
from db.deeds import DeedKind, deed
from db.recognition import Recogniser
from db.recording import Recording
from dl_lit.core.clock import Clock
from dl_lit.core.items import Downloaded, DownloadItem, Queued, WorkItem
from dl_lit.core.job import Claim, Done
from dl_lit.core.model import StageName, Work
from dl_lit.core.store import Finished
from dl_lit.core.trail import Trail
from dl_lit.core.values import dataclass

_ROOMS = ("with_metadata", "to_download_references", "failed_downloads")


@dataclass(frozen=True, slots=True)
class Awaited:
    """A work without its PDF."""

    work_id: int
    work: Work
    room: str  # the table its row is in


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What became of a binding."""

    is_taken: bool  # False: the work waits no more, and has no new file
    work_id: int  # whose file it is now: that of the work which the one it was meant for is found to be one with
    held: str | None = None  # the file in quarantine that is now without a row; its relative path


_AWAITED = " UNION ALL ".join(
    f"SELECT r.work_id, w.record, '{room}' FROM {room} AS r JOIN works AS w ON w.id = r.work_id"  # noqa: S608 - ours
    for room in _ROOMS
)
_TELLING = "count(*) || ' ' || total(work_id) || ' ' || total(1.0 * work_id * work_id)"
_MARKS = tuple(f"SELECT {_TELLING} FROM {room}" for room in _ROOMS)  # noqa: S608 - names of ours
_IN_LIBRARY = "SELECT work_id FROM downloaded_references WHERE checksum_pdf = ?1 OR checksum_fetched = ?1"
_FIND = {room: f"SELECT attempts FROM {room} WHERE work_id = ?" for room in _ROOMS}  # noqa: S608 - names of ours
_HELD = "SELECT held FROM failed_downloads WHERE work_id = ?"
_LEAVE = {room: f"DELETE FROM {room} WHERE work_id = ?" for room in _ROOMS}  # noqa: S608 - names of ours
_QUEUE = """
INSERT INTO to_download_references (work_id, newest_source_id, cited_by, locations, attempts,
    processing_started_at, processing_timestamp, processing_duration_ms)
VALUES (?, 0, 0, '[]', ?, ?, ?, 0)
"""
_ONE_WITH = "SELECT kept_work_id FROM merges WHERE gone_work_id = ? AND undone_at IS NULL"
_RECORD = "SELECT record FROM works WHERE id = ?"


def awaited(connection: Connection) -> list[Awaited]:
    """Every recognised work whose PDF is not in the library, whatever it waits for."""
    rows = connection.exec_driver_sql(f"{_AWAITED} ORDER BY 1").all()
    return [Awaited(work_id, decode_work(record), room) for work_id, record, room in rows]


def awaited_mark(connection: Connection) -> str:
    """A text that changes when other works wait; some milliseconds for 100,000 of them."""
    return " ".join(str(connection.exec_driver_sql(mark).scalar_one()) for mark in _MARKS)


def works_with(connection: Connection, sha256: str) -> list[int]:
    """The works whose file in the library has this content."""
    return list(connection.exec_driver_sql(_IN_LIBRARY, (sha256,)).scalars())


def take_in(
    engine: Engine, work_id: int, facts: Downloaded, recogniser: Recogniser, clock: Clock, *, decision: str
) -> TakenIn:
    """Write down that the work's PDF is what `facts` say, exactly as if it had been downloaded; `decision` says how.

    A work that nobody has looked for yet is held against the known ones first, as the stage does before it looks.
    """
    now = clock.time()
    said = f"a PDF handed in for w{work_id}"
    with engine.begin() as connection, deed(connection, DeedKind.HAND_IN, now, said) as doing:
        # Writing first takes the lock, so that nothing moves between looking and moving.
        connection.exec_driver_sql("UPDATE works SET id = id WHERE id = ?", (work_id,))
        found = _room(connection, work_id)
        while found is not None and found[0] == "with_metadata":  # what it is one with may wait there itself
            _queue_without_locations(connection, work_id, found[1], recogniser, now)
            work_id = connection.exec_driver_sql(_ONE_WITH, (work_id,)).scalar() or work_id
            found = _room(connection, work_id)
        if found is None:
            return TakenIn(is_taken=False, work_id=work_id)
        room, attempts = found
        held = _path(connection.exec_driver_sql(_HELD, (work_id,)).scalar()) if room == "failed_downloads" else None
        if room != "to_download_references":
            connection.exec_driver_sql(_LEAVE[room], (work_id,))
            connection.exec_driver_sql(_QUEUE, (work_id, attempts, stamp(now), stamp(now)))
        work = decode_work(connection.exec_driver_sql(_RECORD, (work_id,)).scalar_one())
        claim = Claim(StageName.DOWNLOAD, work_id, DownloadItem(work, ()), attempt=attempts + 1)
        with closing(connection.connection.cursor()) as cursor:
            done = Done(facts, Trail(decision=decision))
            Recording(cursor, now, recogniser).write([Finished(claim, done, now, 0.0)])
        held = held if held != facts.path else None
        if held is not None:
            doing.why_not = "the file that waited in quarantine was removed"
    return TakenIn(is_taken=True, work_id=work_id, held=held)


def _room(connection: Connection, work_id: int) -> tuple[str, int] | None:
    """Where the work waits, and its attempts there; None where it has its file."""
    rows = ((room, connection.exec_driver_sql(_FIND[room], (work_id,)).first()) for room in _ROOMS)
    return next(((room, int(row[0])) for room, row in rows if row is not None), None)


def _queue_without_locations(
    connection: Connection, work_id: int, attempts: int, recogniser: Recogniser, now: float
) -> None:
    """Let the work pass the stage that it waits for: one that equals a known work becomes one with it there."""
    work = decode_work(connection.exec_driver_sql(_RECORD, (work_id,)).scalar_one())
    claim = Claim(StageName.QUEUEING, work_id, WorkItem(work), attempt=attempts + 1)
    with closing(connection.connection.cursor()) as cursor:
        Recording(cursor, now, recogniser).write([Finished(claim, Done(Queued(())), now, 0.0)])


def _path(held: str | None) -> str | None:
    return decode_downloaded(held).path if held else None
