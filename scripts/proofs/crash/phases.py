"""Where in its life a run is: read from its files, with the run stopped, so that what is told was so."""

from __future__ import annotations

import json
import struct
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from proofs.crash.database import Ask, Unreadable
from proofs.crash.home import Home, changed_ns

from db.rooms import ROOMS
from dl_lit.core.model import StageName

_SLOT = struct.Struct("<BBq6x")  # of db/running.py: stage number + 1, alone, id
_STAGES = tuple(StageName)
_TO_FILE = """
SELECT 1 FROM watched_files JOIN sources ON sources.id = source_id WHERE filed IS NULL AND state <> 'pending'
"""


class Phase(StrEnum):
    """A part of a run's life; of those that hold, the one that was aimed at is told, else the first."""

    LOADING = "loading"  # from exec to the database's lock: the program is being read in
    MIGRATION = "migration"  # an older database: it is being copied and brought up to date
    ADOPTION = "adoption"  # opening, with files from a run before that have no row
    OPENING = "opening"  # the lock is held, nothing is in hand yet
    RENAME = "rename"  # a file's receipt is written, its row is not: before, at and after its new name
    COMMIT = "commit"  # a transaction is half in the log, or is there and nobody has been told
    UPLOAD = "upload"  # a paper is being handed in, or was taken just now
    FILING = "filing"  # a source's own file is on its way to completed/
    DRAINING = "draining"  # asked to end, and not done with it
    ENDING = "ending"  # the lock is given back: reports are written, the process ends
    EXTRACTION = "extraction"
    ENRICHMENT = "enrichment"
    QUEUEING = "queueing"
    DOWNLOAD = "download"
    IDLE = "idle"  # up, with nothing in hand: waiting for files


@dataclass(frozen=True, slots=True)
class Before:
    """What stood in a home when a process was started in it."""

    note_ns: int
    receipts: int
    is_old: bool  # the database is of an older schema

    @classmethod
    def of(cls, home: Home, *, may_be_old: bool) -> Before:
        """Look, while nothing runs there; a database that cannot be old is left untouched."""
        return cls(changed_ns(home.note), len(home.receipts()), may_be_old and home.database.is_older())


def has_lock(home: Home, pid: int) -> bool:
    """Whether the process says that it works the database."""
    with suppress(OSError, ValueError):
        return bool(json.loads(home.lock.read_bytes())["pid"] == pid)
    return False


def in_hand(home: Home, before: Before) -> list[tuple[StageName, int]]:
    """What the present process has in hand; nothing where it has not come so far."""
    if changed_ns(home.note) == before.note_ns:
        return []
    with suppress(OSError), home.note.open("rb") as file:
        slots = file.read(_SLOT.size * 512)
        whole = slots[: len(slots) // _SLOT.size * _SLOT.size]
        return [(_STAGES[stage - 1], item) for stage, _, item in _SLOT.iter_unpack(whole) if 0 < stage <= 4]
    return []


@dataclass(frozen=True, slots=True)
class Known:
    """What only who watched the process can know."""

    was_up: bool  # it has been seen with the lock
    is_told_to_end: bool
    has_just_written: bool  # its log grew within the last milliseconds: that is not on the disk yet
    wanted: Phase | None = None  # the one that is told where several hold


def phase_of(home: Home, pid: int, before: Before, known: Known) -> Phase:
    """Where a stopped process is: of the phases that it is in the one that is wanted, or the first."""
    found = list(_phases_of(home, pid, before, known))
    return known.wanted if known.wanted is not None and known.wanted in found else found[0]


def _phases_of(home: Home, pid: int, before: Before, known: Known) -> Iterator[Phase]:
    if not has_lock(home, pid):
        yield Phase.ENDING if known.was_up else Phase.LOADING
        return
    hands = in_hand(home, before)
    if not hands and changed_ns(home.note) == before.note_ns:
        if before.is_old and home.backups() and home.database.is_older():
            yield Phase.MIGRATION
        yield Phase.ADOPTION if before.receipts else Phase.OPENING
        return
    with suppress(Unreadable), home.database.reading() as ask:
        promised = home.receipts()
        written = [work for work in promised if _has_file(ask, work)]
        if len(written) < len(promised):
            yield Phase.RENAME
        is_torn = home.database.is_torn()
        if written or is_torn or known.has_just_written or _is_committed_untold(ask, hands):
            yield Phase.COMMIT
        if _is_filing(ask):
            yield Phase.FILING
    if known.is_told_to_end:
        yield Phase.DRAINING
    for stage, _ in Counter(stage for stage, _ in hands).most_common():
        yield Phase(stage.value)
    if not hands:
        yield Phase.IDLE


def _is_committed_untold(ask: Ask, hands: list[tuple[StageName, int]]) -> bool:
    """Whether something in hand has left its room already: its outcome is committed, its worker not yet free."""
    for stage, item in hands:
        room = ROOMS[stage]
        where = f"SELECT 1 FROM {room.table.name} WHERE {room.key.name} = ?"  # noqa: S608 - the program's own names
        if stage is StageName.EXTRACTION:
            where += " AND state = 'pending'"
        if not ask(where, item):
            return True
    return False


def _has_file(ask: Ask, work: int) -> bool:
    return bool(ask("SELECT 1 FROM downloaded_references WHERE work_id = ?", work))


def has_to_file(home: Home) -> bool:
    """Whether there is a source that was read, and whose own file is not noted to be elsewhere."""
    with suppress(Unreadable), home.database.reading() as ask:
        return bool(ask(_TO_FILE))
    return False


def _is_filing(ask: Ask) -> bool:
    return bool(ask("SELECT 1 FROM watched_files WHERE place IS NOT NULL AND filed IS NULL LIMIT 1"))
