"""PostgreSQL under test: a database of its own for each test, copied from one that was made once."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from postgres_server import Server, shared_template

from db.connect import connect, open_database
from db.intake import add_source
from db.postgres.engine import connection_to, forget
from db.postgres.store import PostgresStore
from dl_lit.core.clock import Clock
from dl_lit.core.database_address import signpost
from tests.fakes.backends import Reader, SqliteBackend, TestedStore
from tests.fakes.engine import ManualClock, new_source
from tests.fakes.recognising import RECOGNISER

T = TypeVar("T")

_NUMBERS = itertools.count()
_AS_TESTS_SAY = """
CREATE FUNCTION json_set(document text, VARIADIC changes text[]) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
  FOR place IN 1 .. cardinality(changes) BY 2 LOOP
    document := jsonb_set(document::jsonb, ARRAY[ltrim(changes[place], '$.')], to_jsonb(changes[place + 1]))::text;
  END LOOP;
  RETURN document;
END $$;
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
END $$;
CREATE TRIGGER no_room BEFORE INSERT ON attempts FOR EACH STATEMENT
WHEN (current_setting('tests.full', true) = 'on') EXECUTE FUNCTION no_room();
"""
"""Tests change records with what SQLite has for that, and fill the disk for one session alone."""

_HOLDERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' AND backend_type = 'client backend'
"""


def template(run: Path, server: Server) -> str:
    """The name of a database with dl_lit's tables, made once a run."""

    def make(address: str) -> None:
        path = signpost(address, run / "signposts")
        open_database(path)
        connection = connection_to(path)
        connection.cursor().script(_AS_TESTS_SAY)
        connection.close()
        forget(path)

    return shared_template(run, server, "dl_lit_template", make)


def add(store: PostgresStore, *numbers: int) -> None:
    """Let another than the store add sources, and the store see it."""
    with open_database(store.path).begin() as connection:
        for number in numbers:
            add_source(connection, new_source(number), ManualClock())
    store.notice()


def fresh_database(run: Path, server: Server) -> str:
    """The address of a database of one's own with dl_lit's tables."""
    return server.new_database(f"test_{os.getpid()}_{next(_NUMBERS)}", template(run, server))


class PostgresBackend(SqliteBackend):
    """A database of its own on the run's server."""

    fences_owners = True

    def __init__(self, folder: Path, clock: Clock, address: str, drop: Callable[[], None]) -> None:
        """`address` has dl_lit's tables."""
        super().__init__(folder, clock)
        self.path = signpost(address, folder)
        self._drop = drop

    def make(self) -> None:
        """See `Backend.make`: it is there."""

    def open(self, *, crashed: bool = True) -> PostgresStore:  # type: ignore[override]
        """See `Backend.open`."""
        if crashed and self._opened and not self._opened[-1]._closed:
            os.write(self._opened[-1].fault_file.fileno(), b"Fatal Python error: Segmentation fault")
        store = PostgresStore(self.path, self._clock, RECOGNISER)
        self._opened.append(store)
        return store

    def elsewhere(self, step: Callable[[Any], T]) -> T:
        """See `Backend.elsewhere`."""
        return step(connect(self.path))

    def looking(self) -> Reader:
        """See `Backend.looking`."""
        connection = connection_to(self.path)
        self._lookers.append(connection)
        return Reader(lambda query, *values: _rows(connection.cursor().execute(query, values)), connection.close)

    @contextmanager
    def cut_off(self, store: TestedStore, *, after: int | None) -> Iterator[Callable[[], bool]]:
        """See `Backend.cut_off`: the writing session is ended by the server, after so many of its statements."""
        assert isinstance(store, PostgresStore)
        writer: Any = store._write
        whole, left, was_cut = writer.execute, [after], [False]

        def execute(query: str, parameters: Any = ()) -> Any:
            due = "INTO attempts" in query if left[0] is None else left[0] <= 0
            if due and not was_cut[0]:
                was_cut[0] = True
                self.change("SELECT pg_terminate_backend(CAST(? AS INTEGER)::int4)", writer.backend)
            elif left[0] is not None:
                left[0] -= 1
            return whole(query, parameters)

        writer.execute = execute
        try:
            yield lambda: was_cut[0]
        except Exception:
            if not was_cut[0]:
                raise
        finally:
            del writer.execute

    def fill_disk(self, store: TestedStore, *, full: bool) -> None:
        """See `Backend.fill_disk`: the server says so itself, where the attempts are written down."""
        assert isinstance(store, PostgresStore)
        store._write.execute("SELECT set_config('tests.full', ?, false)", ("on" if full else "off",))

    def is_held_open(self) -> bool:
        """See `Backend.is_held_open`."""
        return bool(self.rows(_HOLDERS)[0][0])

    def dangling(self) -> int:
        """See `Backend.dangling`: the server lets none be."""
        return int(self.rows("SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND NOT convalidated")[0][0])

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """See `Backend.rows`."""
        connection = connection_to(self.path)
        try:
            return _rows(connection.cursor().execute(query, values))
        finally:
            connection.close()

    def change(self, statement: str, *values: object) -> None:
        """See `Backend.change`."""
        connection = connection_to(self.path)
        try:
            cursor = connection.cursor()
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute(statement, values)
            cursor.execute("COMMIT")
        finally:
            connection.close()

    def close(self) -> None:
        """See `Backend.close`."""
        super().close()
        forget(self.path)
        self._drop()


def _rows(cursor: Any) -> list[tuple[Any, ...]]:
    return [] if cursor.description is None else list(cursor.fetchall())


def postgres_backend(folder: Path, clock: Clock, run: Path, server: Server) -> PostgresBackend:
    """A backend, empty."""
    address = fresh_database(run, server)
    return PostgresBackend(folder, clock, address, lambda: server.drop_database(address.rpartition("/")[2]))
