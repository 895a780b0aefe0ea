"""Opening a database on PostgreSQL: made where there is none, refused where this program cannot work it.

It is brought up to date by `dl-lit init-db` alone: it belongs to several hosts, and what one of them starts changes
nothing for the others unasked.
"""

from __future__ import annotations

import threading
from pathlib import Path

import psycopg
import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from db.postgres.address import put_up
from db.postgres.engine import engine_at
from db.postgres.migrating import Standing, standing, upgrade
from db.postgres.refusing import in_our_words
from db.postgres.schema import create
from db.tables import SCHEMA_VERSION
from dl_lit.core.database_address import shown
from dl_lit.core.errors import DatabaseFull, DatabaseUnusable

log = structlog.get_logger(__name__)

_told: set[tuple[str, str]] = set()
_telling = threading.Lock()


def open_there(path: Path) -> Engine:
    """The database that the signpost at `path` leads to, made as needed; raises `DatabaseUnusable`."""
    try:
        engine = engine_at(path)
        found = standing(engine_at(path, read_only=True))
        if found is None:
            create(engine)
        else:
            require_workable(found, shown(path))
        put_up(path)
    except (SQLAlchemyError, psycopg.Error) as error:
        raise _refused(error, path) from error
    return engine


def open_there_to_read(path: Path) -> Engine:
    """The existing database there, for reading only; raises `DatabaseUnusable`."""
    try:
        engine = engine_at(path, read_only=True)
        found = standing(engine)
    except (SQLAlchemyError, psycopg.Error) as error:
        raise _refused(error, path) from error
    if found is None:
        raise DatabaseUnusable(f"dl_lit has nothing in {shown(path)} yet: make it with dl-lit init-db")
    require_workable(found, shown(path))
    return engine


def is_made(path: Path) -> bool:
    """Whether dl_lit has its tables there; raises `DatabaseUnusable`."""
    try:
        return standing(engine_at(path, read_only=True)) is not None
    except (SQLAlchemyError, psycopg.Error) as error:
        raise _refused(error, path) from error


def bring_up_there(path: Path) -> tuple[str, str]:
    """Make or upgrade the database there; what was done ("created", "upgraded", "present"), and its schema now.

    Raises `DatabaseUnusable`, also where daemons are at work that could not go on.
    """
    try:
        engine, reader = engine_at(path), engine_at(path, read_only=True)
        done = "created"
        if standing(reader) is not None:
            done = "upgraded" if upgrade(engine, shown(path)) else "present"
        open_there(path)
        now = standing(reader)
    except (SQLAlchemyError, psycopg.Error) as error:
        raise _refused(error, path) from error
    return done, now.number if now is not None else SCHEMA_VERSION


def require_workable(found: Standing, which: str, *, known: str = SCHEMA_VERSION) -> None:
    """That a program which knows the schema up to `known` can work the database called `which`.

    One migration that it does not know is none too many, if it says so itself; that is warned of once.
    """
    if found.number == known:
        return
    if not found.is_beyond(known):
        raise DatabaseUnusable(
            f"the database {which} has an older schema ({found.number}, this dl_lit needs {known}): "
            "upgrade it with dl-lit init-db, once for all hosts"
        )
    if not found.suits(known):
        raise DatabaseUnusable(
            f"the database {which} was written by a newer dl_lit "
            f"(schema {found.number}, this one knows {known}): update dl_lit"
        )
    with _telling:
        is_news = (which, found.number) not in _told
        _told.add((which, found.number))
    if is_news:
        log.warning(
            "the database %s has schema %s, this dl_lit knows %s: it can go on, but update it soon",
            which, found.number, known,
        )  # fmt: skip


def _refused(error: Exception, path: Path) -> DatabaseFull | DatabaseUnusable:
    return in_our_words(error, path) or DatabaseUnusable(f"cannot open the database {shown(path)}: {error}")
