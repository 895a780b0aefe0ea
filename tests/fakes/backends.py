"""The databases the conformance suite runs on. A second one adds a class here and a line to `BACKENDS`."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeVar

from db import intake, retrying, reviewing, unmerging
from db.connect import connect, migrate, open_to_read
from db.reviewing import Decided
from db.store import SqliteStore
from dl_lit.core.clock import Clock
from dl_lit.core.items import Resolved
from dl_lit.core.job import Done
from dl_lit.core.model import Reference, Work
from dl_lit.core.ports import Bibliographies, Techniques
from dl_lit.core.reasons import Reason
from dl_lit.core.store import NewSource, Store
from tests.fakes.databases import made_database
from tests.fakes.recognising import RECOGNISER
from tests.fakes.scratch import scratch

T = TypeVar("T")


@cache
def _templates() -> Path:
    return scratch("templates")


@cache
def _template(version: str) -> Path:
    """A database of an older version, made once in this process."""
    path = _templates() / f"{version}.sqlite"
    migrate(path, version)
    return path


class TestedStore(Store, Bibliographies, Protocol):
    """A store, and what else the pipeline's owner may do with it."""

    __test__ = False

    def duplicate_of(self, work_id: int, work: Work) -> Any:
        """See `KnownWorks`."""

    @property
    def techniques(self) -> Techniques:
        """Which ways of finding PDFs keep failing."""

    def close(self) -> None:
        """Give everything back."""


class Reader:
    """Somebody who reads for a while, on a connection of its own."""

    def __init__(self, rows: Callable[..., list[tuple[Any, ...]]], close: Callable[[], None]) -> None:
        """`rows` is what a query gives."""
        self.rows = rows
        self.close = close


class Backend(Protocol):
    """One database under test: opened as the pipeline does, looked into and written to as other processes do."""

    fences_owners: bool
    """Whether who was taken for dead can change nothing any more, even where nobody has its work yet."""

    def open(self, *, crashed: bool = ...) -> TestedStore:
        """The store; a second call without `close` before it is what a restart after a sudden death sees.

        Unless it has `crashed`, the death had no cause of its own (`kill -9`).
        """

    def make(self) -> None:
        """Make the database, with its tables, before the first `open`, which does it otherwise."""

    def make_old(self, version: str) -> None:
        """Make the database as the program of an older schema did, before the first `open`."""

    def elsewhere(self, step: Callable[[Any], T]) -> T:
        """Take a step of `db` as another process would: it is given an engine."""

    def reading(self) -> AbstractContextManager[Any]:
        """A connection as commands that only read have it."""

    def looking(self) -> Reader:
        """A reader who sees the present, whenever it asks."""

    def begin_reading(self) -> Reader:
        """A reader who has begun, and sees that moment until it ends."""

    def cut_off(self, store: TestedStore, *, after: int | None) -> AbstractContextManager[Callable[[], bool]]:
        """Let the store's writing break off within, after so much of it; told afterwards whether it did.

        None: when all but the log of attempts is written, by an error that leaves the transaction open.
        """

    def add_sources(self, new: Sequence[NewSource]) -> list[int]:
        """Add PDFs as another process would; their ids."""

    def add_entries(self, source: NewSource, references: Sequence[Reference]) -> int:
        """Add a bibliography as another process would; its source's id."""

    def unmerge(self, merge_id: int) -> int:
        """Undo a merge as another process would; the work that is back."""

    def accept(self, entry_id: int, work: Work) -> Decided:
        """Say that an entry is a work, as a person would beside a pipeline. Raises `BadInput`."""

    def reject(self, entry_id: int, *, reason: str = ...) -> Decided:
        """Say that an entry, which was seen with that reason, is none of its candidates. Raises `BadInput`."""

    def undo(self, decided: Decided) -> None:
        """Take a decision back. Raises `BadInput`."""

    def retry_failures(self) -> int:
        """Put all failures back to work as another process would; how many."""

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What a query gives, on a connection of its own."""

    def change(self, statement: str, *values: object) -> None:
        """Change rows as another process would."""

    def fill_disk(self, store: TestedStore, *, full: bool) -> None:
        """Let `store` find no more room than it has, or as much as it likes."""

    def is_held_open(self) -> bool:
        """Whether somebody's look at a moment of the past keeps the database from being tidied up."""

    def dangling(self) -> int:
        """How many rows point at others that are not there."""

    def close(self) -> None:
        """Close all that was opened."""


