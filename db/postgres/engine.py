"""Engines on PostgreSQL: two a database and process, one that writes and one that reads, whose connections are kept.

Whoever opens a database by its path may dispose of the engine as soon as he is done: the connections stay for the next,
since making one costs the server a process.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Engine, ExceptionContext, PoolProxiedConnection, create_engine, event
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.exc import TimeoutError as NoneFree
from sqlalchemy.pool import QueuePool

from db.postgres.address import address_at
from db.postgres.driver import WAITS_S, beginning, opened
from db.postgres.refusing import in_our_words
from dl_lit.core.database_address import connections_kept, pooler_of, server_address
from dl_lit.core.errors import DatabaseAway

SCHEMA = "dl_lit"
"""The schema of the database with everything of dl_lit's."""

CONNECT_S = 10
"""How long to wait for the server before it counts as not there."""

_SILENCE = {
    "connect_timeout": CONNECT_S,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # milliseconds: a server that went without a word is noticed
    "application_name": "dl-lit",
}

# What is asked is small and often: to begin other processes, or a compiler, costs more than the answer. And pages that
# an index leads to are in memory as well as those beside them.
_SETTINGS = {
    "search_path": SCHEMA,
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "random_page_cost": "1.1",
}

_engines: dict[tuple[str, bool], Engine] = {}
_lock = threading.Lock()


def connection_to(path: Path, settings: Mapping[str, str] | None = None, **more: Any) -> Any:
    """A connection of its own to the database that the signpost at `path` leads to; raises `psycopg.Error`.

    `settings` are further ones of the server's, which hold whatever is said on it.
    """
    address = address_at(path)
    connection: Any = opened(server_address(address), pooler_of(address), **{**_SILENCE, **more})
    try:
        connection.keep({**_SETTINGS, **(settings or {})})
    except BaseException:
        connection.close()
        raise
    return connection


def engine_at(path: Path, *, read_only: bool = False, patience_s: float = WAITS_S) -> Engine:
    """The process's engine on the database that the signpost at `path` leads to; disposing of it does nothing.

    `patience_s`: how long a transaction that writes waits for another.
    """
    key = (address_at(path), read_only)
    with _lock:
        engine = _engines.get(key)
        if engine is None:
            engine = _engines[key] = _made(path, read_only=read_only)
    return engine if patience_s == WAITS_S else engine.execution_options(begins=beginning(patience_s))


def forget(path: Path) -> None:
    """Close the kept connections to the database."""
    address = address_at(path)
    with _lock:
        gone = [_engines.pop(key) for key in [key for key in _engines if key[0] == address]]
    for engine in gone:
        engine.pool.dispose()


class _Kept(QueuePool):
    """Connections that are kept; why there is none is said in our words."""

    _sqla_logger_namespace = "sqlalchemy.pool.impl.QueuePool"  # what it tells is the library's, none of our log

    def connect(self) -> PoolProxiedConnection:
        """One of them. Raises `DatabaseAway`, `DatabaseFull` and `DatabaseUnusable`."""
        try:
            return super().connect()
        except (NoneFree, InvalidRequestError) as error:  # all wait for a server that does not answer
            raise DatabaseAway(f"no connection to the database is free: {error}") from error
        except psycopg.Error as error:
            if (known := in_our_words(error)) is not None:
                raise known from error
            raise


def _opened_or_told(path: Path) -> Any:
    """`connection_to`, with why there is none in our words."""
    try:
        return connection_to(path)
    except psycopg.Error as error:
        if (known := in_our_words(error, path)) is not None:
            raise known from error
        raise


def _made(path: Path, *, read_only: bool) -> Engine:
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: _opened_or_told(path),
        poolclass=_Kept,
        pool_size=connections_kept(path),
        max_overflow=connections_kept(path),  # opened for a moment: who writes may have to read meanwhile
        pool_pre_ping=True,
        pool_reset_on_return="rollback",
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        begins = connection.get_execution_options().get("begins", "BEGIN IMMEDIATE")
        connection.exec_driver_sql("BEGIN" if read_only else begins)

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def _as_said(
        _connection: object, _cursor: object, statement: str, parameters: Any, context: Any, _many: object
    ) -> tuple[str, Any]:
        is_compiled = context is not None and context.compiled is not None
        return statement, parameters if is_compiled or parameters else ()

    @event.listens_for(engine, "handle_error")
    def _tell(context: ExceptionContext) -> None:
        if context.is_pre_ping:
            return  # a kept connection that broke is replaced
        if (known := in_our_words(context.original_exception, path)) is not None:
            raise known from context.original_exception

    engine.dispose = lambda close=True: None  # type: ignore[method-assign] # noqa: ARG005
    return engine
