"""The driver's connection and cursor, which understand what is said to SQLite.

A statement whose parameters are a sequence, or have names as SQLite writes them (`:name`), is in SQLite's words and is
put into PostgreSQL's; one with names as the driver writes them (`%(name)s`) was compiled by SQLAlchemy for PostgreSQL
and is left alone.

A pooler between may give each transaction another of the server's sessions. What elsewhere is set for a session is then
set in each transaction, on the way of what is said first in it, and nothing is prepared.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import psycopg
from psycopg.adapt import Dumper, Loader
from psycopg.pq import TransactionStatus
from psycopg.types.numeric import Int8Dumper

from db.hot import Into, Those
from db.postgres.putting import change, put
from db.postgres.speaking import numbered, said
from dl_lit.core.database_address import Pooler

WRITER = 0x646C5F6C69745F77  # "dl_lit_w"
"""The advisory lock of whoever writes: one at a time, as on SQLite, so that what is looked up stays so until commit."""

WAITS_S = 30
"""How long, in seconds, one who is to write waits for another who does."""

MAKING = "BEGIN EXCLUSIVE"
"""How a transaction begins that makes the tables."""

logging.getLogger("db.postgres.engine").setLevel(logging.WARNING)  # connections that broke are replaced
logging.getLogger("psycopg").setLevel(logging.CRITICAL)  # what it warns of breaks a connection, which is raised

# Files go by it that a row was written: it may not be lost with the server, as it may be where this is `off`. Whoever
# has it wait for standbys as well keeps that: https://www.postgresql.org/docs/current/wal-async-commit.html.
_DURABLY = """
  CASE current_setting('synchronous_commit') WHEN 'off' THEN set_config('synchronous_commit', 'on', true) END
""".strip()
_BEGIN = f"""
BEGIN;
SET LOCAL idle_in_transaction_session_timeout = '10s';
SET LOCAL lock_timeout = '{WAITS_S}s';
SELECT pg_advisory_xact_lock({WRITER}), {_DURABLY};
UPDATE written SET number = number + 1;
NOTIFY dl_lit
"""  # noqa: S608 - a number of ours
AHEAD = "BEGIN IMMEDIATE AHEAD"
"""How a transaction that writes begins whose COMMIT lets the next one write before the disk has it: see `SYNCED`."""

SYNCED = "SYNCED"
"""Waits until the disk has all that was committed before. A message is the least that a commit can wait for:
https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-REPLICATION (read 2026-11-24)."""

_BEGIN_AHEAD = _BEGIN.replace(_DURABLY, "set_config('synchronous_commit', 'off', true)")
_SYNCED = f"BEGIN; SELECT {_DURABLY}, pg_logical_emit_message(true, 'dl_lit', ''); COMMIT"
_BEGIN_MAKING = f"BEGIN; SELECT pg_advisory_xact_lock({WRITER})"
_BEGIN_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_ALONE = {
    "BEGIN IMMEDIATE": _BEGIN,
    AHEAD: _BEGIN_AHEAD,
    SYNCED: _SYNCED,
    "BEGIN": _BEGIN_READING,
    MAKING: _BEGIN_MAKING,
    "COMMIT": "COMMIT",
    "ROLLBACK": "ROLLBACK",
    "PRAGMA defer_foreign_keys = ON": "SET CONSTRAINTS ALL DEFERRED",
    "PRAGMA data_version": "SELECT number FROM written",
}
"""What is said as a whole: transactions, and what SQLite is asked by PRAGMA."""


_AS_IT_IS = nullcontext()


def beginning(patience_s: float) -> str:
    """How a transaction that writes begins where it waits so many seconds for who writes."""
    milliseconds = max(1, round(patience_s * 1_000))  # 0 is for ever
    begins = f"BEGIN IMMEDIATE WITHIN {milliseconds}"
    _ALONE.setdefault(begins, _BEGIN.replace(f"'{WAITS_S}s'", f"'{milliseconds}ms'"))
    return begins


class _Truth(Dumper):
    """Truth values are whole numbers, as SQLite has them."""

    oid = 21  # int2

    def dump(self, obj: bool) -> bytes:  # noqa: FBT001 - psycopg's protocol
        """0 or 1."""
        return b"1" if obj else b"0"


class _Text(Dumper):
    """Text, of a type that the statement decides. PostgreSQL's text has no NUL and no half of a surrogate pair."""

    def dump(self, obj: str) -> bytes:
        """As UTF-8."""
        if "\0" in obj:
            obj = obj.replace("\0", "\ufffd")
        return obj.encode("utf-8", "replace")


class _Number(Loader):
    """Sums of whole numbers are whole numbers."""

    def load(self, data: Any) -> int | float:
        """`int` where there is no fraction."""
        text = bytes(data).decode()
        return float(text) if "." in text or "N" in text or "I" in text else int(text)


