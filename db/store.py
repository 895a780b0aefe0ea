"""The `Store` verbs on SQLite.

Claims are a set in this process's memory: one process works a database at a time (`db.lock`), so a claim needs no
write, and a sudden death gives all claims back. A claimed row leaves the set only after its outcome is committed and
under the lock that every claiming read holds, so that no read that began before the commit can hand it out again.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import inf
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Engine

from db.connect import open_database
from db.filling import fill_version_keys
from db.hot import Hot
from db.known import KnownThings
from db.preparing import prepared
from db.reading.counted import Counts, put_off
from db.recognition import Recogniser
from db.recording import Recording
from db.refusing import in_our_words, telling_in_our_words
from db.rooms import ROOMS, Room
from db.running import RunningNotes
from db.store_files import FilesOfStore
from db.tables import POISON_AFTER
from db.techniques import TechniqueMemory
from db.wholeness import require_whole
from dl_lit.core.clock import Clock
from dl_lit.core.errors import DatabaseUnusable
from dl_lit.core.items import Duplicate
from dl_lit.core.job import Claim, Reject
from dl_lit.core.model import CitingWork, Reference, StageName, Work
from dl_lit.core.reasons import Reason
from dl_lit.core.store import Finished, Recorded
from dl_lit.core.trail import Tried

_AGE_EVERY = 8
"""One claim in so many goes to the row that has waited longest, so that nothing starves behind newer sources."""

_AGE_LOT = 8
"""So many of these are claimed together, where the claim is for as many."""
_PRESSING_S = 60.0

Sorted = tuple[Sequence[Finished], Sequence[Finished], Sequence[Finished]]


class SqliteStore(FilesOfStore):
    """The database of one pipeline process. Open it only while holding the database's `PipelineLock`."""

    _rooms: Mapping[StageName, Room] = ROOMS
    _begins = "BEGIN IMMEDIATE"
    """How the transaction begins in which outcomes are recorded."""

    @telling_in_our_words
    def __init__(
        self,
        path: Path,
        clock: Clock,
        recogniser: Recogniser,
        *,
        synchronous: str = "FULL",
        on_upgrade: Callable[[Path], None] | None = None,
        resolver: int = 1,
    ) -> None:
        """Open (make, upgrade) the database at `path`.

        `on_upgrade` is told the path of the backup that was made before an upgrade; `resolver` is the version of the
        landing-page finder at work, by which works that ended at a landing page come back.
        """
        self.path = path
        self._clock = clock
        self._recogniser = recogniser
        self._resolver = resolver
        self._engine = self._opened(synchronous, on_upgrade)
        self._writer = self._connection()
        self._write = self._writer.cursor()
        fill_version_keys(self._write, recogniser)
        self._write_lock = threading.Lock()
        self._reader = self._connection()
        self._read = self._reader.cursor()
        self._known_reader = self._connection()
        self._known = KnownThings(self._known_reader, recogniser)
        self.techniques = TechniqueMemory(self._read, clock)
        """Which ways of finding PDFs on landing pages keep failing: see `core.ports.Techniques`."""
        self._claim_lock = threading.Lock()
        # Ids with their text, which every claim needs of all of them.
        self._held: dict[StageName, dict[int, str]] = {stage: {} for stage in StageName}
        self._since_oldest: dict[StageName, int] = dict.fromkeys(StageName, 0)
        # When a row becomes due at the earliest: nobody need ask before. 0: that has to be looked up.
        self._due_from: dict[StageName, float] = dict.fromkeys(StageName, 0.0)
        self._waiting: dict[StageName, int] = dict.fromkeys(StageName, 0)
        self._paused: dict[StageName, str] = {}
        self._closed = False
        self._data_version = self._version()
        self._count()
        self._notes = RunningNotes(path.with_name(path.name + ".running"))
        self._blame()

    def _opened(self, synchronous: str, on_upgrade: Callable[[Path], None] | None) -> Engine:
        return require_whole(open_database(self.path, synchronous=synchronous, on_upgrade=on_upgrade), self.path)

    def _connection(self) -> Any:
        """A connection of the driver's for as long as the store is open."""
        return self._engine.raw_connection()

    # --- claiming

    @telling_in_our_words
    def claim(self, stage: StageName, limit: int) -> list[Claim]:
        """See `Store.claim`."""
        if limit <= 0 or stage in self._paused:
            return []
        room, now = self._rooms[stage], self._clock.time()
        with self._claim_lock:
            held = self._held[stage]
            before = dict(held)
            try:
                rows = self._rows(room, held, limit, now)
            except BaseException:
                self._held[stage] = before  # nobody gets what was taken up to there
                self._due_from[stage] = 0.0
                raise
            self._since_oldest[stage] += len(rows)
        return [room.claim(row) for row in rows]

    def _rows(self, room: Room, held: dict[int, str], limit: int, now: float) -> list[tuple[Any, ...]]:
        """Up to `limit` rows, held from now on."""
        stage, rows = room.stage, []
        if self._due_from[stage] <= now:
            rows = self._taken(room, room.due, held, limit, now)
            if len(rows) < limit:
                (earliest,) = room.next_due.one(self._read, now).fetchone()
                self._due_from[stage] = inf if earliest is None else earliest
            held.update((row[0], str(row[0])) for row in rows)
        rows += self._oldest(room, held, limit - len(rows))
        if len(rows) < limit:
            best = self._taken(room, room.best, held, limit - len(rows))
            held.update((row[0], str(row[0])) for row in best)
            rows += best
        return rows

    def _taken(self, _room: Room, which: Hot, held: dict[int, str], limit: int, *now: float) -> list[tuple[Any, ...]]:
        """Rows of the room that nobody has; they are not among `held` yet."""
        rows: list[tuple[Any, ...]] = which.one(self._read, *now, _json(held), limit).fetchall()
        return rows

    def _oldest(self, room: Room, held: dict[int, str], limit: int) -> list[tuple[Any, ...]]:
        """The share of this claim that goes to the other end of the line; none where the whole line fits."""
        stage = room.stage
        share = min(limit, self._since_oldest[stage] // _AGE_EVERY)
        # Asked for in lots, since it is a question of its own.
        if share < min(limit, _AGE_LOT) or self._waiting[stage] <= len(held) + limit:
            return []
        self._since_oldest[stage] -= share * _AGE_EVERY
        rows = self._taken(room, room.oldest, held, share)
        held.update((row[0], str(row[0])) for row in rows)
        return rows

    def release(self, claims: Iterable[Claim]) -> None:
        """See `Store.release`."""
        with self._claim_lock:
            for claim in claims:
                self._held[claim.stage].pop(claim.id, None)
                self._due_from[claim.stage] = 0.0  # it may be one whose due time has come

    # --- recording

    def record(self, finished: Sequence[Finished]) -> Recorded:
        """See `Store.record`."""
        ready = prepared(finished, self._recogniser)  # others may write meanwhile
        with self._write_lock:
            cursor = self._write
            try:
                cursor.execute(self._begins)
                # One reading for the rows and for our memory of them: a row due between two would be seen by nobody.
                now = self._clock.time()
                recording = Recording(cursor, now, self._recogniser, resolver=self._resolver)
                ours, before, others = self._sorted(finished)
                recording.write(ours, ready)
                self._commit(finished)
            except BaseException as error:
                if self._writer.driver_connection.in_transaction:
                    cursor.execute("ROLLBACK")
                named = in_our_words(error, self.path)
                if named is not None:
                    raise named from error
                raise
            for stage, change in recording.change.items():
                self._waiting[stage] += change
            self.techniques.add(recording.landed, now)
        with self._claim_lock:
            for stage, due in recording.due.items():
                self._due_from[stage] = min(self._due_from[stage], due)
            for one in finished:
                stage = one.claim.stage
                self._held[stage].pop(one.claim.id, None)
                after = getattr(one.outcome, "after", None)
                if after is not None:
                    self._due_from[stage] = min(self._due_from[stage], now + after)
        moved_on = recording.moved_on
        written = ours if not moved_on else [one for one in ours if not any(one is other for other in moved_on)]
        return Recorded([*before, *written] if before else written, moved_on, others)

    def _sorted(self, finished: Sequence[Finished]) -> Sorted:
        """Those that are ours to write, those that are written already, and those whose claims others were given.

        Asked within the transaction that writes them.
        """
        return finished, (), ()

    def _commit(self, _finished: Sequence[Finished]) -> None:
        """End the transaction in which these are written."""
        self._write.execute("COMMIT")

    # --- looking

    def held(self) -> int:
        """See `Store.held`."""
        return sum(map(len, self._held.values()))

    def waiting(self, stage: StageName) -> int:
        """See `Store.waiting`."""
        return self._waiting[stage]

    @telling_in_our_words
    def pressing(self, stage: StageName) -> int:
        """See `Store.pressing`."""
        if self._due_from[stage] == inf:
            return self._waiting[stage]
        with self._claim_lock:
            later = put_off(self._read.execute, stage, self._clock.time() + _PRESSING_S)
        return self._waiting[stage] - sum(later.values())

    @telling_in_our_words
    def next_due(self, stage: StageName) -> float | None:
        """See `Store.next_due`."""
        now = self._clock.time()
        with self._claim_lock:
            earliest = self._due_from[stage]
            if earliest < inf:  # not before then, but the row may have gone meanwhile: adopted, or merged
                (found,) = ROOMS[stage].next_due.one(self._read, now).fetchone()
                earliest = inf if found is None else float(found)
        return None if earliest == inf else earliest

    @telling_in_our_words
    def notice(self) -> bool:
        """See `Store.notice`. Asks SQLite for its change counter, which our own writer's commits do not touch."""
        with self._write_lock:
            version = self._version()
            if version == self._data_version:
                return False
            self._data_version = version
            self._count()
        with self._claim_lock:
            self._due_from = dict.fromkeys(StageName, 0.0)
        return True

    def _version(self) -> int:
        return int(self._write.execute("PRAGMA data_version").fetchone()[0])

    def _count(self) -> None:
        counts = Counts(self._write.execute)
        self._waiting = {stage: counts.waiting(stage) for stage in StageName}
        self._paused = {StageName(stage): by for stage, by in self._write.execute("SELECT stage, by FROM pauses")}

    def paused(self) -> Mapping[StageName, str]:
        """See `Store.paused`."""
        return self._paused

    @telling_in_our_words
    def duplicate_of(self, work_id: int, work: Work) -> Duplicate | None:
        """See `KnownWorks.duplicate_of`."""
        return self._known.duplicate_of(work_id, work)

    @telling_in_our_words
    def citing_works(self, source_ids: Sequence[int]) -> Mapping[int, CitingWork]:
        """See `Bibliographies.citing_works`."""
        return self._known.citing_works(source_ids)

    @telling_in_our_words
    def open_entries(self, source_ids: Sequence[int]) -> Mapping[int, tuple[tuple[int, Reference], ...]]:
        """See `Bibliographies.open_entries`."""
        return self._known.open_entries(source_ids)

    @telling_in_our_words
    def next_sources(self, entries: int) -> Sequence[int]:
        """See `Bibliographies.next_sources`."""
        return self._known.next_sources(entries)

    @telling_in_our_words
    def has_rejected(self, entry_id: int) -> bool:
        """See `core.language.Decisions.has_rejected`."""
        return self._known.has_rejected(entry_id)

    @telling_in_our_words
    def known_works(self, keys: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], Work]:
        """See `Bibliographies.known_works`; `KnownThings.known_works` says more."""
        return self._known.known_works(keys)

    @telling_in_our_words
    def tried_before(self, work_id: int, attempt: int) -> Sequence[Tried]:
        """See `PastTries.tried_before`."""
        return self._known.tried_before(work_id, attempt)

    # --- sudden deaths

    def mark_running(self, claims: Sequence[Claim]) -> None:
        """See `Store.mark_running`."""
        self._notes.mark(claims)

    def unmark_running(self, claims: Sequence[Claim]) -> None:
        """See `Store.unmark_running`."""
        self._notes.unmark(claims)

    @property
    def fault_file(self) -> BinaryIO:
        """Where `faulthandler` is to write, so that the next start knows a crash from a kill."""
        return self._notes.fault_file

    def note_memory(self, *, is_short: bool) -> None:
        """Note whether memory is beyond its bound: the kernel may end the process for it."""
        self._notes.note_memory(is_short=is_short)

    def _blame(self) -> None:
        """Count, for each row that was in hand when the process before died of a cause of its own, one death more."""
        if not self._notes.left or not self._notes.had_a_cause:
            self._notes.forget()
            return
        with self._write_lock:
            self._write.execute("BEGIN IMMEDIATE")
            for left in self._notes.left:
                room = ROOMS[left.stage]
                self._write.execute(
                    f"UPDATE {room.table.name} SET crashes = crashes + 1, solo_crashes = solo_crashes + ? "  # noqa: S608
                    f"WHERE {room.key.name} = ?",
                    (int(left.alone), left.id),
                )
            self._write.execute("COMMIT")
        self._notes.forget()

    @telling_in_our_words
    def claim_suspect(self) -> Claim | None:
        """See `Store.claim_suspect`. Rows beyond hope are quarantined here, as `poison`."""
        now = self._clock.time()
        while (found := self._suspect(now)) is not None:
            claim, solo = found
            if solo < POISON_AFTER:
                self._notes.mark([claim], alone=True)
                return claim
            detail = f"the process died {solo} times with nothing but this in hand"
            self.record([Finished(claim, Reject(Reason.POISON, detail), now, 0.0)])
        return None

    def _suspect(self, now: float) -> tuple[Claim, int] | None:
        """The next suspect, held already, and with how many deaths it was alone."""
        with self._claim_lock:
            for stage, room in self._rooms.items():
                if stage in self._paused:
                    continue
                for row in self._taken(room, room.suspect, self._held[stage], 1, now):
                    self._held[stage][row[0]] = str(row[0])
                    return room.claim(row), row[4]
        return None

    def close(self) -> None:
        """Checkpoint and give everything back; harmless when that is done already."""
        with self._write_lock, self._claim_lock:
            if self._closed:
                return
            self._closed = True
            try:
                # Waits for nobody: what somebody who reads keeps in the log is put into the file by the next one.
                self._write.execute("PRAGMA busy_timeout = 0")
                self._write.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except sqlite3.DatabaseError as error:
                # What is in the write-ahead log stays there, and counts when the database is opened next.
                if in_our_words(error, self.path) is None and "locked" not in str(error):
                    raise DatabaseUnusable(f"cannot close the database {self.path}: {error}") from error
            finally:
                self._let_go()

    def _let_go(self) -> None:
        self._known.close()
        self._read.close()
        self._write.close()
        self._known_reader.close()
        self._reader.close()
        self._writer.close()
        self._engine.dispose()
        self._notes.close()


def _json(held: dict[int, str]) -> str:
    return "[" + ",".join(held.values()) + "]"
