"""Importing into the index: batches in transactions, the same record twice changes nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Self

from db.local_index.file import damaged, open_to_write
from db.local_index.records import DAMAGE, decode, encode, identifiers
from db.local_index.words import TextKey, probe, words_of
from db.lock import PipelineLock
from dl_lit.core.clock import Clock
from dl_lit.core.errors import DatabaseBusy, DatabaseFull, DatabaseUnusable
from dl_lit.core.model import Work

BATCH = 5_000
"""Records of one transaction."""

_NAMES_KEPT = 65_536
_TIDY_SHARE = 10  # the lists are tidied when more than a tenth of them is new

_SAME = (
    "SELECT r.id, r.updated, r.data FROM identifiers AS i JOIN records AS r ON r.id = i.record "
    "WHERE i.kind = ? AND i.value = ? AND r.source = ?"
)
_MARK = "INSERT INTO facts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
_DONE = (
    "INSERT INTO files VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (fingerprint) DO UPDATE SET name = excluded.name, done = excluded.done, "
    "is_whole = excluded.is_whole, at = excluded.at"
)


class Added(StrEnum):
    """What became of a record."""

    NEW = "new"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"
    OLDER = "older"  # the index has a later state of it


class LocalIndexWriter:
    """The one process that imports. Entering makes the file where there is none.

    Raises `DatabaseBusy` where another imports, `DatabaseUnusable` where the file is damaged, and `DatabaseFull`; what
    was committed before stays.
    """

    def __init__(self, path: Path, text_key: TextKey, clock: Clock) -> None:
        """Nothing is opened before entering."""
        self.path = path
        self._text_key = text_key
        self._name_key = lru_cache(maxsize=_NAMES_KEPT)(text_key)
        self._clock = clock
        self._lock = PipelineLock(path, "import-metadata", clock, over_anything=True)
        self._sources: set[str] = set()  # that are known to stand in the table
        self._is_behind = False  # the terms, and the file says so
        self._counted = self._tidied = 1  # `_next` when the terms were counted and the lists were tidied last
        self._in_batch = 0

    def __enter__(self) -> Self:
        try:
            self._lock.acquire()
        except DatabaseBusy as error:
            raise DatabaseBusy(f"another import is at work on {self.path}: wait for it or stop it") from error
        try:
            with self._told():
                self._connection = open_to_write(self.path, probe(self._text_key))
        except BaseException:
            self._lock.release()
            raise
        try:
            with self._told():
                highest = self._connection.execute("SELECT max(id) FROM records").fetchone()[0] or 0
                self._next = max(highest + 1, int(self._fact("next") or 1))
                self._tidied = int(self._fact("tidied") or 1)
                self._counted = self._next
        except BaseException:
            self._connection.close()
            self._lock.release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What was not committed is taken back."""
        try:
            with suppress(sqlite3.Error):
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
            self._connection.close()
        finally:
            self._lock.release()

    def done_of(self, fingerprint: str) -> tuple[int, bool]:
        """How many records of a file were read and committed before, and whether that was all of it."""
        with self._told():
            row = self._connection.execute(
                "SELECT done, is_whole FROM files WHERE fingerprint = ?", (fingerprint,)
            ).fetchone()
        return (0, False) if row is None else (row[0], bool(row[1]))

    def add(self, work: Work, updated: str | None) -> Added:
        """Take a record in; it is there for others after the next `commit`. `updated` is ISO 8601, None: not said.

        A record that is there already, from the same service, is replaced unless it is older or the same.
        """
        with self._told():
            self._begin()
            self._in_batch += 1
            keys = identifiers(work)
            words = words_of(work, self._text_key, self._name_key)
            data = encode(work, words)
            added = Added.NEW
            for record, known_updated, known in self._connection.execute(
                _SAME, (*keys[0], work.metadata_source)
            ).fetchall():
                if known == data:
                    return Added.UNCHANGED
                if updated is not None and known_updated is not None and updated < known_updated:
                    return Added.OLDER
                self._drop(record, known)
                added = Added.REPLACED
            self._insert((work.metadata_source, updated, data), keys, words.line)
            return added

    @property
    def is_batch_full(self) -> bool:
        """Whether it is time to commit."""
        return self._in_batch >= BATCH

    def commit(self, fingerprint: str | None, name: str, done: int, *, is_whole: bool) -> None:
        """Make what was added durable, and with it how far in the file that was; None where it has no fingerprint."""
        with self._told():
            self._begin()
            if fingerprint is not None:
                at = self._clock.now().isoformat(timespec="seconds")
                self._connection.execute(_DONE, (fingerprint, name, done, is_whole, at))
            self._connection.execute(_MARK, ("next", str(self._next)))
            if self._next > 2 * self._counted:
                self._count_terms()
            self._connection.execute("COMMIT")
            self._in_batch = 0

    def finish(self) -> None:
        """Put the index in order after an import: count how many records each word stands in, tidy up the lists."""
        with self._told():
            if self._fact("terms") == "behind":
                self._begin()
                if self._next - self._tidied > self._next / _TIDY_SHARE:
                    self._connection.execute("INSERT INTO words (words) VALUES ('optimize')")
                    self._connection.execute(_MARK, ("tidied", str(self._next)))
                self._count_terms()
                self._connection.execute("COMMIT")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _begin(self) -> None:
        if not self._connection.in_transaction:
            self._connection.execute("BEGIN IMMEDIATE")

    def _insert(self, row: tuple[str, str | None, bytes], keys: Sequence[tuple[int, str]], words: str) -> None:
        record, self._next = self._next, self._next + 1
        execute = self._connection.execute
        if row[0] not in self._sources:
            execute("INSERT OR IGNORE INTO sources VALUES (?)", (row[0],))
            self._sources.add(row[0])
        if not self._is_behind:
            execute(_MARK, ("terms", "behind"))
            self._is_behind = True
        execute("INSERT INTO records VALUES (?, ?, ?, ?)", (record, *row))
        execute("INSERT INTO words (rowid, said) VALUES (?, ?)", (record, words))
        for kind, value in keys:
            execute("INSERT INTO identifiers VALUES (?, ?, ?)", (kind, value, record))

    def _drop(self, record: int, data: bytes) -> None:
        """Forget a record; its words stay, and point nowhere."""
        for kind, value in identifiers(decode(data)):
            self._connection.execute(
                "DELETE FROM identifiers WHERE kind = ? AND value = ? AND record = ?", (kind, value, record)
            )
        self._connection.execute("DELETE FROM records WHERE id = ?", (record,))

    def _count_terms(self) -> None:
        self._connection.execute("DELETE FROM terms")
        self._connection.execute("INSERT INTO terms SELECT term, doc FROM vocabulary")
        self._connection.execute(_MARK, ("terms", "counted"))
        self._is_behind = False
        self._counted = self._next

    def _fact(self, name: str) -> str | None:
        row = self._connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What SQLite says, in our words."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_FULL:
                raise DatabaseFull(
                    f"the disk of the local index {self.path} is full: make room and import again; "
                    "what was imported before stays and is not read twice"
                ) from error
            raise DatabaseUnusable(f"cannot write the local index {self.path}: {error}") from error
        except (sqlite3.Error, *DAMAGE) as error:
            raise damaged(self.path, error) from error
        except OSError as error:
            raise DatabaseUnusable(f"cannot make the local index {self.path}: {error.strerror}") from error