class SqliteBackend:
    """SQLite in a folder of its own."""

    fences_owners = False  # claims are in memory, under a lock that a living process does not lose

    def __init__(self, folder: Path, clock: Clock) -> None:
        """The database is made by the first `open`."""
        self.path = folder / "dl-lit.sqlite"
        self._clock = clock
        self._opened: list[SqliteStore] = []
        self._lookers: list[sqlite3.Connection] = []
        self._reading: Any = None

    def make(self) -> None:
        """See `Backend.make`."""
        if not self.path.exists():
            shutil.copyfile(made_database(), self.path)

    def make_old(self, version: str) -> None:
        """See `Backend.make_old`."""
        shutil.copyfile(_template(version), self.path)

    def open(self, *, crashed: bool = True) -> SqliteStore:
        """See `Backend.open`."""
        if crashed and self._opened and not self._opened[-1]._closed:
            # What a crash in compiled code leaves; a death without it blames nobody.
            os.write(self._opened[-1].fault_file.fileno(), b"Fatal Python error: Segmentation fault")
        self.make()
        # What is lost with power does not matter to tests; NORMAL makes them fast.
        store = SqliteStore(self.path, self._clock, RECOGNISER, synchronous="NORMAL")
        self._opened.append(store)
        return store

    def elsewhere(self, step: Callable[[Any], T]) -> T:
        """See `Backend.elsewhere`."""
        engine = connect(self.path, synchronous="NORMAL")
        try:
            return step(engine)
        finally:
            engine.dispose()

    def reading(self) -> AbstractContextManager[Any]:
        """See `Backend.reading`."""
        if self._reading is None:
            self._reading = open_to_read(self.path)
        connection: AbstractContextManager[Any] = self._reading.connect()
        return connection

    def looking(self) -> Reader:
        """See `Backend.looking`."""
        connection = sqlite3.connect(self.path, isolation_level=None)
        self._lookers.append(connection)
        return Reader(lambda query, *values: connection.execute(query, values).fetchall(), connection.close)

    def begin_reading(self) -> Reader:
        """See `Backend.begin_reading`."""
        reader = self.looking()
        reader.rows("BEGIN")
        reader.rows("SELECT count(*) FROM sources")  # only now it has begun
        return reader

    @contextmanager
    def cut_off(self, store: TestedStore, *, after: int | None) -> Iterator[Callable[[], bool]]:
        """See `Backend.cut_off`."""
        assert isinstance(store, SqliteStore)
        writer: Any = store._writer.driver_connection
        if after is None:
            writer.execute("CREATE TEMP TRIGGER cut BEFORE INSERT ON attempts BEGIN SELECT raise(ABORT, 'cut'); END")
            was_cut = False
            try:
                yield lambda: was_cut
            except sqlite3.IntegrityError:
                was_cut = True
            finally:
                writer.execute("DROP TRIGGER temp.cut")
            return
        left = [after]

        def stop() -> bool:
            left[0] -= 1
            return left[0] == -1

        writer.set_progress_handler(stop, 20)
        try:
            yield lambda: left[0] < 0
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
        finally:
            writer.set_progress_handler(None, 0)

    def add_sources(self, new: Sequence[NewSource]) -> list[int]:
        """See `Backend.add_sources`."""
        return [added.id for added in self.elsewhere(lambda engine: intake.add_sources(engine, new, self._clock))]

    def add_entries(self, source: NewSource, references: Sequence[Reference]) -> int:
        """See `Backend.add_entries`."""
        added = self.elsewhere(lambda engine: intake.add_entries(engine, source, references, self._clock))
        return int(added.id)

    def unmerge(self, merge_id: int) -> int:
        """See `Backend.unmerge`."""
        done = self.elsewhere(lambda engine: unmerging.unmerge(engine, merge_id, RECOGNISER, self._clock))
        return int(done.work_id)

    def accept(self, entry_id: int, work: Work) -> Decided:
        """See `Backend.accept`."""
        found = Done(Resolved(work=work, matched_by="review"))
        seen = self._seen(entry_id)
        decided: Decided = self.elsewhere(lambda engine: reviewing.accept(engine, seen, found, RECOGNISER, self._clock))
        return decided

    def reject(self, entry_id: int, *, reason: str = Reason.AMBIGUOUS_MATCH.value) -> Decided:
        """See `Backend.reject`."""
        seen = replace(self._seen(entry_id), reason=reason)
        decided: Decided = self.elsewhere(lambda engine: reviewing.reject(engine, seen, self._clock))
        return decided

    def undo(self, decided: Decided) -> None:
        """See `Backend.undo`."""
        self.elsewhere(lambda engine: reviewing.undo(engine, decided, self._clock))

    def _seen(self, entry_id: int) -> reviewing.Seen:
        rows = self.rows("SELECT reason, attempts FROM failed_enrichments WHERE entry_id = ?", entry_id)
        reason, attempts = rows[0] if rows else ("no-match", 0)
        return reviewing.Seen(entry_id, reason, attempts, None)

    def retry_failures(self) -> int:
        """See `Backend.retry_failures`."""
        wanted = retrying.Wanted(every_reason=True)
        return int(self.elsewhere(lambda engine: retrying.put_back(engine, wanted, self._clock)).total)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """See `Backend.rows`."""
        connection = sqlite3.connect(self.path)
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def change(self, statement: str, *values: object) -> None:
        """See `Backend.change`."""
        connection = sqlite3.connect(self.path)
        try:
            with connection:
                connection.execute(statement, values)
        finally:
            connection.close()

    def fill_disk(self, store: TestedStore, *, full: bool) -> None:
        """See `Backend.fill_disk`."""
        assert isinstance(store, SqliteStore)
        store._write.execute(f"PRAGMA max_page_count = {1 if full else 1_000_000_000}").fetchall()

    def is_held_open(self) -> bool:
        """See `Backend.is_held_open`."""
        return bool(self.rows("PRAGMA wal_checkpoint(TRUNCATE)")[0][0])

    def dangling(self) -> int:
        """See `Backend.dangling`."""
        return len(self.rows("PRAGMA foreign_key_check"))

    def close(self) -> None:
        """See `Backend.close`."""
        for connection in self._lookers:
            connection.close()
        if self._reading is not None:
            self._reading.dispose()
        for store in self._opened:
            store.close()


BACKENDS: dict[str, Callable[[Path, Clock], Backend]] = {
    "sqlite": SqliteBackend,
}
