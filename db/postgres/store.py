"""The `Store` verbs on PostgreSQL, for several daemons on as many hosts.

The rooms and the statements that move rows are those of SQLite, and one transaction writes at a time, as there. What
differs is whose a row is: claims are rows of a table, live as long as their daemon's lease, and are asked for again in
the transaction that records an outcome, so that a late finisher whose claims were given to others changes nothing.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import structlog
from sqlalchemy import Engine

from db.connect import open_database
from db.hot import Hot
from db.postgres.claiming import (
    FORGOTTEN,
    FREE_ROOMS,
    LIVES,
    LOSE,
    OTHERS,
    RELEASE,
    TAKE_OVER,
    Key,
    array,
    beginning,
    let_go,
    taking,
)
from db.postgres.daemons import Membership
from db.postgres.driver import AHEAD, SYNCED
from db.postgres.lasting import Lasting
from db.postgres.refusing import in_our_words
from db.recognition import Recogniser
from db.refusing import telling_in_our_words
from db.rooms import Room
from db.store import Sorted, SqliteStore
from dl_lit.core.clock import Clock
from dl_lit.core.errors import DatabaseUnusable
from dl_lit.core.items import Downloaded
from dl_lit.core.job import Claim
from dl_lit.core.model import StageName
from dl_lit.core.store import Finished, Recorded

LEASE_S = 60.0

log = structlog.get_logger(__name__)


class PostgresStore(SqliteStore):
    """The database as one daemon of several sees it. Open it while holding the `PipelineLock` of its signpost."""

    _rooms: Mapping[StageName, Room] = FREE_ROOMS
    _begins = AHEAD

    def __init__(
        self,
        path: Path,
        clock: Clock,
        recogniser: Recogniser,
        *,
        resolver: int = 1,
        lease_s: float = LEASE_S,
        stages: str = "",
        version: str = "",
    ) -> None:
        """Open (make) the database that the signpost at `path` leads to, and take this place's seat among its daemons.

        `lease_s`: how long, in seconds, others take this daemon to live without hearing from it.
        """
        self._statements: dict[int, str] = {}
        self._own = 0  # transactions of ours
        self._membership = Membership(path, lease_s=lease_s, stages=stages, version=version)
        self._beat_lock = threading.Lock()
        self._is_unsure = False  # whether the database may have claims as ours that nobody has in hand
        self._in_doubt: set[Key] = set()  # what a transaction wrote of which nobody knows whether it has happened
        self._doubtful_id = 0  # who we were among the daemons then
        try:
            super().__init__(path, clock, recogniser, resolver=resolver)
        except BaseException:
            for name in ("_writer", "_reader", "_known_reader", "_notes"):
                if hasattr(self, name):
                    getattr(self, name).close()
            self._membership.leave()
            raise

    def _opened(self, synchronous: str, on_upgrade: Callable[[Path], None] | None) -> Engine:  # noqa: ARG002
        engine = open_database(self.path)
        self._membership.join()
        return engine

    def _connection(self) -> Lasting:
        return Lasting(self.path)

    # --- the lease

    def beat(self) -> None:
        """Renew the lease and free what the dead had in hand. Raises `DatabaseUnusable`.

        Where others took this daemon for dead it goes on as a new one: what it has in hand is others' now, and what it
        finds out about that is not written down.
        """
        with self._beat_lock:
            try:
                if not self._membership.beat():
                    self._membership.join()
            except psycopg.Error as error:
                raise in_our_words(error, self.path) or DatabaseUnusable(str(error)) from error
        self._forget_unheld()

    def news(self, timeout_s: float) -> bool:
        """Whether somebody wrote within so many seconds. Raises `DatabaseUnusable`."""
        with self._beat_lock:
            try:
                return self._membership.news(timeout_s)
            except psycopg.Error as error:
                raise in_our_words(error, self.path) or DatabaseUnusable(str(error)) from error

    # --- claims

    @telling_in_our_words
    def next_due(self, stage: StageName) -> float | None:
        """See `Store.next_due`. What others have in hand may come back soon: it is looked at again in a second."""
        due = super().next_due(stage)
        with self._claim_lock:
            is_elsewhere = self._read.execute(OTHERS, (stage.value, self._membership.id)).fetchone() is not None
        if not is_elsewhere:
            return due
        soon = self._clock.time() + 1.0
        return soon if due is None else min(due, soon)

    def _taken(self, _room: Room, which: Hot, held: dict[int, str], limit: int, *now: float) -> list[tuple[Any, ...]]:
        statement = self._statements.get(id(which))
        if statement is None:
            statement = self._statements[id(which)] = taking(_room, which)
        with self._taking_from(_room.stage):
            rows: list[tuple[Any, ...]] = self._read.execute(statement, (self._membership.id, *now, limit)).fetchall()
        return [row for row in rows if row[0] not in held]

    @contextmanager
    def _taking_from(self, stage: StageName) -> Iterator[None]:
        """A transaction in which nobody else takes from the room."""
        with self._minding_claims():
            try:
                self._read.script(beginning(stage))
                yield
                self._read.execute("COMMIT")
            except BaseException:
                self._reader.give_up()
                raise

    def _rows(self, room: Room, held: dict[int, str], limit: int, now: float) -> list[tuple[Any, ...]]:
        with self._minding_claims():
            return super()._rows(room, held, limit, now)

    @contextmanager
    def _minding_claims(self) -> Iterator[None]:
        """What goes wrong within may leave claims behind of which nobody here knows."""
        try:
            yield
        except BaseException:
            self._is_unsure = True
            raise

    @telling_in_our_words
    def _forget_unheld(self) -> None:
        """Free what the database has as ours and nobody has in hand; where claims are just taken, the next time."""
        if not self._is_unsure or not self._claim_lock.acquire(blocking=False):
            return
        try:
            for stage, held in self._held.items():
                self._read.execute(FORGOTTEN, (array(held), self._membership.id, stage.value))
            self._is_unsure = False
        finally:
            self._claim_lock.release()

    @telling_in_our_words
    def release(self, claims: Iterable[Claim]) -> None:
        """See `Store.release`. Where the database does not answer they are free soon after it answers again."""
        given = list(claims)
        super().release(given)
        try:
            with self._claim_lock, self._minding_claims():
                for stage, held in _by_stage(given).items():
                    ids, attempts = (array(part) for part in zip(*held, strict=True))
                    self._read.execute(RELEASE, (ids, attempts, self._membership.id, stage.value))
        except psycopg.Error as error:
            if in_our_words(error) is None:
                raise
            log.debug("given back later: %s", error)

    def _sorted(self, finished: Sequence[Finished]) -> Sorted:
        kept = let_go(self._write, self._membership.id, {_key(one.claim) for one in finished})
        if len(kept) == len(finished):
            return finished, (), ()
        before = self._in_doubt if self._doubtful_id == self._membership.id and self._lives() else set()
        return (
            [one for one in finished if _key(one.claim) in kept],
            [one for one in finished if _key(one.claim) in before - kept],
            [one for one in finished if _key(one.claim) not in before | kept],
        )

    def _lives(self) -> bool:
        """Whether nobody took us for dead: then our claims went by our own hand, in a transaction that has happened."""
        return self._write.execute(LIVES, (self._membership.id,)).fetchone() is not None

    def _commit(self, finished: Sequence[Finished]) -> None:
        """The next host writes while the disk is waited for: what it builds on this comes behind it in the log.

        Where the server ends between, both are gone, and the claims are here again.
        """
        try:
            super()._commit(finished)
            self._write.execute(SYNCED)
        except psycopg.Error:
            before = self._in_doubt if self._doubtful_id == self._membership.id else set()
            self._in_doubt = before.union(_key(one.claim) for one in finished)
            self._doubtful_id = self._membership.id
            raise

    @telling_in_our_words
    def record(self, finished: Sequence[Finished]) -> Recorded:
        """See `Store.record`."""
        recorded = super().record(finished)
        self._own += 1
        if self._in_doubt:
            self._in_doubt = self._in_doubt.difference(_key(one.claim) for one in finished)
        return recorded

    @telling_in_our_words
    def adopt(self, work_id: int, facts: Downloaded) -> bool:
        """As on SQLite; whoever has the work in hand has it no more: its file is there."""
        held = self._held[StageName.DOWNLOAD]
        with self._claim_lock:
            held.setdefault(work_id, str(work_id))  # known to be in hand until it is written down
            with self._taking_from(StageName.DOWNLOAD):
                self._read.execute(LOSE, (work_id, StageName.DOWNLOAD.value))
                self._read.execute(TAKE_OVER, (StageName.DOWNLOAD.value, work_id, self._membership.id))
        is_written = False
        try:
            is_written = super().adopt(work_id, facts)
        finally:
            if not is_written:
                held.pop(work_id, None)
                self._is_unsure = True
        return is_written

    # --- what others wrote

    def _version(self) -> int:
        return int(self._write.execute("SELECT number FROM written").fetchone()[0]) - self._own

    def close(self) -> None:
        """Give the seat up, and everything back; harmless when that is done already."""
        with self._write_lock, self._claim_lock:
            if self._closed:
                return
            self._closed = True
            with self._beat_lock:
                self._membership.leave()
            self._let_go()


def _by_stage(claims: Iterable[Claim]) -> dict[StageName, list[tuple[int, int]]]:
    stages: dict[StageName, list[tuple[int, int]]] = defaultdict(list)
    for claim in claims:
        stages[claim.stage].append(_held(claim))
    return stages


def _held(claim: Claim) -> tuple[int, int]:
    """The claim as its lot has it: what it is of, and the attempts before it."""
    return claim.id, claim.attempt - 1


def _key(claim: Claim) -> Key:
    return claim.stage, *_held(claim)
