"""The databases the conformance suite runs on. A second one adds a class here and a line to `BACKENDS`."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from db import intake, retrying, reviewing, unmerging
from db.reviewing import Decided
from db.store import SqliteStore
from dl_lit.core.clock import Clock
from dl_lit.core.items import Resolved
from dl_lit.core.job import Done
from dl_lit.core.model import Reference, Work
from dl_lit.core.ports import Bibliographies, Techniques
from dl_lit.core.reasons import Reason
from dl_lit.core.store import NewSource, Store
from tests.fakes.recognising import RECOGNISER


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


class Backend(Protocol):
    """One database under test: opened as the pipeline does, looked into and written to as other processes do."""

    def open(self) -> TestedStore:
        """The store; a second call without `close` before it is what a restart after a sudden death sees."""

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

    def close(self) -> None:
        """Close all that was opened."""


class SqliteBackend:
    """SQLite in a folder of its own."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        """The database is made by the first `open`."""
        self.path = folder / "dl-lit.sqlite"
        self._clock = clock
        self._opened: list[SqliteStore] = []

    def open(self) -> SqliteStore:
        """See `Backend.open`."""
        if self._opened and not self._opened[-1]._closed:
            # What a crash in compiled code leaves; a death without it blames nobody.
            os.write(self._opened[-1].fault_file.fileno(), b"Fatal Python error: Segmentation fault")
        # What is lost with power does not matter to tests; NORMAL makes them fast.
        store = SqliteStore(self.path, self._clock, RECOGNISER, synchronous="NORMAL")
        self._opened.append(store)
        return store

    def _elsewhere(self, work: Callable[[Any], Any]) -> Any:
        from db.connect import connect  # noqa: PLC0415

        engine = connect(self.path, synchronous="NORMAL")
        try:
            return work(engine)
        finally:
            engine.dispose()

    def add_sources(self, new: Sequence[NewSource]) -> list[int]:
        """See `Backend.add_sources`."""
        return [added.id for added in self._elsewhere(lambda engine: intake.add_sources(engine, new, self._clock))]

    def add_entries(self, source: NewSource, references: Sequence[Reference]) -> int:
        """See `Backend.add_entries`."""
        added = self._elsewhere(lambda engine: intake.add_entries(engine, source, references, self._clock))
        return int(added.id)

    def unmerge(self, merge_id: int) -> int:
        """See `Backend.unmerge`."""
        done = self._elsewhere(lambda engine: unmerging.unmerge(engine, merge_id, RECOGNISER, self._clock))
        return int(done.work_id)

    def accept(self, entry_id: int, work: Work) -> Decided:
        """See `Backend.accept`."""
        found = Done(Resolved(work=work, matched_by="review"))
        seen = self._seen(entry_id)
        decided: Decided = self._elsewhere(
            lambda engine: reviewing.accept(engine, seen, found, RECOGNISER, self._clock)
        )
        return decided

    def reject(self, entry_id: int, *, reason: str = Reason.AMBIGUOUS_MATCH.value) -> Decided:
        """See `Backend.reject`."""
        seen = replace(self._seen(entry_id), reason=reason)
        decided: Decided = self._elsewhere(lambda engine: reviewing.reject(engine, seen, self._clock))
        return decided

    def undo(self, decided: Decided) -> None:
        """See `Backend.undo`."""
        self._elsewhere(lambda engine: reviewing.undo(engine, decided, self._clock))

    def _seen(self, entry_id: int) -> reviewing.Seen:
        rows = self.rows("SELECT reason, attempts FROM failed_enrichments WHERE entry_id = ?", entry_id)
        reason, attempts = rows[0] if rows else ("no-match", 0)
        return reviewing.Seen(entry_id, reason, attempts, None)

    def retry_failures(self) -> int:
        """See `Backend.retry_failures`."""
        wanted = retrying.Wanted(every_reason=True)
        return int(self._elsewhere(lambda engine: retrying.put_back(engine, wanted, self._clock)).total)

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

    def close(self) -> None:
        """See `Backend.close`."""
        for store in self._opened:
            store.close()


BACKENDS: dict[str, Callable[[Path, Clock], Backend]] = {
    "sqlite": SqliteBackend,
}
