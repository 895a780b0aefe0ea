"""Opening the database: pragmas, schema, upgrades with a backup, refusal of what is newer."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import QueuePool

from db.copy_before import copy_before
from db.durable import make_folder
from db.refusing import in_our_words
from db.tables import SCHEMA_VERSION, metadata
from db.tables.counting_triggers import BEGINNING, triggers
from db.tables.searched import INDEXES, SEARCHED_BEGINNING, search_triggers
from dl_lit.core.database_address import is_elsewhere
from dl_lit.core.errors import DatabaseDamaged, DatabaseUnusable

__all__ = [
    "BUSY_TIMEOUT_S",
    "Engine",  # the type, for those who may not import what it comes from
    "connect",
    "is_there",
    "migrate",
    "open_database",
    "open_to_read",
    "schema_version",
    "upgrade",
]

BUSY_TIMEOUT_S = 30.0
"""How long a statement waits for another process's write lock before it gives up."""


def connect(
    path: Path, *, synchronous: str = "FULL", read_only: bool = False, patience_s: float = BUSY_TIMEOUT_S
) -> Engine:
    """An engine on the SQLite file at `path` (it must exist when `read_only`); no statement is run yet.

    A statement waits `patience_s` for another's write lock before it gives up. What keeps one that writes from its file
    is raised as `DatabaseFull` or `DatabaseUnusable`. Where a signpost stands at `path`, the engine is on the database
    it leads to, and `synchronous` is that server's affair.
    """
    if is_elsewhere(path):
        from db.postgres.engine import engine_at  # noqa: PLC0415 - its driver is an extra

        return engine_at(path, read_only=read_only, patience_s=patience_s)
    mode = "ro" if read_only else "rwc"
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(
            f"file:{_quoted(path)}?mode={mode}",
            uri=True,
            timeout=patience_s,
            isolation_level=None,
            check_same_thread=False,
        ),
        poolclass=QueuePool,
        pool_size=4,
        max_overflow=32,
    )

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        if not read_only:
            cursor.execute(f"PRAGMA synchronous={synchronous}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # A deferred transaction that upgrades gets SQLITE_BUSY without waiting; an immediate one waits its turn.
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    if not read_only:

        @event.listens_for(engine, "handle_error")
        def _tell(context: ExceptionContext) -> None:
            if (known := in_our_words(context.original_exception, path)) is not None:
                raise known from context.original_exception

    return engine


def _quoted(path: Path) -> str:
    return str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def is_there(path: Path) -> bool:
    """Whether there is a database at `path`; raises `DatabaseUnusable` where a server has to be asked and is silent."""
    if is_elsewhere(path):
        from db.postgres.opening import is_made  # noqa: PLC0415 - its driver is an extra

        return is_made(path)
    return path.exists()


def schema_version(engine: Engine) -> str | None:
    """The database's migration; None when it has no tables yet."""
    with engine.connect() as connection:
        if not _has_schema(connection):
            foreign = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master WHERE type = 'table'").scalar_one()
            if foreign:
                raise DatabaseUnusable("the file is an SQLite database, but not dl_lit's: choose another with --db")
            return None
        return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())


def _has_schema(connection: Connection) -> bool:
    return bool(
        connection.exec_driver_sql(
            "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
        ).scalar_one()
    )


def open_database(path: Path, *, synchronous: str = "FULL", on_upgrade: Callable[[Path], None] | None = None) -> Engine:
    """The database at `path`, made or upgraded as needed; raises `DatabaseUnusable`.

    `on_upgrade` is told the path of the backup that is made before an upgrade, which begins then: of a million
    references it takes a minute.
    """
    if is_elsewhere(path):
        from db.postgres.opening import open_there  # noqa: PLC0415 - its driver is an extra

        return open_there(path)
    try:
        make_folder(path.parent)
        engine = connect(path, synchronous=synchronous)
        try:
            _bring_up(engine, path, on_upgrade)
        except BaseException:
            engine.dispose()
            raise
    except (DatabaseError, OperationalError, sqlite3.Error, OSError) as error:
        raise DatabaseUnusable(f"cannot open the database {path}: {_cause(error)}") from error
    return engine