class _Plain(Loader):
    """JSON stays text: whoever reads it decodes it."""

    def load(self, data: Any) -> str:
        """The text."""
        return bytes(data).decode()


class Cursor(psycopg.Cursor[tuple[Any, ...]]):
    """A cursor that is spoken to as SQLite's is."""

    def execute(self, query: Any, params: Any = None, **more: Any) -> Cursor:
        """Run one statement."""
        if isinstance(params, Mapping):
            if "%(" in query:
                return self._run(query, params, more)
            query, names = numbered(query)
            params = [params[name] for name in names]
        alone = _ALONE.get(query)
        if alone is not None:
            self.script(alone)
            return self
        one = said(query)
        return self._run(one.sql, one.parameters(params or ()), more)

    def _run(self, query: Any, params: Any, more: Mapping[str, Any]) -> Cursor:
        connection: Any = self.connection
        with _AS_IT_IS if connection.is_settled else connection.settling():
            super().execute(query, params, **more)
        return self

    def script(self, statements: str) -> None:
        """Run statements that are in PostgreSQL's words already."""
        connection: Any = self.connection
        if not connection.is_settled:
            statements = connection.with_settings(statements)
        super().execute(statements, binary=False)  # several at once have their answers as text
        while self.nextset():
            pass

    def executemany(self, query: Any, params_seq: Iterable[Any], **more: Any) -> None:
        """Run one statement for each of the rows, in one conversation."""
        rows = list(params_seq)
        if rows and isinstance(rows[0], Sequence):
            one = said(query)
            query, rows = one.sql, [one.parameters(row) for row in rows]
        connection: Any = self.connection
        with _AS_IT_IS if connection.is_settled else connection.settling():
            super().executemany(query, rows, **more)

    def put(self, into: Into, rows: Sequence[Sequence[object]]) -> None:
        """Put new rows into a table."""
        put(self, into, rows)

    def change(self, those: Those, rows: Sequence[Sequence[object]]) -> None:
        """Change rows of a table, or take them out."""
        change(self, those, rows)

    def fetchone(self) -> Any:
        """The next row; None where there is none, or the statement gives none."""
        return super().fetchone() if self.description is not None else None


class Connection(psycopg.Connection[tuple[Any, ...]]):
    """A connection whose transactions begin and end by statements, as SQLite's do."""

    is_pooled = False
    """Whether a pooler between may give each transaction another of the server's sessions."""
    _settings: Mapping[str, str] = {}
    _setting = ""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self.info.transaction_status != TransactionStatus.IDLE

    def keep(self, settings: Mapping[str, str]) -> None:
        """Have these hold, besides those of before: from now on, whatever transaction it is."""
        self._settings = {**self._settings, **settings}
        pairs = (f"set_config('{name}', '{value}', {self.is_pooled})" for name, value in self._settings.items())
        self._setting = f"SELECT {', '.join(pairs)}"
        if not self.is_pooled:
            psycopg.Cursor(self).execute(self._setting)

    @property
    def is_settled(self) -> bool:
        """Whether the settings hold for what is said now."""
        return not self.is_pooled or self.in_transaction

    @contextmanager
    def settling(self) -> Iterator[None]:
        """What is said within is a transaction with the settings, and one conversation with the server."""
        with self.pipeline():
            psycopg.Cursor(self).execute(self._setting)
            yield

    def with_settings(self, statements: str) -> str:
        """The statements, of which the settings hold as soon as there is a transaction."""
        first, _, rest = statements.partition(";")
        if first.split()[:1] == ["BEGIN"]:
            return f"{first}; {self._setting}; {rest}"
        return f"{self._setting}; {statements}"


def opened(address: str, pooler: Pooler | None = None, **settings: Any) -> Connection:
    """A connection to the database at `address`; raises `psycopg.OperationalError`.

    `pooler`: how the one between shares its sessions; None: that is not known, and it is looked whether there is one.
    """
    connection = Connection.connect(address, autocommit=True, cursor_factory=Cursor, **settings)
    adapters = connection.adapters
    adapters.register_dumper(int, Int8Dumper)  # one type whatever the value: what is prepared once serves all
    adapters.register_dumper(bool, _Truth)
    adapters.register_dumper(str, _Text)
    for name in ("numeric",):
        adapters.register_loader(name, _Number)
    for name in ("json", "jsonb"):
        adapters.register_loader(name, _Plain)
    try:
        connection.is_pooled = _is_between(connection) if pooler is None else pooler is Pooler.TRANSACTION
    except BaseException:
        connection.close()
        raise
    if connection.is_pooled:
        connection.prepare_threshold = None
    return connection


def _is_between(connection: Connection) -> bool:
    """Whether there is a pooler: it tells its clients a number of its own, where a server tells that of its process."""
    row = psycopg.Cursor(connection).execute("SELECT pg_backend_pid()").fetchone()
    return row is None or row[0] != connection.info.backend_pid
