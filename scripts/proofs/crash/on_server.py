"""A home's database on a PostgreSQL server of the proof's own, and the ways in which that server is lost."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from postgres_server import Server
from proofs.crash.database import Ask, Loss, Unreadable

from db.postgres.driver import WRITER
from db.postgres.engine import connection_to
from dl_lit.core.database_address import signpost

_PATIENCE_S = 30.0
_LOOK_S = 0.01
_LONGEST_S = 2.0  # that the server is away
_SILENT: dict[str, Any] = {"connect_timeout": 2, "application_name": "proof"}

_WRITTEN = """
SELECT (SELECT number FROM written),
  (SELECT string_agg(CAST(backend_xid AS text), ' ') FROM pg_stat_activity
   WHERE datname = current_database() AND pid <> pg_backend_pid())
"""
_WRITER = f"""
SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1
AND classid = CAST({WRITER >> 32} AS oid) AND objid = CAST({WRITER & 0xFFFFFFFF} AS oid)
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""  # noqa: S608 - a number of ours
_BACKENDS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'dl-lit'"
_SCHEMA = """
SELECT 'column ' || table_schema || '.' || table_name || '.' || column_name,
  data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '') FROM information_schema.columns
WHERE table_schema = 'dl_lit'
UNION ALL SELECT 'index ' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'dl_lit'
UNION ALL SELECT 'trigger ' || t.tgname || ' of ' || c.relname, pg_get_triggerdef(t.oid) FROM pg_trigger AS t
  JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE n.nspname = 'dl_lit' AND NOT t.tgisinternal
UNION ALL SELECT 'function ' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
  md5(coalesce(p.prosrc, '')) FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
  WHERE n.nspname = 'dl_lit'
"""
_LEFT = {
    "still in hand": "SELECT stage, id FROM claims",
    "still among the daemons": "SELECT host, pid FROM daemons",
    "recorded twice": "SELECT stage, item_id, attempt FROM attempts GROUP BY 1, 2, 3 HAVING count(*) > 1",
    "done twice": "SELECT stage, item_id FROM attempts WHERE outcome = 'done' GROUP BY 1, 2 HAVING count(*) > 1",
}


class ServerDatabase:
    """A database on the server. For one thread."""

    def __init__(self, server: Server, name: str, state: Path) -> None:
        """Make it, empty; `state` is the program's folder for what it keeps."""
        address = server.new_database(name)
        self.path = signpost(address, state / "databases")
        self.settings: Mapping[str, str] = {"DL_LIT_DB": address}
        self._server = server
        self._connection: Any = None
        self._last: object = None

    @contextmanager
    def reading(self) -> Iterator[Ask]:
        """See `Database.reading`."""
        try:
            if self._connection is None:
                self._connection = connection_to(self.path, **_SILENT)
            yield lambda query, *values: self._connection.execute(query, values).fetchall()
        except psycopg.Error as error:
            if self._connection is not None and self._connection.closed:
                self._connection = None
            raise Unreadable(str(error)) from error

    def written(self) -> object:
        """See `Database.written`: the number of transactions, and those that are open."""
        with suppress(Unreadable), self.reading() as ask:
            self._last = ask(_WRITTEN)
        return self._last

    def is_torn(self) -> bool:
        """See `Database.is_torn`: whoever holds the writers' lock has begun to write."""
        with suppress(Unreadable), self.reading() as ask:
            return bool(ask(_WRITER))
        return False

    def is_older(self) -> bool:
        """See `Database.is_older`: `dl-lit init-db` alone brings one up to date there."""
        return False

    def schema(self) -> dict[str, str]:
        """See `Database.schema`."""
        with self.reading() as ask:
            return dict(ask(_SCHEMA))

    def left(self) -> Iterator[str]:
        """See `Database.left`."""
        with self.reading() as ask:
            for what, query in _LEFT.items():
                yield from (f"{what}: {row}" for row in ask(query))

    def lose(self, how: Loss, chance: random.Random, meanwhile: Callable[[], None]) -> None:
        """Lose the server, let `meanwhile` happen, and have it back in a while."""
        began = time.monotonic()
        pids = self._ours()
        if how is Loss.ONE and pids:
            with suppress(ProcessLookupError):
                os.kill(chance.choice(pids), signal.SIGKILL)
        else:
            {Loss.FIRST: self._server.behead, Loss.STOPPED: self._server.halt}.get(how, self._server.kill)()
        meanwhile()
        time.sleep(chance.choice((0.0, chance.uniform(0.0, _LONGEST_S))))
        self._server.start()
        while not self._answers():
            if time.monotonic() - began > _PATIENCE_S:
                raise TimeoutError("the server does not come back")
            time.sleep(_LOOK_S)

    def _ours(self) -> list[int]:
        """The server's processes that serve the program."""
        with suppress(Unreadable), self.reading() as ask:
            return [int(pid) for (pid,) in ask(_BACKENDS)]
        return []

    def _answers(self) -> bool:
        with suppress(Unreadable), self.reading() as ask:
            return bool(ask("SELECT 1"))
        return False

    def close(self) -> None:
        """Let go of it, and remove it."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._server.drop_database(self.settings["DL_LIT_DB"].rpartition("/")[2])