def _bring_up(engine: Engine, path: Path, on_upgrade: Callable[[Path], None] | None) -> None:
    """Make or upgrade the schema; nothing is written to a file that is not ours."""
    version = schema_version(engine)
    if version is not None and version > SCHEMA_VERSION:
        raise _too_new(path, version)
    _write_ahead(engine)
    if version is None:
        _create(engine)
    elif version < SCHEMA_VERSION:
        engine.dispose()  # a connection of before knows the schema of before
        upgrade(path, version, on_upgrade)


def _write_ahead(engine: Engine) -> None:
    """Let readers read while somebody writes; kept in the file, and impossible within a transaction."""
    connection = engine.raw_connection()
    cursor = connection.cursor()
    try:
        for wait_s in (0.01, 0.03, 0.1, 0.3, 1.0):
            try:
                cursor.execute("PRAGMA journal_mode=WAL")
            except sqlite3.OperationalError:
                # Another process is at it: SQLite does not wait here, whatever its time-out.
                threading.Event().wait(wait_s)
            else:
                return
        cursor.execute("PRAGMA journal_mode=WAL")
    finally:
        cursor.close()
        connection.close()


def open_to_read(path: Path) -> Engine:
    """The existing database at `path`, for reading only; raises `DatabaseUnusable`."""
    if is_elsewhere(path):
        from db.postgres.opening import open_there_to_read  # noqa: PLC0415 - its driver is an extra

        return open_there_to_read(path)
    if not path.exists():
        raise DatabaseUnusable(f"there is no database at {path}: make one with dl-lit init-db, or name it with --db")
    engine = connect(path, read_only=True)
    try:
        _require_present(schema_version(engine), path)
    except (DatabaseError, OperationalError, sqlite3.Error) as error:
        engine.dispose()
        known = in_our_words(error, path)
        if isinstance(known, DatabaseDamaged):
            raise known from error
        raise DatabaseUnusable(f"cannot read the database {path}: {_cause(error)}") from error
    except DatabaseUnusable:
        engine.dispose()
        raise
    return engine


def _require_present(version: str | None, path: Path) -> None:
    if version is not None and version > SCHEMA_VERSION:
        raise _too_new(path, version)
    if version != SCHEMA_VERSION:
        raise DatabaseUnusable(
            f"the database {path} has an older schema ({version}): "
            f"upgrade it with dl-lit init-db --db {quote(str(path))}"
        )


def upgrade(path: Path, version: str, on_upgrade: Callable[[Path], None] | None = None) -> Path:
    """Bring the database at `path` from `version` to the present schema; gives the path of the backup made before.

    `on_upgrade` is told that path as soon as the backup is there.
    """
    backup = copy_before(path, version, SCHEMA_VERSION, datetime.now(UTC))
    if on_upgrade is not None:
        on_upgrade(backup)
    migrate(path, SCHEMA_VERSION)
    return backup


def migrate(path: Path, version: str) -> None:
    """Run the migrations up to `version`; a failing one leaves nothing behind."""
    from alembic import command  # noqa: PLC0415 - half of start-up time, and needed once per upgrade
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    engine = connect(path)
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, version)
    finally:
        engine.dispose()


def _create(engine: Engine) -> None:
    """All tables at once, stamped as if every migration had run; a test holds the two equal."""
    with engine.begin() as connection:
        if _has_schema(connection):
            return  # another process came first
        metadata.create_all(connection)
        for statement in (BEGINNING, *triggers(), *INDEXES, SEARCHED_BEGINNING, *search_triggers()):
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql(
            "CREATE TABLE alembic_version "
            "(version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
        )
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES (?)", (SCHEMA_VERSION,))


def _too_new(path: Path, version: str) -> DatabaseUnusable:
    return DatabaseUnusable(
        f"the database {path} was written by a newer dl_lit "
        f"(schema {version}, this one knows {SCHEMA_VERSION}): update dl_lit"
    )


def _cause(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error)
