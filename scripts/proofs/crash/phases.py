"""Where in its life a run is: read from its files, with the run stopped, so that what is told was so."""

from __future__ import annotations

import json
import sqlite3
import struct
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from db.rooms import ROOMS
from db.tables import SCHEMA_VERSION
from dl_lit.core.model import StageName

_SLOT = struct.Struct("<BBq6x")  # of db/running.py: stage number + 1, alone, id
_STAGES = tuple(StageName)
_WAL_HEADER, _FRAME_HEADER = 32, 24
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
class Home:
    """The folder that a run works in."""

    path: Path

    @property
    def database(self) -> Path:
        """Where `proofs.scene` lets it be."""
        return self.path / "bench.db"

    @property
    def library(self) -> Path:
        """As above."""
        return self.path / "library"

    @property
    def note(self) -> Path:
        """What is in hand."""
        return self.path / "bench.db.running"

    @property
    def inbox(self) -> Path:
        """The watched folder."""
        return self.path / "inbox"

    @property
    def log(self) -> Path:
        """What items came to."""
        return self.path / "log.jsonl"

    @property
    def socket(self) -> Path:
        """Where a daemon listens."""
        return self.path / "state" / "control.sock"

    def receipts(self) -> list[int]:
        """The works whose files are, or are about to be, in place without anybody having confirmed their rows."""
        names = (path.name for path in (self.library / ".incoming").glob("work-*.receipt.json"))
        return [int(name.split(".")[0].removeprefix("work-")) for name in names]

    def backups(self) -> list[Path]:
        """Copies made before a migration, drafts of them included."""
        return sorted(self.path.glob("*bench.db.before-*"))

    def wal_size(self) -> int:
        """Bytes of the database's log; 0 where there is none."""
        with suppress(OSError):
            return self.database.with_name("bench.db-wal").stat().st_size
        return 0

    def wal_changed_ns(self) -> int:
        """When the log was written to last."""
        with suppress(OSError):
            return self.database.with_name("bench.db-wal").stat().st_mtime_ns
        return 0


@dataclass(frozen=True, slots=True)
class Before:
    """What stood in a home when a process was started in it."""

    note_ns: int
    receipts: int
    is_old: bool  # the database is of an older schema

    @classmethod
    def of(cls, home: Home, *, may_be_old: bool) -> Before:
        """Look, while nothing runs there; a database that cannot be old is left untouched."""
        return cls(_changed_ns(home.note), len(home.receipts()), may_be_old and _is_old(home))


def has_lock(home: Home, pid: int) -> bool:
    """Whether the process says that it works the database."""
    with suppress(OSError, ValueError):
        return bool(json.loads((home.path / "bench.db.lock").read_bytes())["pid"] == pid)
    return False


def in_hand(home: Home, before: Before) -> list[tuple[StageName, int]]:
    """What the present process has in hand; nothing where it has not come so far."""
    if _changed_ns(home.note) == before.note_ns:
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
    if not hands and _changed_ns(home.note) == before.note_ns:
        if before.is_old and home.backups() and _is_old(home):
            yield Phase.MIGRATION
        yield Phase.ADOPTION if before.receipts else Phase.OPENING
        return
    with closing(_reading(home)) as connection:
        promised = home.receipts()
        written = [work for work in promised if _has_file(connection, work)]
        if len(written) < len(promised):
            yield Phase.RENAME
        if written or torn(home) or known.has_just_written or _is_committed_untold(connection, hands):
            yield Phase.COMMIT
        if _is_filing(connection):
            yield Phase.FILING
    if known.is_told_to_end:
        yield Phase.DRAINING
    for stage, _ in Counter(stage for stage, _ in hands).most_common():
        yield Phase(stage.value)
    if not hands:
        yield Phase.IDLE


def torn(home: Home) -> bool:
    """Whether the database's log ends within a transaction."""
    try:
        data = home.database.with_name("bench.db-wal").read_bytes()
    except OSError:
        return False
    if len(data) < _WAL_HEADER:
        return False
    page = struct.unpack_from(">I", data, 8)[0] or 65_536
    salts, size = data[16:24], _FRAME_HEADER + page
    last_is_commit = True
    for start in range(_WAL_HEADER, len(data) - size + 1, size):
        if data[start + 8 : start + 16] != salts:
            break
        last_is_commit = data[start + 4 : start + 8] != b"\0\0\0\0"
    else:
        return not last_is_commit or (len(data) - _WAL_HEADER) % size != 0
    return not last_is_commit


def _is_committed_untold(connection: sqlite3.Connection, hands: list[tuple[StageName, int]]) -> bool:
    """Whether something in hand has left its room already: its outcome is committed, its worker not yet free."""
    for stage, item in hands:
        room = ROOMS[stage]
        where = f"SELECT 1 FROM {room.table.name} WHERE {room.key.name} = ?"  # noqa: S608 - the program's own names
        if stage is StageName.EXTRACTION:
            where += " AND state = 'pending'"
        if connection.execute(where, (item,)).fetchone() is None:
            return True
    return False


def _has_file(connection: sqlite3.Connection, work: int) -> bool:
    found = connection.execute("SELECT 1 FROM downloaded_references WHERE work_id = ?", (work,)).fetchone()
    return found is not None


def has_to_file(home: Home) -> bool:
    """Whether there is a source that was read, and whose own file is not noted to be elsewhere."""
    with suppress(sqlite3.Error), closing(_reading(home)) as connection:
        return connection.execute(_TO_FILE).fetchone() is not None
    return False


def _is_filing(connection: sqlite3.Connection) -> bool:
    planned = "SELECT count(*) FROM watched_files WHERE place IS NOT NULL AND filed IS NULL"
    return bool(connection.execute(planned).fetchone()[0])


def _is_old(home: Home) -> bool:
    """Whether the database is of an older schema."""
    if not home.database.exists():
        return False
    try:
        with closing(_reading(home)) as connection:
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        return False
    return found is not None and found[0] < SCHEMA_VERSION


def _reading(home: Home) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{home.database}?mode=ro", uri=True, timeout=0.2)


def _changed_ns(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_mtime_ns
    return 0
